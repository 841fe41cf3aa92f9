/// A place in a JSON text (RFC 8259) from which values are read or skipped, without allocation.
///
/// Everything skipped is checked as strictly as everything read: grammar of numbers, escapes, UTF-8. Strings are
/// scanned a word of eight bytes at a time.
package struct JSONCursor {
  /// Why a text is no JSON.
  package enum Failure: Error {
    /// It ends in the middle of a value.
    case truncated
    /// A byte stands where it must not.
    case notJSON
    /// Values are nested deeper than ``maximumDepth`` below the value being skipped.
    case tooDeep
  }

  /// The inside of a string: the text between the quotes, escapes still in it.
  package struct Text {
    package var start: Int
    package var end: Int
    var hasEscapes: Bool
    var count: Int { end - start }
    var range: Range<Int> { start..<end }
  }

  /// Nesting that ``skipValue()`` follows. The messages of the service nest three levels.
  package static let maximumDepth = 64

  let base: UnsafePointer<UInt8>
  let end: Int
  package var index = 0

  /// Starts at the first byte; `nil` when there is none.
  package init?(_ text: UnsafeRawBufferPointer) {
    guard let start = text.baseAddress, text.count > 0 else { return nil }
    base = start.assumingMemoryBound(to: UInt8.self)
    end = text.count
  }

  // MARK: Bytes

  /// Eight bytes as a little-endian number.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(base).loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// Skips white space.
  @inline(__always)
  package mutating func skipSpace() {
    while index < end, base[index] <= 0x20 {
      let byte = base[index]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      index += 1
    }
  }

  /// The next byte that is no white space, not consumed.
  @inline(__always)
  package mutating func peek() throws(Failure) -> UInt8 {
    skipSpace()
    guard index < end else { throw .truncated }
    return base[index]
  }

  /// Consumes the given byte, white space before it allowed.
  @inline(__always)
  package mutating func expect(_ byte: UInt8) throws(Failure) {
    guard try peek() == byte else { throw .notJSON }
    index += 1
  }

  // MARK: Values

  /// Consumes the rest of a string whose opening quote is consumed.
  @inline(__always)
  package mutating func text() throws(Failure) -> Text {
    let start = index
    var hasEscapes = false
    while true {
      while index + 8 <= end {
        let stops = Self.stops(in: word(at: index))
        if stops != 0 {
          index += stops.trailingZeroBitCount >> 3
          break
        }
        index += 8
      }
      guard index < end else { throw .truncated }
      let byte = base[index]
      if byte == 0x22 {
        index += 1
        return Text(start: start, end: index - 1, hasEscapes: hasEscapes)
      }
      if byte == 0x5C { hasEscapes = true }
      try skipUnit(byte)
    }
  }

  /// Where a string ends whose text begins at an offset, when it is ASCII without escapes and does not lie in the last
  /// bytes of the text; nil otherwise.
  @inline(__always)
  func endOfPlainText(from start: Int) -> Int? {
    var offset = start
    while offset + 8 <= end {
      let stops = Self.stops(in: word(at: offset))
      if stops != 0 {
        offset += stops.trailingZeroBitCount >> 3
        return base[offset] == 0x22 ? offset : nil
      }
      offset += 8
    }
    return nil
  }

  /// Marks, in the top bit of each byte of a word, the bytes that end a plain run: quotation mark, reverse solidus,
  /// control characters and everything beyond ASCII. Bytes above the lowest mark may be marked in error.
  @inline(__always)
  private static func stops(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (ones &* 0x22)
    let solidi = word ^ (ones &* 0x5C)
    let marks = (word &- ones &* 0x20) | (quotes &- ones) | (solidi &- ones)
    // Of a byte with its top bit set, `marks & ~word` says nothing, and `word` says it all.
    return ((marks & ~word) | word) & (ones &* 0x80)
  }

  /// Skips one byte, escape sequence or UTF-8 sequence of a string.
  private mutating func skipUnit(_ byte: UInt8) throws(Failure) {
    switch byte {
    case 0x5C:
      guard index + 1 < end else { throw .truncated }
      switch base[index + 1] {
      case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: index += 2
      case 0x75:
        for offset in 2..<6 {
          guard index + offset < end else { throw .truncated }
          guard JSONUnescaper.hexValue(base[index + offset]) != nil else { throw .notJSON }
        }
        index += 6
      default:
        index += 1
        throw .notJSON
      }
    case 0x20..<0x80: index += 1
    case 0..<0x20: throw .notJSON
    default: try skipUTF8(byte)
    }
  }

  /// Skips a UTF-8 sequence of more than one byte (RFC 3629 section 4).
  private mutating func skipUTF8(_ lead: UInt8) throws(Failure) {
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xBF
    switch lead {
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
      length = 3
      if lead == 0xE0 { second = 0xA0...0xBF }
      if lead == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
      length = 4
      if lead == 0xF0 { second = 0x90...0xBF }
      if lead == 0xF4 { second = 0x80...0x8F }
    default: throw .notJSON
    }
    for offset in 1..<length {
      guard index + offset < end else { throw .truncated }
      guard (offset == 1 ? second : 0x80...0xBF).contains(base[index + offset]) else { throw .notJSON }
    }
    index += length
  }

  /// Whether everything was consumed.
  package var isAtEnd: Bool { index == end }

  /// Consumes a number, whose sign or first digit is next, and gives its text.
  package mutating func number() throws(Failure) -> String {
    let start = index
    try skipNumber()
    return String(decoding: UnsafeBufferPointer(start: base + start, count: index - start), as: UTF8.self)
  }

  /// Consumes a number.
  private mutating func skipNumber() throws(Failure) {
    if base[index] == 0x2D { index += 1 }
    guard index < end else { throw .truncated }
    if base[index] == 0x30 { index += 1 } else { try skipDigits() }
    if index < end, base[index] == 0x2E {
      index += 1
      try skipDigits()
    }
    if index < end, base[index] | 0x20 == 0x65 {
      index += 1
      if index < end, base[index] == 0x2B || base[index] == 0x2D { index += 1 }
      try skipDigits()
    }
  }

  private mutating func skipDigits() throws(Failure) {
    guard index < end else { throw .truncated }
    let start = index
    while index < end, base[index] &- 0x30 <= 9 { index += 1 }
    guard index > start else { throw .notJSON }
  }

  /// Consumes `null`, `true` or `false`, whichever is given.
  package mutating func skipLiteral(_ literal: StaticString) throws(Failure) {
    for offset in 0..<literal.utf8CodeUnitCount {
      guard index < end else { throw .truncated }
      guard base[index] == literal.utf8Start[offset] else { throw .notJSON }
      index += 1
    }
  }

  /// Consumes a member's name and the colon after it.
  @inline(__always)
  package mutating func name() throws(Failure) -> Text {
    try expect(0x22)
    let text = try text()
    try expect(0x3A)
    return text
  }

  /// Consumes any value.
  mutating func skipValue() throws(Failure) {
    var depth = 0
    var objects: UInt64 = 0  // bit d - 1: whether level d is an object
    repeat {
      let byte = try peek()
      switch byte {
      case 0x7B, 0x5B:
        index += 1
        if try peek() == byte + 2 {  // } and ] follow { and [ at this distance
          index += 1
        } else {
          guard depth < Self.maximumDepth else { throw .tooDeep }
          let bit: UInt64 = 1 << UInt64(depth)
          objects = byte == 0x7B ? objects | bit : objects & ~bit
          depth += 1
          if byte == 0x7B { _ = try name() }
          continue
        }
      case 0x22:
        index += 1
        _ = try text()
      case 0x2D, 0x30...0x39: try skipNumber()
      case 0x6E: try skipLiteral("null")
      case 0x74: try skipLiteral("true")
      case 0x66: try skipLiteral("false")
      default: throw .notJSON
      }
      // A value is complete: end what it ends.
      while depth > 0 {
        let isObject = objects >> UInt64(depth - 1) & 1 == 1
        let byte = try peek()
        if byte == 0x2C {
          index += 1
          if isObject { _ = try name() }
          break
        }
        guard byte == (isObject ? 0x7D : 0x5D) else { throw .notJSON }
        index += 1
        depth -= 1
      }
    } while depth > 0
  }

  // MARK: Comparison

  /// Whether a string's value is the given ASCII text, however it is written.
  func equals(_ text: Text, _ literal: StaticString) -> Bool {
    let count = literal.utf8CodeUnitCount
    if !text.hasEscapes {
      guard text.count == count else { return false }
      for offset in 0..<count where base[text.start + offset] != literal.utf8Start[offset] { return false }
      return true
    }
    var unescaper = JSONUnescaper(base: base, text: text)
    for offset in 0..<count where unescaper.next() != UInt32(literal.utf8Start[offset]) { return false }
    return unescaper.next() == nil
  }

  /// A string's value.
  package func string(_ text: Text) -> String {
    String(unsafeUninitializedCapacity: text.count) { buffer in
      guard let start = buffer.baseAddress else { return 0 }
      var unescaper = JSONUnescaper(base: base, text: text)
      return unescaper.write(to: start)
    }
  }
}

extension JSONCursor {
  /// Whether so many bytes, at least 16, are all decimal digits.
  @inline(__always)
  func isDigits(_ start: Int, count: Int) -> Bool {
    let text = UnsafeRawPointer(base + start)
    let last = count &- 16
    var others = Self.notDigits(text.loadUnaligned(fromByteOffset: last, as: SIMD2<UInt64>.self))
    var offset = 0
    while offset < last {
      others |= Self.notDigits(text.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self))
      offset &+= 16
    }
    return (others.x | others.y) & 0xF0F0_F0F0_F0F0_F0F0 == 0
  }

  /// Sets a bit in the upper half of a byte when any byte is no digit: a digit's difference from `0` is at most 9, and 15
  /// after 6 were added; a carry into a byte comes from one that is no digit.
  @inline(__always)
  private static func notDigits(_ words: SIMD2<UInt64>) -> SIMD2<UInt64> {
    let values = words ^ SIMD2(repeating: 0x3030_3030_3030_3030)
    return values | (values &+ SIMD2(repeating: 0x0606_0606_0606_0606))
  }
}

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
