import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// When a run is stopped for a target that answers nothing, under a clock that is told.
@Suite struct LiveJudgeTests {
  private static let second: Int64 = 1_000_000_000

  private let layout = RunLayout(
    phases: [PhaseLayout(name: "steady", start: .zero, duration: .seconds(60))], shards: ShardMap(even: 1), keyCount: 8)

  private func threshold(_ metric: Metric, max: Double? = nil, min: Double? = nil, window: Nanoseconds? = nil)
    -> Threshold
  {
    var threshold = Threshold(metric: metric, min: min, max: max)
    threshold.window = window
    threshold.abortAfter = .seconds(2)
    return threshold
  }

  /// A judge after three seconds of ten records each, accepted after 100 ms, and what was waited for since.
  private func judge(_ threshold: Threshold, at now: Int64, _ fill: (inout Outstanding) -> Void) -> LiveJudge {
    var judge = LiveJudge(layout: layout, thresholds: [threshold], planned: tenPerSecond(layout))
    let lane = WorkerLane(layout: layout)
    for second in 0..<3 {
      var records = batch(phase: 0, due: Int64(second) * Self.second, count: 10, shards: 1)
      for place in records.indices { records[place].planned.due = Int64(second) * Self.second }
      ScriptedRequest(request: request(records, service: ms(100)), records: records).observe(on: lane)
    }
    var finished = lane.finishedSlices(before: 3, now: layout.second(of: now))
    var outstanding = Outstanding(at: now)
    fill(&outstanding)
    finished.outstanding = outstanding
    judge.accept(finished, from: 0)
    return judge
  }

  private let slow = Metric.latency(.response, .p99)

  @Test("A record without an answer has a response time of at least its age")
  func age() {
    let limit = threshold(slow, max: 2e9)
    for (now, isBroken) in [(4 * Self.second, false), (5 * Self.second + 10_000_000, true)] {
      let found = judge(limit, at: now) { $0.add(due: 3 * Self.second, phase: 0) }.broken(at: now)
      #expect((found != nil) == isBroken, "\(now)")
    }
    #expect(judge(limit, at: 9 * Self.second) { _ in }.broken(at: 9 * Self.second) == nil)
  }

  @Test("So has one that came due and was not sent")
  func unsent() {
    let limit = threshold(slow, max: 2e9)
    let now = 6 * Self.second
    #expect(judge(limit, at: now) { $0.behind = 3 * Self.second }.broken(at: now) != nil)
    #expect(judge(limit, at: now) { $0.behind = Self.second }.broken(at: now) == nil)
  }

  @Test("Seconds without answers are zero in a window")
  func window() {
    let limit = threshold(.acceptedRate, min: 5, window: .seconds(2))
    #expect(judge(limit, at: 4 * Self.second) { _ in }.broken(at: 4 * Self.second) == nil)
    #expect(judge(limit, at: 5 * Self.second) { _ in }.broken(at: 5 * Self.second) == limit)
  }

  @Test("Nothing stops a run within its grace, or without abort")
  func grace() {
    var limit = threshold(slow, max: 1)
    #expect(judge(limit, at: Self.second) { _ in }.broken(at: Self.second) == nil)
    #expect(judge(limit, at: 2 * Self.second) { _ in }.broken(at: 2 * Self.second) == limit)
    limit.abortAfter = nil
    #expect(judge(limit, at: 2 * Self.second) { _ in }.broken(at: 2 * Self.second) == nil)
  }
}
