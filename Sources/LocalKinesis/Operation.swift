/// An operation of the Kinesis Data Streams API that the endpoint serves; the raw value is its name on the wire.
package enum Operation: String, Sendable, CaseIterable {
  case putRecords = "PutRecords"
  case putRecord = "PutRecord"
  case createStream = "CreateStream"
  case deleteStream = "DeleteStream"
  case describeStream = "DescribeStream"
  case describeStreamSummary = "DescribeStreamSummary"
  case listStreams = "ListStreams"
  case listShards = "ListShards"
  case splitShard = "SplitShard"
  case mergeShards = "MergeShards"
  case updateShardCount = "UpdateShardCount"
  case getShardIterator = "GetShardIterator"
  case getRecords = "GetRecords"
  case increaseStreamRetentionPeriod = "IncreaseStreamRetentionPeriod"
  case decreaseStreamRetentionPeriod = "DecreaseStreamRetentionPeriod"
  case addTagsToStream = "AddTagsToStream"
  case removeTagsFromStream = "RemoveTagsFromStream"
  case listTagsForStream = "ListTagsForStream"
  case describeLimits = "DescribeLimits"

  /// The API version every target starts with.
  package static let service = "Kinesis_20131202"

  /// Reads an `X-Amz-Target` header; nil when the service or the operation is unknown.
  package init?(target: String) {
    let parts = target.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0] == Self.service else { return nil }
    self.init(rawValue: String(parts[1]))
  }
}

extension Operation {
  /// The operation's input.
  ///
  /// - Parameter maximumDataBytes: the largest data blob, which the limits profile decides.
  package func input(maximumDataBytes: Int) -> InputShape {
    switch self {
    case .putRecords:
      return InputShape(
        .init(
          "Records", .list(of: .structure(Self.record(maximumDataBytes)), shownAs: Self.recordShownAs), .notNull,
          .minimumLength(1), .maximumLength(500)),
        Self.streamName, Self.streamARN)
    case .putRecord:
      var shape = InputShape(
        .init("SequenceNumberForOrdering", .string, .pattern(.sequenceNumber)))
      shape.members += Self.record(maximumDataBytes) + [Self.streamName, Self.streamARN]
      return shape
    case .createStream:
      return InputShape(
        .init("ShardCount", .integer, .minimum(1), .maximum(100_000)), Self.requiredStreamName,
        .init(
          "StreamModeDetails",
          .structure([.init("StreamMode", .string, .notNull, .oneOf(["PROVISIONED", "ON_DEMAND"]))])),
        .init("MaxRecordSizeInKiB", .integer, .minimum(1024), .maximum(10_240)),
        .init("WarmThroughputMiBps", .integer, .minimum(0)),
        .init(
          "Tags", .map(of: .string), .maximumLength(50), .keyLengths(1...128), .valueLengths(0...256)))
    case .deleteStream:
      return InputShape(Self.streamName, Self.streamARN, .init("EnforceConsumerDeletion", .boolean))
    case .describeStream:
      return InputShape(
        .init("Limit", .integer, .minimum(1), .maximum(10_000)), Self.shardID("ExclusiveStartShardId"),
        Self.streamName, Self.streamARN)
    case .describeStreamSummary:
      return InputShape(Self.streamName, Self.streamARN)
    case .listStreams:
      return InputShape(
        .init("Limit", .integer, .minimum(1), .maximum(10_000)),
        .init("ExclusiveStartStreamName", .string, .pattern(.name), .minimumLength(1), .maximumLength(128)),
        .init("NextToken", .string, .minimumLength(1), .maximumLength(1_048_576)))
    case .listShards:
      return InputShape(
        Self.shardID("ExclusiveStartShardId"),
        .init("MaxResults", .integer, .minimum(1), .maximum(10_000)),
        .init("NextToken", .string, .minimumLength(1), .maximumLength(1_048_576)),
        .init("StreamCreationTimestamp", .timestamp),
        .init(
          "ShardFilter",
          .structure([
            .init("Type", .string, .notNull, .oneOf(ShardFilter.Kind.allCases.map(\.rawValue))),
            Self.shardID("ShardId"), .init("Timestamp", .timestamp),
          ])),
        Self.streamName, Self.streamARN)
    case .splitShard:
      return InputShape(
        .init("NewStartingHashKey", .string, .notNull, .pattern(.hashKey)), Self.streamName, Self.streamARN,
        Self.requiredShardID("ShardToSplit"))
    case .mergeShards:
      return InputShape(
        Self.requiredShardID("ShardToMerge"), Self.requiredShardID("AdjacentShardToMerge"), Self.streamName,
        Self.streamARN)
    case .updateShardCount:
      return InputShape(
        .init("TargetShardCount", .integer, .notNull, .minimum(1)),
        .init("ScalingType", .string, .notNull, .oneOf(["UNIFORM_SCALING"])), Self.streamName, Self.streamARN)
    case .getShardIterator:
      return InputShape(
        Self.requiredShardID("ShardId"),
        .init("ShardIteratorType", .string, .notNull, .oneOf(ShardIteratorType.allCases.map(\.rawValue))),
        .init("StartingSequenceNumber", .string, .pattern(.sequenceNumber)), Self.streamName, Self.streamARN,
        .init("Timestamp", .timestamp))
    case .getRecords:
      return InputShape(
        .init("Limit", .integer, .minimum(1), .maximum(10_000)),
        .init("ShardIterator", .string, .notNull, .minimumLength(1), .maximumLength(512)), Self.streamARN)
    case .increaseStreamRetentionPeriod, .decreaseStreamRetentionPeriod:
      return InputShape(
        .init("RetentionPeriodHours", .integer, .notNull, .minimum(1)), Self.streamName, Self.streamARN)
    case .addTagsToStream:
      return InputShape(
        .init(
          "Tags", .map(of: .string), .notNull, .minimumLength(1), .maximumLength(50), .keyLengths(1...128),
          .valueLengths(0...256)),
        Self.streamName, Self.streamARN)
    case .removeTagsFromStream:
      return InputShape(
        .init(
          "TagKeys", .list(of: .string, shownAs: nil), .notNull, .minimumLength(1), .maximumLength(50),
          .elementLengths(1...128)),
        Self.streamName, Self.streamARN)
    case .listTagsForStream:
      return InputShape(
        .init("Limit", .integer, .minimum(1), .maximum(50)),
        .init("ExclusiveStartTagKey", .string, .minimumLength(1), .maximumLength(128)), Self.streamName,
        Self.streamARN)
    case .describeLimits:
      return InputShape()
    }
  }

