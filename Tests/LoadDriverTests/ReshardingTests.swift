import Foundation
import Kinesis
import Measurement
import Observations
import RunResults
import Synchronization
import Testing

@testable import LoadDriver
@testable import StreamAccess

/// Shards that come and go while an engine writes, in virtual time.
@Suite("Shards that change during a run") struct ReshardingTests {
  private static let scenario = """
    {"schema": "shardmeter/1", "name": "t", "stream": {"shards": 2},
     "records": {"size": 40, "key": {"type": "sequential", "cardinality": 40}},
     "batch": {"records": 20, "linger": "10ms"}, "client": {"connections": 2},
     "phases": [{"name": "a", "duration": "10s", "rate": 40}]}
    """

  /// Shard 0 split in two: what answers name, and what a list says.
  private static let children = ["low", "high"]
  private static func split(_ map: ShardMap) throws -> ShardMap {
    let half = map.shards[0].range
    return try ShardMap(shards: [
      Shard(id: "low", range: HashKeyRange(start: 0, end: half.end / 2)),
      Shard(id: "high", range: HashKeyRange(start: half.end / 2 + 1, end: half.end)), map.shards[1],
    ])
  }

  /// An answer that names, for each key of a request, the open shard of a map.
  private static func answer(_ request: EngineHarness.Sent, by map: ShardMap, sequence: inout Int) -> String {
    let keys = request.message.split(separator: "\"PartitionKey\":\"").dropFirst().map { $0.prefix { $0 != "\"" } }
    let entries = keys.map { key in
      sequence += 1
      let shard = map.shards[map.index(of: PartitionKeyHash.md5(of: String(key)))].id
      return #"{"SequenceNumber":"\#(sequence)","ShardId":"\#(shard)"}"#
    }
    return #"{"Records":[\#(entries.joined(separator: ","))]}"#
  }

