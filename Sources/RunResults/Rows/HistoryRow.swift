/// One finished run, a line of `history.csv` beside the result folders.
package struct HistoryRow: CSVRow {
  package static let fileName = "history.csv"

  package var runID = ""
  package var timeUTC = ""
  package var scenario = ""
  package var workloadSHA256 = ""
  package var version = ""
  package var complete = false
  package var verdict = ""
  package var validity = ""
  package var exitCode = 0
  package var shards = 0
  package var measuredS = 0.0
  package var plannedRecords = 0
  package var attemptedRecords = 0
  package var acceptedRecords = 0
  package var throttleRatio: Double?
  package var lostRatio: Double?
  package var acceptedRecordsPerS: Double?
  package var responseP50Ms: Double?
  package var responseP99Ms: Double?
  package var deliveryP99Ms: Double?
  package var kind = ResultKind.run.rawValue

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("time_utc", &timeUTC)
    try visitor.column("scenario", &scenario)
    try visitor.column("workload_sha256", &workloadSHA256)
    try visitor.column("version", &version)
    try visitor.column("complete", &complete)
    try visitor.column("verdict", &verdict)
    try visitor.column("validity", &validity)
    try visitor.column("exit_code", &exitCode)
    try visitor.column("shards", &shards)
    try visitor.column("measured_s", &measuredS, decimals: 3)
    try visitor.column("planned_records", &plannedRecords)
    try visitor.column("attempted_records", &attemptedRecords)
    try visitor.column("accepted_records", &acceptedRecords)
    try visitor.ratio("throttle_ratio", &throttleRatio)
    try visitor.ratio("lost_ratio", &lostRatio)
    try visitor.rate("accepted_records_per_s", &acceptedRecordsPerS)
    try visitor.milliseconds("response_p50_ms", &responseP50Ms)
    try visitor.milliseconds("response_p99_ms", &responseP99Ms)
    try visitor.milliseconds("delivery_p99_ms", &deliveryP99Ms)
    try visitor.column("kind", &kind)
  }
}
