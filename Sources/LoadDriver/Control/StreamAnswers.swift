import FoundationEssentials

/// The members read of the control-plane answers, as the API's service model names them; all others are ignored, as the
/// service may add some at any time.
enum StreamAnswers {
  struct ListShards: Decodable {
    let shards: [Shard]
    let nextToken: String?

    enum CodingKeys: String, CodingKey {
      case shards = "Shards"
      case nextToken = "NextToken"
    }
  }

  struct DescribeStream: Decodable {
    struct Description: Decodable {
      let shards: [Shard]
      let hasMoreShards: Bool
      let status: String

      enum CodingKeys: String, CodingKey {
        case shards = "Shards"
        case hasMoreShards = "HasMoreShards"
        case status = "StreamStatus"
      }
    }

    let description: Description

    enum CodingKeys: String, CodingKey {
      case description = "StreamDescription"
    }
  }

  struct DescribeStreamSummary: Decodable {
    struct Summary: Decodable {
      let name: String
      let arn: String
      let status: String
      let openShardCount: Int

      enum CodingKeys: String, CodingKey {
        case name = "StreamName"
        case arn = "StreamARN"
        case status = "StreamStatus"
        case openShardCount = "OpenShardCount"
      }
    }

    let summary: Summary

    enum CodingKeys: String, CodingKey {
      case summary = "StreamDescriptionSummary"
    }
  }

  struct Shard: Decodable {
    struct HashKeyRange: Decodable {
      let start: String
      let end: String

      enum CodingKeys: String, CodingKey {
        case start = "StartingHashKey"
        case end = "EndingHashKey"
      }
    }

    struct SequenceNumberRange: Decodable {
      let end: String?

      enum CodingKeys: String, CodingKey {
        case end = "EndingSequenceNumber"
      }
    }

    let id: String
    let parentID: String?
    let adjacentParentID: String?
    let range: HashKeyRange
    let sequenceNumbers: SequenceNumberRange?

    enum CodingKeys: String, CodingKey {
      case id = "ShardId"
      case parentID = "ParentShardId"
      case adjacentParentID = "AdjacentParentShardId"
      case range = "HashKeyRange"
      case sequenceNumbers = "SequenceNumberRange"
    }

    /// Whether it takes writes. Emulators ignore `ShardFilter`, so this is decided here: an open shard has no last
    /// sequence number.
    var isOpen: Bool { sequenceNumbers?.end == nil }
  }

  struct GetShardIterator: Decodable {
    let iterator: String

    enum CodingKeys: String, CodingKey {
      case iterator = "ShardIterator"
    }
  }
}
