import StrictJSON

/// The limits of one shard.
package struct SummaryLimits: SummarySection {
  package var recordsPerS: Int?
  package var bytesPerS: Int?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("records_per_s", &recordsPerS)
    try visitor.member("bytes_per_s", &bytesPerS)
  }
}
