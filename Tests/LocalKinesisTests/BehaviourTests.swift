import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// Latency, capacity and faults on purpose.
@Suite struct BehaviourTests {
  static let start = ServiceTime(nanoseconds: 0, microseconds: 0)

  func behaviour(seed: UInt64 = 1, _ change: (inout EndpointSettings) -> Void) -> EndpointBehaviour {
    var settings = EndpointSettings()
    change(&settings)
    return EndpointBehaviour(settings, seed: seed, startedAt: Self.start)
  }

  func harness(_ rule: FaultRule) throws -> Harness {
    try Harness {
      $0.settings.faults = [rule]
      $0.settings.latency = .fixed(3)
    }
  }

  @Test func answersAtOnceWithoutLatency() throws {
    #expect(try Harness().call("PutRecords", Harness.records(["a"])).answer.delay == 0)
  }

  @Test func quantilesOfLatencies() {
    func sorted(_ model: LatencyModel) -> [Int64] {
      var behaviour = behaviour { $0.latency = model }
      return (0..<20_000).map { _ in
        behaviour.delay(records: 1, at: Self.start, shardCount: 4) { _ in false }
      }.sorted()
    }
    #expect(Set(sorted(.fixed(5_000_000))) == [5_000_000])
    let uniform = sorted(.uniform(min: 10, max: 20))
    #expect(uniform.first == 10 && uniform.last == 20)
    let lognormal = sorted(.lognormal(median: 8_000_000, p99: 25_000_000, max: nil))
    #expect(abs(Double(lognormal[10_000]) / 8e6 - 1) < 0.02)
    #expect(abs(Double(lognormal[19_800]) / 25e6 - 1) < 0.06)
    #expect(sorted(.lognormal(median: 8, p99: 25, max: 30)).last == 30)
    let normal = sorted(.normal(mean: 1_000_000, standardDeviation: 100_000, min: 800_000, max: 1_200_000))
    #expect(normal.first == 800_000 && normal.last == 1_200_000)
    #expect(abs(normal[10_000] - 1_000_000) < 3000)
  }

  @Test func aRequestTakesAsLongAsItsSlowestShard() {
    var behaviour = behaviour {
      $0.latency = .fixed(10)
      $0.shardLatency = [1: .fixed(30), 2: .fixed(5)]
    }
    #expect(behaviour.delay(records: 1, at: Self.start, shardCount: 4) { $0 == 1 } == 30)
    #expect(behaviour.delay(records: 1, at: Self.start, shardCount: 4) { $0 == 2 } == 5)
    #expect(behaviour.delay(records: 1, at: Self.start, shardCount: 4) { $0 == 3 } == 10)
    #expect(behaviour.delay(records: 2, at: Self.start, shardCount: 4) { $0 >= 2 } == 10)
  }

  @Test func otherSettingsCountFromTheirChange() {
    var behaviour = behaviour { $0.faults = [FaultRule(kind: .status500, occasion: .every(2))] }
    #expect(behaviour.requestFault(at: Self.start) { _ in false } == nil)
    var changed = behaviour.settings
    changed.faults.append(FaultRule(kind: .status503, occasion: .during(start: 5, length: 10)))
    let later = ServiceTime(nanoseconds: Self.start.nanoseconds + 100, microseconds: 0)
    behaviour.change(to: changed, at: later)
    let kinds: [FaultRule.Kind?] = [Int64(0), 4, 5, 14, 15].map { offset in
      let time = ServiceTime(nanoseconds: later.nanoseconds + offset, microseconds: 0)
      return behaviour.requestFault(at: time) { _ in false }?.kind
    }
    #expect(kinds == [nil, .status500, .status503, .status500, nil])
  }

  @Test func capacityIsOneServerInTurn() {
    var behaviour = behaviour { $0.capacityRecordsPerSecond = 5000 }
    let delays = (0..<3).map { _ in behaviour.delay(records: 500, at: Self.start, shardCount: 4) { _ in false } }
    #expect(delays == [100_000_000, 200_000_000, 300_000_000])
    let later = ServiceTime(nanoseconds: 1_000_000_000, microseconds: 0)
    #expect(behaviour.delay(records: 5, at: later, shardCount: 4) { _ in false } == 1_000_000)
  }

  @Test func sameSeedSameFaults() {
    func struck(_ seed: UInt64) -> [Bool] {
      var behaviour = behaviour(seed: seed) {
        $0.faults = [FaultRule(kind: .internalFailure, occasion: .probability(0.3))]
      }
      return (0..<1000).map { _ in behaviour.recordFault(shard: 0, at: Self.start) != nil }
    }
    #expect(struck(1) == struck(1))
    #expect(struck(1) != struck(2))
    #expect((230...370).contains(struck(1).count { $0 }))
  }

