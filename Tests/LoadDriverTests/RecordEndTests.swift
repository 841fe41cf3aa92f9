import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import Testing

@testable import LoadDriver

private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

/// 100 records/s for 1 s on one shard, batches of ten every 100 ms, one connection.
private let steady = """
  { "schema": "shardmeter/1", "name": "test", "stream": { "shards": 1 },
    "records": { "size": "10B", "key": { "type": "constant", "value": "k" } },
    "batch": { "records": 10, "linger": "1s" },
    "client": { "connections": 1, "maxInFlight": 8, "timeout": "5s" },
    "phases": [ { "name": "load", "duration": "1s", "rate": 100 } ] }
  """

@Suite("Every way a record can end, in virtual time")
struct RecordEndTests {
  private func counts(_ harness: EngineHarness) -> RunCounts {
    let counts = harness.totals()[0]
    #expect(counts.isBalanced(planned: 100))
    #expect(
      counts.traffic.attempted == counts.traffic.accepted + counts.traffic.throttled + counts.traffic.fault
        + counts.traffic.unknown)
    #expect(harness.sent.reduce(0) { $0 + $1.records } == counts.traffic.attempted)
    return counts
  }

  private static let retry =
    #"client.retry={"type":"failed-records","maxAttempts":5,"ttl":"300ms","backoff":{"base":"40ms","cap":"1s","jitter":"none"}}"#

  @Test("Under a full cap first tries expire and are never sent")
  func expiryUnderTheCap() throws {
    let harness = try EngineHarness(steady, overrides: [Self.retry, "client.maxInFlight=1", "client.late=burst"])
    harness.run { request in
      .answer(
        status: 200, body: Answers.accepted(request.records),
        after: request.at < 100 * millisecond ? 800 * millisecond : 1)
    }
    let counts = counts(harness)
    // The first batch closes at 95 ms; its answer comes at 895 ms, when what was due before 595 ms is too old: 50 records
    // of five batches, due from 105 ms to 595 ms exactly, the last of which is just young enough.
    #expect(counts.delivery.expired == 49)
    #expect(counts.delivery.untried == 49)
    #expect((counts.traffic.accepted, counts.traffic.attempted) == (51, 51))
    #expect(harness.sent.map(\.records) == [10, 1, 10, 10, 10, 10])
  }

  @Test("Closed batches that wait for a connection expire there")
  func expiryInTheQueue() throws {
    let harness = try EngineHarness(steady, overrides: [Self.retry])
    harness.run { request in
      .answer(
        status: 200, body: Answers.accepted(request.records),
        after: request.at < 100 * millisecond ? 800 * millisecond : 1)
    }
    let counts = counts(harness)
    #expect((counts.delivery.expired, counts.delivery.untried, counts.traffic.accepted) == (49, 49, 51))
    #expect(harness.sent.map(\.records) == [10, 1, 10, 10, 10, 10])
    // What health counts as begun includes those that ended there.
    #expect(harness.load().unsent == 0)
  }

  @Test("A batch on a connection that is still being made expires there, and the connection is of use to the next")
  func expiryWhileConnecting() throws {
    let harness = try EngineHarness(steady, overrides: [Self.retry, "phases[0].duration=800ms"])
    harness.connectDelay = 400 * millisecond
    harness.run { request in
      request.at < 100 * millisecond
        ? .fail(code: "reset-before-answer", after: 70 * millisecond, isReceived: true)
        : .answer(status: 200, body: Answers.accepted(request.records), after: 1)
    }
    let counts = harness.totals()[0]
    #expect(counts.isBalanced(planned: 80))
    // Lost at 165 ms, tried anew at 215 ms with the batch closed at 195 ms, up at 615 ms: what was due before 315 ms is
    // too old, the first ten with a try behind them.
    #expect(
      (counts.delivery.expired, counts.delivery.untried, counts.traffic.unknown, counts.traffic.accepted) == (
        31, 21, 10, 49
      ))
    #expect(harness.sent.map(\.at).dropFirst().first == 615 * millisecond + 100_000 - 100_000)
  }

  @Test("Retries under a full cap expire with the tries they had")
  func retriesExpire() throws {
    let harness = try EngineHarness(
      steady, overrides: [Self.retry, "client.maxInFlight=1", "client.late=burst", "phases[0].duration=200ms"])
    harness.run { request in
      // The first fails at once; the second keeps the connection until the first's retries are too old.
      request.at < 100 * millisecond
        ? .answer(status: 200, body: Answers.mixed(request.records) { _ in "InternalFailure" }, after: 70 * millisecond)
        : .answer(status: 200, body: Answers.accepted(request.records), after: 600 * millisecond)
    }
    let counts = harness.totals()[0]
    #expect(counts.isBalanced(planned: 20))
    #expect(
      (counts.delivery.expired, counts.delivery.untried, counts.traffic.fault, counts.traffic.accepted) == (
        10, 0, 10, 10
      ))
  }

  @Test(
    "Records that wait for their next try are seen at their age where a threshold on delivery may stop the run",
    arguments: [("delivery.p99", 10), ("response.p99", 0)])
  func retriesWait(metric: String, seen: Int) throws {
    let threshold = #""thresholds": [ { "metric": "\#(metric)", "max": "9s", "abort": { "after": "1s" } } ],"#
    let harness = try EngineHarness(
      steady.replacing("\"batch\"", with: threshold + " \"batch\""),
      overrides: [
        #"client.retry={"type":"failed-records","maxAttempts":2,"backoff":{"base":"4s","cap":"4s","jitter":"none"}}"#
      ])
    var waiting: [Outstanding] = []
    harness.run { request in
      waiting.append(harness.outstanding())
      let body = request.at < 100 * millisecond ? Answers.mixed(request.records) { _ in "InternalFailure" } : nil
      return .answer(status: 200, body: body ?? Answers.accepted(request.records), after: 1)
    }
    // The first batch fails at 95 ms. At 295 ms its records, due from 5 ms on, come to 250 ms: five of them; then all.
    let delivery = waiting.map { Int($0.ages[0]?.delivery.count ?? 0) }
    #expect(delivery.prefix(10) == [0, 0, seen / 2, seen, seen, seen, seen, seen, seen, seen])
    #expect(delivery.count == 11)
    #expect(counts(harness).traffic.accepted == 100)
  }

  @Test("A record that cannot be sent again within its life expires at once")
  func expiryAtTheFailure() throws {
    let harness = try EngineHarness(steady, overrides: [Self.retry, "client.retry.ttl=50ms"])
    harness.run {
      .answer(status: 200, body: Answers.mixed($0.records) { _ in "InternalFailure" }, after: millisecond)
    }
    // When a batch closes, four of its records are older than 50 ms; 1 ms and a pause of 40 ms later its last record is
    // 41 ms old, the one before 51 ms.
    let counts = counts(harness)
    #expect(harness.sent.filter { $0.records == 1 }.count == 10)
    #expect((counts.delivery.expired, counts.delivery.untried, counts.traffic.attempted) == (100, 40, 70))
  }

  @Test(
    "Requests that fail whole are retried whole, and those of unknown fate counted as possible duplicates",
    arguments: [
      (EngineHarness.Reply.answer(status: 500, body: #"{"__type":"InternalFailure"}"#, after: 1), "fault"),
      (.answer(status: 503, body: "", after: 1), "fault"),
      (
        .answer(status: 400, body: #"{"__type":"x#ProvisionedThroughputExceededException","message":"no"}"#, after: 1),
        "throttled"
      ),
      (.answer(status: 200, body: "<html>hello</html>", after: 1), "unknown"),
      (.answer(status: 200, body: Answers.accepted(9), after: 1), "unknown"),
      (.fail(code: "reset-before-answer", after: 1, isReceived: true), "unknown"),
      (.fail(code: "connect-refused", after: 1, isReceived: false), "fault"),
      (.never, "unknown"),
    ])
  func wholeRequests(reply: EngineHarness.Reply, kind: String) throws {
    let harness = try EngineHarness(
      steady,
      overrides: [
        #"client.retry={"type":"failed-records","maxAttempts":2,"backoff":{"base":"1ms","jitter":"none"}}"#,
        "client.timeout=200ms", "client.connections=8",
      ])
    harness.run { request in
      // First tries are sent as their batch closes.
      request.at % (100 * millisecond) == 95 * millisecond
        ? reply : .answer(status: 200, body: Answers.accepted(request.records), after: millisecond)
    }
    let counts = counts(harness)
    #expect((counts.traffic.accepted, counts.traffic.attempted, counts.delivery.gaveUp) == (100, 200, 0))
    #expect(
      ["fault": counts.traffic.fault, "throttled": counts.traffic.throttled, "unknown": counts.traffic.unknown][kind]
        == 100)
    #expect(counts.delivery.mayBeDuplicates == (kind == "unknown" ? 100 : 0))
    #expect(harness.latencies().deliveryTimes.acceptedLater.count == 100)
  }

  @Test("Full jitter draws the pause below the ceiling, one draw for the records of a request")
  func jitter() throws {
    let harness = try EngineHarness(
      steady,
      overrides: [
        #"client.retry={"type":"failed-records","maxAttempts":2,"backoff":{"base":"80ms","cap":"80ms","jitter":"full"}}"#,
        "client.connections=4",
      ])
    var first: [Int64] = []
    harness.run { request in
      if request.at % (100 * millisecond) == 95 * millisecond { first.append(request.at) }
      return .answer(status: 200, body: Answers.mixed(request.records) { _ in "InternalFailure" }, after: millisecond)
    }
    #expect(counts(harness).delivery.gaveUp == 100)
    let again = harness.sent.filter { $0.at % (100 * millisecond) != 95 * millisecond }
    #expect(first.count == 10)
    #expect(again.map(\.records) == Array(repeating: 10, count: 10))
    let pauses = zip(again, first).map { $0.at - $1 - millisecond }
    #expect(pauses.allSatisfy { (0..<80 * millisecond).contains($0) })
    #expect(Set(pauses).count == 10)
  }

  @Test("One run with every end; they sum to what was planned")
  func everyEnd() throws {
    let harness = try EngineHarness(
      steady,
      overrides: [
        #"client.retry={"type":"failed-records","maxAttempts":3,"ttl":"150ms","backoff":{"base":"10ms","jitter":"none"}}"#,
        #"client.late={"type":"skip","after":"100ms"}"#, "client.connections=2", "phases[0].duration=3s",
      ])
    harness.stallWorker(from: 1_000 * millisecond, to: 1_300 * millisecond)
    harness.run(stop: (at: 2_950 * millisecond, drain: 20 * millisecond)) { request in
      switch request.at / (500 * millisecond) {
      case 0: .answer(status: 200, body: Answers.accepted(request.records), after: millisecond)
      case 1: .answer(status: 200, body: Answers.mixed(request.records) { _ in "InternalFailure" }, after: millisecond)
      case 3:
        .answer(status: 200, body: Answers.mixed(request.records) { _ in "InternalFailure" }, after: 60 * millisecond)
      case 5: .never
      default: .answer(status: 200, body: Answers.accepted(request.records), after: millisecond)
      }
    }
    let counts = harness.totals()[0]
    #expect(counts.isBalanced(planned: 295))
    #expect(
      counts.traffic.accepted > 0 && counts.delivery.gaveUp > 0 && counts.delivery.expired > 0
        && counts.delivery.skipped > 0)
    #expect(counts.delivery.unfinished > 0)
    #expect(counts.traffic.accepted + counts.delivery.lost == 295)
  }

  @Test("The cap's wait is not the worker's lateness under any policy", arguments: ["burst", "paced"])
  func latePolicies(_ policy: String) throws {
    let harness = try EngineHarness(steady, overrides: ["client.late=\(policy)", "phases[0].duration=4s"])
    harness.stallWorker(from: 500 * millisecond, to: 1_500 * millisecond)
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond / 10) }
    let counts = harness.totals()[0]
    #expect((counts.traffic.accepted, counts.isBalanced(planned: 400)) == (400, true))
    let caught = harness.sent.filter { (1_500 * millisecond..<1_600 * millisecond).contains($0.at) }
    // All ten missed batches at once, or two for one until they have met real time: a second's worth takes a second.
    #expect(policy == "burst" ? caught.count >= 10 : (2...3).contains(caught.count))
    if policy == "paced" {
      let late = harness.sent.filter { (1_500 * millisecond..<2_500 * millisecond).contains($0.at) }.count
      #expect((19...21).contains(late))
    }
  }
}

