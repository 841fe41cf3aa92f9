/// A quantile with the label it has in metric names, columns and tables: `p50`, `p999`, `max`.
package struct Quantile: Hashable, Sendable {
  /// The part of the samples at or below the value, 0 to 1.
  package let fraction: Double
  /// `p` and the digits of the percentage without the point (`p999` is 99.9 %), or `max`.
  package let label: String

  private init(_ fraction: Double, _ label: String) {
    self.fraction = fraction
    self.label = label
  }

  /// Half of the samples.
  package static let p50 = Quantile(0.5, "p50")
  /// Nine in ten.
  package static let p90 = Quantile(0.9, "p90")
  /// Nineteen in twenty.
  package static let p95 = Quantile(0.95, "p95")
  /// 99 in 100.
  package static let p99 = Quantile(0.99, "p99")
  /// 999 in 1,000.
  package static let p999 = Quantile(0.999, "p999")
  /// 9,999 in 10,000.
  package static let p9999 = Quantile(0.9999, "p9999")
  /// All of them.
  package static let max = Quantile(1, "max")

  /// The quantiles that latency tables have, in rising order.
  package static let reported: [Quantile] = [.p50, .p90, .p95, .p99, .p999, .p9999, .max]

  /// The quantile that is written `label`, one of `reported`; nil for anything else (`mean` is no quantile).
  package init?(label: String) {
    guard let quantile = Quantile.reported.first(where: { $0.label == label }) else { return nil }
    self = quantile
  }

  /// The percentage as people write it: `99.9 %`, and `max` for all of them.
  package var title: String {
    guard self != .max else { return label }
    let digits = label.dropFirst()
    let whole = digits.prefix(2)
    let rest = digits.dropFirst(2)
    return rest.isEmpty ? "\(whole) %" : "\(whole).\(rest) %"
  }
}

/// The exact mean of a continuous size that is rounded to whole bytes and kept within bounds.
///
/// It is `low` + the sum of P(size >= k) over k in low+1...high, and P(size >= k) = S(k - 1/2) with S the survival
/// function. Where S changes within a few bytes the terms are added one by one; where it is smooth, the sum is the
/// midpoint rule for the integral of S, whose error the Euler-Maclaurin formula gives:
/// sum = integral - (S'(b) - S'(a)) / 24 + ..., the next term being negligible at the scales admitted.
enum RoundedMean {
  /// How many terms are added one by one at most.
  static let exactTerms = 8_192

  /// The sum of `survival(k - 1/2)` for k in `low` + 1...`high`.
  static func sum(_ low: Int, _ high: Int, survival: (Double) -> Double) -> Double {
    guard low < high else { return 0 }
    return (low + 1...high).reduce(0) { $0 + survival(Double($1) - 0.5) }
  }

  /// The same sum where `survival` is smooth, from its integral and its density, the negative of its derivative.
  static func smoothSum(
    _ low: Int, _ high: Int, integral: (Double, Double) -> Double, density: (Double) -> Double
  ) -> Double {
    guard low < high else { return 0 }
    let (low, high) = (Double(low), Double(high))
    return integral(low, high) + (density(high) - density(low)) / 24
  }
}
