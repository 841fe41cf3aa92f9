import Kinesis
import Measurement
import Observations
import Producers
import RunResults
import Scenarios
import Testing

@testable import LoadDriver

private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000
/// The width of a histogram's lowest bucket: what a recorded 0 reads as at most.
private let resolution: Int64 = 64

/// 100 records/s for 2 s on one shard, batches of ten every 100 ms, one connection.
private let steady = """
  { "schema": "shardmeter/1", "name": "test", "stream": { "shards": 1 },
    "records": { "size": "10B", "key": { "type": "constant", "value": "k" } },
    "batch": { "records": 10, "linger": "1s" },
    "client": { "connections": 1, "maxInFlight": 8, "timeout": "1s" },
    "phases": [ { "name": "steady", "duration": "2s", "rate": 100 } ] }
  """

@Suite("A worker's engine in virtual time")
struct WorkerEngineTests {
  private func balanced(_ harness: EngineHarness, _ counts: RunCounts, before: Int64 = .max) -> Bool {
    counts.isBalanced(planned: Int(harness.plan.plannedRecords(in: 0, before: Nanoseconds(before))))
  }

  @Test("With a target that answers after 5 ms every latency is exact")
  func exactLatencies() throws {
    let harness = try EngineHarness(steady)
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: 5 * millisecond) }
    let counts = harness.totals()[0]
    #expect(counts.traffic.accepted == 200)
    #expect(counts.traffic.requests == 20)
    // One connection, and only its first request found it new.
    #expect(counts.traffic.requestsOnReusedConnections == 19)
    #expect(balanced(harness, counts))
    #expect(harness.sent.map(\.records) == Array(repeating: 10, count: 20))
    // A batch closes at its tenth record's due time: (10 n + 9 + 1/2) / 100 s.
    #expect(harness.sent.enumerated().allSatisfy { $0.element.at == Int64(95 + 100 * $0.offset) * millisecond })
    let latencies = harness.latencies()
    #expect(latencies.deliveryTimes.lateness.max < resolution)
    #expect(abs(latencies.serviceTimes.accepted.max - 5 * millisecond) <= 5 * millisecond / 1_000)
    // The first record of a batch waits 90 ms for the last one, then 5 ms for the answer.
    #expect(abs(latencies.deliveryTimes.accepted.max - 95 * millisecond) <= 95 * millisecond / 1_000)
    #expect(abs(latencies.deliveryTimes.accepted.min - 5 * millisecond) <= 5 * millisecond / 1_000)
  }

  @Test("A stall of the target is in the response of every record that came due meanwhile, and once in service")
  func coordinatedOmission() throws {
    let harness = try EngineHarness(steady, overrides: ["client.timeout=5s", "client.late=burst"])
    harness.run { request in
      let stalls = request.at == 495 * millisecond
      return .answer(
        status: 200, body: Answers.accepted(request.records), after: stalls ? second : millisecond)
    }
    let latencies = harness.latencies()
    #expect(latencies.serviceTimes.accepted.count(above: 500 * millisecond) == 1)
    // Batches closed at 495, 595 … 1395 ms wait until 1495 ms; those records are late by more than 100 ms.
    #expect(latencies.deliveryTimes.accepted.count(above: 110 * millisecond) >= 90)
    #expect(latencies.deliveryTimes.accepted.max > 1_050 * millisecond)
    #expect(harness.totals()[0].traffic.accepted == 200)
  }

  @Test("Without retries a refused record has failed for good, on the shard its message names")
  func partialThrottle() throws {
    let harness = try EngineHarness(steady)
    harness.run {
      .answer(
        status: 200,
        body: Answers.mixed($0.records) { $0 % 2 == 0 ? "ProvisionedThroughputExceededException" : nil },
        after: millisecond)
    }
    let counts = harness.totals()[0]
    #expect((counts.traffic.accepted, counts.traffic.throttled, counts.delivery.gaveUp) == (100, 100, 100))
    #expect(counts.traffic.requestsPartial == 20)
    #expect(balanced(harness, counts))
  }

  @Test(
    "A request that fails whole accounts for each of its records",
    arguments: [
      (EngineHarness.Reply.answer(status: 500, body: #"{"__type":"InternalFailure"}"#, after: 1), "fault"),
      (.answer(status: 503, body: "", after: 1), "fault"),
      (.answer(status: 413, body: "", after: 1), "fault"),
      (.answer(status: 400, body: #"{"__type":"ValidationException","message":"no"}"#, after: 1), "fault"),
      (
        .answer(status: 400, body: #"{"__type":"x#ProvisionedThroughputExceededException","message":"no"}"#, after: 1),
        "throttled"
      ),
      (.answer(status: 500, body: "<html>", after: 1), "fault"),
      (.answer(status: 200, body: "<html>hello</html>", after: 1), "unknown"),
      (.answer(status: 200, body: #"{"Records":[]}"#, after: 1), "unknown"),
      (.answer(status: 200, body: Answers.accepted(11), after: 1), "unknown"),
      (.answer(status: 200, body: Answers.accepted(9), after: 1), "unknown"),
      (.answer(status: 200, body: "", after: 1), "unknown"),
      (.fail(code: "reset-before-answer", after: 1, isReceived: true), "unknown"),
      (.fail(code: "connect-refused", after: 1, isReceived: false), "fault"),
      (.never, "unknown"),
    ])
  func wholeFailures(reply: EngineHarness.Reply, kind: String) throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=200ms", "client.connections=2"])
    harness.run { _ in reply }
    let counts = harness.totals()[0]
    let expected = [
      "fault": counts.traffic.fault, "throttled": counts.traffic.throttled, "unknown": counts.traffic.unknown,
    ]
    #expect(expected[kind] == 20)
    #expect(counts.traffic.accepted == 0)
    #expect(counts.delivery.gaveUp == 20)
    #expect(balanced(harness, counts))
  }

  @Test("A request without an answer ends at its time-out, its response at no less than its age")
  func timeout() throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=100ms"])
    harness.run { _ in .never }
    let latencies = harness.latencies()
    #expect(latencies.deliveryTimes.lost.count == 10)
    #expect(latencies.deliveryTimes.lost.min >= second - second / 1_000)
    #expect(harness.lane.codes.names.contains("timeout"))
  }

  @Test("failed-records sends only the failed ones again, until accepted, given up or expired")
  func retries() throws {
    let policy =
      #"client.retry={"type":"failed-records","maxAttempts":3,"backoff":{"base":"50ms","cap":"1s","jitter":"none"}}"#
    let accepting = try EngineHarness(steady, overrides: [policy, "phases[0].duration=100ms"])
    var number = 0
    accepting.run { request in
      number += 1
      let fails = number == 1 ? 4 : number == 2 ? 1 : 0
      return .answer(
        status: 200,
        body: Answers.mixed(request.records) { $0 < fails ? "ProvisionedThroughputExceededException" : nil },
        after: millisecond)
    }
    #expect(accepting.sent.map(\.records) == [10, 4, 1])
    // 95 ms + 1 ms + 50 ms, then + 1 ms + 100 ms: the backoff doubles.
    #expect(accepting.sent.map(\.at) == [95, 146, 247].map { $0 * millisecond })
    let counts = accepting.totals()[0]
    #expect(
      (counts.traffic.firstTries, counts.traffic.attempted, counts.traffic.accepted, counts.delivery.gaveUp) == (
        10, 15, 10, 0
      ))
    #expect(accepting.latencies().deliveryTimes.acceptedLater.count == 4)
    #expect(balanced(accepting, counts))

    let refusing = try EngineHarness(steady, overrides: [policy, "phases[0].duration=100ms"])
    refusing.run {
      .answer(status: 200, body: Answers.mixed($0.records) { _ in "InternalFailure" }, after: millisecond)
    }
    #expect(refusing.sent.map(\.records) == [10, 10, 10])
    #expect(refusing.totals()[0].delivery.gaveUp == 10)
    #expect(balanced(refusing, refusing.totals()[0]))

    let expiring = try EngineHarness(
      steady, overrides: [policy, "client.retry.ttl=100ms", "phases[0].duration=100ms"])
    expiring.run {
      .answer(status: 200, body: Answers.mixed($0.records) { _ in "InternalFailure" }, after: millisecond)
    }
    let expired = expiring.totals()[0]
    // Records due up to 45 ms are older than 100 ms at 146 ms.
    #expect((expired.delivery.expired, expired.delivery.gaveUp, expired.traffic.attempted) == (10, 0, 15))
    #expect(balanced(expiring, expired))
  }

  @Test("A full in-flight cap is the target's doing: no lateness, the load says capped")
  func capped() throws {
    let harness = try EngineHarness(
      steady, overrides: ["client.maxInFlight=1", "client.timeout=5s", "client.late=burst"])
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: 250 * millisecond) }
    #expect(harness.latencies().deliveryTimes.lateness.max < resolution)
    #expect(harness.load().wasCapped)
    #expect(harness.load().inFlightMax <= 1)
    let counts = harness.totals()[0]
    #expect(balanced(harness, counts))
    #expect(counts.traffic.accepted == 200)
    #expect(harness.latencies().deliveryTimes.accepted.max > 2 * second)
  }

  @Test("Messages that the kernel has no room for are counted, each once")
  func sendBufferFull() throws {
    let harness = try EngineHarness(steady)
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond) }
    #expect(harness.keptMessages > 0)
    #expect(harness.load().sendBufferFull == harness.keptMessages)
    #expect(harness.load().sendBufferFull == 0)
  }

  @Test(
    "Ticks are due at multiples of their interval, so that four fall into each second",
    arguments: [
      (-250_000_001, -250), (-250_000_000, 0), (-1, 0), (0, 250), (1, 250), (249_999_999, 250), (250_000_000, 500),
    ] as [(Int64, Int64)])
  func ticks(now: Int64, due: Int64) {
    #expect(Worker.tick(after: now) == due * millisecond)
    #expect(1000 * millisecond % Worker.tickInterval == 0)
  }

  @Test("The worker's own stall is lateness")
  func ownStall() throws {
    let harness = try EngineHarness(steady)
    harness.stallWorker(from: 500 * millisecond, to: 900 * millisecond)
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond) }
    // The batch due at 595 ms waits until 900 ms.
    #expect(abs(harness.latencies().deliveryTimes.lateness.max - 305 * millisecond) <= millisecond)
    #expect(balanced(harness, harness.totals()[0]))
    #expect(!harness.load().wasCapped)
  }

  @Test("skip drops what is later than its bound, counted")
  func skips() throws {
    let harness = try EngineHarness(
      steady, overrides: [#"client.late={"type":"skip","after":"100ms"}"#])
    harness.stallWorker(from: 500 * millisecond, to: 900 * millisecond)
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond) }
    let counts = harness.totals()[0]
    #expect((counts.delivery.skipped, counts.traffic.accepted) == (30, 170))
    #expect(balanced(harness, counts))
  }

  @Test("A stop ends the sending at its instant; what came due before and was not sent is unfinished")
  func stop() throws {
    let harness = try EngineHarness(steady)
    harness.run(stop: (at: second, drain: 5 * second)) {
      .answer(status: 200, body: Answers.accepted($0.records), after: 20 * millisecond)
    }
    let counts = harness.totals()[0]
    // Ten batches closed before 1 s; the five records due from 955 ms on wait in the open one.
    #expect((counts.traffic.accepted, counts.delivery.unfinished) == (100, 0))
    #expect(balanced(harness, counts, before: second))

    let inside = try EngineHarness(steady)
    inside.run(stop: (at: 950 * millisecond, drain: millisecond)) {
      .answer(status: 200, body: Answers.accepted($0.records), after: 20 * millisecond)
    }
    let cut = inside.totals()[0]
    #expect((cut.traffic.accepted, cut.delivery.unfinished) == (90, 5))
    #expect(balanced(inside, cut, before: 950 * millisecond))
  }

  @Test("What has no answer when the drain is over is unfinished, with its age in the response")
  func unfinished() throws {
    let harness = try EngineHarness(steady, overrides: ["client.maxInFlight=1", "client.timeout=60s"])
    let end = harness.run(stop: (at: second, drain: 500 * millisecond)) { _ in .never }
    #expect(end == second + 500 * millisecond)
    let counts = harness.totals()[0]
    #expect((counts.traffic.accepted, counts.delivery.unfinished, counts.traffic.unknown) == (0, 100, 10))
    #expect(balanced(harness, counts, before: second))
    #expect(harness.latencies().deliveryTimes.lost.count == 100)
  }

  @Test(
    "What was never made into batches ends as if it had been looked at one by one",
    arguments: [1, 3, 7], [#""uniform""#, #""poisson""#, #""bursts""#])
  func leftOver(producers: Int, arrivals: String) throws {
    let phase = #"{"name":"NAME","duration":"4s","rate":2000,"arrivals":ARRIVALS}"#
      .replacing("ARRIVALS", with: arrivals)
    for life in ["", #","ttl":"1500ms""#] {
      let harness = try EngineHarness(
        steady,
        overrides: [
          "phases=[\(phase.replacing("NAME", with: "one")),\(phase.replacing("NAME", with: "two"))]",
          #"client.retry={"type":"failed-records"\#(life)}"#,
          "client.producers=\(producers)", "client.maxInFlight=1", "client.timeout=60s", "stream.shards=40",
        ])
      let stop = 6 * second + 123_456_789
      let end = harness.run(stop: (at: stop, drain: 77 * millisecond)) { _ in .never }
      var lost = LatencySet.empty
      var expired = [0, 0]
      for phase in [0, 1] {
        for index in 0..<harness.plan.plannedRecords(in: phase, before: Nanoseconds(stop)) {
          let age = end - harness.plan.record(index, in: phase).due
          let isOnTheWire = phase == 0 && index % UInt64(producers) == 0 && index < 10 * producers
          if !life.isEmpty, age > 1_500 * millisecond, !isOnTheWire { expired[phase] += 1 } else { lost.record(age) }
        }
      }
      let counts = harness.totals()
      #expect(harness.sent.count == 1)
      #expect(counts.map(\.delivery.expired) == expired)
      #expect(harness.latencies().deliveryTimes.lost == lost)
      #expect(counts[0].isBalanced(planned: 8_000))
      #expect(counts[1].isBalanced(planned: Int(harness.plan.plannedRecords(in: 1, before: Nanoseconds(stop)))))
    }
  }

  @Test("A thousand million records left over are counted, not visited", arguments: [1, 1_000])
  func manyLeftOver(producers: Int) throws {
    let harness = try EngineHarness(
      steady,
      overrides: [
        "phases[0].rate=500000000", "client.producers=\(producers)", "client.maxInFlight=1", "client.timeout=60s",
      ])
    harness.run(stop: (at: 2 * second, drain: 0)) { _ in .never }
    let counts = harness.totals()[0]
    #expect((counts.traffic.attempted, counts.delivery.unfinished) == (10, 1_000_000_000))
    #expect(counts.isBalanced(planned: 1_000_000_000))
    #expect(harness.latencies().deliveryTimes.lost.count == 1_000_000_000)
  }

  @Test(
    "A budget is never passed: whole batches go out until one does not fit",
    arguments: [(9, Int.max, 0), (10, .max, 10), (35, .max, 30), (.max, 119, 10), (.max, 330, 30)])
  func budget(records: Int, bytes: Int, sent: Int) throws {
    let harness = try EngineHarness(steady, budget: SendBudget(records: records, bytes: bytes))
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond) }
    let counts = harness.totals()[0]
    #expect((counts.traffic.attempted, counts.traffic.accepted, counts.delivery.unfinished) == (sent, sent, 10))
    // The batch that did not fit was full at its last record's due time, and the run stops there.
    #expect(counts.isBalanced(planned: sent + 10))
  }

  @Test("A connection that closes after each answer is opened again, and nothing is lost")
  func closingTarget() throws {
    let harness = try EngineHarness(steady)
    harness.run {
      .answer(status: 200, body: Answers.accepted($0.records), after: millisecond, keepsAlive: false)
    }
    #expect(harness.totals()[0].traffic.accepted == 200)
    #expect(harness.sent.count == 20)
  }

  @Test("A target that is gone for a while costs the requests of that while, and the schedule keeps its time")
  func targetGone() throws {
    let harness = try EngineHarness(steady, overrides: ["client.timeout=300ms"])
    harness.acceptsConnections = { $0 < 500 * millisecond || $0 > 1_200 * millisecond }
    harness.run { request in
      request.at > 400 * millisecond && request.at < 1_200 * millisecond
        ? .fail(code: "reset-before-answer", after: millisecond, isReceived: true)
        : .answer(status: 200, body: Answers.accepted(request.records), after: millisecond)
    }
    let counts = harness.totals()[0]
    #expect(balanced(harness, counts))
    #expect(counts.traffic.accepted >= 100)
    #expect(counts.traffic.unknown + counts.traffic.fault >= 40)
  }

  @Test("max: a new batch whenever fewer than maxInFlight are out; planned is what was taken")
  func closedLoop() throws {
    let harness = try EngineHarness(
      steady, overrides: ["phases[0].rate=max", "client.connections=2", "client.maxInFlight=2"])
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: 10 * millisecond) }
    let counts = harness.totals()[0]
    #expect(counts.traffic.accepted == counts.traffic.firstTries)
    // Two requests of ten records every 10 ms for 2 s.
    #expect(counts.traffic.accepted == 4_000)
    #expect(harness.latencies().deliveryTimes.lateness.max < resolution)
  }

  @Test("Phases keep their records apart, a batch never spans two")
  func phases() throws {
    let harness = try EngineHarness(
      steady.replacing(
        #"[ { "name": "steady", "duration": "2s", "rate": 100 } ]"#,
        with:
          #"[ { "name": "a", "duration": "1s", "rate": 55, "measure": false }, { "name": "b", "duration": "1s", "rate": 33 } ]"#
      ))
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond) }
    #expect(harness.totals().map(\.traffic.accepted) == [55, 33])
    #expect(harness.sent.map(\.records) == [10, 10, 10, 10, 10, 5, 10, 10, 10, 3])
  }
}
