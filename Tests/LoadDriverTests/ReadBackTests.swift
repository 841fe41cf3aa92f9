import Foundation
import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import Testing

@testable import LoadDriver
@testable import StreamAccess

/// A stream that lost, doubled, moved or changed records is found out, whatever the reading itself meets.
@Suite("Reading a stream back") struct ReadBackTests {
  private static let start = WallTime(microsecondsSinceEpoch: 1_700_000_000_000_000)

  private static func plan(_ records: String? = nil, phases: String? = nil) throws -> Plan {
    let records = records ?? #""size": 40, "key": {"type": "sequential", "cardinality": 4}"#
    let phases = phases ?? #"{"name": "a", "duration": "1s", "rate": 20}, {"name": "b", "duration": "1s", "rate": 10}"#
    let text =
      #"{"schema": "shardmeter/1", "name": "t", "records": {\#(records), "identity": true}, "phases": [\#(phases)]}"#
    return Plan(try Scenario.load(bytes: Array(text.utf8), source: "t"))
  }

  private let plan: Plan
  private let stream: ScriptedStream
  private let outcomes: RunOutcomes

  /// 30 records over two shards by their key, all accepted and all there.
  init() throws {
    let plan = try Self.plan()
    self.plan = plan
    outcomes = RunOutcomes(phaseCount: 2)
    stream = ScriptedStream([.init(id: "shard-0"), .init(id: "shard-1")])
    for phase in 0..<2 {
      for index in 0..<UInt64(phase == 0 ? 20 : 10) {
        outcomes.insert(.accepted, record: index, phase: phase)
        put(phase, index)
      }
    }
  }

  /// Puts a record at the end of its shard.
  private func put(_ phase: Int, _ index: UInt64, at arrival: Double = 1_700_000_000.5) {
    let record = plan.record(index, in: phase)
    let shard = Int(record.key % 2)
    let last = stream.shards[shard].records.last?.sequence ?? 0
    stream.shards[shard].records.append(
      .init(
        sequence: last + 10, data: plan.data(of: record),
        key: String(decoding: plan.keys.bytes(of: record.key), as: UTF8.self), arrival: arrival))
  }

