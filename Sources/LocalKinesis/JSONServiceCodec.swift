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
    case .blob(let content): JSONStringEscaping.append(Base64Text.encode(content), to: &bytes)
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
