import StrictJSON

/// How the shards fared in the measured phases.
package struct SummaryShards: SummarySection {
  /// Shards that throttled at least one record.
  package var throttled = 0
  /// Those with most throttled records, at most ten, worst first.
  package var worst: [SummaryShard] = []
  /// Throttled records of which no shard is known.
  package var throttledRecordsUnplaced = 0
  /// Open shards at the end; `target.shards` has those at the start.
  package var atEnd: Int?
  /// What changed in between, in order.
  package var changes: [SummaryShardChange] = []
  /// Shards that answers named and no list did: their hash keys are not known.
  package var unlisted: [String] = []

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("throttled", &throttled)
    try visitor.member("worst", &worst)
    try visitor.member("throttled_records_unplaced", &throttledRecordsUnplaced)
    try visitor.member("at_end", &atEnd)
    try visitor.member("changes", &changes)
    try visitor.member("unlisted", &unlisted)
  }
}
