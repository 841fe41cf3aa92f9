import Kinesis
import Measurement
import Observations
import Scenarios
import Testing

@testable import Producers

private let ms: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

/// 100 records/s for 2 s, batches of ten every 100 ms.
private let steady = """
  { "schema": "shardmeter/1", "name": "test", "stream": { "shards": 1 },
    "records": { "size": "10B", "key": { "type": "constant", "value": "k" } },
    "batch": { "records": 10, "linger": "1s" },
    "client": { "connections": 1, "maxInFlight": 8, "timeout": "1s" },
    "phases": [ { "name": "steady", "duration": "2s", "rate": 100 } ] }
  """

/// Policies by the name a test gives them.
private let latePolicies = [
  "burst": #"client.late="burst""#, "paced": #"client.late="paced""#,
  "skip": #"client.late={"type":"skip","after":"100ms"}"#,
]
private let retryPolicies = [
  "none": #"client.retry="none""#,
  "failed-records":
    #"client.retry={"type":"failed-records","maxAttempts":3,"backoff":{"base":"10ms","jitter":"none"}}"#,
  "until-expired": #"client.retry="until-expired""#,
]

@Suite("Producers in virtual time, without engine or sockets")
struct ProducerGroupTests {
  @Test(
    "0, 1, 2 and 3 records under every policy: batches, tries and ends",
    arguments: 0...3, ["burst", "paced", "skip"])
  func smallShapes(records: Int, late: String) throws {
    for (retry, policy) in retryPolicies {
      let overrides = [
        "batch.records=2", "batch.linger=5ms", "phases[0].rate=1000", "phases[0].duration=\(max(records, 1))ms",
        "client.timeout=60s", try #require(latePolicies[late]), policy,
      ]
      // A stop at the start leaves nothing of the plan.
      let stop: (at: Int64, drain: Int64)? = records == 0 ? (0, 0) : nil
      let accepting = try VirtualRun(steady, overrides: overrides)
      accepting.run(stop: stop) { _, _ in .all(.accepted) }
      #expect(accepting.sent.map(\.records) == [[], [1], [2], [2, 1]][records])
      #expect(accepting.counts == VirtualRun.Counts(accepted: records, attempted: records))
      #expect(accepting.latenesses.allSatisfy { $0 == 0 })

      let refusing = try VirtualRun(steady, overrides: overrides)
      refusing.run(stop: stop) { _, _ in .all(.throttled) }
      let counts = refusing.counts
      #expect(counts.ended == records)
      switch retry {
      case "none": #expect((counts.gaveUp, counts.attempted) == (records, records))
      case "failed-records": #expect((counts.gaveUp, counts.attempted) == (records, 3 * records))
      // Tried as its batch closes, at most 1 ms after it was due, then each 51 ms for 30 s.
      default: #expect((counts.expired, counts.attempted) == (records, (30_000 / 51 + 1) * records))
      }
    }
  }

  @Test("One record of three is refused and goes alone the next time")
  func partial() throws {
    let run = try VirtualRun(
      steady,
      overrides: [
        "batch.records=3", "phases[0].rate=1000", "phases[0].duration=3ms",
        try #require(retryPolicies["failed-records"]),
      ])
    run.run { batch, _ in .outcomes(after: ms) { batch.producer >= 0 && $0 == 1 ? .throttled : .accepted } }
    #expect(run.sent.map(\.records) == [3, 1])
    // Closed with its third record at 2.5 ms, answered after 1 ms, tried again 10 ms later.
    #expect(run.sent.map(\.at) == [2_500_000, 13_500_000])
    #expect(run.counts == VirtualRun.Counts(accepted: 3, attempted: 4))
  }

