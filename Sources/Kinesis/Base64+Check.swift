extension Base64 {
  /// What is wrong with a base64 text.
  enum Fault: Hashable {
    /// Its length, in UTF-16 units, is no multiple of four.
    case length(Int)
    /// A character that is none of the 64, or padding before the end.
    case character(Character)
    /// Bits of the last character that no byte takes are set, or there is too much padding.
    case lastCharacter
  }

  /// The offset of the first byte at or behind `start` that is none of the 64 characters, or `end`.
  @inline(__always)
  static func endOfRun(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    let raw = UnsafeRawPointer(base)
    let all: UInt64 = 0x8080_8080_8080_8080
    var index = start
    // Four words at once, which the compiler turns into vector instructions.
    while index + 32 <= end {
      let first = marks(raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let second = marks(raw.loadUnaligned(fromByteOffset: index + 8, as: UInt64.self))
      let third = marks(raw.loadUnaligned(fromByteOffset: index + 16, as: UInt64.self))
      let fourth = marks(raw.loadUnaligned(fromByteOffset: index + 24, as: UInt64.self))
      guard first & second & third & fourth & all == all else { break }
      index += 32
    }
    while index + 8 <= end {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let others = ~marks(word) & all
      if others != 0 { return index + others.trailingZeroBitCount >> 3 }
      index += 8
    }
    while index < end, value(of: base[index]) != nil { index += 1 }
    return index
  }

  /// Marks the bytes of a word that are one of the 64 characters in their top bit; the other bits mean nothing.
  ///
  /// Adding 0x80 - n to a byte below 0x80 sets its top bit when it is n or more. A byte beyond ASCII, never marked
  /// itself, may spoil the marks above it.
  @inline(__always)
  private static func marks(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let lowered = word | ones &* 0x20
    let letters = (lowered &+ ones &* (0x80 - 0x61)) & ~(lowered &+ ones &* (0x80 - 0x7B))
    let digits = (word &+ ones &* (0x80 - 0x2F)) & ~(word &+ ones &* (0x80 - 0x3A))  // and /, right below 0
    let plus = ~((word ^ ones &* 0x2B) &+ ones &* 0x7F)
    return (letters | digits | plus) & ~word
  }

  /// The bytes a text of so many characters of the 64 and so much padding stands for, or `nil` when it is not in the
  /// one form an encoder writes.
  ///
  /// - Parameter last: the last character that is not padding; any when there is none.
  @inline(__always)
  static func decodedLength(characters: Int, padding: Int, last: UInt8) -> Int? {
    guard (characters + padding) & 3 == 0 else { return nil }
    switch padding {
    case 0: break
    case 1: guard (value(of: last) ?? 63) & 3 == 0 else { return nil }
    case 2: guard characters & 3 == 2, (value(of: last) ?? 63) & 15 == 0 else { return nil }
    default: return nil
    }
    return (characters + padding) / 4 * 3 - padding
  }

  /// Finds what is wrong with a text, in the order of kinesalite's checks (`validations/index.js`, type Blob; its tests
  /// were run against production): length, then characters, then the last character.
  ///
  /// - Returns: `nil` for a text in the one form an encoder writes.
  static func fault(in text: String) -> Fault? {
    let units = text.utf16.count
    guard units % 4 == 0 else { return .length(units) }
    var padding = 0
    var last: UInt8 = 0x41
    for scalar in text.unicodeScalars {
      if scalar == "=" {
        padding += 1
        continue
      }
      // Padding must reach to the end; otherwise the padding is what stands in the wrong place.
      if padding > 0 { return .character("=") }
      guard scalar.isASCII, value(of: UInt8(truncatingIfNeeded: scalar.value)) != nil else {
        return .character(Character(scalar))
      }
      last = UInt8(truncatingIfNeeded: scalar.value)
    }
    return decodedLength(characters: units - padding, padding: padding, last: last) == nil ? .lastCharacter : nil
  }

  /// Whether a text is base64 in the one form an encoder writes.
  package static func check(_ text: UnsafeRawBufferPointer) -> Bool {
    length(of: text) != nil
  }

  /// The bytes a text stands for, or `nil` when it is not base64 in the one form an encoder writes.
  static func length(of text: UnsafeRawBufferPointer) -> Int? {
    guard let start = text.baseAddress, !text.isEmpty else { return 0 }
    let base = start.assumingMemoryBound(to: UInt8.self)
    let characters = endOfRun(base, from: 0, to: text.count)
    for index in characters..<text.count where base[index] != pad { return nil }
    return decodedLength(
      characters: characters, padding: text.count - characters, last: characters > 0 ? base[characters - 1] : 0x41)
  }
}
