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

extension KeyDistribution {
  /// Every key equally often.
  package static func uniform(cardinality: UInt64) throws(DistributionFailure) -> KeyDistribution {
    try check(cardinality)
    return KeyDistribution(.uniform(cardinality), cardinality: cardinality)
  }

  /// Key of rank r (from 0) in proportion to (r + 1)^-`exponent`; any exponent from 0 (uniform) to 100.
  package static func zipf(exponent: Double, cardinality: UInt64) throws(DistributionFailure) -> KeyDistribution {
    try check(cardinality)
    guard exponent >= 0, exponent <= Zipf.largestExponent else {
      throw DistributionFailure("exponent", "0 to \(Int(Zipf.largestExponent))")
    }
    return KeyDistribution(.zipf(Zipf(exponent: exponent, cardinality: cardinality)), cardinality: cardinality)
  }

  /// Zipf with the exponent at which the most popular key alone has `topShare` of the traffic.
  package static func zipf(topShare: Double, cardinality: UInt64) throws(DistributionFailure) -> KeyDistribution {
    try zipf(exponent: zipfExponent(topShare: topShare, cardinality: cardinality), cardinality: cardinality)
  }

  /// The zipf exponent at which the most popular of `cardinality` keys has `topShare` of the traffic, which is at
  /// least its share among equals, 1 / `cardinality`, and below 1.
  package static func zipfExponent(
    topShare: Double, cardinality: UInt64
  ) throws(DistributionFailure) -> Double {
    try check(cardinality)
    guard topShare >= 1 / Double(cardinality), topShare < 1 || cardinality == 1, topShare <= 1,
      let exponent = Zipf.exponent(topShare: topShare, cardinality: cardinality)
    else {
      throw DistributionFailure("topShare", "at least 1 / cardinality and less than 1")
    }
    return exponent
  }

  /// The first `hotKeyShare` of the keys (at least one key) has `hotTrafficShare` of the traffic, equally often each;
  /// the others share the rest.
  package static func hotspot(
    cardinality: UInt64, hotKeyShare: Double, hotTrafficShare: Double
  ) throws(DistributionFailure) -> KeyDistribution {
    try hotspot(cardinality, hotKeyShare, hotTrafficShare, period: nil)
  }

  /// As `hotspot`, but every `period` of the run the next keys in rank order become the hot ones, round and round.
  package static func drift(
    cardinality: UInt64, hotKeyShare: Double, hotTrafficShare: Double, period: Nanoseconds
  ) throws(DistributionFailure) -> KeyDistribution {
    guard period > .zero else { throw DistributionFailure("period", "a duration above 0") }
    return try hotspot(cardinality, hotKeyShare, hotTrafficShare, period: period)
  }

  /// Rank `index` mod `cardinality`: all keys in turn.
  package static func sequential(cardinality: UInt64) throws(DistributionFailure) -> KeyDistribution {
    try check(cardinality)
    return KeyDistribution(.sequential(cardinality), cardinality: cardinality)
  }

  /// One key for all records.
  package static let constant = KeyDistribution(.sequential(1), cardinality: 1)

  /// A key of its own for every record: rank `index`.
  package static let unique = KeyDistribution(.unique, cardinality: nil)

  /// Ranks 0..<`shares.count` with the given shares of the traffic; `rest` takes what they leave to 1, its own ranks
  /// following theirs; it is of another type. Without `rest` the shares are weights: they are scaled to sum to 1.
  package static func weighted(
    shares: [Double], rest: KeyDistribution?
  ) throws(DistributionFailure) -> KeyDistribution {
    for (index, share) in shares.enumerated() where !(share >= 0 && share.isFinite) {
      throw DistributionFailure("values[\(index)].share", "a number of at least 0")
    }
    guard let rest else {
      let table = try AliasTable(weights: shares, field: "values")
      return KeyDistribution(.weighted(table, count: shares.count, rest: nil), cardinality: UInt64(shares.count))
    }
    if case .weighted = rest.shape { throw DistributionFailure("rest", "another type than weighted") }
    let sum = shares.reduce(0, +)
    // Shares written in decimal may pass 1 by rounding alone.
    guard sum <= 1 + 1e-9 else { throw DistributionFailure("values", "shares that sum to at most 1") }
    let table = try AliasTable(weights: shares + [max(1 - sum, 0)], field: "values")
    let cardinality = rest.cardinality.map { $0 + UInt64(shares.count) }
    return KeyDistribution(.weighted(table, count: shares.count, rest: rest), cardinality: cardinality)
  }

  private static func hotspot(
    _ cardinality: UInt64, _ hotKeyShare: Double, _ hotTrafficShare: Double, period: Nanoseconds?
  ) throws(DistributionFailure) -> KeyDistribution {
    try check(cardinality)
    guard hotKeyShare > 0, hotKeyShare <= 1 else {
      throw DistributionFailure("hotKeyShare", "a part of the keys, more than 0 and at most 1")
    }
    guard hotTrafficShare >= 0, hotTrafficShare <= 1 else {
      throw DistributionFailure("hotTrafficShare", "a part of the traffic, 0 to 1")
    }
    let hotspot = Hotspot(
      cardinality: cardinality, hotKeyShare: hotKeyShare, hotTrafficShare: hotTrafficShare, period: period)
    return KeyDistribution(.hotspot(hotspot), cardinality: cardinality)
  }

  private static func check(_ cardinality: UInt64) throws(DistributionFailure) {
    guard cardinality >= 1, cardinality <= largestCardinality else {
      throw DistributionFailure("cardinality", "1 to \(largestCardinality) keys")
    }
  }
}

/// The hot keys of `hotspot` and `drift` at one instant: neighbours on the ring of ranks.
package struct HotSet: Hashable, Sendable {
  /// The first hot rank.
  package let first: UInt64
  /// How many ranks are hot; those past the last rank go on at rank 0.
  package let count: UInt64
  /// The share of the traffic that each hot rank has.
  package let hotMass: Double
  /// The share of the traffic that each other rank has; 0 when there is no other.
  package let coldMass: Double
}

extension KeyDistribution {
  /// How long the hot keys of `drift` stay; nil for every distribution that does not change with time.
  package var period: Nanoseconds? {
    if case .hotspot(let hotspot) = shape { hotspot.period } else { nil }
  }

  /// The hot keys at an instant since the run's start; nil for distributions without any.
  package func hotSet(due: Nanoseconds) -> HotSet? {
    if case .hotspot(let hotspot) = shape { hotspot.hotSet(due) } else { nil }
  }
}

extension Hotspot {
  /// The hot set at an instant.
  func hotSet(_ due: Nanoseconds) -> HotSet {
    let coldKeys = cardinality - hotKeys
    return HotSet(
      first: firstHotKey(due), count: hotKeys, hotMass: hotTraffic / Double(hotKeys),
      coldMass: coldKeys == 0 ? 0 : (1 - hotTraffic) / Double(coldKeys))
  }
}
