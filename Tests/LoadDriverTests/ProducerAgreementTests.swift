import Kinesis
import Measurement
import Observations
import Producers
import Scenarios
import Testing

@testable import LoadDriver

private let ms: Int64 = 1_000_000

/// Some 400 records/s of 700 ms in three phases, the second unmeasured, on as many connections as may be in flight.
private let scenario = """
  { "schema": "shardmeter/1", "name": "test", "seed": 7, "stream": { "name": "orders", "shards": 1 },
    "records": { "size": { "type": "uniform", "min": 1, "max": 90 }, "key": { "type": "uniform", "cardinality": 50 } },
    "batch": { "records": 8, "bytes": 512, "linger": "15ms" },
    "client": { "connections": 2, "maxInFlight": 2, "timeout": "400ms" },
    "phases": [ { "name": "a", "duration": "300ms", "rate": 400, "arrivals": "poisson" },
                { "name": "b", "duration": "100ms", "rate": 900, "measure": false },
                { "name": "c", "duration": "300ms", "rate": 300 } ] }
  """

/// Producers without an engine, driven as sizing drives them, each batch written down with the bytes that it would be.
private final class Alone: EndedRecords {
  struct Sent: Equatable {
    let at: Int64
    let body: String
  }

  let plan: Plan
  private(set) var sent: [Sent] = []
  private(set) var attempted = 0
  private(set) var ends: [RecordEnd: Int] = [:]
  private var group: ProducerGroup
  private var answers = MinimumHeap<(batch: RecordBatch, codes: [String?])>()

  init(_ overrides: [String]) throws {
    let parsed = try Scenario.load(
      bytes: Array(scenario.utf8), source: "test", overrides: try overrides.map { try SetOption($0) })
    plan = Plan(parsed)
    group = ProducerGroup(
      plan, producers: Array(0..<parsed.client.producers), maximumInFlight: parsed.client.maxInFlight,
      timeout: parsed.client.timeout.value, start: 0)
  }

  func run(
    stop: (at: Int64, drain: Int64)?, stall: Range<Int64>, delay: Int64, endpoint: (Int, Int64) -> [String?]
  ) {
    if let stop { group.stop(at: stop.at, drain: stop.drain) }
    var now: Int64 = 0
    while true {
      var next = now
      switch group.next(at: now, ends: self) {
      case .send(let batch):
        sent.append(Sent(at: now, body: body(of: batch)))
        attempted += batch.count
        answers.push((batch, endpoint(batch.count, now)), priority: now + delay, tieBreak: sent.count)
      case .again: break
      case .wait(let instant): next = min(instant, answers.firstPriority ?? .max)
      case .over:
        while let answer = answers.pop() { ends[.unfinished, default: 0] += answer.batch.count }
        group.finish(at: now, ends: self)
        return
      }
      now = stall.contains(next) ? stall.upperBound : next
      while let due = answers.firstPriority, due <= now, let (batch, codes) = answers.pop() {
        for index in 0..<batch.count { batch.storage[index].outcome = codes[index] == nil ? .accepted : .throttled }
        group.settle(batch, at: now)
        for record in batch.records { ends[record.end, default: 0] += 1 }
        group.recycle(batch)
      }
    }
  }

  private func body(of batch: RecordBatch) -> String {
    let buffer = RequestBuffer()
    buffer.beginBody(streamName: plan.scenario.stream.name)
    for record in batch.records { plan.write(record.planned, into: buffer) }
    buffer.endBody()
    return String(decoding: buffer.body, as: UTF8.self)
  }

  func end(_ records: UnsafeMutableBufferPointer<RecordObservation>, at instant: Int64) {
    for record in records { ends[record.end, default: 0] += 1 }
  }

  func endUntried(_ count: Int, of phase: Int, as end: RecordEnd, age: Int64, at instant: Int64) {
    ends[end, default: 0] += count
  }
}

@Suite("Producers alone and the engine do the same")
struct ProducerAgreementTests {
  /// What an endpoint with one small shard says of each record of a request.
  private struct Shard {
    private var limiter = ShardLimiter(
      rule: .kinesis(
        ShardLimits(recordsPerSecond: 200, recordCapacity: 20, bytesPerSecond: 1 << 20, byteCapacity: 1 << 20)))

    mutating func codes(_ count: Int, at now: Int64) -> [String?] {
      (0..<count).map { _ in limiter.admit(bytes: 1, at: now) ? nil : "ProvisionedThroughputExceededException" }
    }
  }

  private static let retries = [
    #""none""#, #""until-expired""#,
    #"{"type":"failed-records","maxAttempts":4,"ttl":"350ms","backoff":{"base":"20ms"}}"#,
  ]

  @Test(
    "The same batches to the byte at the same instants, and the same ends",
    arguments: [#""burst""#, #""paced""#, #"{"type":"skip","after":"30ms"}"#], retries)
  func agreement(late: String, retry: String) throws {
    for (producers, inFlight, delay) in [(1, 2, 3), (3, 4, 3), (3, 1, 30), (5, 8, 150)] as [(Int, Int, Int64)] {
      for (stop, stall) in [
        (nil, 0..<0), (nil, 120 * ms..<260 * ms), ((at: 333 * ms, drain: 100 * ms), 0..<0),
        ((at: 250 * ms, drain: 10 * ms), 100 * ms..<200 * ms),
      ] as [((at: Int64, drain: Int64)?, Range<Int64>)] {
        let overrides = [
          "client.late=\(late)", "client.retry=\(retry)", "client.producers=\(producers)",
          "client.connections=\(inFlight)", "client.maxInFlight=\(inFlight)",
        ]
        let harness = try EngineHarness(scenario, overrides: overrides)
        harness.stallWorker(from: stall.lowerBound, to: stall.upperBound)
        var shard = Shard()
        harness.run(stop: stop) { request in
          let codes = shard.codes(request.records, at: request.at)
          return .answer(status: 200, body: Answers.mixed(request.records) { codes[$0] }, after: delay * ms)
        }
        let alone = try Alone(overrides)
        shard = Shard()
        alone.run(stop: stop, stall: stall, delay: delay * ms) { shard.codes($0, at: $1) }

        let name = Comment("\(overrides), \(String(describing: stop)), \(stall)")
        #expect(alone.sent.count > 3, name)
        #expect(alone.sent.map(\.at) == harness.sent.map(\.at), name)
        let bodies = harness.sent.map { String($0.message.split(separator: "\r\n\r\n", maxSplits: 1).last ?? "") }
        #expect(alone.sent.map(\.body) == bodies, name)
        let counts = harness.totals().reduce(into: RunCounts()) { $0.add($1) }
        #expect(alone.attempted == counts.traffic.attempted, name)
        #expect(alone.ends[.accepted, default: 0] == counts.traffic.accepted, name)
        #expect(alone.ends[.gaveUp, default: 0] == counts.delivery.gaveUp, name)
        #expect(alone.ends[.expired, default: 0] == counts.delivery.expired, name)
        #expect(alone.ends[.skipped, default: 0] == counts.delivery.skipped, name)
        #expect(alone.ends[.unfinished, default: 0] == counts.delivery.unfinished, name)
      }
    }
  }
}