  @Test(
    "After a stall: all at once, two for one, or dropped",
    arguments: [("burst", 10, 20, 0), ("paced", 2, 20, 0), ("skip", 1, 11, 90)])
  func late(policy: String, atOnce: Int, batches: Int, skipped: Int) throws {
    let run = try VirtualRun(steady, overrides: [try #require(latePolicies[policy])])
    run.run(stall: 500 * ms..<1_500 * ms) { _, _ in .all(.accepted) }
    // Batches close at 95 ms, 195 ms and so on; ten of them during the stall.
    let first = run.sent.filter { (1_500 * ms..<1_505 * ms).contains($0.at) }.count
    #expect(policy == "paced" ? (1...atOnce).contains(first) : first == atOnce)
    #expect(run.sent.count == batches)
    #expect(run.counts == VirtualRun.Counts(accepted: 200 - skipped, skipped: skipped, attempted: 200 - skipped))
    #expect((run.latenesses.max() ?? 0) >= (policy == "skip" ? 5 * ms : 905 * ms))
  }

  @Test("At the cap batches stay open; that is the endpoint's doing, not lateness", arguments: 1...3)
  func cap(most: Int) throws {
    let run = try VirtualRun(
      steady, overrides: ["client.maxInFlight=\(most)", #"client.late="burst""#, "client.timeout=9s"])
    run.run { _, _ in .all(.accepted, after: 450 * ms) }
    #expect(run.mostInFlight == most)
    #expect(run.latenesses.allSatisfy { $0 == 0 })
    #expect(run.counts.accepted == 200)
    let load = run.load(at: 2 * second)
    #expect((load.inFlightMax, load.wasCapped, load.unclosed) == (most, true, 0))
    #expect(!run.load(at: 2 * second).wasCapped)
  }

  @Test("Records that linger should have closed and the cap holds back are unclosed, until they end")
  func unclosed() throws {
    let overrides = ["client.maxInFlight=1", "batch.linger=50ms", "client.timeout=10s"]
    let run = try VirtualRun(steady, overrides: overrides)
    // Six records are on the wire from 55 ms on; what came due before 450 ms should have been closed at 500 ms.
    run.run(stop: (at: 500 * ms, drain: 0)) { _, now in
      #expect((now, run.load(at: now).unclosed) == (55 * ms, 0))
      #expect(run.load(at: 500 * ms).unclosed == 45 - 6)
      return .never
    }
    #expect(run.sent.map(\.records) == [6])
    #expect(run.load(at: 500 * ms).unclosed == 0)
    #expect(run.counts == VirtualRun.Counts(unfinished: 50, attempted: 6))
  }

  @Test(
    "A stop ends the sending at its instant; what is in flight is waited for as long as it says",
    arguments: [
      (0, second, 0, 0), (95, second, 10, 0), (950, second, 90, 5), (1_000, second, 100, 0), (1_000, 0, 90, 10),
    ] as [(Int64, Int64, Int, Int)])
  func stop(at: Int64, drain: Int64, accepted: Int, unfinished: Int) throws {
    let run = try VirtualRun(steady)
    // A batch that closes at 95 ms is handed out then, so a stop in the same instant is too early for it.
    let instant = at == 95 ? 95 * ms + 1 : at * ms
    let end = run.run(stop: (at: instant, drain: drain)) { _, _ in .all(.accepted, after: 20 * ms) }
    #expect(end <= instant + drain)
    let reached = run.planned(before: instant)
    #expect((run.counts.accepted, run.counts.unfinished) == (accepted, reached - accepted))
    #expect(unfinished == reached - accepted)
  }

  @Test("Retries go on while a stop drains only if they are due before it")
  func retriesAtTheStop() throws {
    let run = try VirtualRun(steady, overrides: [try #require(retryPolicies["until-expired"])])
    run.run(stop: (at: 160 * ms, drain: second)) { _, _ in .all(.throttled) }
    // Tried at 95 ms and 146 ms; the third try would be at 197 ms. Of the open batch six records were due.
    #expect(run.sent.map(\.at) == [95 * ms, 146 * ms])
    #expect(run.counts == VirtualRun.Counts(unfinished: 16, attempted: 20))
  }

  @Test("Retries go on while the plan drains, until the time for answers is over")
  func drain() throws {
    let run = try VirtualRun(
      steady, overrides: [try #require(retryPolicies["until-expired"]), "phases[0].duration=100ms"])
    let end = run.run { _, _ in .all(.throttled) }
    #expect(end == 1_100 * ms)
    #expect(run.counts.unfinished == 10)
    // Every 51 ms from 95 ms on.
    #expect(run.sent.map(\.at) == (0..<20).map { (95 + 51 * $0) * ms })
  }

  @Test(
    "A budget is never passed: whole batches until one does not fit",
    arguments: [(9, Int.max, 0), (10, .max, 10), (35, .max, 30), (.max, 119, 10), (.max, 330, 30)])
  func budget(records: Int, bytes: Int, attempted: Int) throws {
    let run = try VirtualRun(steady, budget: SendBudget(records: records, bytes: bytes))
    run.run { _, _ in .all(.accepted) }
    #expect(run.isBudgetSpent)
    #expect(run.counts == VirtualRun.Counts(accepted: attempted, unfinished: 10, attempted: attempted))
  }

  @Test("Under a full cap first tries expire and are never sent")
  func expiry() throws {
    let run = try VirtualRun(
      steady,
      overrides: [
        #"client.retry={"type":"failed-records","maxAttempts":5,"ttl":"300ms"}"#, "client.maxInFlight=1",
        #"client.late="burst""#, "phases[0].duration=1s",
      ])
    run.run { _, now in .all(.accepted, after: now < 100 * ms ? 800 * ms : 1) }
    // The answer comes at 895 ms, when what was due before 595 ms is too old.
    #expect(run.sent.map(\.records) == [10, 1, 10, 10, 10, 10])
    #expect(run.counts == VirtualRun.Counts(accepted: 51, expired: 49, attempted: 51))
  }

  @Test("A batch that waits for a connection loses what expires; the others keep their order")
  func expiryOutside() throws {
    final class Ends: EndedRecords {
      var indices: [UInt64] = []
      func end(_ records: UnsafeMutableBufferPointer<RecordObservation>, at instant: Int64) {
        for record in records where record.end == .expired && record.attempt == 0 {
          indices.append(record.planned.index)
        }
      }
      func endUntried(_ count: Int, of phase: Int, as end: RecordEnd, age: Int64, at instant: Int64) {}
    }
    let scenario = try Scenario.load(
      bytes: Array(steady.utf8), source: "test",
      overrides: [try SetOption(#"client.retry={"type":"failed-records","ttl":"200ms"}"#)])
    var group = ProducerGroup(
      Plan(scenario), producers: [0], maximumInFlight: 2, timeout: second, start: 0)
    let ends = Ends()
    guard case .wait(let close) = group.next(at: 0, ends: ends),
      case .send(let batch) = group.next(at: close, ends: ends)
    else {
      Issue.record("no batch")
      return
    }
    #expect(close == 95 * ms)
    let all = group.dropExpired(from: batch, at: 205 * ms, ends: ends)
    #expect(all && ends.indices.isEmpty)
    let some = group.dropExpired(from: batch, at: 236 * ms, ends: ends)
    #expect(some)
    #expect(ends.indices == [0, 1, 2, 3])
    #expect(batch.records.map(\.planned.index) == [4, 5, 6, 7, 8, 9])
    #expect(batch.bytes == 6 * 11)
    let none = group.dropExpired(from: batch, at: 400 * ms, ends: ends)
    #expect(!none)
    #expect(ends.indices == Array(0..<10))
    #expect(group.inFlight == 1)
    group.recycle(batch)
    #expect(group.inFlight == 0)
  }

  @Test("max: whenever fewer than the cap are in flight, of each producer in turn; planned is what was taken")
  func closedLoop() throws {
    let run = try VirtualRun(
      steady, overrides: ["phases[0].rate=max", "client.maxInFlight=2", "client.producers=3"])
    var producers: [Int] = []
    run.run { batch, _ in
      producers.append(batch.producer)
      return .all(.accepted, after: 10 * ms)
    }
    #expect(run.counts == VirtualRun.Counts(accepted: 4_000, attempted: 4_000))
    #expect(producers == (0..<400).map { $0 % 3 })
    #expect(!run.load(at: 2 * second).wasCapped)
  }

  @Test("A max phase between two others: each keeps its time")
  func mixedPhases() throws {
    let run = try VirtualRun(
      steady,
      overrides: [
        #"phases=[{"name":"a","duration":"100ms","rate":100},{"name":"b","duration":"50ms","rate":"max"},{"name":"c","duration":"100ms","rate":100}]"#,
        "client.maxInFlight=1",
      ])
    run.run { _, _ in .all(.accepted, after: 10 * ms) }
    #expect(run.sent.first?.at == 95 * ms)
    #expect(run.sent.last?.at == 245 * ms)
    // The first answer frees the cap at 105 ms; then one every 10 ms until 145 ms.
    #expect(run.sent.dropFirst().dropLast().map(\.at) == [105, 115, 125, 135, 145].map { $0 * ms })
    #expect(run.counts == VirtualRun.Counts(accepted: 70, attempted: 70))
  }

  @Test("Retries fill batches up to the limits of records and of bytes")
  func retryBatches() throws {
    let policy = try #require(retryPolicies["failed-records"])
    for (limits, expected) in [
      (["batch.records=4"], [4, 4, 2]), (["batch.records=4", "batch.bytes=22"], [2, 2, 2, 2, 2]),
      (["batch.records=4", "batch.bytes=11"], Array(repeating: 1, count: 10)),
    ] {
      let run = try VirtualRun(
        steady, overrides: limits + [policy, "phases[0].rate=10000", "phases[0].duration=1ms", "client.maxInFlight=20"])
      // All answers at one instant, so that all retries are due at one.
      run.run { batch, now in
        .all(batch.producer >= 0 ? .unknown : .accepted, after: batch.producer >= 0 ? 6 * ms - now : ms)
      }
      #expect(run.sent.filter(\.isRetry).map(\.records) == expected, "\(limits)")
      #expect(run.counts == VirtualRun.Counts(accepted: 10, attempted: 20))
    }
  }

  @Test("A run of random moods: every record that came due is accounted for once", arguments: 0..<40)
  func identity(seed: UInt64) throws {
    var random = SystemLikeRandom(state: seed)
    func below(_ bound: UInt64) -> Int64 { Int64(random.next() % bound) }
    let late = latePolicies.values.sorted()[Int(seed % 3)]
    let retry = retryPolicies.values.sorted()[Int(seed / 3 % 3)]
    let run = try VirtualRun(
      steady,
      overrides: [
        late, retry, "client.producers=\(1 + below(4))", "client.maxInFlight=\(1 + below(4))",
        "batch.records=\(1 + below(7))", "batch.linger=\(below(60))ms", "phases[0].duration=700ms",
      ])
    let stop: (at: Int64, drain: Int64)? = seed % 2 == 0 ? nil : (at: below(700) * ms, drain: below(300) * ms)
    let begin = below(500) * ms
    run.run(stop: stop, stall: begin..<begin + below(300) * ms) { _, _ in
      let mood = random.next()
      if mood % 11 == 0 { return .never }
      return .outcomes(after: Int64(mood % 80) * ms) { index in
        [.accepted, .throttled, .fault, .unknown][Int((mood >> 8) % 7 + UInt64(index)) % 4]
      }
    }
    #expect(run.counts.ended == run.planned(before: stop?.at ?? .max))
  }

  @Test("A turn for each batch, answer and deadline, not for each moment")
  func turns() throws {
    let run = try VirtualRun(steady)
    run.run { _, _ in .all(.accepted) }
    #expect(run.turns <= 3 * 20 + 2)
  }
}
