import Kinesis
import StrictJSON

/// Reads the shards of a stream from what `aws kinesis list-shards` or `describe-stream` prints.
package enum ShardListDecoder {
  /// The open shards. Members that this needs not are passed over: the service adds some over time.
  ///
  /// - Throws: `JSONFailure` for a document without shards, with more open ones than `KinesisLimits.shardsPerStream`, or
  ///   with a hash key that is none.
  package static func openShards(bytes: [UInt8], source: String) throws(JSONFailure) -> [Shard] {
    let document = try JSONDocument.parse(bytes, source: source)
    let expected = "the JSON that `aws kinesis list-shards` prints"
    var reader = try document.object(expected: expected)
    if let described = reader.optional("StreamDescription") { reader = try described.object() }
    if let token = reader.optional("NextToken"), token.value != .null {
      throw token.failure(expected: "all shards of the stream; this is one page of several", found: "a NextToken")
    }
    var shards: [Shard] = []
    let list = try reader.required("Shards", expected: expected)
    for node in try list.array() {
      let shard = try node.object(expected: "a shard")
      if let numbers = shard.optional("SequenceNumberRange"),
        let end = try numbers.object().optional("EndingSequenceNumber"), end.value != .null
      {
        continue
      }
      let range = try shard.required("HashKeyRange").object()
      let start = try hashKey(range.required("StartingHashKey"))
      let end = try hashKey(range.required("EndingHashKey"))
      guard start <= end else { throw range.node.failure(expected: "a range whose start is not after its end") }
      shards.append(
        Shard(id: try shard.required("ShardId").string(), range: HashKeyRange(start: start, end: end)))
    }
    guard shards.count <= KinesisLimits.shardsPerStream else {
      throw list.failure(
        expected: "at most \(KinesisLimits.shardsPerStream) open shards", found: "\(shards.count)")
    }
    return shards
  }

  private static func hashKey(_ node: JSONNode) throws(JSONFailure) -> UInt128 {
    guard let key = UInt128(try node.string()) else {
      throw node.failure(expected: "a hash key from 0 to 2^128 - 1 in decimal digits")
    }
    return key
  }
}
