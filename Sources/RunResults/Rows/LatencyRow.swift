/// One percentile of one distribution, a line of `latency.csv`.
package struct LatencyRow: CSVRow {
  package static let fileName = "latency.csv"

  package var runID = ""
  /// `response`, `delivery`, `queue`, `service` or `lateness`.
  package var metric = ""
  /// Of a response: `accepted` (with lost records at no less than their age), `throttled`, `refused`. Of a service time:
  /// `accepted`, `partial`, `refused`. Else, and over all of a service time's: `all`.
  package var outcome = ""
  /// A measured phase's name, or `all`.
  package var phase = ""
  /// 0 is the minimum, 100 the maximum.
  package var percentile = 0.0
  package var valueMs = 0.0
  package var samplesBeyond = 0
  package var samples = 0
  /// Whether at least ten samples lie beyond, so that the value is more than an anecdote; true for the extremes.
  package var supported = false

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("metric", &metric)
    try visitor.column("outcome", &outcome)
    try visitor.column("phase", &phase)
    try visitor.column("percentile", &percentile, decimals: 4)
    try visitor.column("value_ms", &valueMs, decimals: 4)
    try visitor.column("samples_beyond", &samplesBeyond)
    try visitor.column("samples", &samples)
    try visitor.column("supported", &supported)
  }
}
