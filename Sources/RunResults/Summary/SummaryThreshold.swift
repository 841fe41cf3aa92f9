import StrictJSON

/// One bound of one threshold, judged.
package struct SummaryThreshold: SummarySection {
  /// Metric, phase, shards and bound in one text, stable from run to run.
  package var id = ""
  /// `<=` or `>=`.
  package var op = ""
  /// In the metric's unit.
  package var limit: Double = 0
  /// The worst value where it was judged shard by shard or window by window; absent without data.
  package var observed: Double?
  package var passed = false
  /// `pass`, `fail` or `error` (no data).
  package var status = ""
  /// What the observed value rests on.
  package var samples = 0
  package var metric = ""
  /// `ms`, `ratio`, `records/s` and so on.
  package var unit = ""
  package var phase: String?
  package var per: String?
  /// The shard the observed value belongs to.
  package var shard: Int?
  /// Shards with fewer samples than required.
  package var shardsLeftOut = 0
  /// First second of the window the observed value belongs to.
  package var tS: Int?
  /// Why there is no value.
  package var reason: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("id", &id)
    try visitor.member("op", &op)
    try visitor.member("limit", &limit, decimals: 6)
    try visitor.member("observed", &observed, decimals: 6)
    try visitor.member("passed", &passed)
    try visitor.member("status", &status)
    try visitor.member("samples", &samples)
    try visitor.member("metric", &metric)
    try visitor.member("unit", &unit)
    try visitor.member("phase", &phase)
    try visitor.member("per", &per)
    try visitor.member("shard", &shard)
    try visitor.member("shards_left_out", &shardsLeftOut)
    try visitor.member("t_s", &tS)
    try visitor.member("reason", &reason)
  }
}
