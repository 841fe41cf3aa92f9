/// Reads the inside of a string that ``JSONCursor`` has checked, escapes resolved.
struct JSONUnescaper {
  private let base: UnsafePointer<UInt8>
  private var index: Int
  private let end: Int

  init(base: UnsafePointer<UInt8>, text: JSONCursor.Text) {
    self.base = base
    index = text.start
    end = text.end
  }

  /// The next scalar, for comparison with ASCII: what is written beyond ASCII comes as its bytes, which equal none.
  mutating func next() -> UInt32? {
    nextUnit()?.scalar
  }

  /// Writes the rest as UTF-8 and returns the bytes written, never more than the text's own length.
  ///
  /// A surrogate without its partner becomes U+FFFD, as it has no UTF-8.
  mutating func write(to destination: UnsafeMutablePointer<UInt8>) -> Int {
    var count = 0
    while let (scalar, isRaw) = nextUnit() {
      if isRaw {
        destination[count] = UInt8(truncatingIfNeeded: scalar)
        count += 1
        continue
      }
      for byte in Unicode.UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? Unicode.UTF8.encodedReplacementCharacter
      {
        destination[count] = byte
        count += 1
      }
    }
    return count
  }

  private mutating func nextUnit() -> (scalar: UInt32, isRaw: Bool)? {
    guard index < end else { return nil }
    let byte = base[index]
    guard byte == 0x5C else {
      index += 1
      return (UInt32(byte), true)
    }
    let kind = base[index + 1]
    index += 2
    switch kind {
    case 0x62: return (8, false)
    case 0x66: return (12, false)
    case 0x6E: return (10, false)
    case 0x72: return (13, false)
    case 0x74: return (9, false)
    case 0x75: break
    default: return (UInt32(kind), false)
    }
    let first = hex(at: index)
    index += 4
    guard first & 0xFC00 == 0xD800, index + 6 <= end, base[index] == 0x5C, base[index + 1] == 0x75 else {
      return (first, false)
    }
    let second = hex(at: index + 2)
    guard second & 0xFC00 == 0xDC00 else { return (first, false) }
    index += 6
    return (0x10000 + (first & 0x3FF) << 10 + second & 0x3FF, false)
  }

  private func hex(at offset: Int) -> UInt32 {
    var value: UInt32 = 0
    for position in offset..<offset + 4 { value = value << 4 | UInt32(Self.hexValue(base[position]) ?? 0) }
    return value
  }

  /// The value of a hexadecimal digit of either case.
  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
