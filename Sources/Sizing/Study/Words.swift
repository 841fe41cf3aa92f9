import Measurement

/// How numbers stand in the sentences of a study: three digits at most, large ones grouped by commas.
enum Words {
  /// A ratio in per cent, with its sign.
  static func percent(_ ratio: Double) -> String {
    let value = ratio * 100
    if value == 0 { return "0 %" }
    if value < 0.01 { return "under 0.01 %" }
    return "\(number(value, digits: value < 1 ? 2 : value < 99.95 ? 1 : 0)) %"
  }

  /// A rate of records a second.
  static func rate(_ records: Double) -> String { "\(number(records, digits: records < 10 ? 1 : 0)) records/s" }

  /// A number of bytes a second in MiB.
  static func mebibytes(_ bytes: Double) -> String { "\(number(bytes / 1_048_576, digits: 2)) MiB/s" }

  /// A sum of money.
  static func money(_ amount: Double, _ currency: String) -> String {
    "\(number(amount, digits: amount < 1_000 ? 2 : 0)) \(currency)"
  }

  /// A number of things; the noun takes a plain s.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(Self.number(Double(number), digits: 0)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// So many digits behind the point, without zeros at the end.
  static func number(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "-" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let rounded = (value.magnitude * scale).rounded()
    let whole = String(Int64(rounded / scale))
    var grouped = ""
    for (place, digit) in whole.enumerated() {
      if place > 0, (whole.count - place) % 3 == 0 { grouped += "," }
      grouped.append(digit)
    }
    var fraction = digits > 0 ? String(Int64(rounded) % Int64(scale)) : ""
    fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
    while fraction.last == "0" { fraction.removeLast() }
    return (value < 0 && rounded > 0 ? "-" : "") + grouped + (fraction.isEmpty ? "" : "." + fraction)
  }
}
