import Kinesis
import Scenarios
import StrictJSON
import Testing

@Suite struct ShardListTests {
  private static let listed = """
    {"Shards": [
      {"ShardId": "shardId-000000000000", "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "9"},
       "SequenceNumberRange": {"StartingSequenceNumber": "1", "EndingSequenceNumber": "2"}},
      {"ShardId": "shardId-000000000002", "ParentShardId": "shardId-000000000000", "New": 1,
       "HashKeyRange": {"StartingHashKey": "5", "EndingHashKey": "340282366920938463463374607431768211455"},
       "SequenceNumberRange": {"StartingSequenceNumber": "3"}},
      {"ShardId": "shardId-000000000001", "HashKeyRange": {"StartingHashKey": "0", "EndingHashKey": "4"},
       "SequenceNumberRange": {"StartingSequenceNumber": "3"}}]}
    """

  private func shards(_ text: String) throws -> [Shard] {
    try ShardListDecoder.openShards(bytes: Array(text.utf8), source: "shards.json")
  }

  @Test(arguments: [
    listed, #"{"StreamDescription": \#(listed)}"#, listed.replacing("}]}", with: #"}], "NextToken": null}"#),
  ])
  func openShardsAreTaken(text: String) throws {
    let found = try shards(text)
    #expect(found.map(\.id) == ["shardId-000000000002", "shardId-000000000001"])
    #expect(try ShardMap(shards: found).shards.map(\.range.start) == [0, 5])
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"Shards": 1}"#, #"{"Shards": [1]}"#, #"{"Shards": [{"ShardId": "s"}]}"#,
    listed.replacing(#""9""#, with: "9").replacing("EndingSequenceNumber", with: "Other"),
    listed.replacing(#""5""#, with: #""-5""#), listed.replacing(#""4"}"#, with: #""four"}"#),
    listed.replacing("211455", with: "211456"), listed.replacing("}]}", with: #"}], "NextToken": "more"}"#),
  ])
  func whatIsNoListIsRefused(text: String) {
    #expect(throws: JSONFailure.self) { try shards(text) }
  }
}
