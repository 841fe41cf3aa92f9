/// How many response times of one second fell into one logarithmic bin, a line of `response_bins.csv`: the density behind
/// the percentiles, by the clock like these. Eight bins a decade; empty bins have no line.
package struct ResponseBinRow: CSVRow {
  package static let fileName = "response_bins.csv"

  /// The second, counted as in `timeseries.csv`.
  package var tS = 0
  /// Whether a measured phase ran; what came due in it and is answered in the drain is not among it.
  package var measured = false
  /// The bin's bounds; response times below the upper one belong to it.
  package var fromMs = 0.0
  package var belowMs = 0.0
  package var records = 0

  package init() {}

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("t_s", &tS)
    try visitor.column("measured", &measured)
    try visitor.column("from_ms", &fromMs, decimals: 4)
    try visitor.column("below_ms", &belowMs, decimals: 4)
    try visitor.column("records", &records)
  }
}
