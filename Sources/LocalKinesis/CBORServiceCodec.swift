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
