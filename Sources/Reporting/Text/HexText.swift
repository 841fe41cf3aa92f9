/// Hash values as people compare them: by their first digits.
enum HexText {
  /// The first hexadecimal digits of a 128-bit value.
  static func leading(_ value: UInt128, digits: Int) -> String {
    precondition(digits > 0 && digits <= 32)
    let text = String(value, radix: 16)
    return String((String(repeating: "0", count: 32 - text.count) + text).prefix(digits))
  }
}
