import Kinesis
import Measurement

/// Draws the partition keys of one kind of record: a key's id and length from (stream, record, due time).
///
/// A class with one plain word saying what to do: switching over an enum with payloads would retain and release these
/// for every record.
final class KeySource: Sendable {
  private enum Mode: Sendable {
    case constant, uniform, generated, aimed, weighted, traced
  }

  private let mode: Mode
  private let random: CounterRandom
  /// Of generated keys; one key otherwise.
  private let distribution: KeyDistribution
  /// How many keys `uniform` draws from. Here, since the distribution holds it behind a pointer.
  private let cardinality: UInt64
  /// The id of number 0, or of the one key.
  private let base: UInt64
  /// Keeps the numbers of `unique` apart from those of other phases.
  private let offset: UInt64
  /// UTF-8 bytes of a key whose number is below `overflow`.
  private let length: UInt32
  private let overflow: UInt64
  private let aimed: AimedKeys?
  private let weighted: WeightedKeys?
  private let traced: TraceWindow?

  /// Prepares a rule.
  ///
  /// - Parameters:
  ///   - catalog: must contain the rule's keys.
  ///   - map: what `shard` aims at.
  ///   - uniqueOffset: the first number of `unique` keys in this phase.
  init(_ key: KeyRule, catalog: KeyCatalog, map: ShardMap, random: CounterRandom, uniqueOffset: UInt64) {
    self.random = random
    var distribution = KeyDistribution.constant
    var base: UInt64 = 0
    var length = 0
    var overflow = UInt64.max
    var aimed: AimedKeys?
    var weighted: WeightedKeys?
    var traced: TraceWindow?
    if case .weighted = key {
      // Named keys and the rest bring their own spaces.
    } else if let naming = key.generatedKeys?.naming {
      let space = catalog.space(of: naming)
      base = space.base
      length = space.length(of: 0)
      overflow = space.overflow
    }
    switch key {
    case .constant(let value):
      mode = .constant
      base = catalog.id(of: value)
      length = catalog.length(of: base)
    case .generated(let rule, _):
      mode = rule.uniformCardinality == nil ? .generated : .uniform
      distribution = rule
    case .shard(let shards, let share, let cardinality, _):
      mode = .aimed
      aimed = AimedKeys(shards: shards, share: share, keys: base..<base + cardinality, catalog: catalog, map: map)
    case .weighted(let values, let rest):
      mode = .weighted
      weighted = WeightedKeys(
        values, rest: rest, catalog: catalog, map: map, random: random.child(1), uniqueOffset: uniqueOffset)
    case .trace(let window):
      mode = .traced
      traced = window
      base = catalog.id(ofName: 0)
    }
    self.traced = traced
    self.distribution = distribution
    cardinality = distribution.uniformCardinality ?? 1
    self.base = base
    self.length = UInt32(length)
    self.overflow = overflow
    self.aimed = aimed
    self.weighted = weighted
    offset = distribution.cardinality == nil ? uniqueOffset : 0
  }

  /// The key of record `index`.
  ///
  /// - Parameter time: its due time, nanoseconds since the start of the run.
  @inline(__always)
  func key(of index: UInt64, at time: Int64) -> (id: UInt64, length: UInt32) {
    let number: UInt64
    switch mode {
    case .constant: return (base, length)
    case .uniform: number = random.below(cardinality, index)
    case .generated: number = distribution.sample(random, index, due: Nanoseconds(time)) &+ offset
    case .aimed: number = aimed?.number(random.bits(index)) ?? 0
    case .weighted: return weighted?.key(of: index, at: time, point: random.unit(index)) ?? (base, length)
    case .traced: return tracedKey(of: index)
    }
    return (base &+ number, number < overflow ? length : longLength(number))
  }

  private func tracedKey(of index: UInt64) -> (id: UInt64, length: UInt32) {
    guard let traced else { return (base, length) }
    let key = traced.trace.key(of: traced.first + index)
    return (base + UInt64(key), UInt32(traced.trace.texts.length(of: key)))
  }

  /// The length of a key whose number needs more digits than its naming has.
  private func longLength(_ number: UInt64) -> UInt32 {
    var extra: UInt32 = 0
    var bound = overflow
    while number >= bound {
      extra += 1
      let (next, isOver) = bound.multipliedReportingOverflow(by: 10)
      if isOver { break }
      bound = next
    }
    return length + extra
  }
}

/// Keys of `shard`: those that hash to the shards aimed at, and all others.
final class AimedKeys: Sendable {
  private let aimed: [UInt64]
  private let others: [UInt64]
  private let share: Double

  /// Sorts keys by the shard they hash to. O(keys).
  init(shards: [Int], share: Double, keys: Range<UInt64>, catalog: KeyCatalog, map: ShardMap) {
    var aimed: [UInt64] = []
    var others: [UInt64] = []
    let targets = Set(shards)
    for id in keys {
      if targets.contains(map.index(of: catalog.hash(of: id))) {
        aimed.append(id - keys.lowerBound)
      } else {
        others.append(id - keys.lowerBound)
      }
    }
    self.aimed = aimed
    self.others = others
    self.share = share
  }

  /// A key's number, evenly within its group; a group without keys leaves everything to the other.
  func number(_ words: (UInt64, UInt64)) -> UInt64 {
    let isAimed = !aimed.isEmpty && (others.isEmpty || CounterRandom.unit(words.0) < share)
    let group = isAimed ? aimed : others
    return group[Int(CounterRandom.below(UInt64(group.count), word: words.1))]
  }
}

/// Keys of `weighted`: named ones by their shares, then the rest.
final class WeightedKeys: Sendable {
  private let ends: [Double]
  private let ids: [UInt64]
  private let lengths: [UInt32]
  private let rest: KeySource?

  /// Looks the named keys up in the catalog.
  init(
    _ values: [KeyRule.Weight], rest: KeyRule?, catalog: KeyCatalog, map: ShardMap, random: CounterRandom,
    uniqueOffset: UInt64
  ) {
    var end = 0.0
    ends = values.map {
      end += $0.share
      return end
    }
    ids = values.map { catalog.id(of: $0.key) }
    lengths = ids.map { UInt32(catalog.length(of: $0)) }
    self.rest = rest.map {
      KeySource($0, catalog: catalog, map: map, random: random, uniqueOffset: uniqueOffset)
    }
  }

  /// The key whose part of [0, 1) `point` falls into. O(log keys).
  func key(of index: UInt64, at time: Int64, point: Double) -> (id: UInt64, length: UInt32) {
    var low = 0
    var high = ends.count
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > point { high = middle } else { low = middle + 1 }
    }
    if low == ends.count {
      if let rest { return rest.key(of: index, at: time) }
      low -= 1
    }
    return (ids[low], lengths[low])
  }
}
