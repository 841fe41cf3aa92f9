import Kinesis
import Measurement
import Observations
import Reporting
import RunResults
import Testing

@testable import shardmeter

/// What the live lines are told, from lanes filled by hand.
@Suite struct ProgressMeterTests {
  private static let second: Int64 = 1_000_000_000

  private let layout = RunLayout(
    phases: [PhaseLayout(name: "a", start: .zero, duration: .seconds(8))], shards: ShardMap(even: 2))

  private func meter() -> ProgressMeter {
    ProgressMeter(scenario: "s", layout: layout) { _, before in Int(max(0, before) / Self.second) * 10 }
  }

  /// One request of so many records on shard 0 in a second, the first `throttled` of them refused.
  private func send(_ count: Int, throttled: Int = 0, second: Int, to lane: WorkerLane) {
    let start = Int64(second) * Self.second
    var request = RequestObservation(phase: 0, plannedClose: start, closed: start)
    request.firstByte = start
    request.lastByte = start + 4_000_000
    request.ended = start + 4_000_000
    request.status = 200
    request.outcome = throttled == 0 ? .allAccepted : .partial
    var records = (0..<count).map { number in
      var record = RecordObservation(
        PlannedRecord(index: UInt64(number), due: start, key: 0, dataBytes: 9, keyBytes: 1, phase: 0))
      record.shard = 0
      record.outcome = number < throttled ? .throttled : .accepted
      record.end = number < throttled ? .gaveUp : .accepted
      return record
    }
    records.withUnsafeMutableBufferPointer { lane.observe(request, records: $0) }
  }

  @Test func ratesAreOfTheLastFiveWholeSeconds() {
    var meter = meter()
    let lane = WorkerLane(layout: layout)
    for second in 0..<7 { send(second == 6 ? 100 : 10, throttled: second == 1 ? 5 : 0, second: second, to: lane) }
    meter.accept(lane.finishedSlices(before: 6), from: 0)
    let shown = meter.snapshot(at: 6 * Self.second + 1)
    #expect(shown.acceptedPerSecond == 9 && shown.attemptedPerSecond == 10 && shown.plannedPerSecond == 10)
    #expect(shown.throttleRatio == 0.1 && shown.throttledShardCount == 1 && shown.worstShards.map(\.index) == [0])
    #expect(shown.second == 6 && shown.phase == "a" && shown.totalSeconds == 8)
  }

  @Test func nothingIsKnownBeforeTheFirstWholeSecond() {
    let shown = meter().snapshot(at: 500_000_000)
    #expect(shown.attemptedPerSecond == 0 && shown.throttleRatio == nil && shown.responseP99 == nil)
  }

  /// Nothing is answered from the third second on: rates fall to nothing by the clock, and what waits has its age.
  @Test func aTargetThatHangsIsSeenWhileItHangs() {
    var meter = meter()
    let lane = WorkerLane(layout: layout)
    for second in 0..<2 { send(10, second: second, to: lane) }
    var finished = lane.finishedSlices(before: 2, now: 7)
    var waiting = Outstanding(at: 7 * Self.second)
    (waiting.requests, waiting.oldestSent, waiting.lastAnswer) = (1, 2 * Self.second, 1 * Self.second)
    (waiting.behind, waiting.isCapped, waiting.sent) = (4 * Self.second, true, [2: 10])
    for _ in 0..<10 { waiting.ages[0, default: Outstanding.Ages()].response.record(5 * Self.second) }
    finished.outstanding = waiting
    meter.accept(finished, from: 0)
    let shown = meter.snapshot(at: 7 * Self.second)
    #expect((shown.acceptedPerSecond, shown.attemptedPerSecond, shown.plannedPerSecond) == (0, 2, 10))
    #expect((shown.silentSeconds, shown.behindSeconds, shown.isCapped, shown.isWaiting) == (5, 4, true, true))
    #expect(abs((shown.responseP99 ?? 0) - 5_000) < 5 && shown.failureRatio == nil)
  }

  /// A worker that is done hands over everything at once; the last seconds still show.
  @Test func theEndOfAWorkerDoesNotEmptyTheLines() {
    var meter = meter()
    let lane = WorkerLane(layout: layout)
    for second in 0..<8 { send(10, second: second, to: lane) }
    meter.accept(lane.finishedSlices(before: 7), from: 0)
    meter.accept(lane.finishedSlices(before: .max), from: 0)
    #expect(meter.snapshot(at: 8 * Self.second + 1).acceptedPerSecond == 10)
  }
}