  @Test func byCountByTimeAndByShard() {
    var counted = behaviour { $0.faults = [FaultRule(kind: .status500, occasion: .every(3))] }
    #expect(
      (1...7).map { _ in counted.requestFault(at: Self.start) { _ in true } != nil } == [
        false, false, true, false, false, true, false,
      ])
    var timed = behaviour {
      $0.faults = [FaultRule(kind: .throttle, occasion: .during(start: 10, length: 3))]
    }
    let struck = [9, 10, 12, 13].map {
      timed.recordFault(shard: 0, at: ServiceTime(nanoseconds: $0, microseconds: 0)) != nil
    }
    #expect(struck == [false, true, true, false])
    var placed = behaviour {
      $0.faults = [FaultRule(kind: .status503, occasion: .probability(1), shard: 2)]
    }
    #expect(placed.requestFault(at: Self.start) { $0 == 1 } == nil)
    #expect(placed.requestFault(at: Self.start) { $0 == 2 }?.kind == .status503)
  }

  @Test func recordsThatFailInside() throws {
    let reply = try harness(FaultRule(kind: .internalFailure, occasion: .every(2))).call(
      "PutRecords", Harness.records(["a", "b", "c"]))
    #expect(reply.status == 200)
    #expect(reply.json["FailedRecordCount"] == 1)
    #expect(reply.records[1] == ["ErrorCode": "InternalFailure", "ErrorMessage": "Internal service failure."])
  }

  @Test func recordsThrottledOnPurpose() throws {
    let reply = try harness(FaultRule(kind: .throttle, occasion: .probability(1))).call(
      "PutRecords", Harness.records(["a"]))
    #expect(reply.records[0]["ErrorCode"] == "ProvisionedThroughputExceededException")
  }

  @Test func repeatedSequenceNumber() throws {
    let harness = try Harness {
      $0.ranges = HashKeyRange.even(count: 1)
      $0.settings.faults = [FaultRule(kind: .duplicateSequence, occasion: .every(2))]
    }
    let numbers = harness.call("PutRecords", Harness.records(["a", "b", "c", "d"])).records.map {
      $0["SequenceNumber"]?.string
    }
    #expect(numbers[0] == numbers[1])
    #expect(numbers[2] == numbers[3])
    #expect(numbers[0] != numbers[2])
  }

  @Test(arguments: [
    (FaultRule.Kind.status400, 400, "ProvisionedThroughputExceededException"),
    (.status500, 500, "InternalFailure"), (.status503, 503, "ServiceUnavailable"),
  ])
  func requestsThatFailWhole(_ kind: FaultRule.Kind, _ status: Int, _ code: String) throws {
    let harness = try harness(FaultRule(kind: kind, occasion: .every(2)))
    #expect(harness.call("PutRecords", Harness.records(["a"])).status == 200)
    let reply = harness.call("PutRecords", Harness.records(["a"]))
    #expect(reply.status == status)
    #expect(reply.code == code)
    #expect(reply.answer.delay == 3)
  }

  @Test(arguments: [
    (FaultRule.Kind.stall, ServiceAnswer.Delivery.never), (.reset, .reset), (.resetWithin, .resetWithin),
    (.truncate, .truncated),
  ])
  func answersThatGetLost(_ kind: FaultRule.Kind, _ delivery: ServiceAnswer.Delivery) throws {
    for operation in ["PutRecords", "PutRecord"] {
      let body =
        operation == "PutRecords"
        ? Harness.records(["a"]) : #"{"StreamName":"orders","PartitionKey":"a","Data":""}"#
      let reply = try harness(FaultRule(kind: kind, occasion: .probability(1))).call(operation, body)
      #expect(reply.status == 200)
      #expect(reply.answer.delivery == delivery)
    }
  }

  @Test func stallWithADelay() throws {
    let reply = try harness(FaultRule(kind: .stall, occasion: .probability(1), delay: 1000)).call(
      "PutRecords", Harness.records(["a"]))
    #expect(reply.answer.delivery == .send)
    #expect(reply.answer.delay == 1003)
  }

  @Test func entryTooFew() throws {
    let reply = try harness(FaultRule(kind: .wrongCount, occasion: .probability(1))).call(
      "PutRecords", Harness.records(["a", "b", "c"]))
    #expect(reply.records.count == 2)
  }

  @Test func controlPlaneIsSpared() throws {
    let reply = try harness(FaultRule(kind: .status500, occasion: .probability(1))).call("ListStreams", "{}")
    #expect(reply.status == 200)
    #expect(reply.answer.delay == 0)
  }
}
