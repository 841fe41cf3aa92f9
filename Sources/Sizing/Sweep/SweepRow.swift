/// What some shards would do with the first tries of a load.
///
/// Where records are not tried again, these are the records that throttling loses; where they are, later tries come on top,
/// and the exact engine has to be asked.
package struct SweepRow: Sendable, Equatable {
  /// Which limit the hottest shard is nearest to.
  package enum Term: String, Sendable { case records, bytes, reads }

  /// One shard of it.
  package struct Shard: Sendable, Equatable {
    /// Judged records, and those of them throttled.
    package var records = 0
    package var throttled = 0
    /// Data and keys of the judged records.
    package var bytes = 0
    /// Of the limits, in the busiest minute: the nearer of records and bytes, and reads.
    package var recordUse = 0.0
    package var byteUse = 0.0
    package var readUse = 0.0

    /// The limit that is nearest.
    package var use: Double { max(recordUse, byteUse, readUse) }
    /// Which one that is.
    package var term: Term {
      readUse > max(recordUse, byteUse) ? .reads : byteUse > recordUse ? .bytes : .records
    }
  }

  /// How many shards.
  package var shards = 0
  /// Judged records.
  package var records = 0
  /// Of them throttled at their first try.
  package var throttled = 0
  /// The same without those of the heaviest key, as if it were not there.
  package var recordsWithoutTop = 0
  package var throttledWithoutTop = 0
  /// Shards that throttle.
  package var shardsThrottled = 0
  /// The mean over the shards and the judged time, of the nearer limit.
  package var meanUse = 0.0
  /// The hottest shard's busiest minute, and which limit that is.
  package var peakUse = 0.0
  package var term = Term.records
  /// The index of the hottest shard.
  package var hottest = 0

  /// Nothing.
  package init() {}

  /// Throttled first tries over all, 0 without any.
  package var throttleRatio: Double { records > 0 ? Double(throttled) / Double(records) : 0 }
  /// The same without the heaviest key.
  package var throttleRatioWithoutTop: Double {
    recordsWithoutTop > 0 ? Double(throttledWithoutTop) / Double(recordsWithoutTop) : 0
  }
}
