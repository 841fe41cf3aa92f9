/// A normal distribution restricted to a range of whole numbers and rounded to them.
struct TruncatedNormal: Hashable, Sendable {
  private let center: Double
  private let deviation: Double
  private let low: Int
  private let high: Int
  /// Whether the distribution is held upside down, which keeps a range in the upper tail as exact as one in the lower.
  private let isReflected: Bool
  /// The probabilities below the range and up to its end.
  private let below: Double
  private let upTo: Double

  /// The distribution of `mean` and `deviation` between `low` - 1/2 and `high` + 1/2, so that the bounds get whole
  /// cells as every other number does; nil when the range lies more than 6 deviations from the mean.
  init?(mean: Double, deviation: Double, low: Int, high: Int) {
    isReflected = Double(low) > mean
    center = isReflected ? -mean : mean
    self.deviation = deviation
    self.low = isReflected ? -high : low
    self.high = isReflected ? -low : high
    below = NormalDistribution.cumulative((Double(self.low) - 0.5 - center) / deviation)
    upTo = NormalDistribution.cumulative((Double(self.high) + 0.5 - center) / deviation)
    guard (Double(self.high) + 0.5 - center) / deviation > -6 else { return nil }
  }

  /// The number at `unit` of the distribution.
  func sample(_ unit: Double) -> Int {
    let value = center + deviation * NormalDistribution.quantile(below + unit * (upTo - below))
    let steps = min(max(value, Double(low)), Double(high)) - Double(low)
    let size = low + Int(steps + 0.5)
    return isReflected ? -size : size
  }

  /// The probability of less than `value`.
  func cumulative(_ value: Double) -> Double {
    isReflected ? survival(-value) : 1 - survival(value)
  }

  /// The mean after rounding.
  var mean: Double {
    let held: Double
    if deviation < 400 {
      // Nothing changes beyond 9 deviations, 10^-19 of the distribution; at most 7,200 terms are between.
      let first = Int(min(max((center - 9 * deviation).rounded(.down), Double(low)), Double(high)))
      let last = Int(min(max((center + 9 * deviation).rounded(.up), Double(low)), Double(high)))
      held = Double(first) + RoundedMean.sum(first, last, survival: survival)
    } else {
      held = Double(low) + RoundedMean.smoothSum(low, high, integral: integral, density: density)
    }
    return isReflected ? -held : held
  }

  private func survival(_ value: Double) -> Double {
    (upTo - NormalDistribution.cumulative((value - center) / deviation)) / (upTo - below)
  }

  private func density(_ value: Double) -> Double {
    NormalDistribution.density((value - center) / deviation) / (deviation * (upTo - below))
  }

  /// The integral of `survival`: that of the standard normal's cumulative function is z P(z) + p(z).
  private func integral(_ from: Double, _ to: Double) -> Double {
    func antiderivative(_ value: Double) -> Double {
      let z = (value - center) / deviation
      return z * NormalDistribution.cumulative(z) + NormalDistribution.density(z)
    }
    return (upTo * (to - from) - deviation * (antiderivative(to) - antiderivative(from))) / (upTo - below)
  }
}
