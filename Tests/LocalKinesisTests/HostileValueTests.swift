import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// Values at and beyond every bound, each of which once could end the process or was one step from it: the answer is one of
/// the service's own, and the service goes on.
@Suite struct HostileValueTests {
  static let numbers = [
    "0", "-1", "2147483648", "9007199254740992", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "1e300", "-1e300", "1e-300", "1e999", "-1e999",
  ]
  static let members: [(operation: String, body: String)] = [
    ("ListShards", #""StreamCreationTimestamp":#"#), ("ListShards", #""MaxResults":#"#),
    ("ListShards", ##""ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":#}"##),
    ("ListShards", ##""ShardFilter":{"Type":"FROM_TIMESTAMP","Timestamp":#}"##),
    ("DescribeStream", #""Limit":#"#), ("ListStreams", #""Limit":#"#), ("ListTagsForStream", #""Limit":#"#),
    ("GetRecords", #""ShardIterator":"AAAA","Limit":#"#),
    ("GetShardIterator", #""ShardId":"shardId-0","ShardIteratorType":"AT_TIMESTAMP","Timestamp":#"#),
    ("CreateStream", #""ShardCount":#"#), ("CreateStream", #""ShardCount":1,"MaxRecordSizeInKiB":#"#),
    ("CreateStream", #""ShardCount":1,"WarmThroughputMiBps":#"#),
    ("UpdateShardCount", #""ScalingType":"UNIFORM_SCALING","TargetShardCount":#"#),
    ("IncreaseStreamRetentionPeriod", #""RetentionPeriodHours":#"#),
    ("DecreaseStreamRetentionPeriod", #""RetentionPeriodHours":#"#),
  ]

  @Test(arguments: members)
  func numbersBeyondTheirBounds(operation: String, members: String) throws {
    let harness = try Harness { $0.settings.retainedBytes = 1 << 20 }
    for number in Self.numbers {
      let body = "{\"StreamName\":\"orders\",\(members.replacing("#", with: number))}"
      let reply = harness.call(operation, body)
      #expect([200, 400].contains(reply.status), "\(number): \(reply.status)")
      #expect(reply.status == 200 || reply.code != nil, "\(number): \(reply.text)")
      harness.advance(milliseconds: 1000)
    }
    #expect(harness.call("PutRecords", Harness.records(["a"])).status == 200)
  }

  /// Another time of creation is another stream, however far away it is.
  @Test(arguments: ["-1e300", "1e300", "-9223372036854775808", "0"])
  func creationTimesThatAreNot(time: String) throws {
    let reply = try Harness().call("ListShards", #"{"StreamName":"orders","StreamCreationTimestamp":\#(time)}"#)
    #expect(reply.code == "ResourceNotFoundException")
  }

  /// A list of records in CBOR may hold null, as one in JSON may.
  @Test func recordsThatAreNull() throws {
    let harness = try Harness()
    let value = ServiceValue.members(("StreamName", .text("orders")), ("Records", .list([.null])))
    var body: [UInt8] = []
    CBORServiceCodec.encode(value, into: &body)
    let answer = harness.send(body) { $0.contentType = Harness.cbor }
    let failure = answer.body.withUnsafeBytes { CBORServiceCodec.decode($0) }
    let inJSON = harness.call("PutRecords", #"{"StreamName":"orders","Records":[null]}"#)
    #expect(answer.status == 400 && failure?["message"]?.text == inJSON.message)
    #expect(inJSON.message?.contains("'records.1.member'") ?? false)
  }

  /// Shards at the very end of the hash key space, so narrow that a step beyond them would leave it.
  @Test func narrowShardsAtTheEnd() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    var number = 0
    for distance in [UInt128(7), 5, 3, 1] {
      let body =
        #"{"StreamName":"orders","ShardToSplit":"\#(Shard.id(number: number))","NewStartingHashKey":"\#(UInt128.max - distance)"}"#
      let split = harness.call("SplitShard", body)
      #expect(split.status == 200, "\(split.text)")
      harness.advance(milliseconds: 500)
      number += 2
    }
    for target in [10, 5, 8, 4, 2, 1] {
      let body = #"{"StreamName":"orders","TargetShardCount":\#(target),"ScalingType":"UNIFORM_SCALING"}"#
      #expect(harness.call("UpdateShardCount", body).status == 200)
      harness.advance(milliseconds: 500)
      let summary = harness.call("DescribeStreamSummary", #"{"StreamName":"orders"}"#)
      #expect(summary.json["StreamDescriptionSummary"]?["OpenShardCount"]?.integer == Int64(target))
    }
  }

  /// Times and rates at the ends of what options and the admin API take.
  @Test func settingsAtTheirEnds() throws {
    let harness = try Harness {
      $0.transition = .max
      $0.clockOffsetMicroseconds = .max / 1000
      $0.settings.capacityRecordsPerSecond = .leastNonzeroMagnitude
      $0.settings.latency = .normal(mean: .max, standardDeviation: .max, min: 0, max: .max)
      $0.settings.shardLatency = [0: .uniform(min: 0, max: .max), 1: .lognormal(median: 1, p99: .max, max: nil)]
      $0.settings.faults = [
        FaultRule(kind: .stall, occasion: .every(1), delay: .max),
        FaultRule(kind: .throttle, occasion: .during(start: .max, length: .max)),
        FaultRule(kind: .reset, occasion: .every(.max)),
      ]
    }
    for key in ["a", "b", "c", "d", "e", "f"] {
      let answer = harness.send(Array(Harness.records([key]).utf8))
      #expect(answer.status == 200 && answer.delay == .max)
    }
    #expect(harness.call("CreateStream", #"{"StreamName":"other","ShardCount":1}"#).status == 200)
    harness.advance(milliseconds: 1000)
    let other = harness.call("DescribeStreamSummary", #"{"StreamName":"other"}"#)
    #expect(other.json["StreamDescriptionSummary"]?["StreamStatus"]?.string == "CREATING")
  }

  @Test(arguments: [
    "", "/", "0/orders/0", "0/orders/-1/0", "0/orders/0/-1", "0/orders/9223372036854775808/0", "x/orders/0/0",
    "99999999999999999999/orders/0/0", "0/orders/0/18446744073709551616", "0/orders/0/0/0",
  ])
  func iteratorsThatAreNone(text: String) {
    #expect(ShardIterator(text) == nil)
  }

  /// What is sealed with the endpoint's own key is read with the same care: a key may come out.
  @Test(arguments: [
    "-9223372036854775808/orders/0/0", "9223372036854775807/orders/0/18446744073709551615",
    "1773479712123/orders/9223372036854775807/0", "1773479712123/none/0/0", "1773479712123/orders/4/0", "\n\n\n\n",
  ])
  func tokensWithExtremeContents(content: String) throws {
    let harness = try Harness { $0.settings.retainedBytes = 1 << 20 }
    let sealer = harness.service.tokens
    let iterator = sealer.seal(content, purpose: .iterator)
    #expect([200, 400].contains(harness.call("GetRecords", #"{"ShardIterator":"\#(iterator)"}"#).status))
    for purpose in [TokenSealer.Purpose.shards, .streams] {
      for text in [content, "-9223372036854775808\n\(content)", "9223372036854775807\norders\n\n\n\n"] {
        let token = sealer.seal(text, purpose: purpose)
        let reply = harness.call(purpose == .shards ? "ListShards" : "ListStreams", #"{"NextToken":"\#(token)"}"#)
        #expect([200, 400].contains(reply.status))
      }
    }
  }

  /// The seed is public and the same for everybody; tokens are not.
  @Test func tokensOfAnotherStartAreRefused() throws {
    let (first, second) = (try Harness(), try Harness())
    let body = #"{"StreamName":"orders","ShardId":"shardId-0","ShardIteratorType":"LATEST"}"#
    let iterator = try #require(first.call("GetShardIterator", body).json["ShardIterator"]?.string)
    #expect(first.call("GetRecords", #"{"ShardIterator":"\#(iterator)"}"#).status == 200)
    #expect(second.call("GetRecords", #"{"ShardIterator":"\#(iterator)"}"#).message == "Invalid ShardIterator.")
    let page = #"{"StreamName":"orders","MaxResults":1}"#
    let token = try #require(first.call("ListShards", page).json["NextToken"]?.string)
    #expect(first.call("ListShards", #"{"NextToken":"\#(token)"}"#).status == 200)
    #expect(second.call("ListShards", #"{"NextToken":"\#(token)"}"#).message == "NextToken is invalid.")
    // What the seed decides is the same all the same.
    #expect(first.call("ListStreams", "{}").header("x-amzn-RequestId") != nil)
    let ids = [first, second].map { Reply($0.send(Array(Harness.records(["a"]).utf8))).text }
    #expect(ids[0] == ids[1])
  }
}
