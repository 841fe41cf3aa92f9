import StrictJSON

/// One of the worst shards.
package struct SummaryShard: SummarySection {
  package var index = 0
  package var id = ""
  package var throttleRatio: Double?
  package var topKey: String?
  package var topKeyRatio: Double?
  package var throttledRecords = 0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("index", &index)
    try visitor.member("id", &id)
    try visitor.member("throttle_ratio", &throttleRatio, decimals: 6)
    try visitor.member("top_key", &topKey)
    try visitor.member("top_key_ratio", &topKeyRatio, decimals: 6)
    try visitor.member("throttled_records", &throttledRecords)
  }
}
