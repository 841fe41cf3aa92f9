import Kinesis

/// `stream`: the stream the load is for.
package struct StreamRule: Hashable, Sendable {
  /// The stream's name.
  package let name: String
  /// Declared open shards, evenly split.
  package let shards: Int
  /// The limits assumed of each shard.
  package let limits: LimitsProfile

  /// Bytes of data and key that the stream takes in one record.
  package var largestRecord: Int { limits.request.bytesPerRecord }
}
