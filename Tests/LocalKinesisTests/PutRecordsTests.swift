import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// Where records land, and the numbers they get.
@Suite struct PutRecordsTests {
  @Test func successHasExactlyTheServicesForm() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    let reply = harness.call("PutRecords", Harness.records(["a"]))
    let number = try #require(reply.records[0]["SequenceNumber"]?.string)
    #expect(
      reply.text
        == #"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"\#(number)","ShardId":"shardId-000000000000"}]}"#)
    #expect(number.count == 56)
  }

  @Test func keysAreRoutedByTheirHash() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 3) }
    let third = UInt128.max / 3  // floor(2^128 / 3), since 3 does not divide 2^128
    let body = """
      {"StreamName":"orders","Records":[\
      {"PartitionKey":"a","Data":""},{"PartitionKey":"b","Data":""},\
      {"PartitionKey":"e","Data":""},{"PartitionKey":"f","Data":""},\
      {"PartitionKey":"a","Data":"","ExplicitHashKey":"\(UInt128.max)"},\
      {"PartitionKey":"a","Data":"","ExplicitHashKey":"\(third * 2 - 1)"},\
      {"PartitionKey":"a","Data":"","ExplicitHashKey":"\(third * 2)"}]}
      """
    let shards = harness.call("PutRecords", body).records.map { $0["ShardId"]?.string?.last }
    #expect(shards == ["0", "1", "2", "1", "2", "1", "2"])
  }

  @Test func keysOfFourShards() throws {
    let reply = try Harness().call(
      "PutRecords", Harness.records(["partitionKey1", "partitionKey2", "partitionKey3"]))
    #expect(reply.records.map { $0["ShardId"]?.string?.last } == ["3", "0", "3"])
  }

  @Test(arguments: [1, 2, 3, 7, 50]) func bothEndsOfEveryRange(_ count: Int) throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: count) }
    let shards = try #require(harness.call("ListShards", #"{"StreamName":"orders"}"#).json["Shards"]?.array)
    #expect(shards.count == count)
    for shard in shards {
      let range = try #require(shard["HashKeyRange"])
      for end in ["StartingHashKey", "EndingHashKey"] {
        let hash = try #require(range[end]?.string)
        let reply = harness.call(
          "PutRecord", #"{"StreamName":"orders","Data":"","PartitionKey":"k","ExplicitHashKey":"\#(hash)"}"#)
        #expect(reply.json["ShardId"] == shard["ShardId"])
      }
    }
  }

  @Test func sequenceNumbersRiseInAShardAndAreUniqueInTheStream() throws {
    let harness = try Harness()
    var last: [String: SequenceDigits] = [:]
    var seen: Set<String> = []
    for round in 0..<20 {
      let reply = harness.call("PutRecords", Harness.records((0..<100).map { "key-\(round)-\($0)" }))
      for record in reply.records {
        let shard = try #require(record["ShardId"]?.string)
        let text = try #require(record["SequenceNumber"]?.string)
        let number = try #require(SequenceNumber(decimal: text))
        #expect(Int(number.shard) == ShardDescription.number(ofID: shard))
        #expect(number.taken == harness.time.seconds)
        if let before = last[shard] { #expect(before < number.digits) }
        last[shard] = number.digits
        #expect(seen.insert(text).inserted)
      }
      harness.advance(milliseconds: 700)
    }
    #expect(last.count == 4)
  }

  @Test func sequenceNumberForOrdering() throws {
    let harness = try Harness()
    func put(_ number: String) -> Reply {
      harness.call(
        "PutRecord",
        #"{"StreamName":"orders","Data":"","PartitionKey":"k","SequenceNumberForOrdering":"\#(number)"}"#)
    }
    let first = harness.call("PutRecord", #"{"StreamName":"orders","Data":"","PartitionKey":"k"}"#)
    let number = try #require(first.json["SequenceNumber"]?.string)
    let second = put(number)
    #expect(second.status == 200)
    let next = try #require(second.json["SequenceNumber"]?.string)
    #expect(try #require(SequenceDigits(decimal: number)) < #require(SequenceDigits(decimal: next)))
    let future = SequenceNumber(
      shardCreated: harness.time.seconds, shard: 0, counter: 1, taken: harness.time.seconds + 1)
    for invalid in ["0", "123", future.digits.description] {
      let reply = put(invalid)
      #expect(reply.status == 400)
      #expect(reply.code == "InvalidArgumentException")
      #expect(
        reply.message
          == "ExclusiveMinimumSequenceNumber \(invalid) used in PutRecord on stream orders under account "
          + "000000000000 is invalid.")
    }
    #expect(put("01").code == "ValidationException")
  }

  /// The first numbers of a child shard are from the second after its parent's end: they order all the same.
  @Test func sequenceNumberForOrderingRightAfterAReshard() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    _ = harness.call(
      "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}"#)
    harness.advance(milliseconds: 500)
    var number = ""
    for turn in 0..<3 {
      let ordering = turn == 0 ? "" : #","SequenceNumberForOrdering":"\#(number)""#
      let reply = harness.call(
        "PutRecord", #"{"StreamName":"orders","PartitionKey":"a","Data":""\#(ordering)}"#)
      #expect(reply.status == 200, "\(reply.text)")
      number = try #require(reply.json["SequenceNumber"]?.string)
    }
  }

  /// Sixteen times f where a shard's creation stands: kinesalite test/putRecord.js, "all f".
  @Test func sequenceNumberForOrderingOfNoDate() throws {
    let number = SequenceNumber(
      shardCreated: 0xF_FFFF_FFFF, shard: 0x7FFF_FFFF, counter: SequenceNumber.endingCounter, taken: 0
    ).digits.description
    let reply = try Harness().call(
      "PutRecord", #"{"StreamName":"orders","PartitionKey":"a","Data":"","SequenceNumberForOrdering":"\#(number)"}"#)
    #expect(
      reply.message == "ExclusiveMinimumSequenceNumber \(number) used in PutRecord on stream orders under account "
        + "000000000000 is invalid.")
  }

  @Test func streamByARN() throws {
    let harness = try Harness()
    func put(_ stream: String) -> Reply {
      harness.call("PutRecords", #"{\#(stream),"Records":[{"PartitionKey":"a","Data":""}]}"#)
    }
    let arn = "arn:aws:kinesis:us-east-1:000000000000:stream/orders"
    #expect(put(#""StreamARN":"\#(arn)""#).status == 200)
    #expect(put(#""StreamName":"orders","StreamARN":"\#(arn)""#).status == 200)
    #expect(put(#""StreamName":"other","StreamARN":"\#(arn)""#).code == "InvalidArgumentException")
    #expect(
      put(#""StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/nobody""#).code == "ResourceNotFoundException")
    #expect(
      put(#""StreamARN":"arn:aws:kinesis:us-east-1:111111111111:stream/orders""#).code == "ResourceNotFoundException")
  }

  @Test(arguments: zip([LimitsProfile.kinesis, .window, .none, .largeRecords], [5, 5, 5, 10]))
  func requestOverItsLimit(_ profile: LimitsProfile, _ mebibytes: Int) throws {
    let harness = try Harness { $0.settings.limits = profile }
    let data = String(repeating: "A", count: 1_398_000)  // 1,048,500 bytes
    func put(_ records: Int) -> Reply {
      let entries = (0..<records).map { #"{"PartitionKey":"\#($0)","Data":"\#(data)"}"# }.joined(separator: ",")
      return harness.call("PutRecords", #"{"StreamName":"orders","Records":[\#(entries)]}"#)
    }
    #expect(put(mebibytes).status == 200)
    let reply = put(mebibytes + 1)
    #expect(reply.status == 400)
    #expect(reply.code == "InvalidArgumentException")
    #expect(reply.message == "Records size exceeds \(mebibytes) MB limit")
  }
}
