import Observations

/// One phase, the drain after the last, or all measured ones together as `all`, a line of `phases.csv`.
package struct PhaseRow: CSVRow, CohortRow {
  package static let fileName = "phases.csv"
  /// The name of the line over all measured phases.
  package static let allName = "all"
  /// The name of the line of the time after the plan's end, or a stop, until the last answer came or was given up: no
  /// record came due in it.
  package static let drainName = "drain"

  package var runID = ""
  package var phase = ""
  package var measured = false
  /// Counted from the start of the first measured phase.
  package var startS = 0.0
  /// The time the phase ran: less than the scenario's where the run was stopped.
  package var durationS = 0.0
  /// Records that came due.
  package var planned = 0
  /// The cohort's book: the phase's records, whenever their tries were.
  package var traffic = Traffic()
  package var delivery = Delivery()
  /// Rates are of what happened while the phase ran, whosever records it was; the drain has none.
  package var plannedRecordsPerS: Double?
  package var firstTryRecordsPerS: Double?
  package var attemptedRecordsPerS: Double?
  package var acceptedRecordsPerS: Double?
  package var acceptedBytesPerS: Double?
  /// Throttled over attempted.
  package var throttleRatio: Double?
  /// Faults and tries of unknown fate over attempted.
  package var faultRatio: Double?
  /// Records not accepted in the end over planned.
  package var lostRatio: Double?
  /// Tries after the first over first tries.
  package var retryRatio: Double?
  /// Shards that throttled at least one record of the phase.
  package var shardsThrottled = 0
  package var responseP50Ms: Double?
  package var responseP99Ms: Double?
  package var deliveryP50Ms: Double?
  package var deliveryP99Ms: Double?
  package var serviceP99Ms: Double?
  package var latenessP99Ms: Double?
  /// Seconds of the phase in which the generator was the bottleneck.
  package var generatorBoundS = 0
  /// The clock's book, while the phase ran: tries by their first byte, outcomes by their instant, whosever records they
  /// were. Absent in files of an older version.
  package var clock: Traffic?
  /// What the table of metrics adds.
  package var metrics = MetricValues()

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("phase", &phase)
    try visitor.column("measured", &measured)
    try visitor.column("start_s", &startS, decimals: 3)
    try visitor.column("duration_s", &durationS, decimals: 3)
    try visitor.column("planned_records", &planned)
    try visitor.column("first_try_records", &traffic.firstTries)
    try visitor.column("attempted_records", &traffic.attempted)
    try visitor.column("accepted_records", &traffic.accepted)
    try visitor.column("throttled_records", &traffic.throttled)
    try visitor.column("fault_records", &traffic.fault)
    try visitor.column("unknown_records", &traffic.unknown)
    try visitor.column("gave_up_records", &delivery.gaveUp)
    try visitor.column("expired_records", &delivery.expired)
    try visitor.column("skipped_records", &delivery.skipped)
    try visitor.column("unfinished_records", &delivery.unfinished)
    try visitor.column("attempted_bytes", &traffic.attemptedBytes)
    try visitor.column("accepted_bytes", &traffic.acceptedBytes)
    try visitor.column("requests", &traffic.requests)
    try visitor.column("requests_partial", &traffic.requestsPartial)
    try visitor.column("requests_refused", &traffic.requestsRefused)
    try visitor.column("transport_errors", &traffic.transportErrors)
    try visitor.rate("planned_records_per_s", &plannedRecordsPerS)
    try visitor.rate("first_try_records_per_s", &firstTryRecordsPerS)
    try visitor.rate("attempted_records_per_s", &attemptedRecordsPerS)
    try visitor.rate("accepted_records_per_s", &acceptedRecordsPerS)
    try visitor.rate("accepted_bytes_per_s", &acceptedBytesPerS)
    try visitor.ratio("throttle_ratio", &throttleRatio)
    try visitor.ratio("fault_ratio", &faultRatio)
    try visitor.ratio("lost_ratio", &lostRatio)
    try visitor.ratio("retry_ratio", &retryRatio)
    try visitor.column("shards_throttled", &shardsThrottled)
    try visitor.milliseconds("response_p50_ms", &responseP50Ms)
    try visitor.milliseconds("response_p99_ms", &responseP99Ms)
    try visitor.milliseconds("delivery_p50_ms", &deliveryP50Ms)
    try visitor.milliseconds("delivery_p99_ms", &deliveryP99Ms)
    try visitor.milliseconds("service_p99_ms", &serviceP99Ms)
    try visitor.milliseconds("lateness_p99_ms", &latenessP99Ms)
    try visitor.column("generator_bound_s", &generatorBoundS)
    try metrics.columns(&visitor)
    try visitor.clock(&clock)
  }
}
