import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// When a run is stopped for a target that answers nothing, under a clock that is told.
@Suite struct LiveJudgeTests {
  private static let second: Int64 = 1_000_000_000

  private let layout = RunLayout(
    phases: [PhaseLayout(name: "steady", start: .zero, duration: .seconds(60))], shards: ShardMap(even: 2), keyCount: 8)

  private func threshold(
    _ metric: Metric, max: Double? = nil, min: Double? = nil, window: Nanoseconds? = nil, perShard: Bool = false
  ) -> Threshold {
    Threshold(metric: metric, min: min, max: max, perShard: perShard, window: window, abortAfter: .seconds(2))
  }

  /// What is broken after three seconds of ten records each, all accepted after 100 ms but a tenth of them throttled, and
  /// what was waited for since.
  private func broken(_ threshold: Threshold, at now: Int64, _ fill: (inout Outstanding) -> Void) throws -> BrokenBound?
  {
    let recorder = try RunRecorder(
      layout: layout, description: smallDescription(), thresholds: [threshold], sink: MemorySink(),
      planned: tenPerSecond(layout))
    let lane = WorkerLane(layout: layout)
    for second in 0..<3 {
      var records = batch(phase: 0, due: Int64(second) * Self.second, count: 10, shards: 2)
      for position in records.indices { records[position].planned.due = Int64(second) * Self.second }
      records[0].outcome = .throttled
      records[0].end = .gaveUp
      ScriptedRequest(request: request(records, service: ms(100)), records: records).observe(on: lane)
    }
    // The oldest request was sent in second 3 and has no answer yet.
    var finished = lane.finishedSlices(before: min(3, layout.second(of: now)), now: layout.second(of: now))
    var outstanding = Outstanding(at: now)
    fill(&outstanding)
    finished.outstanding = outstanding
    try recorder.accept(finished, from: 0)
    return recorder.brokenBound(at: now)
  }

  /// Ten records on the wire since second 3, or waiting for a connection since then.
  private func waiting(isSent: Bool = true, shards: Int = 1) -> (inout Outstanding) -> Void {
    { outstanding in
      var records = batch(phase: 0, due: 3 * Self.second, count: 10, shards: shards)
      for position in records.indices { records[position].planned.due = 3 * Self.second }
      let closed = 3 * Self.second
      records.withUnsafeMutableBufferPointer {
        outstanding.add($0, phase: 0, closed: closed, sent: isSent ? closed : nil, perShard: true)
      }
    }
  }

  @Test(
    "Whatever has no answer yet takes at least as long as it has taken so far",
    arguments: [
      (.response, true, true), (.response, false, true), (.delivery, true, true), (.service, true, true),
      (.service, false, false), (.queue, false, true), (.queue, true, false), (.lateness, true, false),
    ] as [(LatencyKind, Bool, Bool)])
  func age(kind: LatencyKind, isSent: Bool, isSeen: Bool) throws {
    let limit = threshold(.latency(kind, .max), max: 2e9)
    #expect(try broken(limit, at: 4 * Self.second, waiting(isSent: isSent)) == nil)
    let found = try broken(limit, at: 6 * Self.second, waiting(isSent: isSent))
    #expect((found != nil) == isSeen)
    if let found {
      #expect((found.threshold, found.bound, found.at) == (0, .atMost, 6 * Self.second))
      #expect(abs(found.value - 3e9) < 1e7)
    }
    #expect(try broken(limit, at: 9 * Self.second) { _ in } == nil)
  }

  @Test("So does a record of a single shard")
  func ageOfAShard() throws {
    let limit = threshold(.latency(.response, .p99), max: 2e9, perShard: true)
    #expect(try broken(limit, at: 4 * Self.second, waiting()) == nil)
    #expect(try broken(limit, at: 6 * Self.second, waiting())?.shard == 0)
    #expect(try broken(limit, at: 6 * Self.second) { _ in } == nil)
  }

  @Test("So does one that came due and was not sent", arguments: [LatencyKind.response, .delivery])
  func unsent(kind: LatencyKind) throws {
    let limit = threshold(.latency(kind, .p99), max: 2e9)
    let now = 6 * Self.second
    #expect(try broken(limit, at: now) { $0.behind = 3 * Self.second } != nil)
    #expect(try broken(limit, at: now) { $0.behind = Self.second } == nil)
  }

  @Test("Seconds without answers are zero for a rate, in a window and over the whole")
  func rates() throws {
    let window = threshold(.acceptedRate, min: 4, window: .seconds(2))
    #expect(try broken(window, at: 4 * Self.second) { _ in } == nil)
    let found = try #require(try broken(window, at: 5 * Self.second) { _ in })
    #expect((found.bound, found.value, found.second) == (.atLeast, 0, 3))
    let whole = threshold(.acceptedRate, min: 4)
    #expect(try broken(whole, at: 6 * Self.second) { _ in } == nil)
    #expect(try broken(whole, at: 9 * Self.second) { _ in }?.value == 3)
  }

  @Test("So they are for a single shard that something waits for")
  func shardRates() throws {
    let rate = threshold(.acceptedRate, min: 2, window: .seconds(2), perShard: true)
    #expect(try broken(rate, at: 4 * Self.second, waiting()) == nil)
    let found = try #require(try broken(rate, at: 5 * Self.second, waiting()))
    #expect((found.shard, found.value, found.second) == (0, 0, 3))
    #expect(try broken(rate, at: 5 * Self.second) { _ in } == nil)
    // Of five tries on shard 0 one was throttled, on shard 1 none.
    let ratio = threshold(.throttleRatio, max: 0.1, window: .seconds(2), perShard: true)
    let most = try #require(try broken(ratio, at: 4 * Self.second) { _ in })
    #expect((most.shard, most.value, most.samples, most.second) == (0, 0.2, 10, 0))
  }

  @Test("A window of tries ends by the clock, of those that had an answer in it")
  func ratios() throws {
    let most = threshold(.throttleRatio, max: 0.08, window: .seconds(2))
    let found = try #require(try broken(most, at: 4 * Self.second, waiting()))
    #expect((found.value, found.samples, found.second) == (0.1, 20, 0))
    #expect(try broken(threshold(.throttleRatio, max: 0.1, window: .seconds(2)), at: 9 * Self.second, waiting()) == nil)
  }

  @Test("What is told counts at once, however old the oldest request is")
  func sums() throws {
    for limit in [
      threshold(.throttleRatio, max: 0.05), threshold(.lostRatio, max: 0.01),
      threshold(.throttleRatio, max: 0.05, perShard: true),
    ] {
      #expect(try broken(limit, at: 4 * Self.second, waiting()) != nil, "\(limit.metric.name)")
    }
  }

  @Test("Nothing stops a run within its grace, or without abort")
  func grace() throws {
    var limit = threshold(.latency(.response, .p99), max: 1)
    #expect(try broken(limit, at: Self.second) { _ in } == nil)
    #expect(try broken(limit, at: 2 * Self.second) { _ in } != nil)
    limit.abortAfter = nil
    #expect(try broken(limit, at: 2 * Self.second) { _ in } == nil)
  }
}
