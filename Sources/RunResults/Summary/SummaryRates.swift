import StrictJSON

/// Ratios (0 to 1) of the records that came due in the measured phases, and rates by the clock while these ran; absent where
/// nothing was counted.
package struct SummaryRates: SummarySection {
  /// Throttled over attempted.
  package var throttleRatio: Double?
  /// Not accepted in the end, over planned: the metric `lost.ratio`.
  package var lostRatio: Double?
  /// Tries after the first over first tries.
  package var retryRatio: Double?
  /// Faults and tries of unknown fate over attempted.
  package var faultRatio: Double?
  /// By the clock, like those that follow with so many a second: what happened while measured phases ran, whosever records
  /// it was.
  package var plannedRecordsPerS: Double?
  package var attemptedRecordsPerS: Double?
  package var acceptedRecordsPerS: Double?
  package var acceptedBytesPerS: Double?
  package var requestsPerS: Double?
  /// Tries over requests, of the cohort like the ratios.
  package var recordsPerRequest: Double?
  /// First tries of the hottest shard over the mean of all shards.
  package var skewMax: Double?
  /// What the table of metrics adds.
  package var metrics = MetricValues()

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("throttle_ratio", &throttleRatio, decimals: 6)
    try visitor.member("lost_ratio", &lostRatio, decimals: 6)
    try visitor.member("retry_ratio", &retryRatio, decimals: 6)
    try visitor.member("fault_ratio", &faultRatio, decimals: 6)
    try visitor.member("planned_records_per_s", &plannedRecordsPerS, decimals: 3)
    try visitor.member("attempted_records_per_s", &attemptedRecordsPerS, decimals: 3)
    try visitor.member("accepted_records_per_s", &acceptedRecordsPerS, decimals: 3)
    try visitor.member("accepted_bytes_per_s", &acceptedBytesPerS, decimals: 3)
    try visitor.member("requests_per_s", &requestsPerS, decimals: 3)
    try visitor.member("records_per_request", &recordsPerRequest, decimals: 3)
    try visitor.member("skew_max", &skewMax, decimals: 4)
    try metrics.members(&visitor)
  }
}
