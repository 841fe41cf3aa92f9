/// Requests and answers as CBOR (RFC 8949), as the Java clients of Kinesis send them by default.
///
/// The subset is what the API's shapes need: integers, floats, byte and text strings, arrays, maps with text keys, tags
/// (only tag 1, an instant, means something; others are skipped), true, false, null. Definite and indefinite lengths are
/// read, definite ones written.
package enum CBORServiceCodec {
  /// Containers may be nested this deep; the API's shapes need four levels.
  package static let maximumDepth = 64

  /// Reads a body; nil when it is not one well-formed map or array of the subset with nothing after it.
  package static func decode(_ bytes: UnsafeRawBufferPointer) -> ServiceValue? {
    var reader = CBORReader(bytes)
    guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
    switch value {
    case .map, .list: return value
    default: return nil
    }
  }

  /// Appends a value. Timestamps carry tag 1 and integer milliseconds, which is what AWS's clients for CBOR expect of
  /// Kinesis although RFC 8949 says seconds.
  package static func encode(_ value: ServiceValue, into bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(0xF6)
    case .bool(let flag): bytes.append(flag ? 0xF5 : 0xF4)
    case .integer(let integer): appendInteger(integer, to: &bytes)
    case .number(let number):
      bytes.append(0xFB)
      appendBigEndian(number.bitPattern, byteCount: 8, to: &bytes)
    case .text(let text):
      appendHead(major: 3, UInt64(text.utf8.count), to: &bytes)
      bytes.append(contentsOf: text.utf8)
    case .blob(let content):
      appendHead(major: 2, UInt64(content.count), to: &bytes)
      bytes.append(contentsOf: content)
    case .timestamp(let milliseconds):
      bytes.append(0xC1)
      appendInteger(milliseconds, to: &bytes)
    case .list(let elements):
      appendHead(major: 4, UInt64(elements.count), to: &bytes)
      for element in elements { encode(element, into: &bytes) }
    case .map(let members):
      appendHead(major: 5, UInt64(members.count), to: &bytes)
      for member in members {
        encode(.text(member.name), into: &bytes)
        encode(member.value, into: &bytes)
      }
    }
  }

  private static func appendInteger(_ integer: Int64, to bytes: inout [UInt8]) {
    if integer >= 0 {
      appendHead(major: 0, UInt64(integer), to: &bytes)
    } else {
      appendHead(major: 1, UInt64(bitPattern: ~integer), to: &bytes)
    }
  }

  private static func appendHead(major: UInt8, _ argument: UInt64, to bytes: inout [UInt8]) {
    let kind = major << 5
    switch argument {
    case ..<24: bytes.append(kind | UInt8(argument))
    case ...0xFF:
      bytes.append(kind | 24)
      appendBigEndian(argument, byteCount: 1, to: &bytes)
    case ...0xFFFF:
      bytes.append(kind | 25)
      appendBigEndian(argument, byteCount: 2, to: &bytes)
    case ...0xFFFF_FFFF:
      bytes.append(kind | 26)
      appendBigEndian(argument, byteCount: 4, to: &bytes)
    default:
      bytes.append(kind | 27)
      appendBigEndian(argument, byteCount: 8, to: &bytes)
    }
  }

  private static func appendBigEndian(_ value: UInt64, byteCount: Int, to bytes: inout [UInt8]) {
    for shift in stride(from: (byteCount - 1) * 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
  }
}

