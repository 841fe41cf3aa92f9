import StrictJSON

/// How the reading went.
package struct VerificationReading: SummarySection {
  /// Calls of GetRecords that were answered.
  package var calls = 0
  /// Calls refused for the shard's read limits, and made again.
  package var throttledCalls = 0
  /// Calls that failed otherwise, and were made again.
  package var failedCalls = 0
  /// Bytes of the answers.
  package var bytes = 0
  package var seconds = 0.0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("calls", &calls)
    try visitor.member("throttled_calls", &throttledCalls)
    try visitor.member("failed_calls", &failedCalls)
    try visitor.member("bytes", &bytes)
    try visitor.member("seconds", &seconds, decimals: 3)
  }
}
