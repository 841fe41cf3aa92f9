/// One kind of failure, a line of `errors.csv`.
package struct ErrorRow: CSVRow {
  package static let fileName = "errors.csv"

  package var runID = ""
  /// `record` (counts records), `request` or `transport` (count requests).
  package var level = ""
  /// The service's error code, or the transport's.
  package var code = ""
  /// Unknown where there was no answer.
  package var httpStatus: Int?
  package var count = 0
  /// First and last second, counted as in `timeseries.csv`.
  package var firstTS = 0
  package var lastTS = 0
  /// Different shards concerned; unknown where the failure is not about a shard.
  package var shards: Int?
  /// One message, at most 200 bytes, account ids masked; empty without one.
  package var sampleMessage = ""
  /// Whether the records or requests belong to measured phases.
  package var measured = false

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("level", &level)
    try visitor.column("code", &code)
    try visitor.column("http_status", &httpStatus)
    try visitor.column("count", &count)
    try visitor.column("first_t_s", &firstTS)
    try visitor.column("last_t_s", &lastTS)
    try visitor.column("shards", &shards)
    try visitor.column("sample_message", &sampleMessage)
    try visitor.column("measured", &measured)
  }
}
