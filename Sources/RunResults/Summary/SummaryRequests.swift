import StrictJSON

/// Requests of the measured phases by their answer.
package struct SummaryRequests: SummarySection {
  package var total = 0
  package var allAccepted = 0
  /// Some records accepted, some not.
  package var partial = 0
  /// An error status, or 200 with no record accepted.
  package var refused = 0
  /// No usable answer.
  package var transportErrors = 0
  /// Written for requests, HTTP heads included.
  package var bytesOnWire = 0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("total", &total)
    try visitor.member("all_accepted", &allAccepted)
    try visitor.member("partial", &partial)
    try visitor.member("refused", &refused)
    try visitor.member("transport_errors", &transportErrors)
    try visitor.member("bytes_on_wire", &bytesOnWire)
  }
}