  @Test func namesAreLearntAtOnceAndTheListIsFollowedLater() throws {
    let before = ShardMap(even: 2)
    let after = try Self.split(before)
    let shards = SharedShardMap(before)
    let harness = try EngineHarness(Self.scenario, shards: shards)
    var sequence = 1_000
    var expected: [String: Int] = [:]
    harness.run { request in
      let isSplit = request.at >= 3_000_000_000
      // A list arrives two seconds after the split.
      if request.at >= 5_000_000_000 { _ = shards.take(after) }
      let body = Self.answer(request, by: isSplit ? after : before, sequence: &sequence)
      for name in Self.children + before.shards.map(\.id) {
        expected[name, default: 0] += body.components(separatedBy: "\"\(name)\"").count - 1
      }
      return .answer(status: 200, body: body, after: 1_000_000)
    }
    let map = shards.current
    #expect(
      map.shards.map(\.id) == before.shards.map(\.id) + ["low", "high"]
        || map.shards.map(\.id) == before.shards.map(\.id) + ["high", "low"])
    let counts = harness.shardCounts()
    #expect(counts.count == 4)
    for (index, shard) in map.shards.enumerated() {
      #expect(Int(counts[index].accepted) == expected[shard.id], "\(shard.id)")
    }
    #expect(counts.reduce(0) { $0 + $1.accepted } == 400 && harness.totals()[0].isBalanced(planned: 400))
    // Two seconds of shard 0's records came from shards that no prediction named; none before, none after.
    let surprises = harness.lane.shardMismatches
    #expect(surprises > 20 && surprises < 60, "\(surprises)")
    #expect(shards.takeSurprise() && !shards.takeSurprise())
    #expect(harness.lane.sequenceViolations == 0)
    // Every shard that took records has response times of its own.
    for (index, shard) in map.shards.enumerated() {
      #expect(harness.responses(ofShard: index) == expected[shard.id])
    }
  }

  @Test func aTargetThatInventsShardsIsBounded() throws {
    let shards = SharedShardMap(ShardMap(even: 2))
    let harness = try EngineHarness(
      Self.scenario, overrides: ["phases[0].rate=2000", "records.key.cardinality=4"], shards: shards)
    var number = 0
    harness.run { request in
      let entries = (0..<request.records).map { _ in
        number += 1
        return #"{"SequenceNumber":"\#(number)","ShardId":"invented-\#(number)"}"#
      }
      return .answer(status: 200, body: #"{"Records":[\#(entries.joined(separator: ","))]}"#, after: 1_000_000)
    }
    #expect(shards.current.count == 2 + SharedShardMap.mostUnlisted)
    let counts = harness.shardCounts()
    #expect(counts.reduce(0) { $0 + $1.accepted } == 20_000)
    // What is named beyond the bound counts for the shard that was predicted.
    #expect(counts[0].accepted + counts[1].accepted == 20_000 - UInt64(SharedShardMap.mostUnlisted))
    #expect(harness.lane.shardMismatches == 20_000)
  }

  @Test func aNewListIsNewsOnlyOnce() throws {
    let before = ShardMap(even: 2)
    let shards = SharedShardMap(before)
    #expect(shards.take(before) == nil && shards.version == 0)
    let learnt = shards.learn(["high", "high", before.shards[0].id])
    #expect(learnt.count == 3 && learnt.unlisted == [2] && shards.version == 1)
    #expect(shards.learn(["high"]).count == 3 && shards.version == 1)
    let change = try #require(shards.take(try Self.split(before)))
    #expect(change.before.openIndices == [0, 1] && change.after.openIndices == [3, 2, 1] && shards.version == 2)
    #expect(shards.take(try Self.split(before)) == nil)
  }

  /// Surprises, and whether a look follows, by seconds since the start.
  @Test(arguments: [
    ([], [] as [Double]), ([1], [1]), ([1, 2, 5], [1, 11]), ([1, 12], [1, 12]), ([0, 9.9, 10], [0, 10]),
    ([3, 4, 20, 31], [3, 13, 23, 33]),
  ])
  func looksAreTenSecondsApart(surprises: [Double], looks: [Double]) {
    var schedule = RefreshSchedule()
    var seen: [Double] = []
    for tick in 0..<400 {
      let now = Int64(tick) * 100_000_000
      let second = Double(tick) / 10
      if schedule.looks(at: now, isSurprised: surprises.contains(second)) {
        seen.append(second)
        #expect(schedule.looked() != nil)
      }
    }
    #expect(seen == looks)
  }

  /// The last look of a run, without a timer.
  @Test func theEndLooksOnceMoreWhereSomethingIsOpen() throws {
    let before = ShardMap(even: 2)
    let after = try Self.split(before)
    struct Reports: Sendable {
      var changes: [ShardMapChange] = []
      var failures: [String] = []
    }
    func finish(_ shards: SharedShardMap, _ list: @escaping () throws -> ShardMap) -> Reports {
      let reports = Mutex(Reports())
      ShardFollower(shards: shards, list: list).finish(now: { 7 }) { change in
        reports.withLock { $0.changes.append(change) }
      } onFailure: { text in
        reports.withLock { $0.failures.append(text) }
      }
      return reports.withLock { $0 }
    }
    // Nothing surprised: the target is left alone.
    var isAsked = false
    #expect(
      finish(SharedShardMap(before)) {
        isAsked = true
        return after
      }.changes.isEmpty)
    #expect(!isAsked)
    let surprised = SharedShardMap(before)
    surprised.noteSurprise()
    #expect(
      finish(surprised) { after }.changes == [ShardMapChange(noticed: 7, listed: 7, opened: [2, 3], closed: [0])])
    let named = SharedShardMap(before)
    _ = named.learn(["high"])
    #expect(finish(named) { after }.changes.map(\.opened) == [[2, 3]] && named.current.unlisted.isEmpty)
    // An answer that is no list is a warning.
    let garbage = SharedShardMap(before)
    garbage.noteSurprise()
    let reports = finish(garbage) {
      throw StreamControlFailure.garbage(operation: "ListShards", status: 200, detail: "\"<html>\"")
    }
    #expect(
      reports.changes.isEmpty && reports.failures.count == 1 && reports.failures[0].contains("not the Kinesis API"))
    #expect(garbage.current.revision == 0)
  }
}