@Suite("Retries against a closed form")
struct RetryArithmeticTests {
  /// A shard that takes r records/s, a producer that offers 2 r and tries again every 50 ms for 30 s.
  ///
  /// The oldest record wins, so its wait grows until it is the life L = 30 s; from then on one of two records expires.
  /// With T seconds of load, d of drain and an empty bucket at the start: accepted r (T + d); what is younger than L at the
  /// end is unfinished, 2 r (L - d); the rest expired. Waiting at t are r t, at most 2 r L, each tried every 50 ms.
  @Test("A shard at twice its limit, until-expired for 30 s: accepted, attempted, expired")
  func twiceTheLimit() throws {
    let (r, life, load, drain) = (1.0, 30.0, 80.0, 1.0)
    let harness = try EngineHarness(
      steady,
      overrides: [
        "phases[0].rate=2", "phases[0].duration=80s", "batch.linger=0s", "batch.records=500", "client.timeout=1s",
        "client.connections=8",
        "client.retry=until-expired",
      ])
    var limiter = ShardLimiter(
      rule: .kinesis(
        ShardLimits(
          recordsPerSecond: Int64(r), recordCapacity: 2, bytesPerSecond: 1 << 20, byteCapacity: 1 << 20)))
    // Emptied at 40 ms, so that a token comes 40 ms into a second, and the next to be sent 10 ms later are retries.
    #expect(limiter.admit(bytes: 1, at: 40 * millisecond) && limiter.admit(bytes: 1, at: 40 * millisecond))
    harness.run { request in
      let codes = (0..<request.records).map { _ in
        limiter.admit(bytes: 11, at: request.at) ? nil : "ProvisionedThroughputExceededException"
      }
      // No time at all, so that all retries stay in step and the oldest record comes first.
      return .answer(status: 200, body: Answers.mixed(request.records) { codes[$0] }, after: 0)
    }
    let counts = harness.totals()[0]
    #expect(counts.isBalanced(planned: 160))
    let accepted = r * (load + drain)
    let unfinished = 2 * r * (life - drain)
    let expired = 2 * r * load - accepted - unfinished
    let full = 2 * life
    let waiting = r * full * full / 2 + 2 * r * life * (load - full) + 2 * r * (life - drain / 2) * drain
    let attempted = 2 * r * load + waiting / 0.05
    #expect(abs(Double(counts.traffic.accepted) - accepted) <= 2)
    #expect(abs(Double(counts.delivery.unfinished) - unfinished) <= 4)
    #expect(abs(Double(counts.delivery.expired) - expired) <= 4)
    #expect(abs(Double(counts.traffic.attempted) / attempted - 1) < 0.01)
    #expect(counts.traffic.firstTries == 160)
    // Nobody is accepted after its life.
    #expect(harness.latencies().deliveryTimes.acceptedLater.max <= Int64(30.1 * 1e9))
    #expect(harness.latencies().deliveryTimes.acceptedLater.max >= Int64(29.5 * 1e9))
  }
}
