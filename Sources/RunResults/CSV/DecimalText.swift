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
    let units = Int64(scaled)
    let scale = Int64(power(decimals))
    if units < 0 { bytes.append(0x2D) }
    append(Int64(units.magnitude) / scale, to: &bytes)
    var fraction = Int64(units.magnitude) % scale
    guard fraction > 0 else { return }
    bytes.append(0x2E)
    var place = scale / 10
    while fraction > 0 {
      bytes.append(0x30 + UInt8(fraction / place))
      fraction %= place
      place = max(place / 10, 1)
    }
  }

  /// Appends an integer's digits without making a string.
  package static func append(_ value: Int64, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(0x2D) }
    var rest = value.magnitude
    let start = bytes.count
    repeat {
      bytes.append(0x30 + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
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
