/// Everything counted of one phase so far.
package struct PhaseTotals: Sendable {
  /// Records that came due.
  package var planned = 0
  package var counts = RunCounts()
  package var latencies = LatencySet()
  /// In hash order.
  package var shards: [ShardCounts]
  /// Seconds of the phase in which the generator was the bottleneck.
  package var generatorBoundSeconds = 0

  /// Nothing counted.
  package init(shardCount: Int) { shards = [ShardCounts](repeating: ShardCounts(), count: shardCount) }

  /// Adds another phase.
  package mutating func add(_ other: PhaseTotals) {
    planned += other.planned
    counts.add(other.counts)
    latencies.add(other.latencies)
    for index in shards.indices { shards[index].add(other.shards[index]) }
    generatorBoundSeconds += other.generatorBoundSeconds
  }
}
