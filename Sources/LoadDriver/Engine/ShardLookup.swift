import Kinesis
import Observations
import Scenarios

/// The shard each record is predicted to land on, hashed once per key.
///
/// For up to `tableLimit` keys the answers are kept in a table of 2 bytes a key, filled on first use; beyond that, for
/// plans with explicit hash keys, and for streams of 65,535 shards or more every look-up hashes. One per worker, so it
/// needs no lock.
final class ShardLookup {
  /// Keys for which the table is kept: 16 Mi keys are 32 MiB.
  static let tableLimit: UInt64 = 1 << 24
  private static let unknown = UInt16.max

  private let plan: Plan
  private var map: ShardMap
  /// A plain allocation, since it is read for every record.
  private let table: UnsafeMutableBufferPointer<UInt16>

  init(plan: Plan, map: ShardMap) {
    self.plan = plan
    self.map = map
    let count = plan.isRoutedByKey && map.count < Int(Self.unknown) ? plan.keys.count ?? 0 : 0
    table = .allocate(capacity: count <= Self.tableLimit ? Int(count) : 0)
    table.initialize(repeating: Self.unknown)
  }

  deinit { table.deallocate() }

  /// Predicts by another map from now on. O(keys of the table).
  func predict(by newer: ShardMap) {
    map = newer
    table.update(repeating: Self.unknown)
  }

  /// Sets every record's shard to the one whose hash range holds it.
  ///
  /// All look-ups of a batch stand in one short loop, so that the processor waits for many of them at once: keys are
  /// drawn at random, and each is a cache miss when there are many.
  ///
  /// - Complexity: O(records) once their keys were seen, else one MD5 and a search in the map for each new key.
  func assign(_ records: UnsafeMutableBufferPointer<RecordObservation>) {
    // A copy, so that the stores below cannot be taken for changes of it.
    let table = table
    var hasUnknown = false
    for index in records.indices {
      let key = records[index].planned.key
      let shard = key < UInt64(table.count) ? table[Int(truncatingIfNeeded: key)] : Self.unknown
      records[index].shard = Int32(shard)
      hasUnknown = hasUnknown || shard == Self.unknown
    }
    guard hasUnknown else { return }
    for index in records.indices where records[index].shard == Int32(Self.unknown) { hash(&records[index]) }
  }

  private func hash(_ record: inout RecordObservation) {
    let shard = map.index(of: plan.hash(of: record.planned))
    record.shard = Int32(shard)
    // A map that grew may know shards beyond the table's places; their keys stay unknown to it.
    let key = record.planned.key
    if key < UInt64(table.count), shard < Int(Self.unknown) { table[Int(key)] = UInt16(shard) }
  }
}

extension RecordObservation {
  /// Notes the shard a try went to, as the answer named it; without that the predicted one stays.
  ///
  /// - Returns: whether the answer named another shard than predicted, or one that is not in the map.
  @inline(__always)
  mutating func takeShard(_ named: Int32) -> Bool {
    let predicted = shard
    isPlacedByPrediction = named < 0
    if named >= 0 { shard = named }
    return named != predicted && named != RecordResult.notNamed
  }
}
