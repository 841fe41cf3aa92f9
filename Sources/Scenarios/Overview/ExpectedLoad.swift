import Kinesis
import Measurement

/// What one record of a phase is expected to bring to each shard and key, from exact masses; no record is drawn.
package struct ExpectedLoad: Sendable {
  /// A part of the load of a phase.
  struct Part: Hashable, Sendable {
    /// The probability that a record of the phase belongs here.
    var records = 0.0
    /// The mean bytes, data and key, that a record of the phase brings here.
    var bytes = 0.0

    /// Adds another part, taken `weight` times.
    mutating func add(_ other: Part, weight: Double = 1) {
      records += other.records * weight
      bytes += other.bytes * weight
    }
  }

  /// How many keys of one distribution are looked at one by one; what the others have together counts as even over
  /// the hash-key space, which it is nearly: the heaviest of a million others weighs next to nothing.
  package static let mostKeys: UInt64 = 1_000_000
  /// How many positions of a drifting hot set are looked at in one phase.
  private static let mostPositions: Int64 = 10_000

  /// By shard.
  private(set) var shards: [Part]
  /// By key id, those that were looked at one by one.
  private(set) var keys: [UInt64: Part] = [:]
  /// Keys that were not looked at one by one.
  private(set) var others = Part()

  private let catalog: KeyCatalog
  private let map: ShardMap
  private let mostKeys: UInt64

  /// Weighs the kinds of a phase.
  ///
  /// - Parameters:
  ///   - mostKeys: of each distribution so many keys are weighed one by one.
  ///   - share: the share of the phase's records that come due between two instants since the run's start; asked only
  ///     where keys change with time.
  /// - Complexity: O(keys), at most `mostKeys` a distribution.
  init(
    _ kinds: [RecordKind], from start: Nanoseconds, to end: Nanoseconds, catalog: KeyCatalog, map: ShardMap,
    mostKeys: UInt64 = ExpectedLoad.mostKeys, share: (Nanoseconds, Nanoseconds) -> Double
  ) {
    self.catalog = catalog
    self.mostKeys = mostKeys
    self.map = map
    shards = Array(repeating: Part(), count: map.count)
    for kind in kinds {
      let stretch = Stretch(kind, from: start, to: end)
      if let rule = kind.explicitHashKey {
        let part = Part(records: kind.share, bytes: PlanMeans.bytesPerRecord([kind]))
        add(part, at: rule)
      }
      add(kind.key, weight: kind.share, stretch: stretch, share: share)
    }
  }

  /// What a kind has beside its keys.
  private struct Stretch {
    let dataBytes: Double
    let start: Nanoseconds
    let end: Nanoseconds
    /// Whether keys say where records go.
    let isRoutedByKey: Bool

    init(_ kind: RecordKind, from start: Nanoseconds, to end: Nanoseconds) {
      dataBytes = kind.size.mean
      self.start = start
      self.end = end
      isRoutedByKey = kind.explicitHashKey == nil
    }
  }

  private mutating func add(_ part: Part, at rule: ExplicitHashKeyRule) {
    switch rule {
    case .uniform: spread(part)
    case .values(let values):
      for value in values { shards[map.index(of: value)].add(part, weight: 1 / Double(values.count)) }
    }
  }

  /// Adds what falls evenly on the hash-key space.
  private mutating func spread(_ part: Part) {
    for index in shards.indices { shards[index].add(part, weight: map.shards[index].range.share) }
  }

  private mutating func put(_ id: UInt64, _ records: Double, _ stretch: Stretch, isKept: Bool = true) {
    guard records > 0 else { return }
    let part = Part(records: records, bytes: records * (stretch.dataBytes + Double(catalog.length(of: id))))
    if isKept { keys[id, default: Part()].add(part) } else { others.add(part) }
    if stretch.isRoutedByKey { shards[map.index(of: catalog.hash(of: id))].add(part) }
  }

  private mutating func add(
    _ rule: KeyRule, weight: Double, stretch: Stretch, share: (Nanoseconds, Nanoseconds) -> Double
  ) {
    guard weight > 0 else { return }
    switch rule {
    case .trace(let window):
      add(window, duration: (stretch.end - stretch.start).value)
    case .constant(let key):
      put(catalog.id(of: key), weight, stretch)
    case .weighted(let values, let rest):
      for value in values { put(catalog.id(of: value.key), weight * value.share, stretch) }
      let left = 1 - values.reduce(0) { $0 + $1.share }
      if let rest { add(rest, weight: weight * left, stretch: stretch, share: share) }
    case .shard(let targets, let aimed, let cardinality, let naming):
      add(aimedAt: Set(targets), share: aimed, cardinality, naming, weight: weight, stretch: stretch)
    case .generated(let distribution, let naming):
      let base = catalog.space(of: naming).base
      let count = min(distribution.cardinality ?? 0, mostKeys)
      var left = 1.0
      if count > 0, let period = distribution.period {
        let masses = Self.drifting(distribution, period: period, count: count, stretch: stretch, share: share)
        for rank in 0..<count { put(base + rank, weight * masses[Int(rank)], stretch) }
        left -= masses.reduce(0, +)
      } else if count > 0 {
        for rank in 0..<count { put(base + rank, weight * distribution.mass(of: rank), stretch) }
        left -= distribution.cumulative(through: count - 1)
      }
      guard distribution.cardinality != count else { return }
      left *= weight
      let length = catalog.space(of: naming).length(of: count)
      let part = Part(records: left, bytes: left * (stretch.dataBytes + Double(length)))
      others.add(part)
      if stretch.isRoutedByKey { spread(part) }
    }
  }

  /// Adds a trace's records as they are. O(records of one round).
  private mutating func add(_ window: TraceWindow, duration: Int64) {
    let total = Double(window.count(before: duration))
    guard total > 0 else { return }
    let trace = window.trace
    var shardOfKey = [Int?](repeating: nil, count: trace.texts.count)
    window.forEachPosition(duration: duration) { stretch, times in
      let key = trace.key(of: stretch)
      let id = catalog.id(ofName: key)
      let records = Double(times) / total
      let part = Part(records: records, bytes: records * Double(trace.size(of: stretch) + trace.texts.length(of: key)))
      if key < mostKeys { keys[id, default: Part()].add(part) } else { others.add(part) }
      let shard =
        trace.hashKey(of: stretch).map { map.index(of: $0) } ?? shardOfKey[key]
        ?? map.index(of: catalog.hash(of: id))
      if trace.hashKey(of: stretch) == nil { shardOfKey[key] = shard }
      shards[shard].add(part)
    }
  }

  private mutating func add(
    aimedAt targets: Set<Int>, share: Double, _ cardinality: UInt64, _ naming: KeyNaming, weight: Double,
    stretch: Stretch
  ) {
    let base = catalog.space(of: naming).base
    let isAimed = (0..<cardinality).map { targets.contains(map.index(of: catalog.hash(of: base + $0))) }
    let hits = isAimed.count { $0 }
    // As when drawing: a group without keys leaves everything to the other.
    let aimed = hits == 0 ? 0 : hits == isAimed.count ? 1 : share
    for number in isAimed.indices {
      let mass = isAimed[number] ? aimed / Double(hits) : (1 - aimed) / Double(isAimed.count - hits)
      put(base + UInt64(number), weight * mass, stretch, isKept: number < mostKeys)
    }
  }

  /// The mean masses of the first ranks of a hot set that moves on: each rank has the cold mass, and the difference for
  /// the share of the phase's records that come due while it is hot. O(ranks + positions of the hot set).
  private static func drifting(
    _ distribution: KeyDistribution, period: Nanoseconds, count: UInt64, stretch: Stretch,
    share: (Nanoseconds, Nanoseconds) -> Double
  ) -> [Double] {
    let first = stretch.start.value / period.value
    let last = max(first, (stretch.end.value - 1) / period.value)
    let step = (last - first) / mostPositions + 1
    var changes = [Double](repeating: 0, count: Int(count) + 1)
    var cold = 0.0
    for turn in stride(from: first, through: last, by: Int64.Stride(step)) {
      let from = Nanoseconds(max(turn * period.value, stretch.start.value))
      let to = Nanoseconds(min((turn + step) * period.value, stretch.end.value))
      guard let hot = distribution.hotSet(due: from), let cardinality = distribution.cardinality else { continue }
      let weight = share(from, to)
      cold += weight * hot.coldMass
      let more = weight * (hot.hotMass - hot.coldMass)
      let end = hot.first + hot.count
      let ranges = end <= cardinality ? [hot.first..<end] : [hot.first..<cardinality, 0..<(end - cardinality)]
      for range in ranges {
        changes[Int(min(range.lowerBound, count))] += more
        changes[Int(min(range.upperBound, count))] -= more
      }
    }
    var sum = 0.0
    return (0..<Int(count)).map {
      sum += changes[$0]
      return cold + sum
    }
  }
}
