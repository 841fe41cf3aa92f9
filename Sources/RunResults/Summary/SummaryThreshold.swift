import StrictJSON

/// One bound of one threshold, judged.
package struct SummaryThreshold: SummarySection {
  /// Its name: metric, side, phase, shards and window, never the limit, so that it is the same from run to run; see
  /// `Threshold.namedBounds`.
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
  /// The length of the windows judged, in seconds.
  package var windowS: Double?
  /// How many shards fail, where each was judged.
  package var failingShards: Int?
  /// The three worst of them, worst first.
  package var worstShards: [SummaryThresholdShard] = []
  /// When it stopped the run by its `abort`, in seconds since the measured time began; absent where it did not.
  package var abortedAtS: Double?

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
    try visitor.member("window_s", &windowS, decimals: 3)
    try visitor.member("failing_shards", &failingShards)
    try visitor.member("worst_shards", &worstShards)
    try visitor.member("aborted_at_s", &abortedAtS, decimals: 3)
  }
}

/// A shard that fails a threshold.
package struct SummaryThresholdShard: SummarySection {
  /// Its index.
  package var shard = 0
  /// In the threshold's unit.
  package var observed = 0.0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("shard", &shard)
    try visitor.member("observed", &observed, decimals: 6)
  }
}
