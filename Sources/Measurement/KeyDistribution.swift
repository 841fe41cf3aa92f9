/// Which key a record has, as a rank 0..<`cardinality`, drawn as a pure function of (random family, index, due time).
///
/// Ranks say nothing about names: the most popular key of `zipf` and the hot keys of `hotspot` have the lowest.
public struct KeyDistribution: Hashable, Sendable {
  /// What is drawn, prepared for sampling.
  indirect enum Shape: Hashable, Sendable {
    case uniform(UInt64)
    case zipf(Zipf)
    case hotspot(Hotspot)
    case sequential(UInt64)
    case unique
    case weighted(AliasTable, count: Int, rest: KeyDistribution?)
  }

  let shape: Shape

  /// How many different ranks there are; nil for `unique`, where every record has its own.
  package let cardinality: UInt64?

  init(_ shape: Shape, cardinality: UInt64?) {
    self.shape = shape
    self.cardinality = cardinality
  }

  /// The largest cardinality taken, 2^40: a rank, its neighbours and halves between are exact in `Double`.
  package static let largestCardinality: UInt64 = 1 << 40

  /// The number of ranks of a uniform distribution, whose rank of record i is `random.below(number, i)`; nil for the others.
  package var uniformCardinality: UInt64? {
    if case .uniform(let cardinality) = shape { cardinality } else { nil }
  }

  /// The rank of record `index`, which comes due `due` after the run's start (only `drift` looks at that).
  public func sample(_ random: CounterRandom, _ index: UInt64, due: Nanoseconds = .zero) -> UInt64 {
    switch shape {
    case .uniform(let cardinality):
      random.below(cardinality, index)
    case .zipf(let zipf):
      zipf.sample(random, index)
    case .hotspot(let hotspot):
      hotspot.sample(random.bits(index), due: due)
    case .sequential(let cardinality):
      index % cardinality
    case .unique:
      index
    case .weighted(let table, let count, let rest):
      sampleWeighted(table, count, rest, random, index, due)
    }
  }

  private func sampleWeighted(
    _ table: AliasTable, _ count: Int, _ rest: KeyDistribution?, _ random: CounterRandom, _ index: UInt64,
    _ due: Nanoseconds
  ) -> UInt64 {
    // A draw that no other type gets to, so that choice and rank are independent.
    let choice = table.sample(random.bits(index, draw: .max))
    guard choice == count, let rest else { return UInt64(choice) }
    return UInt64(count) + rest.sample(random, index, due: due)
  }

  /// The probability that a record due at `due` has `rank`: its share of the traffic then.
  ///
  /// `sequential` is taken over a whole turn of its keys; for `unique` it is 0.
  package func mass(of rank: UInt64, due: Nanoseconds = .zero) -> Double {
    if let cardinality, rank >= cardinality { return 0 }
    switch shape {
    case .uniform(let cardinality), .sequential(let cardinality):
      return 1 / Double(cardinality)
    case .zipf(let zipf):
      return zipf.mass(of: rank)
    case .hotspot(let hotspot):
      return hotspot.mass(of: rank, due: due)
    case .unique:
      return 0
    case .weighted(let table, let count, let rest):
      guard rank >= UInt64(count) else { return table.mass(of: Int(rank)) }
      guard let rest else { return 0 }
      return table.mass(of: count) * rest.mass(of: rank - UInt64(count), due: due)
    }
  }

  /// The share of the traffic due at `due` that ranks 0 through `rank` have together.
  package func cumulative(through rank: UInt64, due: Nanoseconds = .zero) -> Double {
    if let cardinality, rank >= cardinality - 1 { return 1 }
    switch shape {
    case .uniform(let cardinality), .sequential(let cardinality):
      return Double(rank + 1) / Double(cardinality)
    case .zipf(let zipf):
      return zipf.cumulative(through: rank)
    case .hotspot(let hotspot):
      return hotspot.cumulative(through: rank, due: due)
    case .unique:
      return 0
    case .weighted(let table, let count, let rest):
      let own = (0..<min(Int(clamping: rank) + 1, count)).reduce(0.0) { $0 + table.mass(of: $1) }
      guard rank >= UInt64(count), let rest else { return own }
      return own + table.mass(of: count) * rest.cumulative(through: rank - UInt64(count), due: due)
    }
  }
}
