/// Durations and sizes as scenarios write them.
package enum UnitText {
  private static let durationUnits: [(name: String, nanoseconds: Int64)] = [
    ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1),
  ]
  private static let sizeUnits: [(name: String, bytes: Int64)] = [
    ("MiB", 1 << 20), ("KiB", 1 << 10), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
  ]

  /// Nanoseconds of a text like `"250ms"`, `"1.5s"`, `"2m"`; `nil` for anything else, also for a fraction of a
  /// nanosecond or more than 290 years.
  package static func nanoseconds(of text: String) -> Int64? {
    parse(text, units: durationUnits.map { ($0.name, $0.nanoseconds) })
  }

  /// Bytes of a text like `"100B"`, `"64KiB"`, `"1.5MiB"`; `nil` for anything else, also for a fraction of a byte.
  package static func bytes(of text: String) -> Int64? {
    parse(text, units: sizeUnits.map { ($0.name, $0.bytes) })
  }

  /// The duration in the largest unit that needs no fraction.
  package static func duration(_ nanoseconds: Int64) -> String {
    if nanoseconds == 0 { return "0s" }
    for unit in durationUnits where nanoseconds % unit.nanoseconds == 0 {
      return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }
    return "\(nanoseconds)ns"
  }

  /// The size in the largest binary unit that needs no fraction.
  package static func size(_ bytes: Int64) -> String {
    if bytes == 0 { return "0B" }
    for unit in sizeUnits where unit.name != "MB" && unit.name != "KB" && bytes % unit.bytes == 0 {
      return "\(bytes / unit.bytes)\(unit.name)"
    }
    return "\(bytes)B"
  }

  /// A decimal number directly followed by a unit, exactly: digits are kept as integers, so `"0.1s"` is 100 ms to the
  /// nanosecond.
  private static func parse(_ text: String, units: [(name: String, factor: Int64)]) -> Int64? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let name = text.dropFirst(number.count)
    guard let unit = units.first(where: { $0.name == name }) else { return nil }
    let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let whole = Int64(first) else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit.factor)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return product }
    guard !parts[1].isEmpty, parts[1].count <= 9, let fraction = Int64(parts[1]) else { return nil }
    var scale: Int64 = 1
    for _ in parts[1] { scale *= 10 }
    let (scaled, tooLarge) = fraction.multipliedReportingOverflow(by: unit.factor)
    guard !tooLarge, scaled % scale == 0 else { return nil }
    let (sum, sumOverflow) = product.addingReportingOverflow(scaled / scale)
    return sumOverflow ? nil : sum
  }
}
