import StrictJSON

/// One distribution in milliseconds; its values are absent when it is empty.
package struct SummaryLatency: SummarySection {
  package var p50: Double?
  package var p90: Double?
  package var p95: Double?
  package var p99: Double?
  package var p999: Double?
  package var max: Double?
  package var mean: Double?
  package var count = 0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("p50", &p50, decimals: 4)
    try visitor.member("p90", &p90, decimals: 4)
    try visitor.member("p95", &p95, decimals: 4)
    try visitor.member("p99", &p99, decimals: 4)
    try visitor.member("p999", &p999, decimals: 4)
    try visitor.member("max", &max, decimals: 4)
    try visitor.member("mean", &mean, decimals: 4)
    try visitor.member("count", &count)
  }
}
