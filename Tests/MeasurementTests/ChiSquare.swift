@testable import Measurement

/// Pearson's test of counts against the masses they should have.
struct ChiSquare {
  let statistic: Double
  let freedom: Int

  /// Neighbouring cells are joined until each expects at least 10, the usual demand of the approximation.
  init(counts: [Int], masses: [Double]) {
    let total = Double(counts.reduce(0, +))
    var statistic = 0.0
    var cells = 0
    var (count, expected) = (0.0, 0.0)
    var remaining = masses.reduce(0, +) * total
    for (cell, mass) in zip(counts, masses) {
      count += Double(cell)
      expected += mass * total
      guard expected >= 10, remaining - expected >= 10 || cells == 0 else { continue }
      statistic += (count - expected) * (count - expected) / expected
      remaining -= expected
      cells += 1
      (count, expected) = (0, 0)
    }
    if expected > 1e-9 || count > 0 {
      statistic += (count - expected) * (count - expected) / expected
      cells += 1
    }
    self.statistic = statistic
    freedom = cells - 1
  }

  /// Whether so large a statistic comes by chance in one of 1,000 trials or more (Wilson and Hilferty's cube root).
  /// The seeds are fixed, so a test that passes goes on passing.
  var isPlausible: Bool {
    guard freedom > 0 else { return statistic < 1e-9 }
    let part = 2 / (9 * Double(freedom))
    let root = 1 - part + 3.0902 * part.squareRoot()
    return statistic < Double(freedom) * root * root * root
  }
}

/// The difference in units of the larger one's last bit.
func ulps(_ left: Double, _ right: Double) -> Double {
  left == right ? 0 : abs(left - right) / max(left.magnitude, right.magnitude).ulp
}

/// The difference as a part of the expected value.
func relativeError(_ value: Double, _ expected: Double) -> Double {
  expected == 0 ? abs(value) : abs(value - expected) / abs(expected)
}
