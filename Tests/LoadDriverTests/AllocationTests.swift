import CAllocationCount
import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import Testing
import Transport

@testable import LoadDriver
@testable import StreamAccess

/// A worker's steady state costs no heap allocation: not for planning, encoding, signing, reading an answer or accounting
/// for each record.
@Suite struct AllocationTests {
  private final class Silence: RequestChannels {
    let count: Int
    private let slots: UnsafeMutableBufferPointer<Int>
    private(set) var sent = 0

    init(count: Int) {
      self.count = count
      slots = .allocate(capacity: count)
      slots.initialize(repeating: 0)
    }

    deinit { slots.deallocate() }

    func open(_ slot: Int) {}
    func close(_ slot: Int) {}
    func send(_ slot: Int, _ message: UnsafeRawBufferPointer) -> Bool {
      slots[sent] = slot
      sent += 1
      return true
    }

    /// The slot whose request was sent last and is not answered.
    func take() -> Int? {
      if sent == 0 { return nil }
      sent -= 1
      return slots[sent]
    }
  }

  @Test(arguments: [
    (records: 500, key: #"{"type": "uniform", "cardinality": 1000}"#, size: #""100B""#, pool: 0),
    (records: 500, key: #"{"type": "uniform", "cardinality": 1000}"#, size: #""100B""#, pool: 8),
    (records: 1, key: #"{"type": "zipf", "exponent": 0.99, "cardinality": 1000}"#, size: #""100B""#, pool: 0),
    (
      records: 20, key: #"{"type": "uniform", "cardinality": 1000}"#,
      size: #"{"type": "lognormal", "median": "700B", "p99": "2KiB", "max": "2KiB"}"#, pool: 0
    ),
  ])
  func aRequestAllocatesNothing(records: Int, key: String, size: String, pool: Int) throws {
    let text = """
      {"schema": "shardmeter/1", "name": "steady", "stream": {"name": "steady", "shards": 4},
       "records": {"size": \(size), "key": \(key)}, "batch": {"records": \(records)},
       "client": {"producers": 2, "connections": 4, "maxInFlight": 4, "payloadPool": \(pool)},
       "phases": [{"name": "drive", "duration": "10s", "rate": "max"}]}
      """
    let plan = Plan(try Scenario.load(bytes: Array(text.utf8), source: "test", overrides: []))
    let map = ShardMap(even: 4)
    let layout = RunLayout(
      phases: [PhaseLayout(name: "drive", start: .zero, duration: .seconds(10), isClosedLoop: true)], shards: map,
      keyCount: plan.keys.count)
    let lane = WorkerLane(layout: layout)
    let clock = ManualClock()
    let run = RunClock(
      clock: clock, start: Instant(nanoseconds: 0), wallStart: WallTime(microsecondsSinceEpoch: 1_440_938_160_000_000))
    let channels = Silence(count: 4)
    let configuration = DriverConfiguration(
      plan: plan,
      destination: Destination(
        endpoint: Endpoint(scheme: .http, host: "127.0.0.1", port: 4567), addresses: [], tls: nil),
      streamName: "steady", region: "us-east-1", credentials: .loopback, shardMap: map, workers: 1)
    let engine = WorkerEngine(
      configuration: configuration, producers: [0, 1],
      limits: EngineLimits(connections: 4, maximumInFlight: 4, timeout: 5_000_000_000), channels: channels,
      opened: [0, 1, 2, 3], lane: lane, clock: run)
    let answer = Array(Answers.accepted(records).utf8)

    /// Drives so many requests through, each answered a microsecond after it was sent.
    func drive(_ requests: Int) {
      for _ in 0..<requests {
        while channels.sent < 4 { _ = engine.advance(to: run.now()) }
        clock.advance(by: Nanoseconds(1_000))
        let now = run.now()
        guard let slot = channels.take() else { return }
        answer.withUnsafeBytes {
          engine.answered(slot, status: 200, body: $0, firstByte: now - 1_000, lastByte: now, keepsAlive: true)
        }
      }
    }
    // Until every key, size and buffer has been met.
    drive(40_000 / (records + 10))
    let before = allocation_count()
    drive(100)
    let allocated = allocation_count() - before
    #expect(before != 0, "the allocations are not counted")
    #expect(allocated == 0, "\(allocated) allocations for 100 requests")
  }
}
