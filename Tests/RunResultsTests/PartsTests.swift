import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

@Suite struct ShardHistogramsTests {
  /// Values around every power of two, and both ends.
  private var values: [Int64] {
    var values: [Int64] = [0, 1, 63, 64, -5, Int64.max]
    for exponent in 6..<63 {
      let power = Int64(1) << Int64(exponent)
      values += [power - 1, power, power + 1]
    }
    return values
  }

  @Test func bucketsAreThoseOfAFullHistogram() {
    let compact = ShardHistograms(shardCount: 3)
    var full = ShardHistograms.empty
    for value in values {
      compact.record(value, shard: 1)
      full.record(value)
    }
    #expect(compact.histogram(ofShard: 1) == full)
    #expect(compact.histogram(ofShard: 0).isEmpty)
    #expect(compact.histogram(ofShard: 2).isEmpty)
  }

  @Test func lanesAddUp() {
    let left = ShardHistograms(shardCount: 2)
    let right = ShardHistograms(shardCount: 2)
    var full = ShardHistograms.empty
    for (index, value) in values.enumerated() {
      (index % 2 == 0 ? left : right).record(value, shard: 0)
      full.record(value)
    }
    left.add(right)
    #expect(left.histogram(ofShard: 0) == full)
    #expect(left.histogram(ofShard: 1).isEmpty)
  }

  @Test func whatWasReadBackAddsUpLikeWhatWasRecorded() {
    let recorded = ShardHistograms(shardCount: 3)
    for value in values { recorded.record(value, shard: 1) }
    let readBack = ShardHistograms(shardCount: 3)
    for _ in 0..<2 { readBack.add(recorded.histogram(ofShard: 1), shard: 1) }
    readBack.add(recorded.histogram(ofShard: 1), shard: 3)
    recorded.add(recorded)
    #expect(readBack.histogram(ofShard: 1) == recorded.histogram(ofShard: 1))
    #expect(readBack.usedShards == [1])
  }

  @Test(arguments: [Int64(1) << 31, 1 << 32, 1 << 33])
  func countsBeyond32BitsAreKept(count: Int64) {
    var many = ShardHistograms.empty
    many.record(1_000, count: count)
    let histograms = ShardHistograms(shardCount: 1)
    for _ in 0..<3 { histograms.add(many, shard: 0) }
    histograms.record(1_000, shard: 0)
    #expect(histograms.histogram(ofShard: 0).count == 3 * count + 1)
    #expect(histograms.usedShards == [0])
  }
}

@Suite struct KeySketchTests {
  @Test(arguments: [0, 1, 2, 3, 500])
  func fewKeysAreCountedExactly(keys: Int) {
    var sketch = KeySketch(capacity: 512)
    for key in 0..<keys { for _ in 0...(key % 3) { sketch.count(UInt64(key)) } }
    #expect(sketch.error == 0)
    #expect(sketch.entries.sorted { $0.key < $1.key }.map(\.count) == (0..<keys).map { Int64($0 % 3 + 1) })
  }

  @Test func heavyKeysSurviveAFloodOfOthersWithinTheErrorBound() {
    var parts = [KeySketch(capacity: 64), KeySketch(capacity: 64)]
    var truth: [UInt64: Int64] = [:]
    for step in 0..<20_000 {
      let key = step % 4 == 0 ? UInt64(step % 3) : UInt64(1_000 + step)
      parts[step / 10_000].count(key)
      truth[key, default: 0] += 1
    }
    var sketch = parts[0]
    sketch.add(parts[1])
    #expect(sketch.error > 0)
    let counted = Dictionary(uniqueKeysWithValues: sketch.entries.map { ($0.key, $0.count) })
    for (key, count) in truth {
      let low = counted[key] ?? 0
      #expect(low <= count && count <= low + sketch.error, "key \(key)")
    }
    #expect(counted[0] != nil && counted[1] != nil && counted[2] != nil)
  }
}

@Suite struct ErrorTableTests {
  @Test(arguments: [
    ("under account 123456789012.", "under account ************."),
    ("arn:aws:kinesis:us-east-1:000000000000:stream/x", "arn:aws:kinesis:us-east-1:************:stream/x"),
    ("shardId-000000000001 in 1234567890123", "shardId-000000000001 in 1234567890123"),
    ("12345678901", "12345678901"), ("", ""), ("red \u{1B}[31m\r\nline", "red \\x1b[31m line"),
  ])
  func accountIdsAreMasked(message: String, masked: String) {
    #expect(Array(message.utf8).withUnsafeBytes { ErrorTable.masked($0) } == masked)
  }

