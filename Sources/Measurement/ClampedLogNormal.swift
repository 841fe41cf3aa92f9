/// A lognormal distribution given by median and 99th percentile, rounded to whole numbers, with all that would pass the
/// upper bound gathered on it.
struct ClampedLogNormal: Hashable, Sendable {
  /// The standard normal distribution's 99th percentile.
  private static let z99 = 2.326_347_874_040_841

  /// Mean and deviation of the logarithm.
  private let location: Double
  private let deviation: Double
  private let high: Int

  init(median: Double, p99: Double, high: Int) {
    location = StableMath.log(median)
    deviation = StableMath.log(p99 / median) / ClampedLogNormal.z99
    self.high = high
  }

  /// The number at `unit` of the distribution.
  func sample(_ unit: Double) -> Int {
    let value = StableMath.exp(location + deviation * NormalDistribution.quantile(unit))
    return value < Double(high) ? Int(value + 0.5) : high
  }

  /// The probability of less than `value`, which is below the upper bound.
  func cumulative(_ value: Double) -> Double {
    value <= 0 ? 0 : NormalDistribution.cumulative(standardised(value))
  }

  /// The mean after rounding and clamping.
  var mean: Double {
    let median = StableMath.exp(location)
    // Smooth on the scale of a byte: a deviation of 50 bytes from 4,096 bytes on, or of 400 bytes at the median.
    if deviation > 0.0125 {
      let exact = min(high, 4_096)
      return RoundedMean.sum(0, exact, survival: survival)
        + RoundedMean.smoothSum(exact, high, integral: integral, density: density)
    }
    let spread = median * deviation
    let first = Int(min(max((median - 10 * spread).rounded(.down), 0), Double(high)))
    let last = Int(min((median + 10 * spread).rounded(.up), Double(high)))
    return spread < 400
      ? Double(first) + RoundedMean.sum(first, last, survival: survival)
      : Double(first) + RoundedMean.smoothSum(first, last, integral: integral, density: density)
  }

  private func standardised(_ value: Double) -> Double {
    (StableMath.log(value) - location) / deviation
  }

  private func survival(_ value: Double) -> Double {
    NormalDistribution.cumulative(-standardised(value))
  }

  private func density(_ value: Double) -> Double {
    value <= 0 ? 0 : NormalDistribution.density(standardised(value)) / (value * deviation)
  }

  /// The integral of `survival` by parts: [x S(x)] plus the partial expectation, which is that of a normal
  /// distribution shifted by the deviation.
  private func integral(_ from: Double, _ to: Double) -> Double {
    let scale = StableMath.exp(location + deviation * deviation / 2)
    func partialExpectation(_ value: Double) -> Double {
      value <= 0 ? 0 : scale * NormalDistribution.cumulative(standardised(value) - deviation)
    }
    func edge(_ value: Double) -> Double { value <= 0 ? 0 : value * survival(value) }
    return edge(to) - edge(from) + (partialExpectation(to) - partialExpectation(from))
  }
}
