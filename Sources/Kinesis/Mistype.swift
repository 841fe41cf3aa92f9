/// The texts of SerializationException: a value of one type where another was expected.
///
/// Source: kinesalite `test/putRecords.js`, run against production. The number's class there changed with the years
/// (`java.math.BigDecimal` before); the newer one is used.
enum Mistype {
  case list
  case structure
  case blob
  case string

  /// The text for a value that begins with the given byte.
  func message(for first: UInt8) -> String {
    switch (self, first) {
    case (.list, 0x7B), (.blob, 0x7B), (.string, 0x7B): "Start of structure or map found where not expected."
    case (.structure, 0x5B), (.blob, 0x5B), (.string, 0x5B): "Start of list found where not expected"
    case (.list, _): "Expected list or null"
    case (.structure, _): "Expected null"
    case (.blob, 0x74), (.blob, 0x66): "class java.lang.Boolean can not be converted to a Blob"
    case (.string, 0x74), (.string, 0x66): "class java.lang.Boolean can not be converted to an String"
    case (.blob, _): "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to a Blob"
    case (.string, _):
      "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String"
    }
  }

  /// The text for a string that is no base64.
  static func invalidBlob(_ text: String) -> String {
    let reason =
      switch Base64.fault(in: text) {
      case .length(let length): "Base64 encoded length is expected a multiple of 4 bytes but found: \(length)"
      case .character(let character): "Invalid Base64 character: '\(character)'"
      case .lastCharacter, nil: "Invalid last non-pad Base64 character dectected"  // spelled so by the service
      }
    return "'\(text)' can not be converted to a Blob: \(reason)"
  }
}
