/// A named set of limits, of a shard and of a request, as `--limits` and the scenario's `limits` choose it.
///
/// AWS does not publish how it enforces a shard's rate; the profiles are the readings that are in use.
package enum LimitsProfile: Hashable, Sendable {
  /// Two token buckets a shard: 1,000 records and 1 MiB, refilled at as much per second; records up to 1 MiB.
  case kinesis

  /// As `kinesis`, with 10 MiB of burst and records up to 10 MiB (developer guide, large-records).
  case largeRecords

  /// 1,000 records and 1 MiB in each calendar second.
  case window

  /// No shard limit. The limits of a request still hold.
  case none

  /// Buckets of any size.
  case explicit(ShardLimits)

  /// So many records and bytes in each calendar second.
  case second(recordsPerSecond: Int64, bytesPerSecond: Int64)

  /// So many records and bytes in any second.
  case sliding(recordsPerSecond: Int64, bytesPerSecond: Int64)

  /// The profiles that have a name, in the order in which help lists them.
  package static let named: [LimitsProfile] = [.kinesis, .largeRecords, .window, .none]

  /// The profile with this name, or `nil`.
  package init?(name: String) {
    guard let profile = Self.named.first(where: { $0.name == name }) else { return nil }
    self = profile
  }

  /// The name in options, scenarios and reports; for limits given by number `explicit` (buckets), `second` or `sliding`.
  package var name: String {
    switch self {
    case .kinesis: "kinesis"
    case .largeRecords: "large-records"
    case .window: "window"
    case .none: "none"
    case .explicit: "explicit"
    case .second: "second"
    case .sliding: "sliding"
    }
  }

  /// How each shard limits.
  package var rule: ShardLimiter.Rule {
    switch self {
    case .kinesis: .kinesis(ShardLimits())
    case .largeRecords: .kinesis(ShardLimits(byteCapacity: Int64(KinesisLimits.largeRecordBurstBytes)))
    case .window:
      .window(
        recordsPerSecond: Int64(KinesisLimits.recordsPerShardSecond),
        bytesPerSecond: Int64(KinesisLimits.bytesPerShardSecond))
    case .none: .none
    case .explicit(let limits): .kinesis(limits)
    case .second(let records, let bytes): .window(recordsPerSecond: records, bytesPerSecond: bytes)
    case .sliding(let records, let bytes): .sliding(recordsPerSecond: records, bytesPerSecond: bytes)
    }
  }

  /// What a single request may hold: 10 MiB where records may be as large, else the 5 MiB that the API reference, the
  /// producer library and most emulators hold to. What passes 5 MiB passes the service under either reading.
  package var request: RequestLimits {
    switch self {
    case .largeRecords:
      RequestLimits(
        bytesPerRequest: KinesisLimits.bytesPerRequest, bytesPerRecord: KinesisLimits.bytesPerLargeRecord)
    case .kinesis, .window, .none, .explicit, .second, .sliding:
      RequestLimits(bytesPerRequest: KinesisLimits.legacyBytesPerRequest)
    }
  }
}