  /// Whether the operation acts on a stream that is named, by name or ARN, in its input.
  package var needsStream: Bool {
    switch self {
    case .createStream, .listStreams, .listShards, .getRecords, .describeLimits: false
    default: true
    }
  }

  /// How AWS prints an entry of PutRecords in a ValidationException (mhart/kinesalite test/putRecords.js).
  private static let recordShownAs = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"

  private static func record(_ maximumDataBytes: Int) -> [InputShape.Member] {
    [
      .init("PartitionKey", .string, .notNull, .minimumLength(1), .maximumLength(256)),
      .init("ExplicitHashKey", .string, .pattern(.hashKey)),
      .init("Data", .blob, .notNull, .maximumLength(maximumDataBytes)),
    ]
  }

  private static var streamName: InputShape.Member {
    .init("StreamName", .string, .pattern(.name), .minimumLength(1), .maximumLength(128))
  }

  private static var requiredStreamName: InputShape.Member {
    .init("StreamName", .string, .notNull, .pattern(.name), .minimumLength(1), .maximumLength(128))
  }

  private static var streamARN: InputShape.Member {
    .init("StreamARN", .string, .pattern(.streamARN), .minimumLength(1), .maximumLength(2048))
  }

  private static func shardID(_ name: String) -> InputShape.Member {
    .init(name, .string, .pattern(.name), .minimumLength(1), .maximumLength(128))
  }

  private static func requiredShardID(_ name: String) -> InputShape.Member {
    .init(name, .string, .notNull, .pattern(.name), .minimumLength(1), .maximumLength(128))
  }
}

extension Operation {
  /// Calls a second AWS allows an account (botocore's operation documents); nil where none is stated or the limit is a
  /// stream's or shard's own.
  package var callsPerSecond: Int? {
    switch self {
    case .createStream, .deleteStream, .splitShard, .mergeShards, .listStreams, .addTagsToStream,
      .removeTagsFromStream, .listTagsForStream, .increaseStreamRetentionPeriod, .decreaseStreamRetentionPeriod:
      5
    case .describeStream, .updateShardCount: 10
    case .describeStreamSummary: 20
    case .describeLimits: 1
    case .putRecords, .putRecord, .listShards, .getShardIterator, .getRecords: nil
    }
  }
}
