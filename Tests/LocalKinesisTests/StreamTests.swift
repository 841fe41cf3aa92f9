import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// The life of streams and their shards.
@Suite struct StreamTests {
  func status(_ harness: Harness, _ name: String) -> String? {
    harness.call("DescribeStreamSummary", #"{"StreamName":"\#(name)"}"#).json["StreamDescriptionSummary"]?[
      "StreamStatus"]?
      .string
  }

  func shards(_ harness: Harness, _ name: String = "orders", _ filter: String = "") -> [JSONValue] {
    harness.call("ListShards", #"{"StreamName":"\#(name)"\#(filter)}"#).json["Shards"]?.array ?? []
  }

  @Test func createsThenDeletes() throws {
    let harness = try Harness()
    let created = harness.call("CreateStream", #"{"StreamName":"s","ShardCount":2}"#)
    #expect(created.status == 200)
    #expect(created.text == "")
    #expect(status(harness, "s") == "CREATING")
    #expect(shards(harness, "s").isEmpty)
    #expect(harness.call("PutRecords", Harness.records(["a"], stream: "s")).code == "ResourceNotFoundException")
    harness.advance(milliseconds: 499)
    #expect(status(harness, "s") == "CREATING")
    harness.advance(milliseconds: 1)
    #expect(status(harness, "s") == "ACTIVE")
    #expect(shards(harness, "s").count == 2)
    #expect(harness.call("PutRecords", Harness.records(["a"], stream: "s")).status == 200)

    let again = harness.call("CreateStream", #"{"StreamName":"s","ShardCount":2}"#)
    #expect(again.code == "ResourceInUseException")
    #expect(again.message == "Stream s under account 000000000000 already exists.")

    #expect(harness.call("DeleteStream", #"{"StreamName":"s"}"#).text == "")
    #expect(status(harness, "s") == "DELETING")
    #expect(harness.call("PutRecords", Harness.records(["a"], stream: "s")).code == "ResourceNotFoundException")
    harness.advance(milliseconds: 500)
    let gone = harness.call("DescribeStream", #"{"StreamName":"s"}"#)
    #expect(gone.code == "ResourceNotFoundException")
    #expect(gone.message == "Stream s under account 000000000000 not found.")
  }

  @Test func aStreamDeletedWhileItIsCreatedShowsNoShards() throws {
    let harness = try Harness()
    _ = harness.call("CreateStream", #"{"StreamName":"s","ShardCount":2}"#)
    #expect(harness.call("DeleteStream", #"{"StreamName":"s"}"#).status == 200)
    #expect(status(harness, "s") == "DELETING")
    #expect(shards(harness, "s").isEmpty)
    harness.advance(milliseconds: 300)
    // Asked again, it goes no later.
    #expect(harness.call("DeleteStream", #"{"StreamName":"s"}"#).status == 200)
    harness.advance(milliseconds: 200)
    #expect(status(harness, "s") == nil)
  }

  @Test func closedShardsAreListedForTheRetentionPeriod() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    _ = harness.call(
      "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}"#)
    harness.advance(milliseconds: 500)
    #expect(shards(harness).count == 3)
    harness.advance(milliseconds: 86_400_000)
    #expect(shards(harness).count == 3)
    harness.advance(milliseconds: 1)
    #expect(shards(harness).map { $0["ShardId"] } == ["shardId-000000000001", "shardId-000000000002"])
    let rest = shards(harness, "orders", #","ExclusiveStartShardId":"shardId-000000000001""#)
    #expect(rest.map { $0["ShardId"] } == ["shardId-000000000002"])
    let described = harness.call("DescribeStream", #"{"StreamName":"orders"}"#).json["StreamDescription"]
    #expect(described?["Shards"]?.array?.count == 2)
  }

  /// Whatever the instant, the shards open at it cover all hash keys.
  @Test func noInstantIsWithoutShards() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    let start = harness.time.milliseconds
    for target in [2, 3] {
      _ = harness.call(
        "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":\#(target),"ScalingType":"UNIFORM_SCALING"}"#)
      harness.advance(milliseconds: 700)
      _ = shards(harness)
    }
    harness.advance(milliseconds: 2000)
    for instant in stride(from: start, to: harness.time.milliseconds, by: 50) {
      let filter = #","ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":\#(Double(instant) / 1000)}"#
      let ranges = try shards(harness, "orders", filter).map { shard in
        let range = try #require(shard["HashKeyRange"])
        return (
          try #require(UInt128(range["StartingHashKey"]?.string ?? "")),
          try #require(UInt128(range["EndingHashKey"]?.string ?? ""))
        )
      }
      var reached: UInt128 = 0
      for (low, high) in ranges.sorted(by: { $0.0 < $1.0 }) where low <= reached {
        reached = max(reached, high == .max ? .max : high + 1)
      }
      #expect(reached == .max, "at \(instant - start) ms")
    }
  }

  @Test func updatesOfTheShardCountAreLimitedByDay() throws {
    let harness = try Harness { $0.hasControlLimits = true }
    func update() -> Reply {
      defer { harness.advance(milliseconds: 1000) }
      return harness.call(
        "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}"#)
    }
    for _ in 0..<10 { #expect(update().status == 200) }
    #expect(update().code == "LimitExceededException")
    harness.advance(milliseconds: 86_400_000 - 11_000)
    #expect(update().status == 200)
  }

  /// Whatever rounding does to the even ranges, doubling splits each shard in two and halving merges pairs.
  @Test(arguments: [3, 7, 50, 999]) func doublingAndHalvingTakeTheFewestSteps(_ count: Int) throws {
    let harness = try Harness {
      $0.ranges = HashKeyRange.even(count: count)
      $0.shardLimit = 2000
    }
    for (target, all) in [(2 * count, 3 * count), (count, 4 * count)] {
      _ = harness.call(
        "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":\#(target),"ScalingType":"UNIFORM_SCALING"}"#)
      harness.advance(milliseconds: 500)
      let summary = harness.call("DescribeStreamSummary", #"{"StreamName":"orders"}"#).json["StreamDescriptionSummary"]
      #expect(summary?["OpenShardCount"] == .integer(Int64(target)))
      let listed = harness.call("DescribeStream", #"{"StreamName":"orders","Limit":10000}"#).json["StreamDescription"]
      #expect(listed?["Shards"]?.array?.count == all)
    }
  }

  /// Closed shards stay in memory, so resharding without end is refused in the end.
  @Test func shardsKeptAreBounded() throws {
    let harness = try Harness {
      $0.shardLimit = 2000
      $0.ranges = HashKeyRange.even(count: 2000)
    }
    var codes: [String?] = []
    for step in 0..<20 {
      let target = step.isMultiple(of: 2) ? 1000 : 2000
      let reply = harness.call(
        "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":\#(target),"ScalingType":"UNIFORM_SCALING"}"#)
      codes.append(reply.code)
      harness.advance(milliseconds: 500)
      if reply.code != nil { break }
    }
    #expect(codes.last == "LimitExceededException")
    #expect(codes.count > 8)
    #expect(harness.call("PutRecords", Harness.records(["a"])).status == 200)
  }

  @Test func summary() throws {
    let reply = try Harness().call("DescribeStreamSummary", #"{"StreamName":"orders"}"#)
    #expect(
      reply.text == """
        {"StreamDescriptionSummary":{"StreamName":"orders",\
        "StreamARN":"arn:aws:kinesis:us-east-1:000000000000:stream/orders","StreamStatus":"ACTIVE",\
        "StreamModeDetails":{"StreamMode":"PROVISIONED"},"StreamCreationTimestamp":1773479712.123,\
        "RetentionPeriodHours":24,"EnhancedMonitoring":[{"ShardLevelMetrics":[]}],"EncryptionType":"NONE",\
        "OpenShardCount":4,"ConsumerCount":0,"MaxRecordSizeInKiB":1024}}
        """)
  }

  @Test func shardQuota() throws {
    let harness = try Harness { $0.shardLimit = 5 }
    let reply = harness.call("CreateStream", #"{"StreamName":"s","ShardCount":2}"#)
    #expect(reply.code == "LimitExceededException")
    #expect(
      reply.message == """
        This request would exceed the shard limit for the account 000000000000 in us-east-1. Current shard count for \
        the account: 4. Limit: 5. Number of additional shards that would have resulted from this request: 2. Refer to \
        the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) for current \
        limits and how to request higher limits.
        """)
    #expect(harness.call("CreateStream", #"{"StreamName":"s","ShardCount":1}"#).status == 200)
  }

  @Test func onDemandStreamsBeginWithFourShards() throws {
    let harness = try Harness()
    let body = #"{"StreamName":"s","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}"#
    #expect(harness.call("CreateStream", body).status == 200)
    harness.advance(milliseconds: 500)
    #expect(shards(harness, "s").count == 4)
    let reply = harness.call(
      "UpdateShardCount", #"{"StreamName":"s","TargetShardCount":8,"ScalingType":"UNIFORM_SCALING"}"#)
    #expect(reply.code == "ValidationException")
  }

  @Test func listsStreamsInPages() throws {
    let harness = try Harness { $0.streamName = nil }
    for name in ["c", "a", "d", "b", "e"] { harness.create(name, shards: 1) }
    let first = harness.call("ListStreams", #"{"Limit":2}"#)
    #expect(first.json["StreamNames"] == ["a", "b"])
    #expect(first.json["HasMoreStreams"] == true)
    let token = try #require(first.json["NextToken"]?.string)
    let second = harness.call("ListStreams", #"{"Limit":2,"NextToken":"\#(token)"}"#)
    #expect(second.json["StreamNames"] == ["c", "d"])
    let third = harness.call("ListStreams", #"{"ExclusiveStartStreamName":"d"}"#)
    #expect(third.json["StreamNames"] == ["e"])
    #expect(third.json["HasMoreStreams"] == false)
    #expect(third.json["NextToken"] == nil)
  }

  @Test func listsShardsInPages() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 5) }
    var ids: [String] = []
    var input = #"{"StreamName":"orders","MaxResults":2}"#
    var pages = 0
    while true {
      let reply = harness.call("ListShards", input)
      ids += (reply.json["Shards"]?.array ?? []).compactMap { $0["ShardId"]?.string }
      pages += 1
      guard let token = reply.json["NextToken"]?.string else { break }
      input = #"{"NextToken":"\#(token)","MaxResults":2}"#
    }
    #expect(pages == 3)
    #expect(ids == (0..<5).map { Shard.id(number: $0) })
    #expect(shards(harness, "orders", #","ExclusiveStartShardId":"shardId-000000000002""#).count == 2)
  }

  @Test func pageTokensAreJudged() throws {
    let harness = try Harness()
    let token = try #require(
      harness.call("ListShards", #"{"StreamName":"orders","MaxResults":1}"#).json["NextToken"]?.string)
    let both = harness.call("ListShards", #"{"StreamName":"orders","NextToken":"\#(token)"}"#)
    #expect(both.code == "InvalidArgumentException")
    #expect(both.message == "NextToken and StreamName cannot be provided together.")
    let neither = harness.call("ListShards", "{}")
    #expect(neither.code == "InvalidArgumentException")
    #expect(neither.message == "Either NextToken or StreamName should be provided.")
    #expect(harness.call("ListShards", #"{"NextToken":"Zm9v"}"#).code == "InvalidArgumentException")
    harness.advance(milliseconds: 300_000)
    #expect(harness.call("ListShards", #"{"NextToken":"\#(token)"}"#).status == 200)
    harness.advance(milliseconds: 1)
    #expect(harness.call("ListShards", #"{"NextToken":"\#(token)"}"#).code == "ExpiredNextTokenException")
  }

  @Test func splitsThenMerges() throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    let half = UInt128(1) << 127
    #expect(
      harness.call(
        "SplitShard", #"{"StreamName":"orders","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"\#(half)"}"#
      ).text == "")
    #expect(status(harness, "orders") == "UPDATING")
    let during = harness.call("PutRecords", Harness.records(["a"]))
    #expect(during.records[0]["ShardId"] == "shardId-000000000000")
    let busy = harness.call(
      "MergeShards", #"{"StreamName":"orders","ShardToMerge":"0","AdjacentShardToMerge":"0"}"#)
    #expect(busy.code == "ResourceInUseException")
    #expect(busy.message == "Stream orders under account 000000000000 not ACTIVE, instead in state UPDATING")
    harness.advance(milliseconds: 500)
    #expect(status(harness, "orders") == "ACTIVE")

    let all = shards(harness)
    #expect(all.count == 3)
    let parent = all[0]
    let ending = try #require(
      SequenceNumber(decimal: parent["SequenceNumberRange"]?["EndingSequenceNumber"]?.string ?? ""))
    #expect(ending.counter == 0x7FFF_FFFF_FFFF_FFFF)
    for child in all.dropFirst() {
      #expect(child["ParentShardId"] == "shardId-000000000000")
      let starting = try #require(
        SequenceNumber(decimal: child["SequenceNumberRange"]?["StartingSequenceNumber"]?.string ?? ""))
      #expect(starting.counter == 0)
      #expect(starting.shardCreated == harness.time.seconds + 1)
    }
    #expect(all[1]["HashKeyRange"]?["EndingHashKey"]?.string == "\(half - 1)")
    #expect(all[2]["HashKeyRange"]?["StartingHashKey"]?.string == "\(half)")
    #expect(harness.call("PutRecords", Harness.records(["a"])).records[0]["ShardId"] == "shardId-000000000001")

    let inverted = harness.call(
      "MergeShards", #"{"StreamName":"orders","ShardToMerge":"shardId-2","AdjacentShardToMerge":"1"}"#)
    #expect(inverted.code == "InvalidArgumentException")
    #expect(
      inverted.message == """
        Shards shardId-000000000002 and shardId-000000000001 in stream orders under account 000000000000 are not an \
        adjacent pair of shards eligible for merging
        """)
    #expect(
      harness.call("MergeShards", #"{"StreamName":"orders","ShardToMerge":"1","AdjacentShardToMerge":"2"}"#).status
        == 200)
    harness.advance(milliseconds: 500)
    let merged = try #require(shards(harness).last)
    #expect(merged["ParentShardId"] == "shardId-000000000001")
    #expect(merged["AdjacentParentShardId"] == "shardId-000000000002")
    #expect(shards(harness, "orders", #","ShardFilter":{"Type":"AT_LATEST"}"#) == [merged])
  }

  @Test(arguments: ["0", "1", "340282366920938463463374607431768211455"])
  func splitKeyMustLieInside(_ key: String) throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: 1) }
    let reply = harness.call(
      "SplitShard", #"{"StreamName":"orders","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"\#(key)"}"#)
    #expect(reply.code == "InvalidArgumentException")
    #expect(
      reply.message == """
        NewStartingHashKey \(key) used in SplitShard() on shard shardId-000000000000 in stream orders under account \
        000000000000 is not both greater than one plus the shard's StartingHashKey 0 and less than the shard's \
        EndingHashKey 340282366920938463463374607431768211455.
        """)
  }

  @Test func splitOfAShardThatIsNotThere() throws {
    let harness = try Harness()
    for (id, shown) in [("shardId-9", "shardId-000000000009"), ("x", "x")] {
      let reply = harness.call(
        "SplitShard", #"{"StreamName":"orders","ShardToSplit":"\#(id)","NewStartingHashKey":"5"}"#)
      #expect(reply.code == "ResourceNotFoundException")
      #expect(reply.message == "Could not find shard \(shown) in stream orders under account 000000000000.")
    }
  }

  @Test(arguments: [(4, 8), (4, 2), (4, 3), (4, 5), (4, 7), (3, 2), (7, 5), (1, 2), (2, 1), (5, 5)])
  func updatesTheShardCount(_ from: Int, _ to: Int) throws {
    let harness = try Harness { $0.ranges = HashKeyRange.even(count: from) }
    let reply = harness.call(
      "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":\#(to),"ScalingType":"UNIFORM_SCALING"}"#)
    #expect(reply.json["CurrentShardCount"] == .integer(Int64(from)))
    #expect(reply.json["TargetShardCount"] == .integer(Int64(to)))
    harness.advance(milliseconds: 500)
    let open = shards(harness, "orders", #","ShardFilter":{"Type":"AT_LATEST"}"#)
    let starts = open.compactMap { $0["HashKeyRange"]?["StartingHashKey"]?.string }
    #expect(Set(starts) == Set(HashKeyRange.even(count: to).map { "\($0.start)" }))
    // Every shard that is not among the first has parents, and every parent is closed.
    let all = shards(harness)
    for shard in all.dropFirst(from) {
      let parents = [shard["ParentShardId"]?.string, shard["AdjacentParentShardId"]?.string].compactMap { $0 }
      #expect(!parents.isEmpty)
      for parent in parents {
        let number = try #require(ShardDescription.number(ofID: parent))
        #expect(all[number]["SequenceNumberRange"]?["EndingSequenceNumber"] != nil)
      }
    }
  }

  @Test(arguments: [1, 9]) func shardCountBeyondTheFactorOfTwo(_ target: Int) throws {
    let reply = try Harness().call(
      "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":\#(target),"ScalingType":"UNIFORM_SCALING"}"#)
    #expect(reply.status == 400)
    #expect(reply.code == "InvalidArgumentException")
  }

  @Test func tagsAndRetention() throws {
    let harness = try Harness()
    #expect(harness.call("AddTagsToStream", #"{"StreamName":"orders","Tags":{"b":"2","a":"1","c":""}}"#).text == "")
    #expect(harness.call("RemoveTagsFromStream", #"{"StreamName":"orders","TagKeys":["c","z"]}"#).text == "")
    #expect(
      harness.call("ListTagsForStream", #"{"StreamName":"orders"}"#).text
        == #"{"Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}],"HasMoreTags":false}"#)
    #expect(
      harness.call("ListTagsForStream", #"{"StreamName":"orders","Limit":1}"#).json["HasMoreTags"] == true)
    #expect(
      harness.call("AddTagsToStream", #"{"StreamName":"orders","Tags":{"!":"1"}}"#).code == "InvalidArgumentException")
    let many = (0..<49).map { #""k\#($0)":"v""# }.joined(separator: ",")
    #expect(
      harness.call("AddTagsToStream", #"{"StreamName":"orders","Tags":{\#(many)}}"#).code == "InvalidArgumentException")

    #expect(
      harness.call("IncreaseStreamRetentionPeriod", #"{"StreamName":"orders","RetentionPeriodHours":48}"#).text == "")
    let shorter = harness.call(
      "IncreaseStreamRetentionPeriod", #"{"StreamName":"orders","RetentionPeriodHours":47}"#)
    #expect(
      shorter.message
        == "Requested retention period (47 hours) for stream orders can not be shorter than existing retention period "
        + "(48 hours). Use DecreaseRetentionPeriod API.")
    let short = harness.call("DecreaseStreamRetentionPeriod", #"{"StreamName":"orders","RetentionPeriodHours":23}"#)
    #expect(
      short.message
        == "Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.")
    let negative = harness.call("DecreaseStreamRetentionPeriod", #"{"StreamName":"orders","RetentionPeriodHours":-1}"#)
    #expect(
      negative.message
        == "1 validation error detected: Value '-1' at 'retentionPeriodHours' failed to satisfy constraint: Member must "
        + "have value greater than or equal to 1")
  }
}
