/// One probe of a search, a line of `probes.csv`.
package struct ProbeRow: CSVRow {
  package static let fileName = "probes.csv"

  package var runID = ""
  /// What it was; the columns' words are those of its JSON form.
  private var probe = SearchDocument.Probe()

  package init() {}

  /// The rows of a document.
  package static func rows(of document: SearchDocument, runID: String) -> [ProbeRow] {
    document.probes.map { probe in
      var row = ProbeRow()
      (row.runID, row.probe) = (runID, probe)
      return row
    }
  }

  package mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    try visitor.column("run_id", &runID)
    try visitor.column("probe", &probe.number)
    try visitor.column("folder", &probe.folder)
    try visitor.column("value", &probe.value, decimals: 4)
    try visitor.column("purpose", &probe.purpose)
    try visitor.column("verdict", &probe.verdict)
    try visitor.column("reason", &probe.reason)
    try visitor.column("emptied", &probe.isEmptied)
    try visitor.column("in_flight_factor", &probe.inFlightFactor)
    try visitor.column("measured_s", &probe.seconds, decimals: 3)
    try visitor.rate("planned_records_per_s", &probe.plannedPerS)
    try visitor.rate("accepted_records_per_s", &probe.acceptedPerS)
    try visitor.ratio("throttle_ratio", &probe.throttleRatio)
    try visitor.ratio("lost_ratio", &probe.lostRatio)
    try visitor.milliseconds("response_p50_ms", &probe.responseP50)
    try visitor.milliseconds("response_p99_ms", &probe.responseP99)
    try visitor.milliseconds("response_p999_ms", &probe.responseP999)
    try visitor.milliseconds("service_p50_ms", &probe.serviceP50)
  }
}
