import Observations

/// One shard in one bin of time with traffic, a line of `shard_seconds.csv`. A bin is `timeseries.csv`'s second unless
/// shards × seconds would pass 250,000; then it is wider (`bin_s`). A try counts as attempted in the bin of its first byte,
/// and by its outcome in that in which this was known. Measured traffic shares no line with that of warm-up and drain.
package struct ShardSecondRow: CSVRow {
  package static let fileName = "shard_seconds.csv"
  /// The most lines the file may have; the bin width is chosen for it before the run.
  package static let maximumRows = RunLayout.maximumShardBins

  /// The bin's first second, counted as in `timeseries.csv`.
  package var tS = 0
  package var shardIndex = 0
  /// Without accepted bytes and what was placed by prediction, which have no columns here.
  package var traffic = ShardTraffic()
  package var measured = false
  /// How many seconds the bin covers.
  package var binS = 1

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("t_s", &tS)
    try visitor.column("shard_index", &shardIndex)
    try visitor.column("first_try_records", &traffic.firstTries)
    try visitor.column("attempted_records", &traffic.attempted)
    try visitor.column("accepted_records", &traffic.accepted)
    try visitor.column("throttled_records", &traffic.throttled)
    try visitor.column("attempted_bytes", &traffic.attemptedBytes)
    try visitor.column("measured", &measured)
    try visitor.column("fault_records", &traffic.fault)
    try visitor.column("unknown_records", &traffic.unknown)
    try visitor.column("bin_s", &binS)
  }
}
