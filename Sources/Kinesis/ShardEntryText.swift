/// The parts of an answer's entries that are the same for all records of a shard, made once per shard.
package struct ShardEntryText: Sendable {
  /// What follows an accepted record's sequence number, comma included.
  let afterSequence: [UInt8]

  /// The entry of a throttled record, comma included.
  let throttled: [UInt8]

  /// Makes the texts of a shard.
  ///
  /// The message is the one production gives (API reference, sample of PutRecords; kinesalite issue 87).
  package init(shardID: String, streamName: String, accountID: String) {
    afterSequence = Array("\",\"ShardId\":\"".utf8) + JSONText.escaped(shardID) + Array("\"},".utf8)
    let message = Self.throttleMessage(shardID: shardID, streamName: streamName, accountID: accountID)
    throttled =
      Array(#"{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":""#.utf8)
      + JSONText.escaped(message) + Array("\"},".utf8)
  }

  /// The text with which a shard refuses a record: `Rate exceeded for shard S in stream N under account A.`
  package static func throttleMessage(shardID: String, streamName: String, accountID: String) -> String {
    "Rate exceeded for shard \(shardID) in stream \(streamName) under account \(accountID)."
  }
}
