import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// Records read back: iterators, ends of closed shards, eviction.
@Suite struct ReadingTests {
  func harness(_ shards: Int = 1, retained: Int = 1 << 20) throws -> Harness {
    try Harness {
      $0.ranges = HashKeyRange.even(count: shards)
      $0.settings.retainedBytes = retained
    }
  }

  func put(_ harness: Harness, _ text: String) throws -> String {
    let data = Base64.encoded(Array(text.utf8))
    let reply = harness.call(
      "PutRecords", #"{"StreamName":"orders","Records":[{"PartitionKey":"k\u00e9","Data":"\#(data)"}]}"#)
    return try #require(reply.records[0]["SequenceNumber"]?.string)
  }

  func iterator(_ harness: Harness, _ type: String, _ more: String = "", shard: String = "0") -> Reply {
    harness.call(
      "GetShardIterator",
      #"{"StreamName":"orders","ShardId":"\#(shard)","ShardIteratorType":"\#(type)"\#(more)}"#)
  }

  func read(_ harness: Harness, _ iterator: Reply, limit: Int = 100) throws -> Reply {
    let text = try #require(iterator.json["ShardIterator"]?.string ?? iterator.json["NextShardIterator"]?.string)
    #expect(text.utf8.count <= 512)
    return harness.call("GetRecords", #"{"ShardIterator":"\#(text)","Limit":\#(limit)}"#)
  }

  func texts(_ reply: Reply) throws -> [String] {
    try reply.records.map { String(decoding: Base64.decoded(try #require($0["Data"]?.string)), as: UTF8.self) }
  }

  @Test func fiveKindsOfIterator() throws {
    let harness = try harness()
    var numbers: [String] = []
    let start = harness.time.milliseconds
    for text in ["a", "b", "c"] {
      numbers.append(try put(harness, text))
      harness.advance(milliseconds: 1000)
    }
    #expect(try texts(read(harness, iterator(harness, "TRIM_HORIZON"))) == ["a", "b", "c"])
    #expect(try texts(read(harness, iterator(harness, "LATEST"))) == [])
    let place = #","StartingSequenceNumber":"\#(numbers[1])""#
    #expect(try texts(read(harness, iterator(harness, "AT_SEQUENCE_NUMBER", place))) == ["b", "c"])
    #expect(try texts(read(harness, iterator(harness, "AFTER_SEQUENCE_NUMBER", place))) == ["c"])
    let time = #","Timestamp":\#(Double(start + 1000) / 1000)"#
    #expect(try texts(read(harness, iterator(harness, "AT_TIMESTAMP", time))) == ["b", "c"])
  }

  @Test func recordsCarryWhatWasPut() throws {
    let harness = try harness()
    let number = try put(harness, "a")
    let record = try read(harness, iterator(harness, "TRIM_HORIZON")).records[0]
    #expect(record["SequenceNumber"]?.string == number)
    #expect(record["PartitionKey"] == "ké")
    #expect(record["ApproximateArrivalTimestamp"] == .number(1_773_479_712.123))
  }

  @Test func latestSeesOnlyWhatComesAfter() throws {
    let harness = try harness()
    _ = try put(harness, "a")
    let latest = iterator(harness, "LATEST")
    _ = try put(harness, "b")
    #expect(try texts(read(harness, latest)) == ["b"])
  }

  @Test func pagesUntilCaughtUp() throws {
    let harness = try harness()
    for text in ["a", "b", "c"] { _ = try put(harness, text) }
    harness.advance(milliseconds: 2000)
    let first = try read(harness, iterator(harness, "TRIM_HORIZON"), limit: 2)
    #expect(try texts(first) == ["a", "b"])
    #expect(first.json["MillisBehindLatest"] == 2000)
    let second = try read(harness, first, limit: 2)
    #expect(try texts(second) == ["c"])
    #expect(second.json["MillisBehindLatest"] == 0)
    #expect(second.json["NextShardIterator"] != nil)
    #expect(second.json["ChildShards"] == nil)
  }

  @Test func endOfAClosedShardNamesItsChildren() throws {
    let harness = try harness()
    _ = try put(harness, "a")
    _ = harness.call(
      "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}"#)
    harness.advance(milliseconds: 500)
    _ = try put(harness, "b")
    let parent = try read(harness, iterator(harness, "TRIM_HORIZON"))
    #expect(try texts(parent) == ["a"])
    #expect(parent.json["NextShardIterator"] == nil)
    let children = try #require(parent.json["ChildShards"]?.array)
    #expect(children.map { $0["ShardId"] } == ["shardId-000000000001", "shardId-000000000002"])
    #expect(children[0]["ParentShards"] == ["shardId-000000000000"])
    let read = try ["1", "2"].flatMap { try texts(self.read(harness, iterator(harness, "TRIM_HORIZON", shard: $0))) }
    #expect(read == ["b"])
  }

  @Test func theOldestGoFirstWhenTheStoreIsFull() throws {
    // A record of one byte and a three-byte key costs 196 bytes with its bookkeeping: five fit.
    let harness = try harness(retained: 1000)
    for text in ["a", "b", "c", "d", "e", "f", "g"] { _ = try put(harness, text) }
    #expect(try texts(read(harness, iterator(harness, "TRIM_HORIZON"))) == ["c", "d", "e", "f", "g"])
  }

  @Test func recordsBeyondTheRetentionPeriodAreGone() throws {
    let harness = try harness()
    _ = try put(harness, "a")
    harness.advance(milliseconds: 86_400_000)
    _ = try put(harness, "b")
    #expect(try texts(read(harness, iterator(harness, "TRIM_HORIZON"))) == ["a", "b"])
    harness.advance(milliseconds: 1)
    #expect(try texts(read(harness, iterator(harness, "TRIM_HORIZON"))) == ["b"])
  }

  @Test func nothingIsKeptUnlessAsked() throws {
    let harness = try harness(retained: 0)
    _ = try put(harness, "a")
    let reply = try read(harness, iterator(harness, "TRIM_HORIZON"))
    #expect(reply.status == 200)
    #expect(reply.records.isEmpty)
  }

  @Test func iteratorsAreJudged() throws {
    let harness = try harness()
    let number = try put(harness, "a")
    #expect(harness.call("GetRecords", #"{"ShardIterator":"Zm9v"}"#).message == "Invalid ShardIterator.")
    let old = iterator(harness, "LATEST")
    harness.advance(milliseconds: 300_001)
    let expired = try read(harness, old)
    #expect(expired.code == "ExpiredIteratorException")
    #expect(
      expired.message == """
        Iterator expired. The iterator was created at time Sat Mar 14 09:15:12 UTC 2026 while right now it is \
        Sat Mar 14 09:20:12 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.
        """)
    #expect(
      iterator(harness, "LATEST", #","StartingSequenceNumber":"\#(number)""#).message == """
        Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or \
        (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified LATEST and also a \
        StartingSequenceNumber.
        """)
    #expect(
      iterator(harness, "AT_SEQUENCE_NUMBER").message == """
        Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or \
        (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber. Request specified AT_SEQUENCE_NUMBER and no \
        StartingSequenceNumber.
        """)
    #expect(
      iterator(harness, "AT_SEQUENCE_NUMBER", #","StartingSequenceNumber":"7""#).message
        == "StartingSequenceNumber 7 used in GetShardIterator on shard shardId-000000000000 in stream orders under "
        + "account 000000000000 is invalid.")
    let gone = iterator(harness, "LATEST", shard: "7")
    #expect(gone.code == "ResourceNotFoundException")
    #expect(
      gone.message == "Shard shardId-000000000007 in stream orders under account 000000000000 does not exist")
  }

  /// Iterators look like the service's: base64 of 152 bytes, or of sixteens more (kinesalite, `assertShardIterator`).
  @Test(arguments: [1, 6, 40, 128]) func iteratorsHaveTheServicesLength(_ length: Int) throws {
    let name = String(repeating: "n", count: length)
    let harness = try Harness { $0.streamName = name }
    let reply = harness.call(
      "GetShardIterator", #"{"StreamName":"\#(name)","ShardId":"0","ShardIteratorType":"LATEST"}"#)
    let bytes = Base64.decoded(try #require(reply.json["ShardIterator"]?.string))
    #expect(bytes.count >= 152 && (bytes.count - 152).isMultiple(of: 16))
    #expect(bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 1]))
    #expect(try read(harness, reply).status == 200)
  }

  /// However records wander between shards, the logs take no more places than the kept records need.
  @Test func wanderingRecordsLeaveNoRoomBehind() {
    let store = RecordStore(capacity: 193 * 1000)
    let logs = (0..<200).map { _ in ShardLog() }
    var counter: UInt64 = 0
    for round in 0..<400 {
      for _ in 0..<1000 {
        counter += 1
        let record = RetainedRecord(
          sequenceNumber: SequenceNumber(shardCreated: 0, shard: 0, counter: counter, taken: 0), arrivalMilliseconds: 0,
          partitionKey: [0x6B], data: [])
        store.keep(record, in: logs[round % logs.count])
      }
    }
    // A thousand records, in arrays that double, and a few dozen places in each of the emptied logs.
    #expect(logs.reduce(0) { $0 + $1.places } < 4 * 1000 + 64 * logs.count)
  }

  @Test func aLargeAnswerClosesTheReadGateUntilItIsPaid() {
    var gate = ReadGate()
    let second: Int64 = 1_000_000_000
    func admit(at nanoseconds: Int64) -> Bool { gate.admit(at: nanoseconds) }
    #expect(admit(at: 0))
    gate.charge(bytes: 10 << 20, at: 0)
    #expect(!admit(at: 5 * second - 1))
    #expect(admit(at: 5 * second))
    // Two mebibytes a second in five calls: never closed by bytes.
    for call in 0..<50 {
      let now = 10 * second + Int64(call) * second / 5
      #expect(admit(at: now))
      gate.charge(bytes: (2 << 20) / 5, at: now)
    }
  }

  @Test func iteratorsAreLimitedByShard() throws {
    let harness = try Harness { $0.hasControlLimits = true }
    for _ in 0..<5 { #expect(iterator(harness, "LATEST").status == 200) }
    #expect(iterator(harness, "LATEST").code == "ProvisionedThroughputExceededException")
    #expect(iterator(harness, "LATEST", shard: "1").status == 200)
  }

  @Test func readsAreLimitedOnRequest() throws {
    let harness = try Harness { $0.hasReadLimits = true }
    let start = iterator(harness, "LATEST")
    for _ in 0..<5 { #expect(try read(harness, start).status == 200) }
    let reply = try read(harness, start)
    #expect(reply.status == 400)
    #expect(reply.code == "ProvisionedThroughputExceededException")
    #expect(
      reply.message == "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000.")
    harness.advance(milliseconds: 200)
    #expect(try read(harness, start).status == 200)
  }
}
