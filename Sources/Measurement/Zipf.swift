/// The zipf distribution over ranks 0..<`cardinality`: rank r in proportion to (r + 1)^-exponent, for any exponent of
/// at least 0, in constant time and memory.
///
/// Rejection-inversion: W. Hörmann, G. Derflinger, *Rejection-inversion to generate variates from monotone discrete
/// distributions* (ACM TOMACS 6, 1996, doi:10.1145/235025.235029). The masses are exact, unlike those of Gray's
/// approximation that YCSB's generator uses, which also fails at exponents of 1 and more.
struct Zipf: Hashable, Sendable {
  /// The largest exponent taken. At 100 the second rank already has 10^-30 of the traffic.
  static let largestExponent = 100.0

  let exponent: Double
  let cardinality: UInt64
  private let last: Double
  /// 1 - exponent, and its inverse; 0 at exponent 1.
  private let slope: Double
  private let inverseSlope: Double
  /// The hat's area runs from `start` (at the last rank's end) by `width` (to the first rank's beginning).
  private let start: Double
  private let width: Double
  /// Whether the slope is far enough from 0 for x^slope to be taken as it is, without the care of `log1p`.
  private let isSteep: Bool
  /// Points at most this far below their rank are accepted without a look at the density.
  private let squeeze: Double
  /// The sum of all (r + 1)^-exponent.
  private let total: Double

  init(exponent: Double, cardinality: UInt64) {
    self.exponent = exponent
    self.cardinality = cardinality
    last = Double(cardinality)
    slope = 1 - exponent
    inverseSlope = slope == 0 ? 0 : 1 / slope
    isSteep = abs(slope) >= 0.001
    let first = Zipf.integral(1.5, slope) - 1
    start = Zipf.integral(last + 0.5, slope)
    width = first - start
    squeeze =
      2 - Zipf.inverseIntegral(Zipf.integral(2.5, slope) - StableMath.pow(2, -exponent), slope, inverseSlope)
    total = Zipf.harmonic(cardinality, exponent)
  }

  /// The rank of record `index`. Draws 0, 1, ... are used until one is accepted, 1.1 on average at most.
  func sample(_ random: CounterRandom, _ index: UInt64) -> UInt64 {
    var draw: UInt64 = 0
    while true {
      let area = start + random.unit(index, draw: draw) * width
      let point =
        isSteep
        ? StableMath.exp(StableMath.log(max(1 + area * slope, 0)) * inverseSlope)
        : Zipf.inverseIntegral(area, slope, inverseSlope)
      // Bounded first: at steep slopes rounding may send the point anywhere up to infinity.
      let rank = Double(Int64(min(max(point + 0.5, 1), last)))
      if rank - point <= squeeze || area >= Zipf.integral(rank + 0.5, slope) - weight(rank) {
        return UInt64(rank) - 1
      }
      draw += 1
    }
  }

  /// The probability of `rank`.
  func mass(of rank: UInt64) -> Double { weight(Double(rank + 1)) / total }

  /// The probability of ranks 0 through `rank`.
  func cumulative(through rank: UInt64) -> Double { Zipf.harmonic(rank + 1, exponent) / total }

  private func weight(_ position: Double) -> Double { StableMath.exp(-exponent * StableMath.log(position)) }

  /// The integral of t^(slope - 1) from 1 to `x`: (x^slope - 1) / slope, or log x.
  private static func integral(_ x: Double, _ slope: Double) -> Double {
    let logarithm = StableMath.log(x)
    return slope == 0 ? logarithm : StableMath.expm1(slope * logarithm) / slope
  }

  /// The `x` whose integral is `area`.
  @inline(__always)
  private static func inverseIntegral(_ area: Double, _ slope: Double, _ inverseSlope: Double) -> Double {
    // Rounding may put the product a trifle below -1, where the logarithm ends.
    slope == 0
      ? StableMath.exp(area) : StableMath.exp(StableMath.log1p(max(area * slope, -1)) * inverseSlope)
  }

  /// The sum of k^-exponent for k in 1...`count`, to about 10^-15.
  ///
  /// 64 terms one by one, the rest by the Euler-Maclaurin formula to the sixth Bernoulli number.
  static func harmonic(_ count: UInt64, _ exponent: Double) -> Double {
    let exact = min(count, 64)
    var sum = 0.0
    // The small terms first, so that none is lost.
    for k in stride(from: Double(exact), through: 1, by: -1) {
      sum += StableMath.exp(-exponent * StableMath.log(k))
    }
    guard count > exact else { return sum }
    let (a, b) = (Double(exact), Double(count))
    let (atA, atB) = (
      StableMath.exp(-exponent * StableMath.log(a)), StableMath.exp(-exponent * StableMath.log(b))
    )
    let logarithm = StableMath.log(b / a)
    let slope = (1 - exponent) * logarithm
    let integral = atA * a * logarithm * (slope == 0 ? 1 : StableMath.expm1(slope) / slope)
    var tail = integral + (atB - atA) / 2
    // B(2j) / (2j)! and the odd derivatives of x^-s: -s (s+1) ... (s+2j-2) x^(-s-2j+1).
    let coefficients = [
      1.0 / 12, -1.0 / 720, 1.0 / 30_240, -1.0 / 1_209_600, 1.0 / 47_900_160, -691.0 / 1_307_674_368_000,
    ]
    var (derivativeA, derivativeB) = (-exponent * atA / a, -exponent * atB / b)
    for (index, coefficient) in coefficients.enumerated() {
      tail += coefficient * (derivativeB - derivativeA)
      let order = exponent + Double(2 * index + 1)
      derivativeA *= order * (order + 1) / (a * a)
      derivativeB *= order * (order + 1) / (b * b)
    }
    return sum + tail
  }

  /// The exponent at which the first of `cardinality` ranks has `topShare` of the traffic; nil when it would have to
  /// be larger than `largestExponent`.
  static func exponent(topShare: Double, cardinality: UInt64) -> Double? {
    guard cardinality > 1 else { return 0 }
    let target = 1 / topShare
    guard harmonic(cardinality, largestExponent) <= target else { return nil }
    // The sum falls with the exponent; 60 halvings of 100 are below the last bit.
    var (low, high) = (0.0, largestExponent)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if harmonic(cardinality, middle) > target { low = middle } else { high = middle }
    }
    return low == 0 ? 0 : (low + high) / 2
  }
}
