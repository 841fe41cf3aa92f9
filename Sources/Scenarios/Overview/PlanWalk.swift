import Kinesis

/// Exact counts of a plan: every record of its open phases drawn, every batch formed.
struct PlanWalk: Sendable {
  /// What a phase, a shard or a key gets.
  struct Count: Hashable, Sendable {
    var records: UInt64 = 0
    var bytes: UInt64 = 0
  }

  /// Counts of one phase.
  struct Phase: Sendable {
    var total = Count()
    var requests: UInt64 = 0
    var shards: [Count]
  }

  /// Up to so many bounded keys are counted in an array.
  private static let arrayKeys: UInt64 = 1 << 22

  private(set) var phases: [Phase]
  /// Records by key over the phases asked for; keys of which every record has its own are not counted.
  private var dense: [UInt32]
  private var sparse: [UInt64: UInt32] = [:]

  /// Walks all producers.
  ///
  /// - Parameters:
  ///   - counted: the phases whose keys are counted.
  /// - Complexity: O(records).
  init(_ plan: Plan, map: ShardMap, counting counted: Set<Int>) {
    let empty = Phase(shards: Array(repeating: Count(), count: map.count))
    phases = Array(repeating: empty, count: plan.phases.count)
    let isDense = (plan.keys.count ?? .max) <= Self.arrayKeys
    dense = Array(repeating: 0, count: isDense ? Int(plan.keys.count ?? 0) : 0)
    // -1: not looked up yet.
    var shardOfKey = [Int32](repeating: -1, count: dense.count)
    let isUnbounded = plan.keys.count == nil
    var records = [PlannedRecord](
      repeating: PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0),
      count: plan.scenario.batch.records)
    for producer in 0..<plan.scenario.client.producers {
      var cursor = plan.batches(ofProducer: producer)
      while let batch = records.withUnsafeMutableBufferPointer({ cursor.next(into: $0) }) {
        let phase = batch.phase
        phases[phase].requests += 1
        phases[phase].total.records += UInt64(batch.count)
        phases[phase].total.bytes += UInt64(batch.bytes)
        let isRoutedByHashKey = plan.storage.generators[phase].hasHashKeys
        for record in records[..<batch.count] {
          let shard: Int
          if isRoutedByHashKey {
            shard = map.index(of: plan.hash(of: record))
          } else if isDense {
            let key = Int(record.key)
            if shardOfKey[key] < 0 { shardOfKey[key] = Int32(map.index(of: plan.keys.hash(of: record.key))) }
            shard = Int(shardOfKey[key])
          } else {
            shard = map.index(of: plan.keys.hash(of: record.key))
          }
          phases[phase].shards[shard].records += 1
          phases[phase].shards[shard].bytes += UInt64(record.bytes)
          guard counted.contains(phase) else { continue }
          if isDense {
            dense[Int(record.key)] += 1
          } else if !isUnbounded || !plan.keys.isUnbounded(record.key) {
            sparse[record.key, default: 0] += 1
          }
        }
      }
    }
  }

  /// How many records of the counted phases have a key.
  func records(ofKey id: UInt64) -> UInt64 {
    if !dense.isEmpty { return id < UInt64(dense.count) ? UInt64(dense[Int(id)]) : 0 }
    return UInt64(sparse[id] ?? 0)
  }
}
