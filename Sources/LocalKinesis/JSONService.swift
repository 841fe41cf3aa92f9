import Kinesis
import StrictJSON

/// Requests and answers as JSON 1.1, for everything that does not have a faster path of its own.
package enum JSONServiceCodec {
  /// Reads a body; nil when it is not one JSON object or array, which the service answers with a SerializationException.
  package static func decode(_ bytes: UnsafeRawBufferPointer) -> ServiceValue? {
    guard var reader = JSONServiceReader(bytes), let value = try? reader.document() else { return nil }
    switch value {
    case .map, .list: return value
    default: return nil
    }
  }

  /// Appends a value. Blobs become base64, timestamps seconds with three decimals.
  package static func encode(_ value: ServiceValue, into bytes: inout [UInt8]) {
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    case .integer(let integer): bytes.append(contentsOf: String(integer).utf8)
    case .number(let number): bytes.append(contentsOf: JSONNumberText.text(of: number).utf8)
    case .text(let text): JSONStringEscaping.append(text, to: &bytes)
    case .blob(let content): JSONStringEscaping.append(Base64.encoded(content), to: &bytes)
    case .timestamp(let milliseconds): bytes.append(contentsOf: seconds(milliseconds).utf8)
    case .list(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        encode(element, into: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .map(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONStringEscaping.append(member.name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        encode(member.value, into: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func seconds(_ milliseconds: Int64) -> String {
    let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    guard rest != 0 else { return "\(whole).0" }
    let sign = milliseconds < 0 ? "-" : ""
    let decimals = String(1000 + rest.magnitude).dropFirst()
    return "\(sign)\(whole.magnitude).\(decimals)"
  }
}

/// Reads a JSON body (RFC 8259) into a tree.
///
/// As the service does, it takes the last of repeated names, numbers of any size (those beyond 64-bit floating point
/// become its largest), and U+FFFD for a surrogate without its partner. What is JSON at all is decided by the cursor
/// that reads PutRecords, so that both ways refuse the same bodies.
struct JSONServiceReader {
  /// Why a body is not read although it is JSON.
  private enum Failure: Error {
    case tooManyValues
    case tooDeep
  }

  private var cursor: JSONCursor
  private var count = 0

  /// Starts at the first byte; nil when there is none.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard let cursor = JSONCursor(bytes) else { return nil }
    self.cursor = cursor
  }

  /// Reads one value with nothing after it.
  ///
  /// - Throws: when it is no JSON, nested deeper than `JSONCursor.maximumDepth`, or holds more values than
  ///   `ServiceValue.maximumCount`.
  mutating func document() throws -> ServiceValue? {
    let value = try value(depth: 0)
    cursor.skipSpace()
    return cursor.isAtEnd ? value : nil
  }

  private mutating func value(depth: Int) throws -> ServiceValue {
    guard depth <= JSONCursor.maximumDepth else { throw Failure.tooDeep }
    count += 1
    guard count <= ServiceValue.maximumCount else { throw Failure.tooManyValues }
    switch try cursor.peek() {
    case UInt8(ascii: "{"): return .map(try members(depth: depth))
    case UInt8(ascii: "["): return .list(try elements(depth: depth))
    case UInt8(ascii: "\""):
      cursor.index += 1
      return .text(cursor.string(try cursor.text()))
    case UInt8(ascii: "n"):
      try cursor.skipLiteral("null")
      return .null
    case UInt8(ascii: "t"):
      try cursor.skipLiteral("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try cursor.skipLiteral("false")
      return .bool(false)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return Self.number(try cursor.number())
    default: throw JSONCursor.Failure.notJSON
    }
  }

  private static func number(_ text: String) -> ServiceValue {
    if let integer = Int64(text) { return .integer(integer) }
    let largest = Double.greatestFiniteMagnitude
    return .number(min(max(Double(text) ?? 0, -largest), largest))
  }

  private mutating func members(depth: Int) throws -> [ServiceMember] {
    cursor.index += 1
    var members: [ServiceMember] = []
    if try takes(UInt8(ascii: "}")) { return members }
    repeat {
      let name = cursor.string(try cursor.name())
      members.append(ServiceMember(name, try value(depth: depth + 1)))
    } while try takes(UInt8(ascii: ","))
    try cursor.expect(UInt8(ascii: "}"))
    return members
  }

  private mutating func elements(depth: Int) throws -> [ServiceValue] {
    cursor.index += 1
    var elements: [ServiceValue] = []
    if try takes(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
    } while try takes(UInt8(ascii: ","))
    try cursor.expect(UInt8(ascii: "]"))
    return elements
  }

  private mutating func takes(_ byte: UInt8) throws -> Bool {
    guard try cursor.peek() == byte else { return false }
    cursor.index += 1
    return true
  }
}
