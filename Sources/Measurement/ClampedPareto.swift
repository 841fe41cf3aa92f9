/// A Pareto distribution rounded to whole numbers, with all that would pass the upper bound gathered on it.
struct ClampedPareto: Hashable, Sendable {
  private let low: Int
  private let exponent: Double
  private let high: Int

  init(low: Int, exponent: Double, high: Int) {
    self.low = low
    self.exponent = exponent
    self.high = high
  }

  /// The number at `unit` of the distribution.
  func sample(_ unit: Double) -> Int {
    // The quantile function low (1 - u)^(-1 / exponent); 1 - u is as uniform as u.
    let value = Double(low) * StableMath.exp(-StableMath.log(unit) / exponent)
    return value < Double(high) ? Int(value + 0.5) : high
  }

  /// The probability of less than `value`, which is below the upper bound.
  func cumulative(_ value: Double) -> Double { 1 - survival(value) }

  /// The mean after rounding and clamping.
  var mean: Double {
    let exact = min(high, low + RoundedMean.exactTerms)
    return Double(low) + RoundedMean.sum(low, exact, survival: survival)
      + RoundedMean.smoothSum(exact, high, integral: integral) { exponent * survival($0) / $0 }
  }

  private func survival(_ value: Double) -> Double {
    value <= Double(low) ? 1 : StableMath.pow(Double(low) / value, exponent)
  }

  /// The integral of (low / x)^exponent, whatever the exponent's distance from 1.
  private func integral(_ from: Double, _ to: Double) -> Double {
    let logarithm = StableMath.log(to / from)
    let slope = (1 - exponent) * logarithm
    return survival(from) * from * logarithm * (slope == 0 ? 1 : StableMath.expm1(slope) / slope)
  }
}
