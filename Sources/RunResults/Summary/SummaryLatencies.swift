import StrictJSON

/// The distributions over the measured phases, in milliseconds; those that the side which saw them cannot know are absent.
package struct SummaryLatencies: SummarySection {
  /// Due to last byte read: accepted records, and lost ones at no less than their age.
  package var response: SummaryLatency?
  /// First byte written to last byte read, of each answered request.
  package var service: SummaryLatency?
  /// Due to acceptance, retries included.
  package var delivery: SummaryLatency?
  /// Batch closed to first byte written, of each request.
  package var queue: SummaryLatency?
  /// Batch closed after it should have closed: the generator's own fault.
  package var lateness: SummaryLatency?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("response", &response)
    try visitor.member("service", &service)
    try visitor.member("delivery", &delivery)
    try visitor.member("queue", &queue)
    try visitor.member("lateness", &lateness)
  }
}
