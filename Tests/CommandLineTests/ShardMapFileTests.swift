import Kinesis
import RunResults
import StrictJSON
import Testing

@testable import shardmeter

@Suite struct ShardMapFileTests {
  /// As `aws kinesis list-shards` prints it, after a split of uneven halves and a merge.
  static let listShards = """
    {"Shards": [
      {"ShardId": "shardId-000000000000",
       "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "340282366920938463463374607431768211455"},
       "SequenceNumberRange": {"StartingSequenceNumber": "1", "EndingSequenceNumber": "2"}},
      {"ShardId": "shardId-000000000003", "ParentShardId": "shardId-000000000000",
       "HashKeyRange": {"StartingHashKey": "10", "EndingHashKey": "340282366920938463463374607431768211455"},
       "SequenceNumberRange": {"StartingSequenceNumber": "3"}},
      {"ShardId": "shardId-000000000002", "ParentShardId": "shardId-000000000000",
       "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "9"}, "Future": [1, null],
       "SequenceNumberRange": {"StartingSequenceNumber": "3"}}
    ]}
    """

  private func map(_ text: String) throws -> ShardMap {
    let scratch = try Scratch()
    return try ShardMapFile.read(try scratch.file("m.json", text))
  }

  @Test func openShardsInTheOrderOfTheirRanges() throws {
    #expect(try map(Self.listShards).shards.map(\.range.start) == [0, 10])
  }

  @Test func whatIsNoListOfShardsIsRefused() {
    #expect(throws: JSONFailure.self) { try map("{}") }
  }

  @Test(arguments: [
    (#"{"Shards": []}"#, "the stream has no open shard"),
    (
      #"{"Shards": [{"ShardId": "a", "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "9"}}]}"#,
      "hash keys above a belong to no open shard"
    ),
  ])
  func shardsThatAreNoWholeStreamAreRefused(text: String, message: String) {
    let failure = #expect(throws: CommandFailure.self) { try map(text) }
    #expect(failure?.code == .usage && failure?.message.hasSuffix("m.json: \(message)") == true)
  }

  @Test func aMissingFileIsNamed() {
    #expect(throws: CommandFailure("--shard-map: /no/map cannot be read: No such file or directory", code: .usage)) {
      try ShardMapFile.read("/no/map")
    }
  }
}
