import Observations

/// One shard in one bin of time with traffic, a line of `shard_seconds.csv`. A bin is `timeseries.csv`'s second unless
/// shards × seconds would pass 250,000; then it is wider (`bin_s`). Warm-up and measured traffic never share a line.
package struct ShardSecondRow: CSVRow {
  package static let fileName = "shard_seconds.csv"
  /// The most lines the file may have; the bin width is chosen for it before the run.
  package static let maximumRows = RunLayout.maximumShardBins

  /// The bin's first second, counted as in `timeseries.csv`.
  package var tS = 0
  package var shardIndex = 0
  package var firstTryRecords = 0
  package var attemptedRecords = 0
  package var acceptedRecords = 0
  package var throttledRecords = 0
  package var attemptedBytes = 0
  package var measured = false
  package var faultRecords = 0
  package var unknownRecords = 0
  /// How many seconds the bin covers.
  package var binS = 1

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("t_s", &tS)
    try visitor.column("shard_index", &shardIndex)
    try visitor.column("first_try_records", &firstTryRecords)
    try visitor.column("attempted_records", &attemptedRecords)
    try visitor.column("accepted_records", &acceptedRecords)
    try visitor.column("throttled_records", &throttledRecords)
    try visitor.column("attempted_bytes", &attemptedBytes)
    try visitor.column("measured", &measured)
    try visitor.column("fault_records", &faultRecords)
    try visitor.column("unknown_records", &unknownRecords)
    try visitor.column("bin_s", &binS)
  }
}