/// A cursor over CBOR bytes (RFC 8949) that never reads past their end and never trusts a length: a length is compared
/// with what is left before anything is reserved for it.
struct CBORReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var values = 0

  /// The major types and the additional information that mean something here.
  private enum Major {
    static let unsigned: UInt8 = 0
    static let negative: UInt8 = 1
    static let bytes: UInt8 = 2
    static let text: UInt8 = 3
    static let array: UInt8 = 4
    static let map: UInt8 = 5
    static let tag: UInt8 = 6
  }

  private static let indefinite: UInt8 = 31
  private static let stop: UInt8 = 0xFF
  private static let instantTag: UInt64 = 1

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Whether everything was read.
  var isAtEnd: Bool { position == bytes.count }

  /// Reads one value; nil when it is not well-formed, nested too deep, outside the subset, or one of more
  /// than `ServiceValue.maximumCount`.
  mutating func value(depth: Int) -> ServiceValue? {
    guard depth < CBORServiceCodec.maximumDepth, values < ServiceValue.maximumCount, let head = byte() else {
      return nil
    }
    values += 1
    let major = head >> 5
    let information = head & 31
    switch major {
    case Major.unsigned:
      return argument(information).map { $0 <= UInt64(Int64.max) ? .integer(Int64($0)) : .number(Double($0)) }
    case Major.negative:
      return argument(information).map { $0 <= UInt64(Int64.max) ? .integer(~Int64($0)) : .number(-1 - Double($0)) }
    case Major.bytes:
      return string(major, information).map { .blob($0) }
    case Major.text:
      guard let content = string(major, information), let text = String(validating: content, as: UTF8.self) else {
        return nil
      }
      return .text(text)
    case Major.array: return array(information, depth: depth)
    case Major.map: return map(information, depth: depth)
    case Major.tag:
      guard let tag = argument(information), let content = value(depth: depth + 1) else { return nil }
      return tag == Self.instantTag ? instant(content) : content
    default: return simple(information)
    }
  }

  /// Clients of AWS write milliseconds; the value is the same for an integer and a float.
  private func instant(_ content: ServiceValue) -> ServiceValue? {
    content.integer.map { .timestamp(milliseconds: $0) }
  }

  private mutating func simple(_ information: UInt8) -> ServiceValue? {
    switch information {
    case 20: return .bool(false)
    case 21: return .bool(true)
    case 22, 23: return .null
    case 25: return bigEndian(2).map { Self.finite(Double(Float16(bitPattern: UInt16($0)))) } ?? nil
    case 26: return bigEndian(4).map { Self.finite(Double(Float(bitPattern: UInt32($0)))) } ?? nil
    case 27: return bigEndian(8).map { Self.finite(Double(bitPattern: $0)) } ?? nil
    default: return nil
    }
  }

  /// JSON has no infinities and no NaN, and no shape of the API takes them.
  private static func finite(_ number: Double) -> ServiceValue? {
    number.isFinite ? .number(number) : nil
  }

  private mutating func array(_ information: UInt8, depth: Int) -> ServiceValue? {
    var elements: [ServiceValue] = []
    if information == Self.indefinite {
      while !takeStop() {
        guard let element = value(depth: depth + 1) else { return nil }
        elements.append(element)
      }
      return .list(elements)
    }
    guard let count = count(information) else { return nil }
    for _ in 0..<count {
      guard let element = value(depth: depth + 1) else { return nil }
      elements.append(element)
    }
    return .list(elements)
  }

  private mutating func map(_ information: UInt8, depth: Int) -> ServiceValue? {
    var members: [ServiceMember] = []
    if information == Self.indefinite {
      while !takeStop() {
        guard let member = member(depth: depth) else { return nil }
        members.append(member)
      }
      return .map(members)
    }
    guard let count = count(information) else { return nil }
    for _ in 0..<count {
      guard let member = member(depth: depth) else { return nil }
      members.append(member)
    }
    return .map(members)
  }

  private mutating func member(depth: Int) -> ServiceMember? {
    guard case .text(let name) = value(depth: depth + 1), let value = value(depth: depth + 1) else { return nil }
    return ServiceMember(name, value)
  }

  /// The content of a byte or text string; an indefinite one is made of definite chunks of the same type.
  private mutating func string(_ major: UInt8, _ information: UInt8) -> [UInt8]? {
    if information != Self.indefinite {
      guard let count = count(information) else { return nil }
      defer { position += count }
      return Array(bytes[position..<position + count])
    }
    var content: [UInt8] = []
    while !takeStop() {
      guard let head = byte(), head >> 5 == major, head & 31 != Self.indefinite,
        let chunk = string(major, head & 31)
      else { return nil }
      content += chunk
    }
    return content
  }

  /// A length that the bytes left can hold, each element being at least one byte.
  private mutating func count(_ information: UInt8) -> Int? {
    guard let count = argument(information), count <= UInt64(bytes.count - position) else { return nil }
    return Int(count)
  }

  private mutating func argument(_ information: UInt8) -> UInt64? {
    switch information {
    case ..<24: UInt64(information)
    case 24: bigEndian(1)
    case 25: bigEndian(2)
    case 26: bigEndian(4)
    case 27: bigEndian(8)
    default: nil
    }
  }

  private mutating func bigEndian(_ byteCount: Int) -> UInt64? {
    guard bytes.count - position >= byteCount else { return nil }
    var value: UInt64 = 0
    for _ in 0..<byteCount {
      value = value << 8 | UInt64(bytes[position])
      position += 1
    }
    return value
  }

  private mutating func byte() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  /// Takes the end mark of an indefinite container; at the end of the bytes the next read fails instead.
  private mutating func takeStop() -> Bool {
    guard position < bytes.count, bytes[position] == Self.stop else { return false }
    position += 1
    return true
  }
}
