import Glibc

/// Maps a quantity onto pixels, from zero or by powers of ten, and knows its round ticks.
struct AxisScale {
  /// How distance on paper follows the quantity.
  enum Kind { case linear, logarithmic }

  /// Linear or logarithmic.
  let kind: Kind
  /// The quantity at `start` pixels.
  let low: Double
  /// The quantity at `end` pixels.
  let high: Double
  /// Where `low` is drawn.
  let start: Double
  /// Where `high` is drawn; less than `start` on a vertical axis.
  let end: Double
  /// Round values inside the range, ascending.
  let ticks: [Double]

  /// An axis from zero to a round value at or above `maximum`, with about `count` ticks.
  static func fromZero(to maximum: Double, count: Int = 5, start: Double, end: Double) -> AxisScale {
    let top = maximum > 0 && maximum.isFinite ? maximum : 1
    let step = niceStep(top / Double(count))
    let last = (top / step - 1e-9).rounded(.up)
    return AxisScale(
      kind: .linear, low: 0, high: last * step, start: start, end: end, ticks: (0...Int(last)).map { Double($0) * step }
    )
  }

  /// An axis from zero to exactly `maximum`, ticked at round values inside.
  static func exact(to maximum: Double, count: Int, start: Double, end: Double) -> AxisScale {
    let top = maximum > 0 && maximum.isFinite ? maximum : 1
    let step = niceStep(top / Double(count))
    return AxisScale(
      kind: .linear, low: 0, high: top, start: start, end: end,
      ticks: (0...Int((top / step + 1e-9).rounded(.down))).map { Double($0) * step })
  }

  /// A logarithmic axis over 1, 2, 5 steps that holds both values; at least one decade.
  static func logarithmic(from minimum: Double, to maximum: Double, start: Double, end: Double) -> AxisScale {
    let bottom = minimum > 0 && minimum.isFinite ? minimum : 1
    let top = max(maximum.isFinite ? maximum : bottom, bottom)
    var low = roundDown(bottom)
    var high = roundUp(top)
    while high / low < 9.9 {
      high = roundUp(high * 1.01)
      if high / low < 9.9 { low = roundDown(low * 0.99) }
    }
    var ticks: [Double] = []
    var decade = Int(log10(low).rounded(.down))
    while exp10(decade) <= high * 1.000_001 {
      for factor in [1.0, 2, 5]
      where exp10(decade) * factor >= low * 0.999_999 && exp10(decade) * factor <= high * 1.000_001 {
        ticks.append(exp10(decade) * factor)
      }
      decade += 1
    }
    // Beyond four decades the steps of 2 and 5 would stand closer than a line of text.
    if log10(high / low) > 4 {
      let whole = ticks.filter { abs(log10($0) - log10($0).rounded()) < 1e-6 }
      ticks = whole.count > 1 ? whole : ticks
    }
    return AxisScale(kind: .logarithmic, low: low, high: high, start: start, end: end, ticks: ticks)
  }

  /// Where a value is drawn; values outside are drawn at the nearer end.
  func callAsFunction(_ value: Double) -> Double {
    let part: Double
    switch kind {
    case .linear: part = (value - low) / (high - low)
    case .logarithmic: part = value <= low ? 0 : log(value / low) / log(high / low)
    }
    guard part.isFinite else { return start }
    return start + min(max(part, 0), 1) * (end - start)
  }

  /// 1, 2, 2.5 or 5 times a power of ten, at or above `value`.
  static func niceStep(_ value: Double) -> Double {
    let decade = exp10(Int(log10(value).rounded(.down)))
    for factor in [1.0, 2, 2.5, 5] where decade * factor >= value * (1 - 1e-9) { return decade * factor }
    return decade * 10
  }

  private static func exp10(_ exponent: Int) -> Double { pow(10, Double(exponent)) }

  private static func roundDown(_ value: Double) -> Double {
    let decade = exp10(Int(log10(value).rounded(.down)))
    for factor in [5.0, 2, 1] where decade * factor <= value * (1 + 1e-9) { return decade * factor }
    return decade
  }

  private static func roundUp(_ value: Double) -> Double {
    let decade = exp10(Int(log10(value).rounded(.down)))
    for factor in [1.0, 2, 5] where decade * factor >= value * (1 - 1e-9) { return decade * factor }
    return decade * 10
  }
}