  private func run(_ policy: ReadPolicy = .loopback, keys: KeyNames.Mode = .hash) throws -> Verification {
    let plan = plan
    let names = KeyNames(mode: keys, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    return try ReadBack(calls: stream, stream: "orders", policy: policy, clock: stream.clock).run(
      plan: plan, outcomes: outcomes, keys: names, start: Self.start)
  }

  @Test func everythingIsThere() throws {
    let found = try run()
    #expect(found.records.passed && found.records.complete && found.examples.isEmpty)
    #expect((found.records.accepted, found.records.found, found.records.missing) == (30, 30, 0))
    #expect((found.records.reordered, found.records.orderJudged) == (0, 30))
    #expect(found.records.read == 30 && found.shards.map(\.found) == [15, 15])
    #expect(found.reading.calls == 5 + 5)
  }

  @Test(arguments: [1, 2, 1_000]) func pagesOfAnyLengthGiveTheSame(length: Int) throws {
    stream.pageLength = length
    let found = try run()
    #expect(found.records.passed && found.records.read == 30)
  }

  @Test func lostRecordsAreMissingAndNamed() throws {
    stream.shards[0].records.removeSubrange(2..<4)
    let found = try run(keys: .show)
    #expect(!found.records.passed && found.records.complete)
    #expect((found.records.found, found.records.missing) == (28, 2))
    #expect(found.examples.map(\.kind) == ["missing", "missing"])
    #expect(found.examples.map(\.record) == [4, 6] && found.examples.map(\.key) == ["key-00000000", "key-00000002"])
    #expect(found.examples.allSatisfy { $0.phase == "a" && $0.shard == nil })
    // Waited for, in the hope that they are only late.
    #expect(stream.clock.now() >= Instant(nanoseconds: 1_000_000_000))
  }

  @Test func keysAreHashedUnlessAskedFor() throws {
    stream.shards[0].records.removeFirst()
    let hashed = try run().examples.first?.key
    #expect(hashed != nil && hashed?.contains("key-") == false)
    #expect(try run(keys: .hide).examples.first?.key == nil)
  }

  @Test func lateRecordsAreWaitedFor() throws {
    let late = stream.shards[0].records.removeLast()
    stream.beforeCall = { stream, _ in
      if stream.clock.now() >= Instant(nanoseconds: 500_000_000), stream.shards[0].records.count == 14 {
        stream.shards[0].records.append(late)
      }
    }
    #expect(try run().records.passed)
  }

  @Test func copiesAreCountedOnceARecord() throws {
    outcomes.insert(.unknown, record: 1, phase: 0)
    for index: UInt64 in [1, 1, 3] { put(0, index) }
    let found = try run()
    #expect(found.records.passed)
    #expect((found.records.duplicated, found.records.duplicatedUnexplained) == (2, 1))
    #expect((found.shards.map(\.copies), found.records.reordered) == ([0, 3], 0))
  }

  @Test func aRecordBehindALaterOneOfItsKeyIsReordered() throws {
    // Key 0 sends records 0, 4, 8, …; shard 0 has them among those of key 2.
    stream.shards[0].records.swapAt(0, 2)
    stream.shards[0].records.swapAt(0, 1)
    for index in stream.shards[0].records.indices { stream.shards[0].records[index].sequence = index + 1 }
    let found = try run()
    #expect(found.records.passed && found.records.reordered == 1)
    #expect(found.examples.map(\.kind) == ["reordered"] && found.examples.first?.record == 0)
  }

  @Test func changedDataAndKeysAreAltered() throws {
    stream.shards[0].records[0].data[30] ^= 1
    stream.shards[1].records[0].key = "somebody else"
    let found = try run()
    #expect((found.records.altered, found.records.missing, found.records.passed) == (2, 2, false))
    #expect(found.examples.filter { $0.kind == "altered" }.map(\.sequenceNumber) == ["10", "10"])
  }

  @Test func whatIsNotOfThisRunIsApart() throws {
    let other = ScriptedStream.Record(sequence: 1, data: Array("hello".utf8), key: "x", arrival: 1_700_000_000.1)
    stream.shards[0].records.insert(other, at: 0)
    var earlier = stream.shards[0].records[1]
    (earlier.sequence, earlier.arrival) = (2, 1_699_999_990)
    stream.shards[1].records.insert(earlier, at: 0)
    // Emulators refuse to begin at a time: the reading then begins with the oldest.
    stream.troubles["GetShardIterator"] = [
      (400, #"{"__type":"ValidationException","message":"no"}"#), (400, #"{"__type":"ValidationException"}"#),
    ]
    let found = try run()
    #expect(found.records.passed)
    #expect((found.records.foreign, found.records.earlier, found.records.duplicated) == (1, 1, 0))
    #expect(stream.asked.contains("GetShardIterator shard-1 TRIM_HORIZON"))
  }

  @Test func unknownAndRefusedRecordsThatLandedAreTold() throws {
    let outcomes = RunOutcomes(phaseCount: 2)
    outcomes.insert(.unknown, record: 0, phase: 0)
    outcomes.insert(.accepted, record: 1, phase: 0)
    outcomes.insert(.unknown, record: 2, phase: 0)
    let plan = plan
    stream.shards[0].records.removeAll { $0.data == plan.data(of: plan.record(2, in: 0)) }
    let names = KeyNames(mode: .hash, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    let found = try ReadBack(calls: stream, stream: "orders", policy: .loopback, clock: stream.clock).run(
      plan: plan, outcomes: outcomes, keys: names, start: Self.start)
    #expect(found.records.passed)
    #expect((found.records.accepted, found.records.found) == (1, 1))
    #expect((found.records.unknown, found.records.unknownFound, found.records.refusedFound) == (2, 1, 27))
  }

  @Test func childrenAreReadAfterBothParents() throws {
    let records = stream.shards[0].records
    stream.shards[0].records = Array(records[..<6])
    stream.shards[0].isClosed = true
    stream.shards[1].isClosed = true
    stream.shards.insert(
      .init(id: "child", parents: ["shard-0", "shard-1"], records: Array(records[6...])), at: 0)
    let found = try run()
    #expect(found.records.passed && found.records.reordered == 0)
    #expect(found.shards.map(\.parents) == [["shard-0", "shard-1"], [], []])
    let first = stream.asked.firstIndex { $0.contains("child") } ?? 0
    let last = stream.asked.lastIndex { $0.contains("shard-") } ?? 0
    #expect(first > last)
  }

  @Test func throttlesAndExpiryAndGarbageAreOutlasted() throws {
    let throttle = (
      status: 400, body: #"{"__type":"ProvisionedThroughputExceededException","message":"Rate exceeded"}"#
    )
    let troubles: [(status: Int, body: String)?] = [
      throttle, throttle, nil, nil, (400, #"{"__type":"ExpiredIteratorException","message":"old"}"#),
      (500, "<html>oops</html>"),
      (200, #"{"Records":[{"Data":"YQ=="#), (0, "reset"),
    ]
    stream.troubles["GetRecords"] = troubles + Array(repeating: throttle, count: 15)
    let found = try run()
    #expect(found.records.passed && found.records.read == 30 && found.records.duplicated == 0)
    #expect(found.reading.throttledCalls == 17 && found.reading.failedCalls == 4)
    #expect(stream.asked.contains { $0.hasSuffix("AFTER_SEQUENCE_NUMBER") })
  }

  @Test func aStreamThatCannotBeReadToItsEndIsNotVerified() throws {
    stream.troubles["GetRecords"] = [nil] + Array(repeating: (0, "connect-refused"), count: 200)
    let found = try run()
    #expect(!found.records.passed && !found.records.complete)
    #expect(found.records.problem?.contains("connect-refused") == true)
    #expect(found.records.found == 3 && found.records.missing == 27)
  }

  @Test func aStreamThatGoesOnRefusingIsGivenUpAfterAMinute() throws {
    let throttle = (
      status: 400, body: #"{"__type":"ProvisionedThroughputExceededException","message":"Rate exceeded"}"#
    )
    stream.troubles["GetRecords"] = [nil] + Array(repeating: throttle, count: 1_000)
    let found = try run()
    #expect(!found.records.passed && !found.records.complete && found.records.found == 3)
    let problem = try #require(found.records.problem)
    #expect(
      problem.hasPrefix("no record and no shard's end came for 60 s, with 2 of 2 shards not read to their ends: "))
    #expect(problem.contains("shard-0 after 3 records, throttled "))
    #expect(problem.contains("; shard-1 after 0 records, throttled "))
    #expect(problem.contains("Rate exceeded"))
    #expect((60...66).contains((stream.clock.now() - Instant(nanoseconds: 0)).seconds))
  }

  @Test func withoutAListOfShardsThereIsNothingToRead() {
    stream.troubles["ListShards"] = [(0, "connect-refused")]
    #expect(throws: StreamControlFailure.unreachable(code: "connect-refused")) { try run() }
  }

  @Test func aShardIsReadFiveTimesASecondAtMostOnTheService() throws {
    stream.pageLength = 1
    #expect(try run(.remote).records.passed)
    // 15 records of shard 0, one at a time.
    #expect(stream.clock.now() >= Instant(nanoseconds: 14 * 200_000_000))
  }

  @Test func explicitHashKeysHaveNoOrderAndUniqueKeysNoneToBreak() throws {
    let hashed = try Self.plan(#""size": 40, "key": "unique", "explicitHashKey": "uniform""#)
    #expect(KeyOrder(hashed, probe: RecordProbe(hashed), recordCounts: [20, 10]) == nil)
    let unique = try Self.plan(#""size": 40, "key": "unique""#)
    var order = try #require(KeyOrder(unique, probe: RecordProbe(unique), recordCounts: [20, 10]))
    #expect(order.note(unique.record(3, in: 0)) == nil)
  }

  @Test func ofVeryManyKeysSomeAreJudged() throws {
    let plan = try Self.plan(#""size": 40, "key": {"type": "sequential", "cardinality": 20000000}"#)
    var order = try #require(KeyOrder(plan, probe: RecordProbe(plan), recordCounts: [20, 10]))
    #expect(order.step == 3)
    #expect(order.note(plan.record(3, in: 0)) == false && order.note(plan.record(4, in: 0)) == nil)
    #expect(order.note(plan.record(6, in: 0)) == false && order.note(plan.record(3, in: 0)) == false)
  }
}
