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