  @Test func messagesAreCutAtACharacter() {
    let long = String(repeating: "x", count: 199) + "ü" + "y"
    let masked = Array(long.utf8).withUnsafeBytes { ErrorTable.masked($0) }
    #expect(masked == String(repeating: "x", count: 199))
  }

  @Test func firstMessageOfAKindIsKept() throws {
    let layout = smallLayout()
    let lane = WorkerLane(layout: layout)
    var step = smallScript()[2]
    step.requestCode = "ServiceUnavailable"
    step.request.status = 503
    step.request.outcome = .refused
    step.observe(on: lane)
    for text in ["first 123456789012", "second"] {
      let code = lane.codes.number(of: "ServiceUnavailable")
      lane.note(level: .request, code: code, status: 503, phase: 1) { text }
    }
    let finished = lane.finishedSlices(before: .max)
    var errors = finished.messages
    for slice in finished.slices { errors.add(slice.errors) }
    let entry = errors.entries.first { $0.level == .request }
    #expect(entry?.message == "first ************")
    #expect((entry?.count, entry?.firstSecond, entry?.lastSecond) == (1, 0, 0))
  }

  @Test func codesOfAHostileTargetAreBounded() {
    var codes = ErrorCodes()
    for number in 0..<1_000 { _ = codes.number(of: "Code\(number)") }
    #expect(codes.names.count == ErrorCodes.maximumCount)
    #expect(codes.number(of: "Code999") == ErrorCodes.further)
    #expect(codes.number(of: "InternalFailure") == ErrorCodes.internalFailure)
    #expect(codes.number(of: "ProvisionedThroughputExceededException") == ErrorCodes.throttled)
    #expect(codes.number(of: "") == ErrorCodes.none)
  }

  @Test func codesThatAreNoTextTakeOnePlaceEach() {
    var codes = ErrorCodes()
    let long = Array(String(repeating: "ü", count: 51).utf8 + [0x41])
    let spoilt: [[UInt8]] = [[0xFF, 0x41], Array("Code\u{1B}[2J".utf8), long]
    let numbers = spoilt.map { code in (0..<3).map { _ in code.withUnsafeBytes { codes.number(of: $0) } } }
    #expect(numbers == [[4, 4, 4], [5, 5, 5], [6, 6, 6]])
    #expect(codes.names[4...5] == ["\u{FFFD}A", "Code\\x1b[2J"])
  }
}

@Suite struct GeneratorJudgeTests {
  private func second(
    late: Double = 0, cpu: Double? = nil, steal: Double? = nil, stopped: Double = 0, starved: Double? = nil,
    capped: Bool = false, closed: Bool = false, draining: Bool = false
  ) -> GeneratorJudge.Second {
    var second = GeneratorJudge.Second()
    second.stopped = .milliseconds(stopped)
    second.starvedRatio = starved
    second.isDraining = draining
    second.lateness = .milliseconds(late)
    second.cpuRatio = cpu
    second.stealRatio = steal
    second.isCapped = capped
    second.isClosedLoop = closed
    return second
  }

  private func judge(_ seconds: [GeneratorJudge.Second]) -> GeneratorJudge {
    var judge = GeneratorJudge(latenessBound: .milliseconds(5))
    for second in seconds { _ = judge.judge(second) }
    return judge
  }

  @Test func oneInTwentySecondsDecides() {
    let good = Array(repeating: second(), count: 19)
    for bad in [second(late: 5.1), second(cpu: 0.91), second(steal: 0.11), second(stopped: 10.1)] {
      #expect(judge(good + [bad]).verdict == .generatorBound)
      #expect(judge(good + good + [bad]).verdict == .valid)
    }
    #expect(judge(good + [second(late: 5, cpu: 0.9, steal: 0.1, stopped: 10)]).verdict == .valid)
    #expect(judge([]).verdict == .valid)
  }

  @Test func latenessOfACappedGeneratorIsTheTargets() {
    let run = judge([second(late: 9, capped: true), second(late: 9), second(late: 9), second(), second(late: 9)])
    #expect(run.cappedSeconds == 3)
    #expect(run.boundSeconds == 1)
    #expect(judge([second(late: 9, capped: true)]).verdict == .capped)
    #expect(judge([second(cpu: 0.95, capped: true)]).verdict == .generatorBound)
  }

