import Kinesis

/// `stream`: the stream the load is for.
package struct StreamRule: Hashable, Sendable {
  /// The stream's name.
  package let name: String
  /// Declared open shards, evenly split.
  package let shards: Int
  /// The limits assumed of each shard.
  package let limits: LimitsProfile
  /// Who reads the stream.
  package let consumers: ConsumerRule

  /// Bytes of data and key that the stream takes in one record.
  package var largestRecord: Int { limits.request.bytesPerRecord }
}

/// `stream.consumers`: who reads the stream.
package struct ConsumerRule: Hashable, Sendable {
  /// Consumers that share what a shard hands out: 2 MiB/s.
  package let shared: Int
  /// Consumers with enhanced fan-out, each with 2 MiB/s a shard of its own.
  package let fanOut: Int

  /// Nobody.
  package static let none = ConsumerRule(shared: 0, fanOut: 0)
}

/// `sizing`: the goals of choosing a stream's shards.
package struct SizingRule: Hashable, Sendable {
  /// The share of attempts that may be throttled, 0...1.
  package var throttle: Double
  /// What the hottest shard's busiest minute leaves free of either limit, 0..<1.
  package var headroom: Double
  /// The most shards considered, at least 1.
  package var maxShards: Int

  /// A tenth of a percent, a quarter, and 256 shards.
  package static let standard = SizingRule(throttle: 0.001, headroom: 0.25, maxShards: 256)

  /// Some goals.
  package init(throttle: Double, headroom: Double, maxShards: Int) {
    (self.throttle, self.headroom, self.maxShards) = (throttle, headroom, maxShards)
  }
}
