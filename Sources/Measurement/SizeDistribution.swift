/// How long data blobs are: whole bytes, drawn as a pure function of (random family, index).
///
/// The continuous types draw one uniform number, take their exact quantile function and round to the nearest byte, so
/// that `mass`, `cumulative` and `mean` are those of the very numbers `sample` gives, rounding and clamping included.
public struct SizeDistribution: Hashable, Sendable {
  /// What is drawn, prepared for sampling.
  enum Shape: Hashable, Sendable {
    case fixed(Int)
    case uniform(low: Int, width: UInt64)
    case normal(TruncatedNormal)
    case logNormal(ClampedLogNormal)
    case pareto(ClampedPareto)
    case weighted(sizes: [Int], AliasTable)
  }

  let shape: Shape

  /// The smallest size that can come, in bytes.
  package let minimum: Int
  /// The largest size that can come, in bytes.
  package let maximum: Int
  /// The exact mean of what `sample` gives, in bytes: a relative error below 10^-12.
  package let mean: Double

  init(_ shape: Shape, minimum: Int, maximum: Int, mean: Double) {
    self.shape = shape
    self.minimum = minimum
    self.maximum = maximum
    self.mean = mean
  }

  /// Largest size any parameter may name: 1 TiB, where every integer and its neighbours are exact in `Double`.
  static let limit = 1 << 40

  /// The size of record `index`, in bytes.
  public func sample(_ random: CounterRandom, _ index: UInt64) -> Int {
    switch shape {
    case .fixed(let size):
      size
    case .uniform(let low, let width):
      low + Int(random.below(width, index))
    case .normal(let normal):
      normal.sample(random.openUnit(index))
    case .logNormal(let logNormal):
      logNormal.sample(random.openUnit(index))
    case .pareto(let pareto):
      pareto.sample(random.openUnit(index))
    case .weighted(let sizes, let table):
      sizes[table.sample(random.bits(index))]
    }
  }

  /// The probability that a size is exactly `size` bytes.
  package func mass(of size: Int) -> Double {
    guard size >= minimum, size <= maximum else { return 0 }
    switch shape {
    case .fixed:
      return 1
    case .uniform(_, let width):
      return 1 / Double(width)
    case .weighted(let sizes, let table):
      return sizes.indices.reduce(0) { sizes[$1] == size ? $0 + table.mass(of: $1) : $0 }
    case .normal, .logNormal, .pareto:
      return cumulative(through: size) - cumulative(through: size - 1)
    }
  }

  /// The probability that a size is at most `size` bytes.
  package func cumulative(through size: Int) -> Double {
    guard size >= minimum else { return 0 }
    guard size < maximum else { return 1 }
    switch shape {
    case .fixed:
      return 1
    case .uniform(let low, let width):
      return Double(size - low + 1) / Double(width)
    case .normal(let normal):
      return normal.cumulative(Double(size) + 0.5)
    case .logNormal(let logNormal):
      return logNormal.cumulative(Double(size) + 0.5)
    case .pareto(let pareto):
      return pareto.cumulative(Double(size) + 0.5)
    case .weighted(let sizes, let table):
      return sizes.indices.reduce(0) { sizes[$1] <= size ? $0 + table.mass(of: $1) : $0 }
    }
  }
}

extension SizeDistribution {
  /// Always `size` bytes, at least 0.
  package static func fixed(_ size: Int) throws(DistributionFailure) -> SizeDistribution {
    try check(size, "value")
    return SizeDistribution(.fixed(size), minimum: size, maximum: size, mean: Double(size))
  }

  /// Every size from `min` to `max`, both included, equally often.
  package static func uniform(min: Int, max: Int) throws(DistributionFailure) -> SizeDistribution {
    try check(min, "min")
    try check(max, "max", atLeast: min)
    return SizeDistribution(
      .uniform(low: min, width: UInt64(max - min) + 1), minimum: min, maximum: max,
      mean: (Double(min) + Double(max)) / 2)
  }

