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
