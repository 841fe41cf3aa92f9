import Measurement
import Observations

/// Everything counted of one phase so far.
package struct PhaseTotals: Counted, Sendable {
  /// Records that came due.
  package var planned = 0
  package var counts = RunCounts()
  package var latencies = LatencySet()
  /// By index.
  package var shards: [ShardTraffic]
  /// Seconds of the phase in which the generator was the bottleneck.
  package var generatorBoundSeconds = 0

  /// Nothing counted.
  package init(shardCount: Int) { shards = [ShardTraffic](repeating: ShardTraffic(), count: shardCount) }

  package subscript(counter: Counter) -> Int? { counter == .planned ? planned : counts[counter] }

  /// Takes in further shards, of which nothing was counted yet.
  mutating func makeRoom(forShards count: Int) {
    guard count > shards.count else { return }
    shards += [ShardTraffic](repeating: ShardTraffic(), count: count - shards.count)
  }

  /// Counts tries that never had an outcome as unknown.
  ///
  /// - Returns: those counted.
  mutating func endWithoutOutcomes() -> PhaseTotals {
    var lost = PhaseTotals(shardCount: shards.count)
    lost.counts.traffic.unknown = max(counts.traffic.attempted - counts.traffic.ended, 0)
    for index in shards.indices {
      lost.shards[index].unknown = max(shards[index].attempted - shards[index].ended, 0)
    }
    add(lost)
    return lost
  }

  /// Adds another phase, which may know fewer shards or more.
  package mutating func add(_ other: PhaseTotals) {
    planned += other.planned
    counts.add(other.counts)
    latencies.add(other.latencies)
    makeRoom(forShards: other.shards.count)
    for index in other.shards.indices { shards[index].add(other.shards[index]) }
    generatorBoundSeconds += other.generatorBoundSeconds
  }
}
