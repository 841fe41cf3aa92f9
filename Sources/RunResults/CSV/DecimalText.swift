import Measurement

/// Decimal numbers as text, the same bytes on every machine: no locale, no C library, no exponent.
package enum DecimalText {
  /// Rounds half away from zero to a number of decimals.
  package static func rounded(_ value: Double, decimals: Int) -> Double {
    let scale = power(decimals)
    let scaled = (value * scale).rounded(.toNearestOrAwayFromZero)
    return scaled.magnitude < 9e15 ? scaled / scale : value
  }

  /// Appends a number with at most the given decimals, trailing zeros left out. Numbers too large to be scaled exactly
  /// lose their fraction.
  package static func append(_ value: Double, decimals: Int, to bytes: inout [UInt8]) {
    precondition(value.isFinite, "a cell has no text for \(value)")
    let scaled = (value * power(decimals)).rounded(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 9e15 else {
      append(Int64(clamping: value), to: &bytes)
      return
    }
    append(Int64(scaled), decimals: decimals, to: &bytes)
  }

  /// Appends a whole number of units of 10^-`decimals`, trailing zeros of the fraction left out.
  package static func append(_ units: Int64, decimals: Int, to bytes: inout [UInt8]) {
    let scale = UInt64(power(decimals))
    let whole = units.magnitude / scale
    var fraction = units.magnitude % scale
    if units < 0 { bytes.append(0x2D) }
    append(whole, to: &bytes)
    guard fraction > 0 else { return }
    var digits = decimals
    while fraction % 10 == 0 {
      fraction /= 10
      digits -= 1
    }
    bytes.append(0x2E)
    append(fraction, to: &bytes, digits: digits)
  }

  /// Appends an integer's digits without making a string.
  package static func append(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(0x2D) }
    append(value.magnitude, to: &bytes)
  }

  /// Appends digits: as many as the number has, or so many of its last ones.
  private static func append(_ value: UInt64, to bytes: inout [UInt8], digits: Int? = nil) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { text in
      guard let base = text.baseAddress else { return }
      let count = digits ?? DecimalDigits.write(value, to: base)
      if digits != nil { DecimalDigits.writePadded(value, count: count, to: base) }
      bytes.append(contentsOf: text[..<count])
    }
  }

  /// The integer a cell holds; `nil` for anything but an optional minus and digits that fit.
  package static func integer(_ text: ArraySlice<UInt8>) -> Int64? {
    let isNegative = text.first == 0x2D
    let digits = isNegative ? text.dropFirst() : text
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for byte in digits {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      let (product, isLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isLarger) = product.subtractingReportingOverflow(Int64(byte - 0x30))
      if isLarge || isLarger { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == Int64.min ? nil : -value
  }

  /// Powers of ten up to the most decimals that any file has.
  private static func power(_ decimals: Int) -> Double {
    switch decimals {
    case 0: 1
    case 1: 10
    case 2: 100
    case 3: 1_000
    case 4: 10_000
    case 5: 100_000
    case 6: 1_000_000
    case 7: 1e7
    case 8: 1e8
    case 9: 1e9
    case 10: 1e10
    case 11: 1e11
    default: 1e12
    }
  }
}

extension Int64 {
  /// The nearest integer inside the range; NaN is 0.
  package init(clamping value: Double) {
    if value.isNaN {
      self = 0
    } else {
      self = value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int64(value)
    }
  }
}
