import Observations

/// What happened in one second of the run while one phase ran, whosever records it was, a line of `timeseries.csv`. Where a
/// phase ends within a second it has two lines; after the last phase the phase is `drain`. The sums over the lines of a
/// phase are its clock's book.
package struct TimeseriesRow: CSVRow, CohortRow {
  package static let fileName = "timeseries.csv"

  package var runID = ""
  /// The second, counted from the start of the first measured phase; warm-up seconds are negative. A try is attempted in
  /// the second in which its first byte was written, and has its outcome in the one in which that was known, as its request
  /// has.
  package var tS = 0
  /// The second's start as `2026-03-14T09:15:12.000Z`.
  package var timeUTC = ""
  /// How many seconds the line covers.
  package var binS = 1
  package var phase = ""
  /// Whether the phase counts for the results.
  package var measured = false
  /// Records that came due in this second and phase.
  package var planned = 0
  package var traffic = Traffic()
  /// Records that ended in this second without acceptance.
  package var delivery = Delivery()
  /// Shards that throttled at least one record; the most in one second of the line's.
  package var shardsThrottled = 0
  /// Percentiles are of what had its outcome in this second; lateness and queue of the requests that began in it.
  package var responseP50Ms: Double?
  package var responseP90Ms: Double?
  package var responseP99Ms: Double?
  package var responseP999Ms: Double?
  package var responseMaxMs: Double?
  package var serviceP50Ms: Double?
  package var serviceP99Ms: Double?
  package var deliveryP50Ms: Double?
  package var deliveryP99Ms: Double?
  package var latenessP99Ms: Double?
  /// Requests on the wire or waiting for a connection, the most at any moment; all phases together.
  package var inFlightMax: Int?
  /// Records due by the end of the second and not yet sent for the first time; all phases together.
  package var unsentRecords: Int?
  /// Share of the second in which the busiest worker was busy.
  package var cpuRatio: Double?
  /// Whether the generator was the bottleneck in this second.
  package var generatorBound = false
  package var queueP99Ms: Double?
  /// Processor time taken by other guests of the host, as a share of the second.
  package var stealRatio: Double?
  /// Whether the cap on requests in flight held the generator back in this second.
  package var capped = false
  /// Requests of the second whose bytes the kernel did not take at once, its send buffer being full; all phases together.
  package var sendBufferFullRequests: Int?
  /// Connections made in the second, those of before the start in the first; all phases together.
  package var connectionsOpened: Int?
  /// The longest time one of them took until a request could be sent.
  package var connectMaxMs: Double?
  /// The longest TLS handshake among them.
  package var handshakeMaxMs: Double?
  /// How long a worker did not run although something was due, beyond the lateness bound; of the one kept longest.
  package var stoppedMs: Double?
  /// Of the worker that was kept longest, the part of the time in which it was ready to run and was not run, in however
  /// small pieces.
  package var starvedRatio: Double?

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("t_s", &tS)
    try visitor.column("time_utc", &timeUTC)
    try visitor.column("bin_s", &binS)
    try visitor.column("phase", &phase)
    try visitor.column("measured", &measured)
    try visitor.column("planned_records", &planned)
    try visitor.column("first_try_records", &traffic.firstTries)
    try visitor.column("attempted_records", &traffic.attempted)
    try visitor.column("accepted_records", &traffic.accepted)
    try visitor.column("throttled_records", &traffic.throttled)
    try visitor.column("fault_records", &traffic.fault)
    try visitor.column("gave_up_records", &delivery.gaveUp)
    try visitor.column("attempted_bytes", &traffic.attemptedBytes)
    try visitor.column("accepted_bytes", &traffic.acceptedBytes)
    try visitor.column("requests", &traffic.requests)
    try visitor.column("requests_partial", &traffic.requestsPartial)
    try visitor.column("requests_refused", &traffic.requestsRefused)
    try visitor.column("transport_errors", &traffic.transportErrors)
    try visitor.column("shards_throttled", &shardsThrottled)
    try visitor.milliseconds("response_p50_ms", &responseP50Ms)
    try visitor.milliseconds("response_p90_ms", &responseP90Ms)
    try visitor.milliseconds("response_p99_ms", &responseP99Ms)
    try visitor.milliseconds("response_p999_ms", &responseP999Ms)
    try visitor.milliseconds("response_max_ms", &responseMaxMs)
    try visitor.milliseconds("service_p50_ms", &serviceP50Ms)
    try visitor.milliseconds("service_p99_ms", &serviceP99Ms)
    try visitor.milliseconds("delivery_p50_ms", &deliveryP50Ms)
    try visitor.milliseconds("delivery_p99_ms", &deliveryP99Ms)
    try visitor.milliseconds("lateness_p99_ms", &latenessP99Ms)
    try visitor.column("in_flight_max", &inFlightMax)
    try visitor.column("unsent_records", &unsentRecords)
    try visitor.ratio("cpu_ratio", &cpuRatio)
    try visitor.column("generator_bound", &generatorBound)
    try visitor.column("unknown_records", &traffic.unknown)
    try visitor.column("expired_records", &delivery.expired)
    try visitor.column("skipped_records", &delivery.skipped)
    try visitor.column("unfinished_records", &delivery.unfinished)
    try visitor.milliseconds("queue_p99_ms", &queueP99Ms)
    try visitor.ratio("steal_ratio", &stealRatio)
    try visitor.column("capped", &capped)
    try visitor.column("send_buffer_full_requests", &sendBufferFullRequests)
    try visitor.column("connections_opened", &connectionsOpened)
    try visitor.milliseconds("connect_max_ms", &connectMaxMs)
    try visitor.milliseconds("handshake_max_ms", &handshakeMaxMs)
    try visitor.milliseconds("stopped_ms", &stoppedMs)
    try visitor.ratio("starved_ratio", &starvedRatio)
  }
}
