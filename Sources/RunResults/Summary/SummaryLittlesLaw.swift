import StrictJSON

/// What the requests that may be on the wire at once can carry, by Little's law (L = λ W; J. D. C. Little, "A Proof for the
/// Queuing Formula", Operations Research 9(3), 1961): n requests that take W seconds each are n / W requests a second,
/// whatever the plan asks for. In a summary only where the cap held the load back.
package struct SummaryLittlesLaw: SummarySection {
  /// L: requests on the wire at once, the smaller of connections and cap.
  package var atOnce = 0
  /// W: mean service time of the measured requests that were answered.
  package var serviceMeanMs = 0.0
  /// λ = L / W.
  package var requestsPerS = 0.0
  /// λ times the mean of records in a request.
  package var recordsPerS = 0.0
  /// Records that came due in the busiest measured second.
  package var busiestPlannedRecords = 0
  /// L for that second: requests at once that would carry its records at this service time.
  package var neededAtOnce = 0

  package init() {}

  /// The law applied to a run.
  ///
  /// - Parameters:
  ///   - atOnce: at least 1, or there is nothing to say.
  ///   - serviceMeanMs: above 0, as is `recordsPerRequest`.
  ///   - busiestPlannedRecords: in one second, 0 or more.
  package init?(atOnce: Int, serviceMeanMs: Double, recordsPerRequest: Double, busiestPlannedRecords: Int) {
    guard atOnce > 0, serviceMeanMs > 0, recordsPerRequest > 0 else { return nil }
    self.atOnce = atOnce
    self.serviceMeanMs = serviceMeanMs
    requestsPerS = Double(atOnce) / (serviceMeanMs / 1_000)
    recordsPerS = requestsPerS * recordsPerRequest
    self.busiestPlannedRecords = busiestPlannedRecords
    let needed = (Double(busiestPlannedRecords) / recordsPerRequest * serviceMeanMs / 1_000).rounded(.up)
    neededAtOnce = needed < 1e15 ? Int(needed) : .max
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("at_once", &atOnce)
    try visitor.member("service_mean_ms", &serviceMeanMs, decimals: 4)
    try visitor.member("requests_per_s", &requestsPerS, decimals: 2)
    try visitor.member("records_per_s", &recordsPerS, decimals: 2)
    try visitor.member("busiest_planned_records", &busiestPlannedRecords)
    try visitor.member("needed_at_once", &neededAtOnce)
  }
}
