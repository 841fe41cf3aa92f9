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
