/// How numbers are written, everywhere: page, terminal, Markdown and JUnit say the same digits.
///
/// Latency has three significant digits, rates have two decimals of a per cent, counts are exact (`report-ux`, principle
/// 10). Nothing here groups digits; that is the page's business, by padding, so that a copied number pastes as a number.
package enum NumberFormat {
  /// Powers of ten up to the most decimals anything here prints.
  private static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6]

  /// A number with exactly so many digits behind the point, halves away from zero.
  ///
  /// - Parameters:
  ///   - value: what is not finite, or beyond 9e15, comes out as `–`.
  ///   - decimals: 0 to 6.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    precondition(decimals >= 0 && decimals < powers.count)
    let scaled = (value * powers[decimals]).rounded(.toNearestOrAwayFromZero)
    guard scaled.isFinite, abs(scaled) < 9e15 else { return "–" }
    let whole = Int64(abs(scaled))
    let sign = scaled < 0 && whole != 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let unit = Int64(powers[decimals])
    let digits = String(whole % unit)
    return "\(sign)\(whole / unit)." + String(repeating: "0", count: decimals - digits.count) + digits
  }

  /// Three significant digits, and never an exponent: `8.16`, `25.3`, `160`, `1230`.
  package static func significant(_ value: Double) -> String {
    let size = abs(value)
    guard size.isFinite, size < 9e15 else { return "–" }
    if size == 0 { return "0" }
    if size < 0.0095 { return size < 0.000_000_5 ? "0" : fixed(value, 6).trimmingZeros }
    if size < 0.9995 { return fixed(value, 3) }
    if size < 9.995 { return fixed(value, 2) }
    if size < 99.95 { return fixed(value, 1) }
    var unit = 1.0
    while size / unit >= 999.5 { unit *= 10 }
    return fixed((value / unit).rounded(.toNearestOrAwayFromZero) * unit, 0)
  }

  /// Three significant digits at most, for sentences and limits: `0.9`, `50`, `25.3`.
  package static func brief(_ value: Double) -> String { significant(value).trimmingZeros }

  /// A value for an axis or a narrow line: `0.025`, `950`, `9.6k`, `20.5k`, `1.25M`.
  package static func compact(_ value: Double) -> String {
    switch abs(value) {
    case ..<0.95: brief(value)
    case ..<999.5: fixed(value, abs(value) < 9.95 ? 1 : 0).trimmingZeros
    case ..<99_950: fixed(value / 1e3, 1).trimmingZeros + "k"
    case ..<999_500: fixed(value / 1e3, 0) + "k"
    case ..<9.995e6: fixed(value / 1e6, 2).trimmingZeros + "M"
    case ..<999.5e6: fixed(value / 1e6, 1).trimmingZeros + "M"
    default: fixed(value / 1e9, 2).trimmingZeros + "G"
    }
  }

  /// A number of things: `1 shard`, `0 shards`, `24 shards`.
  ///
  /// - Parameter noun: takes a plain s in the plural.
  package static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// A ratio in per cent, without the sign: two decimals, more where two would say 0, and `100` only where it is all.
  package static func percent(_ ratio: Double) -> String {
    let value = ratio * 100
    guard value.isFinite else { return "–" }
    if value == 0 { return "0" }
    if value == 100 { return "100" }
    let size = abs(value)
    if size < 0.000_95 { return size < 0.000_005 ? "0.00001" : fixed(value, 5) }
    if size < 0.009_5 { return fixed(value, 3) }
    if size > 99.99, size < 100 { return value < 0 ? "-99.99" : "99.99" }
    return fixed(value, 2)
  }

  /// A ratio as whole per cent where the digits would be noise: shares, use of a limit.
  package static func wholePercent(_ ratio: Double) -> String {
    let value = ratio * 100
    if value > 0, value < 0.95 { return value < 0.05 ? "<0.1" : fixed(value, 1) }
    if value > 99, value < 100 { return "99" }
    return fixed(value, 0)
  }

  /// A ratio in per cent with one decimal, for bars and dense tables; what is there never reads as 0.0.
  package static func percentShort(_ ratio: Double) -> String {
    let value = ratio * 100
    if value > 0, value < 0.05 { return "<0.1" }
    if value > 99.9, value < 100 { return "99.9" }
    return fixed(value, 1)
  }

  /// The least bound with one decimal that a ratio does not pass: `none above 0.1 %` is true.
  package static func percentCeiling(_ ratio: Double) -> String { fixed((ratio * 1000 - 1e-9).rounded(.up) / 10, 1) }

  /// A bound in per cent as it was written: `1`, `0.5`, `0.01`.
  package static func percentLimit(_ ratio: Double) -> String {
    let text = fixed(ratio * 100, 6).trimmingZeros
    return text == "0" && ratio > 0 ? percent(ratio) : text
  }

  /// Bytes a second in MiB/s (2^20), the unit in which Kinesis' limit is a whole number.
  package static func mebibytes(_ bytes: Double) -> String {
    let value = bytes / 1_048_576
    return fixed(value, value < 99.95 ? (value < 9.995 ? 2 : 1) : 0)
  }

  /// A duration in seconds as people say it: `0.412 s`, `90 s`, `20 min`.
  package static func seconds(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let rounded = (value * 1000).rounded() / 1000
    if rounded >= 600, rounded.truncatingRemainder(dividingBy: 60) == 0 { return fixed(rounded / 60, 0) + " min" }
    return fixed(rounded, 3).trimmingZeros + " s"
  }
}

/// Hash values as people compare them: by their first digits.
enum HexText {
  /// The first hexadecimal digits of a 128-bit value.
  static func leading(_ value: UInt128, digits: Int) -> String {
    precondition(digits > 0 && digits <= 32)
    let text = String(value, radix: 16)
    return String((String(repeating: "0", count: 32 - text.count) + text).prefix(digits))
  }
}

extension String {
  /// The number without zeros, and without a point, at the end of its decimals.
  fileprivate var trimmingZeros: String {
    guard contains(".") else { return self }
    var text = Substring(self)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text == "-0" ? "0" : String(text)
  }
}
