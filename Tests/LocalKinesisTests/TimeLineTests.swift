import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// What happens at its time: faults of the hottest shard, changes of shards.
@Suite struct TimeLineTests {
  /// What was warned of.
  final class Warnings { var texts: [String] = [] }

  static let second: Int64 = 1_000_000_000

  /// Hash keys of four even shards.
  static func records(_ counts: [Int]) -> String {
    let entries = counts.enumerated().flatMap { shard, count in
      Array(
        repeating: #"{"Data":"","PartitionKey":"k","ExplicitHashKey":"\#(UInt128(shard) << 126)"}"#, count: count)
    }
    return #"{"StreamName":"orders","Records":[\#(entries.joined(separator: ","))]}"#
  }

  func harness(
    _ faults: [FaultRule] = [], _ reshards: [ReshardRule] = [], shards: Int = 4, beginsWithRecords: Bool = false,
    warnings: Warnings = Warnings()
  ) throws -> Harness {
    try Harness {
      $0.ranges = HashKeyRange.even(count: shards)
      $0.settings.faults = faults
      $0.settings.reshards = reshards
      $0.beginsWithRecords = beginsWithRecords
    } warn: {
      warnings.texts.append($0)
    }
  }

  /// The shards, open and closed, as `number:parents` with `*` at open ones.
  func shards(_ harness: Harness) -> [String] {
    let list = harness.call("ListShards", #"{"StreamName":"orders"}"#).json["Shards"]?.array ?? []
    return list.map { shard in
      func number(_ name: String) -> String? {
        shard[name]?.string.flatMap { ShardDescription.number(ofID: $0) }.map { "\($0)" }
      }
      let parents = [number("ParentShardId"), number("AdjacentParentShardId")].compactMap { $0 }
      let isOpen = shard["SequenceNumberRange"]?["EndingSequenceNumber"] == nil
      return (number("ShardId") ?? "") + (parents.isEmpty ? "" : ":" + parents.joined(separator: "+"))
        + (isOpen ? "*" : "")
    }
  }

  func throttled(_ reply: Reply) -> [Bool] { reply.records.map { $0["ErrorCode"] != nil } }

  @Test func theHottestShardIsTheOneThatGotMostWhenTheFaultBegins() throws {
    let rule = FaultRule(
      kind: .throttle, occasion: .during(start: 10 * Self.second, length: 5 * Self.second), shard: .hottest)
    let harness = try harness([rule])
    #expect(!throttled(harness.call("PutRecords", Self.records([1, 1, 3, 1]))).contains(true))
    harness.advance(milliseconds: 10_000)
    // What comes with the request itself comes too late to count.
    #expect(throttled(harness.call("PutRecords", Self.records([1, 1, 1, 1]))) == [false, false, true, false])
    _ = harness.call("PutRecords", Self.records([9, 0, 0, 0]))
    harness.advance(milliseconds: 4999)
    #expect(throttled(harness.call("PutRecords", Self.records([1, 1, 1, 1]))) == [false, false, true, false])
    harness.advance(milliseconds: 1)
    #expect(!throttled(harness.call("PutRecords", Self.records([1, 1, 1, 1]))).contains(true))
  }

  @Test func refusedRecordsCountAsSent() throws {
    let busy = FaultRule(kind: .throttle, occasion: .probability(1), shard: 3)
    let rule = FaultRule(kind: .throttle, occasion: .during(start: Self.second, length: Self.second), shard: .hottest)
    let harness = try harness([busy, rule])
    _ = harness.call("PutRecords", Self.records([1, 0, 0, 2]))
    harness.advance(milliseconds: 1000)
    #expect(throttled(harness.call("PutRecords", Self.records([1, 1, 0, 1]))) == [false, false, true])
  }

  @Test func theFaultOfAShardEndsWithIt() throws {
    let rule = FaultRule(
      kind: .throttle, occasion: .during(start: Self.second, length: 60 * Self.second), shard: .hottest)
    let harness = try harness([rule], [ReshardRule(at: 2 * Self.second, .split(.hottest))])
    _ = harness.call("PutRecords", Self.records([0, 2, 1, 0]))
    harness.advance(milliseconds: 1000)
    #expect(throttled(harness.call("PutRecords", Self.records([0, 1, 1, 0]))) == [true, false])
    harness.advance(milliseconds: 2000)
    #expect(!throttled(harness.call("PutRecords", Self.records([1, 1, 1, 1]))).contains(true))
    #expect(shards(harness) == ["0*", "1", "2*", "3*", "4:1*", "5:1*"])
  }

  @Test func aRequestCanFailForItsHottestShard() throws {
    let rule = FaultRule(kind: .status500, occasion: .during(start: Self.second, length: Self.second), shard: .hottest)
    let harness = try harness([rule])
    let one = #"{"StreamName":"orders","Data":"","PartitionKey":"k","ExplicitHashKey":"0"}"#
    #expect(harness.call("PutRecord", one).status == 200)
    harness.advance(milliseconds: 1000)
    #expect(harness.call("PutRecords", Self.records([0, 1, 0, 0])).status == 200)
    #expect(harness.call("PutRecord", one).status == 500)
  }

  @Test func shardsChangeAtTheirTimesWhenNobodyAsksMeanwhile() throws {
    let harness = try harness(
      [],
      [
        ReshardRule(at: 40 * Self.second, .count(8)), ReshardRule(at: 20 * Self.second, .split(2)),
        ReshardRule(at: 30 * Self.second, .merge(3)),
      ])
    harness.advance(milliseconds: 19_999)
    #expect(shards(harness) == ["0*", "1*", "2*", "3*"])
    harness.advance(milliseconds: 12_000)
    // 2 became 4 and 5, and 5 and its neighbour 3 became 6.
    #expect(shards(harness) == ["0*", "1*", "2", "3", "4:2*", "5:2", "6:5+3*"])
    harness.advance(milliseconds: 8_002)
    #expect(harness.call("DescribeStreamSummary", #"{"StreamName":"orders"}"#).text.contains(#""UPDATING""#))
    harness.advance(milliseconds: 500)
    #expect(shards(harness).count { $0.hasSuffix("*") } == 8)
  }

  @Test func aShardIsClosedAtItsTimeNotWhenSomebodyLooks() throws {
    let harness = try harness([], [ReshardRule(at: Self.second, .split(0))], shards: 1)
    let start = harness.time.milliseconds
    harness.advance(milliseconds: 60_000)
    let closed = harness.call(
      "ListShards",
      #"{"StreamName":"orders","ShardFilter":{"Type":"AT_TIMESTAMP","Timestamp":\#(Double(start + 3000) / 1000)}}"#)
    #expect(closed.json["Shards"]?.array?.count == 2)
  }

  @Test func changesAtOnceHappenOneAfterTheOther() throws {
    let harness = try harness(
      [], [ReshardRule(at: Self.second, .split(0)), ReshardRule(at: Self.second, .split(0))], shards: 1)
    harness.advance(milliseconds: 1600)
    #expect(shards(harness) == ["0", "1:0*", "2:0*"])
    harness.advance(milliseconds: 500)
    #expect(shards(harness) == ["0", "1:0", "2:0*", "3:1*", "4:1*"])
  }

  @Test func theLastShardIsMergedWithTheOneBeforeIt() throws {
    let harness = try harness([], [ReshardRule(at: 0, .merge(3))])
    harness.advance(milliseconds: 1)
    _ = shards(harness)
    harness.advance(milliseconds: 500)
    #expect(shards(harness) == ["0*", "1*", "2", "3", "4:2+3*"])
  }

  @Test func whatCannotHappenIsTold() throws {
    let warnings = Warnings()
    let harness = try harness([], [ReshardRule(at: Self.second, .split(3))], warnings: warnings)
    _ = harness.call(
      "UpdateShardCount", #"{"StreamName":"orders","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}"#)
    harness.advance(milliseconds: 1000)
    _ = shards(harness)
    #expect(
      warnings.texts == [
        "--reshard split:at=1s,shard=3 of stream orders did not happen: the stream's shards are 0 to 1 then"
      ])
  }

  @Test func withoutAStreamItIsTold() throws {
    let warnings = Warnings()
    let harness = try harness([], [ReshardRule(at: Self.second, .count(8))], warnings: warnings)
    _ = harness.call("DeleteStream", #"{"StreamName":"orders"}"#)
    harness.advance(milliseconds: 2000)
    _ = harness.call("ListStreams", "{}")
    #expect(warnings.texts == ["--reshard count:at=1s,shards=8 did not happen: there was no stream"])
  }

  @Test func aTimeLineMayBeginWithTheFirstRecords() throws {
    let rule = FaultRule(kind: .throttle, occasion: .during(start: Self.second, length: Self.second))
    let harness = try harness([rule], [ReshardRule(at: 2 * Self.second, .split(0))], shards: 1, beginsWithRecords: true)
    harness.advance(milliseconds: 3_600_000)
    #expect(shards(harness) == ["0*"])
    #expect(throttled(harness.call("PutRecords", Harness.records(["a"]))) == [false])
    harness.advance(milliseconds: 1000)
    #expect(throttled(harness.call("PutRecords", Harness.records(["a"]))) == [true])
    harness.advance(milliseconds: 2000)
    #expect(shards(harness) == ["0", "1:0*", "2:0*"])
  }

  @Test func otherSettingsDoNotMakeShardsChangeAgain() throws {
    let harness = try harness([], [ReshardRule(at: Self.second, .split(0))], shards: 1)
    harness.advance(milliseconds: 2000)
    #expect(shards(harness).count == 3)
    harness.service.change(to: EndpointSettings(), at: harness.time)
    harness.advance(milliseconds: 2000)
    #expect(shards(harness).count == 3)
  }

  /// What can be told before anything is served.
  @Test(
    arguments: [
      ([ReshardRule(at: 1, .split(4))], "a shard from 0 to 3: the stream has 4 then"),
      ([ReshardRule(at: 1, .count(9))], "2 to 8 shards: the stream has 4 then"),
      ([ReshardRule(at: 1, .count(1))], "2 to 8 shards: the stream has 4 then"),
      (
        [ReshardRule(at: 1, .count(2)), ReshardRule(at: 2, .count(1)), ReshardRule(at: 3, .merge(0))],
        "no merge: the stream has one shard then"
      ),
      ([ReshardRule(at: 2, .split(4)), ReshardRule(at: 1, .split(.hottest))], nil),
      ([ReshardRule(at: 1, .split(4)), ReshardRule(at: 1, .split(0))], "a shard from 0 to 3: the stream has 4 then"),
    ] as [([ReshardRule], String?)])
  func beforehand(_ rules: [ReshardRule], _ problem: String?) {
    #expect(ReshardRule.problem(in: rules, shards: 4)?.expected == problem)
  }
}
