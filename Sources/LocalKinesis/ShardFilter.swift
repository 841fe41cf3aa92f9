/// Which shards ListShards answers with (botocore `ShardFilter`).
package struct ShardFilter: Sendable, Equatable {
  /// The filter's type; the raw value is its name on the wire.
  package enum Kind: String, Sendable, CaseIterable {
    case afterShardID = "AFTER_SHARD_ID"
    case atTrimHorizon = "AT_TRIM_HORIZON"
    case fromTrimHorizon = "FROM_TRIM_HORIZON"
    case atLatest = "AT_LATEST"
    case atTimestamp = "AT_TIMESTAMP"
    case fromTimestamp = "FROM_TIMESTAMP"
  }

  package var kind: Kind
  /// The shard after which to begin, for `afterShardID`.
  package var shardID: String?
  /// The instant of the timestamp kinds.
  package var milliseconds: Int64?

  /// Whether a shard passes.
  ///
  /// - Parameters:
  ///   - shard: the shard.
  ///   - horizon: the oldest instant still readable, milliseconds since the epoch.
  package func admits(_ shard: ShardDescription, horizon: Int64) -> Bool {
    switch kind {
    case .afterShardID: shard.id > (shardID ?? "")
    case .atLatest: shard.closedMilliseconds == nil
    case .atTrimHorizon: Self.isOpen(shard, at: horizon, orBefore: true)
    case .fromTrimHorizon: (shard.closedMilliseconds ?? Int64.max) >= horizon
    case .atTimestamp: Self.isOpen(shard, at: milliseconds ?? 0, orBefore: false)
    case .fromTimestamp: (shard.closedMilliseconds ?? Int64.max) >= (milliseconds ?? 0)
    }
  }

  /// Whether the shard was open at that instant; before the stream existed, its first shards stand in.
  private static func isOpen(_ shard: ShardDescription, at instant: Int64, orBefore: Bool) -> Bool {
    let isOldEnough = shard.openedMilliseconds <= instant || (orBefore && shard.parentID == nil)
    return isOldEnough && (shard.closedMilliseconds ?? Int64.max) >= instant
  }
}
