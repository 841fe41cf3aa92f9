import Measurement
import Testing

@testable import Observations
@testable import RunResults

@Suite struct ThresholdTests {
  /// The small run: measured 20 planned, 19 first tries, 20 attempted, 8 accepted, 3 throttled (all on shard 1, second 0),
  /// 9 unknown (second 1), 3 requests; shard 1 has 7 attempts, the others 7 and 6.
  private func judge(_ threshold: Threshold) throws -> (threshold: SummaryThreshold, summary: Summary) {
    let summary = try collect(
      smallLayout(thresholds: [threshold]), smallScript(), thresholds: [threshold], skipped: [skippedRecord()]
    ).summary
    let judged = try #require(summary.thresholds.first)
    #expect(summary.thresholds.count == 1)
    #expect(judged.passed == (judged.status == "pass"))
    #expect(summary.exitCode == (judged.passed ? 0 : 3))
    #expect(summary.verdict == (judged.passed ? "pass" : "fail"))
    return (judged, summary)
  }

  @Test(arguments: [
    (Threshold(metric: .throttleRatio, max: 0.15), 0.15, "pass", 20, "throttle.ratio at most"),
    (Threshold(metric: .throttleRatio, max: 0.149), 0.15, "fail", 20, "throttle.ratio at most"),
    (Threshold(metric: .faultRatio, max: 0.45), 0.45, "pass", 20, "fault.ratio at most"),
    (Threshold(metric: .lostRatio, max: 0.5), 0.6, "fail", 20, "lost.ratio at most"),
    (Threshold(metric: .acceptedRate, min: 4), 4, "pass", 20, "accepted.rate at least"),
    (Threshold(metric: .acceptedRate, min: 5), 4, "fail", 20, "accepted.rate at least"),
    (Threshold(metric: .acceptedByteRate, min: 448), 448, "pass", 20, "accepted.byteRate at least"),
    (Threshold(metric: .requestsRate, min: 1), 1, "pass", 2, "requests.rate at least"),
    (Threshold(metric: .requestsRecords, min: 6), 6.666667, "pass", 3, "requests.records at least"),
    (Threshold(metric: .retryAmplification, max: 1.1), 1.052632, "pass", 19, "retry.amplification at most"),
    (Threshold(metric: .connectionsReused, min: 0.3), 0.333333, "pass", 3, "connections.reused at least"),
    (Threshold(metric: .lostCount, max: 12), 12, "pass", 20, "lost.count at most"),
    (Threshold(metric: .requestsCount, max: 2), 3, "fail", 3, "requests.count at most"),
    (Threshold(metric: .skewMax, max: 1.1), 1.105263, "fail", 19, "skew.max at most"),
    (Threshold(metric: .latency(.service, .max), max: 9e6), 8.003583, "pass", 2, "service.max at most"),
    (Threshold(metric: .latency(.lateness, .p99), max: 5e6), 0.500223, "pass", 3, "lateness.p99 at most"),
    (
      Threshold(metric: .throttleRatio, max: 0.1, phase: "warm-up"), 0, "pass", 20,
      "throttle.ratio at most, in warm-up"
    ),
  ])
  func wholeRunIsHeldAgainstTheBound(
    threshold: Threshold, observed: Double, status: String, samples: Int, id: String
  ) throws {
    let judged = try judge(threshold).threshold
    #expect(judged.status == status)
    #expect(judged.observed == observed)
    #expect(judged.samples == samples)
    #expect(judged.id == id)
  }

  @Test(arguments: [
    (Threshold(metric: .throttleRatio, max: 0.4, perShard: true), 0.428571, "fail", 1, 0),
    (
      Threshold(metric: .throttleRatio, max: 0.4, phase: "steady", perShard: true, minSamples: 7), 0.428571, "fail", 1,
      1
    ),
    (Threshold(metric: .acceptedRate, min: 0.5, perShard: true), 0.5, "pass", 1, 0),
    (Threshold(metric: .retryAmplification, max: 2, perShard: true), 1.166667, "pass", 1, 0),
    (Threshold(metric: .latency(.response, .max), max: 6e9, perShard: true), 5_804.916735, "pass", 1, 0),
    (
      Threshold(metric: .latency(.response, .max), max: 5e9, phase: "steady", perShard: true, minSamples: 7),
      5_603.590143, "fail", 0,
      2
    ),
  ])
  func everyShardHasToKeepIt(
    threshold: Threshold, observed: Double, status: String, shard: Int, leftOut: Int
  ) throws {
    let judged = try judge(threshold).threshold
    #expect(judged.status == status)
    #expect(judged.observed == observed)
    #expect(judged.shard == shard)
    #expect(judged.shardsLeftOut == leftOut)
    #expect(judged.per == "shard")
  }

