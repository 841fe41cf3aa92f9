import StrictJSON

/// What the run checked about itself and the target.
package struct SummaryChecks: SummarySection {
  /// Whether every record is accounted for; see `records`.
  package var identityHolds = true
  /// Accepted sequence numbers that did not rise on their shard.
  package var sequenceViolations = 0
  /// Accepted records on another shard than the map predicts.
  package var shardMismatches = 0
  /// Failed tries whose shard the answer did not name.
  package var placedByPrediction = 0

  /// Records that were cut to what the stream takes in one, warm-up included.
  package var clampedRecords = 0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("identity_holds", &identityHolds)
    try visitor.member("sequence_violations", &sequenceViolations)
    try visitor.member("shard_mismatches", &shardMismatches)
    try visitor.member("placed_by_prediction", &placedByPrediction)
    try visitor.member("clamped_records", &clampedRecords)
  }
}
