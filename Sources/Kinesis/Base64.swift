/// Base64 with padding (RFC 4648 section 4), the form in which JSON carries data blobs.
package enum Base64 {
  /// Characters of base64, padding included, for a blob of so many bytes.
  @inlinable package static func encodedLength(of byteCount: Int) -> Int {
    (byteCount + 2) / 3 * 4
  }

  /// Writes exactly ``encodedLength(of:)`` characters.
  package static func encode(_ data: UnsafeRawBufferPointer, to destination: UnsafeMutablePointer<UInt8>) {
    var read = 0
    var written = 0
    while read + 3 <= data.count {
      put(UInt32(data[read]) << 16 | UInt32(data[read + 1]) << 8 | UInt32(data[read + 2]), at: destination + written)
      read += 3
      written += 4
    }
    switch data.count - read {
    case 1:
      put(UInt32(data[read]) << 16, at: destination + written)
      destination[written + 2] = pad
      destination[written + 3] = pad
    case 2:
      put(UInt32(data[read]) << 16 | UInt32(data[read + 1]) << 8, at: destination + written)
      destination[written + 3] = pad
    default: break
    }
  }

  /// The text of some bytes.
  package static func encoded(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: encodedLength(of: bytes.count)) { buffer in
      if let start = buffer.baseAddress { bytes.withUnsafeBytes { encode($0, to: start) } }
      return encodedLength(of: bytes.count)
    }
  }

  /// The bytes of a text that ``message(for:)`` finds nothing wrong with.
  package static func decoded(_ text: String) -> [UInt8] {
    var text = text
    var bytes: [UInt8] = []
    text.withUTF8 { decode(UnsafeRawBufferPointer($0), into: &bytes) }
    return bytes
  }

  /// Reads base64 that ``check(_:)`` accepted, and appends the bytes.
  package static func decode(_ text: UnsafeRawBufferPointer, into data: inout [UInt8]) {
    data.reserveCapacity(data.count + text.count / 4 * 3)
    var index = 0
    while index + 4 <= text.count {
      let padding = text[index + 3] == pad ? (text[index + 2] == pad ? 2 : 1) : 0
      var group: UInt32 = 0
      for offset in 0..<4 { group = group << 6 | UInt32(value(of: text[index + offset]) ?? 0) }
      data.append(UInt8(truncatingIfNeeded: group >> 16))
      if padding < 2 { data.append(UInt8(truncatingIfNeeded: group >> 8)) }
      if padding < 1 { data.append(UInt8(truncatingIfNeeded: group)) }
      index += 4
    }
  }

  /// Reads as much base64 as there is room for, up to the first group that is none, and returns the bytes written.
  ///
  /// - Complexity: O(text) without allocation.
  package static func decode(
    _ text: Slice<UnsafeRawBufferPointer>, to room: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    let text = UnsafeRawBufferPointer(rebasing: text)
    var count = 0
    var index = 0
    while index + 4 <= text.count, count + 3 <= room.count {
      guard let first = value(of: text[index]), let second = value(of: text[index + 1]) else { return count }
      room[count] = first << 2 | second >> 4
      count += 1
      guard let third = value(of: text[index + 2]) else { return count }
      room[count] = second << 4 | third >> 2
      count += 1
      guard let fourth = value(of: text[index + 3]) else { return count }
      room[count] = third << 6 | fourth
      count += 1
      index += 4
    }
    return count
  }

  static let pad: UInt8 = 0x3D  // =

  /// The six bits a character stands for, or `nil` when it is none of the 64.
  @inline(__always)
  static func value(of character: UInt8) -> UInt8? {
    switch character {
    case 0x41...0x5A: character - 0x41
    case 0x61...0x7A: character - 0x61 + 26
    case 0x30...0x39: character - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }

  @inline(__always)
  private static func put(_ group: UInt32, at destination: UnsafeMutablePointer<UInt8>) {
    destination[0] = character(for: group >> 18)
    destination[1] = character(for: group >> 12 & 63)
    destination[2] = character(for: group >> 6 & 63)
    destination[3] = character(for: group & 63)
  }

  @inline(__always)
  private static func character(for value: UInt32) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: value)
    return switch value {
    case 0..<26: 0x41 + value
    case 26..<52: value - 26 + 0x61
    case 52..<62: value - 52 + 0x30
    case 62: 0x2B
    default: 0x2F
    }
  }
}

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

  /// The words of SerializationException for a text that is no base64; nil for one in the one form an encoder writes.
  package static func message(for text: String) -> String? {
    let reason: String
    switch fault(in: text) {
    case nil: return nil
    case .length(let length): reason = "Base64 encoded length is expected a multiple of 4 bytes but found: \(length)"
    case .character(let character): reason = "Invalid Base64 character: '\(character)'"
    case .lastCharacter: reason = "Invalid last non-pad Base64 character dectected"  // spelled so by the service
    }
    return "'\(text)' can not be converted to a Blob: \(reason)"
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