  /// Shards 0, 1 and 2 accept 4, 1 and 3 records in two seconds, and each none in one of them.
  @Test(arguments: [
    (Threshold(metric: .throttleRatio, max: 0.4, perShard: true), [1], 1),
    (Threshold(metric: .throttleRatio, max: 0.5, perShard: true), [], 0),
    (Threshold(metric: .acceptedRate, min: 9, perShard: true), [1, 2, 0], 3),
    (Threshold(metric: .acceptedRate, min: 9, perShard: true, window: .seconds(1)), [0, 1, 2], 3),
  ])
  func failingShardsAreCountedAndTheWorstNamed(threshold: Threshold, worst: [Int], failing: Int) throws {
    let judged = try judge(threshold).threshold
    #expect(judged.worstShards.map(\.shard) == worst)
    #expect(judged.failingShards == failing)
    #expect(judged.worstShards.first.map { $0.observed == judged.observed } ?? true)
    #expect(judged.windowS == threshold.window?.seconds)
  }

  @Test func namesHoldNoLimitAndDiffer() {
    let thresholds = [
      Threshold(metric: .throttleRatio, min: 0, max: 0.2), Threshold(metric: .throttleRatio, max: 0.4),
      Threshold(metric: .acceptedRate, min: 1, phase: "burst", perShard: true, window: .seconds(10)),
      Threshold(metric: .throttleRatio, max: 0.6),
    ]
    #expect(
      thresholds.namedBounds.map(\.name) == [
        "throttle.ratio at most", "throttle.ratio at least", "throttle.ratio at most (2)",
        "accepted.rate at least, in burst, per shard, over 10s", "throttle.ratio at most (3)",
      ])
    #expect(thresholds.namedBounds.map(\.index) == [0, 0, 1, 2, 3])
  }

  @Test(arguments: [
    (Threshold(metric: .throttleRatio, max: 0.2, window: .seconds(1)), 0.3, "fail", 0, nil),
    (Threshold(metric: .throttleRatio, max: 0.3, window: .seconds(2)), 0.272727, "pass", 0, nil),
    (Threshold(metric: .acceptedRate, min: 2, window: .seconds(1)), 1, "fail", 1, nil),
    (Threshold(metric: .throttleRatio, max: 0.9, perShard: true, window: .seconds(1)), 1, "fail", 0, 1),
    (Threshold(metric: .requestsRate, min: 2, window: .seconds(1)), 1, "fail", 0, nil as Int?),
  ])
  func everyWindowHasToKeepIt(
    threshold: Threshold, observed: Double, status: String, second: Int, shard: Int?
  ) throws {
    let judged = try judge(threshold).threshold
    #expect(judged.observed == observed)
    #expect(judged.status == status)
    #expect(judged.tS == second)
    #expect(judged.shard == shard)
  }

  @Test(arguments: [
    (Threshold(metric: .throttleRatio, max: 1, phase: "nowhere"), "no such phase"),
    (Threshold(metric: .throttleRatio, max: 1, minSamples: 21), "20 samples, fewer than 21"),
    (Threshold(metric: .throttleRatio, max: 1, perShard: true, minSamples: 8), "no shard with 8 samples"),
    (Threshold(metric: .lostRatio, max: 1, perShard: true), "not known shard by shard"),
    (Threshold(metric: .reorderRatio, max: 1), "the stream was not read back"),
    (Threshold(metric: .skewMax, max: 9, perShard: true), "not known shard by shard"),
    (Threshold(metric: .latency(.delivery, .p99), max: 1e9, perShard: true), "not known shard by shard"),
    (Threshold(metric: .latency(.response, .p99), max: 1e12, window: .seconds(1)), "not known window by window"),
    (Threshold(metric: .lostRatio, max: 1, window: .seconds(1)), "not known window by window"),
    (Threshold(metric: .throttleRatio, max: 1, window: .seconds(3)), "no window with 1 samples"),
    (Threshold(metric: .requestsRate, min: 0, perShard: true, window: .seconds(1)), "not known shard by shard"),
  ])
  func noDataIsAnErrorAndNeverAPass(threshold: Threshold, reason: String) throws {
    let judged = try judge(threshold).threshold
    #expect(judged.status == "error")
    #expect(judged.observed == nil)
    #expect(judged.reason == reason)
  }

  /// What reading back found decides, and only where it saw everything.
  @Test(
    arguments: [
      (Threshold(metric: .duplicateRatio, max: 0.1), true, 5, 0.125, 8, nil),
      (Threshold(metric: .duplicateCount, max: 0), true, 5, 1, 8, nil),
      (Threshold(metric: .reorderRatio, max: 0.1), true, 5, 0.4, 5, nil),
      (Threshold(metric: .reorderCount, max: 2), true, 5, 2, 5, nil),
      (Threshold(metric: .reorderRatio, max: 0.1), true, nil, nil, 0, "the order of the records cannot be judged"),
      (Threshold(metric: .duplicateRatio, max: 0.1), false, 5, nil, 0, "the stream was not read to its end"),
    ] as [(Threshold, Bool, Int?, Double?, Int, String?)])
  func readBackIsHeldAgainstTheBound(
    threshold: Threshold, isComplete: Bool, orderJudged: Int?, observed: Double?, samples: Int, reason: String?
  ) throws {
    let collector = try RunCollector(
      layout: smallLayout(), description: smallDescription(), thresholds: [threshold], sink: MemorySink())
    var found = VerificationCounts()
    found.complete = isComplete
    found.found = 8
    found.duplicated = 1
    found.orderJudged = orderJudged ?? 0
    found.reordered = orderJudged == nil ? nil : 2
    let judge = ThresholdJudge(collector: collector, verification: found)
    let judged = try #require(judge.judgeAll().first)
    #expect(judged.observed == observed)
    #expect(judged.samples == samples)
    #expect(judged.reason == reason)
  }

  @Test("What stopped the run has failed, as it was seen then where the results do not show it")
  func whatStoppedTheRunHasFailed() throws {
    let layout = smallLayout()
    let thresholds = [
      Threshold(metric: .throttleRatio, max: 0.9, abortAfter: .zero),
      Threshold(metric: .acceptedRate, min: 100, abortAfter: .zero), Threshold(metric: .throttleRatio, max: 1),
    ]
    let seen = [
      BrokenBound(threshold: 0, bound: .atMost, value: 0.95, samples: 7, at: ms(3_250)),
      BrokenBound(threshold: 1, bound: .atLeast, value: 3, samples: 7, at: ms(3_250)),
    ]
    let expected = [("throttle.ratio at most", 0.95, 7), ("accepted.rate at least", 4, 20)]
    for (broken, (name, value, samples)) in zip(seen, expected) {
      let recorder = try RunRecorder(
        layout: layout, description: smallDescription(), thresholds: thresholds, sink: MemorySink(),
        planned: tenPerSecond(layout))
      let lane = WorkerLane(layout: layout)
      for step in smallScript() { step.observe(on: lane) }
      var skipped = [skippedRecord()]
      skipped.withUnsafeMutableBufferPointer { lane.end($0, at: ms(3_950)) }
      recorder.note(broken)
      let summary = try recorder.finish(lanes: [lane], ending: RunEnding(.aborted, ended: ms(8_800)), keys: nil)
      let stopping = try #require(summary.thresholds.first { $0.abortedAtS != nil })
      #expect((stopping.id, stopping.observed, stopping.samples) == (name, value, samples))
      #expect((stopping.abortedAtS, stopping.status, stopping.passed) == (1.25, "fail", false))
      #expect(summary.thresholds.count { $0.abortedAtS != nil } == 1 && summary.exitCode == 3 && !summary.complete)
    }
  }

  @Test func failuresComeFirstThenErrorsThenTheRest() throws {
    let thresholds = [
      Threshold(metric: .throttleRatio, max: 1), Threshold(metric: .reorderRatio, max: 1),
      Threshold(metric: .lostRatio, min: 0.7, max: 0.1),
    ]
    let summary = try collect(
      smallLayout(), smallScript(), thresholds: thresholds, skipped: [skippedRecord()]
    ).summary
    #expect(summary.thresholds.map(\.status) == ["fail", "fail", "error", "pass"])
    #expect(summary.thresholds.map(\.op) == ["<=", ">=", "<=", "<="])
  }

  @Test(arguments: [(0.5, false, true), (1.0, false, true), (3.0, false, false), (1.0, true, false)])
  func abortWaitsForItsGrace(grace: Double, isKept: Bool, aborts: Bool) throws {
    let threshold = Threshold(metric: .throttleRatio, max: isKept ? 1 : 0.1, abortAfter: .seconds(grace))
    let layout = smallLayout()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), thresholds: [threshold], sink: MemorySink(),
      planned: tenPerSecond(layout))
    let lane = WorkerLane(layout: layout)
    for step in smallScript().prefix(3) { step.observe(on: lane) }
    try collector.accept(lane.finishedSlices(before: 0), from: 0)
    #expect(collector.brokenBound(at: layout.start(ofSecond: 0)) == nil)
    try collector.accept(lane.finishedSlices(before: 1), from: 0)
    #expect((collector.brokenBound(at: layout.start(ofSecond: 1)) != nil) == aborts)
  }
}
