import Measurement
import Observations

/// One shard over the measured phases, a line of `shards.csv`: those of the start in hash order, then those that came.
package struct ShardRow: CSVRow, Counted {
  package static let fileName = "shards.csv"

  package var runID = ""
  /// The shard's number in all results: its place in hash order at the start, from 0; later ones follow on.
  package var shardIndex = 0
  package var shardID = ""
  /// First position of the shard's hash-key range; unknown for a shard that only answers named.
  package var hashStart: UInt128?
  /// Last position of the range, included.
  package var hashEnd: UInt128?
  /// The limits assumed, a second; unknown when the target has none.
  package var limitRecordsPerS: Int?
  package var limitBytesPerS: Int?
  package var traffic = ShardTraffic()
  /// Throttled over attempted; unknown without attempts.
  package var throttleRatio: Double?
  /// The most of one second, each by itself, and the seconds with throttling; by the clock, while measured phases ran, like
  /// the uses.
  package var peak = ShardPeak()
  /// Attempted over limit in the mean of the measured time, records or bytes, whichever is nearer to its limit.
  package var meanUseRatio: Double?
  /// The same in the shard's busiest second.
  package var peakUseRatio: Double?
  package var responseP50Ms: Double?
  package var responseP99Ms: Double?
  /// Different partition keys sent to the shard; unknown where keys were not counted exactly.
  package var keys: Int?
  /// The key with most first tries; unknown where keys were not counted, empty text never.
  package var topKey: String?
  /// That key's share of the shard's first tries.
  package var topKeyRatio: Double?
  /// Response times behind the two percentiles.
  package var responseSamples = 0
  /// When the shard was opened, in seconds since the first measured phase; unknown for one that was there at the start.
  package var openFromS: Double?
  /// When it was closed; unknown for one that was open at the end.
  package var openToS: Double?
  /// The clock's book, while measured phases ran: tries by their first byte, outcomes by their instant, whosever records
  /// they were. Absent in files of an older version.
  package var clock: Traffic?

  package init() {}

  package subscript(counter: Counter) -> Int? { traffic[counter] }

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("shard_index", &shardIndex)
    try visitor.column("shard_id", &shardID)
    try visitor.column("hash_start", &hashStart)
    try visitor.column("hash_end", &hashEnd)
    try visitor.column("limit_records_per_s", &limitRecordsPerS)
    try visitor.column("limit_bytes_per_s", &limitBytesPerS)
    try visitor.column("attempted_records", &traffic.attempted)
    try visitor.column("accepted_records", &traffic.accepted)
    try visitor.column("throttled_records", &traffic.throttled)
    try visitor.column("fault_records", &traffic.fault)
    try visitor.ratio("throttle_ratio", &throttleRatio)
    try visitor.column("seconds_throttled", &peak.secondsThrottled)
    try visitor.column("peak_1s_records", &peak.records)
    try visitor.column("peak_1s_bytes", &peak.bytes)
    try visitor.ratio("mean_use_ratio", &meanUseRatio)
    try visitor.ratio("peak_use_ratio", &peakUseRatio)
    try visitor.milliseconds("response_p50_ms", &responseP50Ms)
    try visitor.milliseconds("response_p99_ms", &responseP99Ms)
    try visitor.column("keys", &keys)
    try visitor.column("top_key", &topKey)
    try visitor.ratio("top_key_ratio", &topKeyRatio)
    try visitor.column("placed_by_prediction_records", &traffic.placedByPrediction)
    try visitor.column("first_try_records", &traffic.firstTries)
    try visitor.column("unknown_records", &traffic.unknown)
    try visitor.column("attempted_bytes", &traffic.attemptedBytes)
    try visitor.column("accepted_bytes", &traffic.acceptedBytes)
    try visitor.column("peak_1s_first_try_records", &peak.firstTries)
    try visitor.column("response_samples", &responseSamples)
    try visitor.column("open_from_s", &openFromS, decimals: 3)
    try visitor.column("open_to_s", &openToS, decimals: 3)
    try visitor.clock(&clock)
  }
}
