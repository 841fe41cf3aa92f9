/// Writes values as text. The same value always gives the same bytes.
package enum JSONWriter {
  /// For people: two spaces a level, members in the order given, empty containers on one line; no line end at the end.
  package static func pretty(_ value: JSONValue) -> String {
    var bytes: [UInt8] = []
    appendPretty(value, level: 0, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// On one line without spaces, members in the order given.
  package static func compact(_ value: JSONValue) -> String {
    var bytes: [UInt8] = []
    appendCompact(value, isSorted: false, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// RFC 8785: on one line, members sorted by UTF-16 code units; what a hash is taken of. Integers beyond 2^53 keep all
  /// their digits, where the RFC would round them to a double.
  package static func canonical(_ value: JSONValue) -> [UInt8] {
    var bytes: [UInt8] = []
    appendCompact(value, isSorted: true, to: &bytes)
    return bytes
  }

  private static func appendCompact(_ value: JSONValue, isSorted: Bool, to bytes: inout [UInt8]) {
    switch value {
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        appendCompact(element, isSorted: isSorted, to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      let ordered =
        isSorted ? members.sorted { $0.0.utf16.lexicographicallyPrecedes($1.0.utf16) } : members
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in ordered.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONStringEscaping.append(member.0, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        appendCompact(member.1, isSorted: isSorted, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    default:
      appendScalar(value, to: &bytes)
    }
  }

  private static func appendPretty(_ value: JSONValue, level: Int, to bytes: inout [UInt8]) {
    func newLine(_ level: Int) {
      bytes.append(0x0A)
      bytes.append(contentsOf: repeatElement(0x20, count: level * 2))
    }
    switch value {
    case .array(let elements) where !elements.isEmpty:
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newLine(level + 1)
        appendPretty(element, level: level + 1, to: &bytes)
      }
      newLine(level)
      bytes.append(UInt8(ascii: "]"))
    case .object(let members) where !members.isEmpty:
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        newLine(level + 1)
        JSONStringEscaping.append(member.0, to: &bytes)
        bytes.append(contentsOf: [UInt8(ascii: ":"), 0x20])
        appendPretty(member.1, level: level + 1, to: &bytes)
      }
      newLine(level)
      bytes.append(UInt8(ascii: "}"))
    default:
      appendCompact(value, isSorted: false, to: &bytes)
    }
  }

  private static func appendScalar(_ value: JSONValue, to bytes: inout [UInt8]) {
    switch value {
    case .bool(let value): bytes.append(contentsOf: Array((value ? "true" : "false").utf8))
    case .integer(let value): bytes.append(contentsOf: Array(String(value).utf8))
    case .number(let value): bytes.append(contentsOf: Array(JSONNumberText.text(of: value).utf8))
    case .string(let text): JSONStringEscaping.append(text, to: &bytes)
    case .null, .array, .object: bytes.append(contentsOf: Array("null".utf8))
    }
  }
}

/// A JSON value to be written. Objects keep the order they are given.
package indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([(String, JSONValue)])

  /// The value of an object's member; `nil` when there is none or this is no object. O(members).
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.0 == name }?.1
  }
}

extension JSONValue: Equatable {
  /// Equal in kind and content, members in the same order.
  package static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.0.utf8.elementsEqual($1.0.utf8) && $0.1 == $1.1 }
    default: false
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements) }
}

/// Writes doubles as ECMAScript does (RFC 8785 section 3.2.2.3): the shortest digits that read back as the same double.
package enum JSONNumberText {
  /// The number's text. NaN and infinities do not exist in JSON: asking for one is a bug.
  package static func text(of number: Double) -> String {
    precondition(number.isFinite, "JSON has no text for \(number)")
    if number == 0 { return "0" }
    let (digits, pointAfter) = shortestDigits(number.magnitude)
    let sign = number < 0 ? "-" : ""
    let count = digits.count
    if pointAfter >= count, pointAfter <= 21 {
      return sign + digits + String(repeating: "0", count: pointAfter - count)
    }
    if pointAfter > 0, pointAfter <= 21 {
      return sign + digits.prefix(pointAfter) + "." + digits.dropFirst(pointAfter)
    }
    if pointAfter <= 0, pointAfter > -6 {
      return sign + "0." + String(repeating: "0", count: -pointAfter) + digits
    }
    let exponent = pointAfter - 1
    let mantissa = count == 1 ? digits : digits.prefix(1) + "." + digits.dropFirst(1)
    return sign + mantissa + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
  }

  /// The shortest digits without leading or trailing zeros, and how many of them stand before the decimal point.
  /// The standard library's description has the same digits in another layout.
  private static func shortestDigits(_ number: Double) -> (digits: String, pointAfter: Int) {
    var digits = ""
    var pointAfter: Int?
    var exponent = 0
    let text = number.description
    for index in text.indices {
      let character = text[index]
      if character == "." {
        pointAfter = digits.count
      } else if character == "e" || character == "E" {
        exponent = Int(text[text.index(after: index)...]) ?? 0
        break
      } else {
        digits.append(character)
      }
    }
    var before = (pointAfter ?? digits.count) + exponent
    while digits.first == "0" {
      digits.removeFirst()
      before -= 1
    }
    while digits.last == "0" { digits.removeLast() }
    return (digits, before)
  }
}

/// Writes strings as JSON: the shortest escapes of RFC 8785 section 3.2.2.2, everything else as it is in UTF-8.
package enum JSONStringEscaping {
  /// Writes UTF-8 text as the inside of a JSON string and returns the bytes written, at most six for each byte read.
  ///
  /// Only what must be escaped is: quotation mark, reverse solidus and control characters.
  package static func escape(_ text: UnsafeRawBufferPointer, to destination: UnsafeMutablePointer<UInt8>) -> Int {
    var written = 0
    for byte in text {
      if byte >= 0x20, byte != 0x22, byte != 0x5C {
        destination[written] = byte
        written += 1
        continue
      }
      destination[written] = 0x5C
      let short: UInt8? =
        switch byte {
        case 0x22, 0x5C: byte
        case 0x08: 0x62
        case 0x09: 0x74
        case 0x0A: 0x6E
        case 0x0C: 0x66
        case 0x0D: 0x72
        default: nil
        }
      if let short {
        destination[written + 1] = short
        written += 2
      } else {
        destination[written + 1] = 0x75  // u
        destination[written + 2] = 0x30
        destination[written + 3] = 0x30
        destination[written + 4] = 0x30 + byte >> 4
        destination[written + 5] = byte & 15 < 10 ? 0x30 + byte & 15 : 0x57 + byte & 15
        written += 6
      }
    }
    return written
  }

  /// Appends the string in quotes.
  package static func append(_ string: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: escaped(string))
    bytes.append(UInt8(ascii: "\""))
  }

  /// The string's UTF-8 code units as they stand between the quotes of a JSON string.
  package static func escaped(_ string: String) -> [UInt8] {
    var string = string
    return string.withUTF8 { text in
      [UInt8](unsafeUninitializedCapacity: 6 * text.count) { buffer, count in
        if let start = buffer.baseAddress { count = escape(UnsafeRawBufferPointer(text), to: start) }
      }
    }
  }
}
