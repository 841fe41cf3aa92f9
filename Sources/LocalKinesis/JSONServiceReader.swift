import Kinesis

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
