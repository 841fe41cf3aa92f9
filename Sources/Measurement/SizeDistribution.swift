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