  /// The normal distribution of `mean` and `stddev`, restricted to `min`...`max`: what lies outside is not drawn, so
  /// nothing heaps up at the bounds, and the mean moves when they cut unevenly.
  package static func normal(
    mean: Double, stddev: Double, min: Int, max: Int
  ) throws(DistributionFailure) -> SizeDistribution {
    try check(min, "min")
    try check(max, "max", atLeast: min)
    guard mean >= 0, mean <= Double(limit) else { throw DistributionFailure("mean", "0 to \(limit) bytes") }
    guard stddev > 0, stddev <= Double(limit) else {
      throw DistributionFailure("stddev", "more than 0, at most \(limit) bytes")
    }
    guard let normal = TruncatedNormal(mean: mean, deviation: stddev, low: min, high: max) else {
      throw DistributionFailure("mean", "within 6 standard deviations of the range from min to max")
    }
    return SizeDistribution(.normal(normal), minimum: min, maximum: max, mean: normal.mean)
  }

  /// The lognormal distribution whose median and 99th percentile are the given ones; what would be larger than `max`
  /// is `max`, so both stay what they say as long as they are below it.
  package static func logNormal(
    median: Double, p99: Double, max: Int
  ) throws(DistributionFailure) -> SizeDistribution {
    guard median > 0, median <= Double(limit) else {
      throw DistributionFailure("median", "more than 0, at most \(limit) bytes")
    }
    guard p99 > median, p99 <= Double(limit) else { throw DistributionFailure("p99", "more than the median") }
    try check(max, "max")
    guard Double(max) >= median else { throw DistributionFailure("max", "at least the median") }
    let logNormal = ClampedLogNormal(median: median, p99: p99, high: max)
    return SizeDistribution(
      .logNormal(logNormal), minimum: logNormal.sample(0x1p-53), maximum: max, mean: logNormal.mean)
  }

  /// The Pareto distribution P(size > x) = (min / x)^shape; what would be larger than `max` is `max`.
  package static func pareto(min: Int, shape: Double, max: Int) throws(DistributionFailure) -> SizeDistribution {
    try check(min, "min", atLeast: 1)
    try check(max, "max", atLeast: min)
    guard shape > 0, shape <= 1_000 else { throw DistributionFailure("shape", "more than 0, at most 1000") }
    let pareto = ClampedPareto(low: min, exponent: shape, high: max)
    return SizeDistribution(.pareto(pareto), minimum: min, maximum: max, mean: pareto.mean)
  }

  /// The given sizes in proportion to their weights, which need not sum to 1. A weight of 0 never comes.
  package static func weighted(
    _ values: [(size: Int, weight: Double)]
  ) throws(DistributionFailure) -> SizeDistribution {
    for (index, value) in values.enumerated() {
      try check(value.size, "values[\(index)].size")
      guard value.weight >= 0, value.weight.isFinite else {
        throw DistributionFailure("values[\(index)].weight", "a number of at least 0")
      }
    }
    let table = try AliasTable(weights: values.map(\.weight), field: "values")
    let possible = values.indices.filter { table.mass(of: $0) > 0 }.map { values[$0].size }
    let mean = values.indices.reduce(0.0) { $0 + Double(values[$1].size) * table.mass(of: $1) }
    return SizeDistribution(
      .weighted(sizes: values.map(\.size), table), minimum: possible.min() ?? 0, maximum: possible.max() ?? 0,
      mean: mean)
  }

  private static func check(
    _ size: Int, _ field: String, atLeast least: Int = 0
  ) throws(DistributionFailure) {
    guard size >= least, size <= limit else {
      throw DistributionFailure(field, "\(least) to \(limit) bytes")
    }
  }
}

/// Why a distribution cannot have the parameters it was given.
///
/// A scenario's reader puts its own path before `field`: `records.size.p99: expected …`.
package struct DistributionFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The parameter at fault, by its name in scenarios: `p99`, `values[2].weight`.
  package let field: String
  /// What it has to be: `a number of bytes above the median`.
  package let expected: String

  init(_ field: String, _ expected: String) {
    self.field = field
    self.expected = expected
  }

  /// Field and expectation in one line.
  package var description: String { "\(field): expected \(expected)" }
}