  /// Seconds as they came, and which of them are bound (b), capped (c), neither (.).
  @Test(arguments: [
    ("a stop fills the slots", [(0, false), (900, false), (900, true), (0, true), (0, true), (0, false)], ".bbbb."),
    (
      "its backlog is the stop's no longer than twice the stop", [(0, false), (400, true), (0, true), (0, true)], ".bbc"
    ),
    ("the slots were full before", [(0, true), (900, true), (0, true), (0, false)], "ccc."),
    ("calm between", [(900, false), (0, false), (0, true)], "b.c"),
  ])
  func whatAStopLeavesBehindIsTheGenerators(
    _ name: String, _ seconds: [(stopped: Double, isCapped: Bool)], _ expected: String
  ) {
    var judge = GeneratorJudge(latenessBound: .milliseconds(5))
    let found = seconds.map { seen -> Character in
      let verdict = judge.judge(second(stopped: seen.stopped, capped: seen.isCapped))
      return verdict.isCapped ? "c" : verdict.isBound ? "b" : "."
    }
    #expect(String(found) == expected, "\(name)")
  }

  @Test func aStarvedWorkerIsLateByThatWhateverElseHeldIt() {
    #expect(judge([second(late: 90, starved: 0.11, capped: true)]).verdict == .generatorBound)
    #expect(judge([second(late: 90, starved: 0.1, capped: true)]).verdict == .capped)
    // What is not late suffered nothing by it, and a backlog of the cap is not sent by a starved worker.
    #expect(judge([second(starved: 0.9)]).verdict == .valid)
    #expect(judge([second(capped: true), second(late: 90, starved: 0.5)]).boundSeconds == 1)
  }

  @Test func aFaultInTheDrainCountsAndTheRestOfItDoesNot() {
    let plan = Array(repeating: second(), count: 10)
    let drain = second(capped: true, draining: true)
    let run = judge(plan + Array(repeating: drain, count: 30) + [second(stopped: 500, draining: true), drain])
    #expect((run.seconds, run.boundSeconds, run.stoppedSeconds, run.cappedSeconds) == (11, 1, 1, 0))
    #expect(run.verdict == .generatorBound)
  }

  @Test func askedTooMuchIsToldFromStopped() {
    let run = judge([second(late: 90, cpu: 0.8), second(cpu: 0.2, stopped: 500), second(late: 90, cpu: 0.3)])
    #expect((run.boundSeconds, run.stoppedSeconds) == (3, 2))
  }

  @Test func saturationIsNoFaultInAClosedLoop() {
    #expect(judge([second(late: 90, cpu: 1, capped: true, closed: true)]).verdict == .valid)
    #expect(judge([second(steal: 0.5, closed: true)]).verdict == .generatorBound)
  }

  @Test func aSaturatedWorkerMakesTheRateOfAClosedLoopItsOwn() {
    let idle = Array(repeating: second(cpu: 0.9, closed: true), count: 19)
    #expect(!judge(idle).isSaturated)
    #expect(judge(idle + [second(cpu: 0.91, closed: true)]).isSaturated)
    #expect(!judge(idle + idle + [second(cpu: 0.91, closed: true)]).isSaturated)
    // Busy seconds of open phases are judged as such.
    let open = judge(idle + [second(cpu: 0.91)])
    #expect((open.isSaturated, open.saturatedSeconds, open.closedLoopSeconds) == (false, 0, 19))
    #expect(!judge([]).isSaturated)
  }
}

@Suite struct RunLayoutTests {
  @Test(
    arguments: [
      (0, -2), (1, -2), (999_999_999, -2), (1_000_000_000, -1), (2_000_000_000, 0), (2_999_999_999, 0),
      (3_000_000_000, 1),
    ] as [(Int64, Int)])
  func secondsCountFromTheFirstMeasuredPhase(instant: Int64, second: Int) {
    #expect(smallLayout().second(of: instant) == second)
    #expect(smallLayout().start(ofSecond: second) <= instant)
  }

  @Test(arguments: [(1, 60), (4, 600), (200, 3_600), (4_000, 600), (4_000, 86_400), (10_000, 600)])
  func binsKeepTheFileWithinItsRows(shards: Int, seconds: Double) {
    let layout = RunLayout(
      phases: [PhaseLayout(name: "p", start: .zero, duration: .seconds(seconds))], shards: ShardMap(even: shards))
    let width = layout.shardBinSeconds
    #expect(Double(shards) * ((seconds + 5) / Double(width)).rounded(.up) <= Double(ShardSecondRow.maximumRows))
    #expect(width == 1 || Double(shards) * seconds > Double(ShardSecondRow.maximumRows) / 2.5)
  }
}
