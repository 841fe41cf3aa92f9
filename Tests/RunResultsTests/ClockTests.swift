import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// Rates are by the clock, fates of the cohort: one set of counters, two ways to add them up.
@Suite struct ClockTests {
  /// Four phases that change within seconds, one of them unmeasured between measured ones.
  private static func layout(shards: Int = 3, workers: Int = 2) -> RunLayout {
    let phases = [("warm-up", false), ("first", true), ("pause", false), ("second", true)].enumerated().map {
      PhaseLayout(
        name: $1.0, start: .milliseconds(1_700 * Double($0)), duration: .milliseconds(1_700), isMeasured: $1.1)
    }
    return RunLayout(phases: phases, shards: ShardMap(even: shards), keyCount: 5, workers: workers)
  }

  /// Every record of the plan in batches of five, answered after up to three seconds; what failed is tried again, up to
  /// three times in all.
  private static func script(_ layout: RunLayout, seed: UInt64) -> [ScriptedRequest] {
    let random = CounterRandom(seed: seed, domain: 1)
    var draw: UInt64 = 0
    func below(_ bound: UInt64) -> Int64 {
      draw += 1
      return Int64(random.below(bound, draw))
    }
    var script: [ScriptedRequest] = []
    for (number, phase) in layout.phases.enumerated() {
      let count = tenPerSecond(layout)(number, .max)
      for first in stride(from: 0, to: count, by: 5) {
        var records = batch(
          phase: UInt16(number), due: phase.start.value + Int64(first) * 100_000_000, count: min(5, count - first),
          shards: layout.shards.count, firstIndex: UInt64(first))
        var sent = (records.last?.planned.due ?? 0) + below(400_000_000)
        for attempt in 1...3 where !records.isEmpty {
          for position in records.indices {
            records[position].attempt = UInt16(attempt)
            records[position].outcome = [.accepted, .accepted, .throttled, .fault, .unknown][Int(below(5))]
            let isAccepted = records[position].outcome == .accepted
            records[position].end = isAccepted ? .accepted : attempt == 3 ? .gaveUp : .none
          }
          var told = request(records)
          told.closed = sent
          told.firstByte = sent
          told.ended = sent + below(3_000_000_000)
          told.lastByte = told.ended
          told.outcome = .partial
          script.append(ScriptedRequest(request: told, records: records, recordCode: "InternalFailure"))
          records = records.filter { $0.end == .none }
          sent = told.ended + below(500_000_000)
        }
      }
    }
    return script
  }

  /// One line's tries and outcomes: attempted, accepted, throttled, failed.
  private typealias Counts = SIMD4<Int>

  private static func counts(_ row: TimeseriesRow) -> Counts {
    Counts(row.traffic.attempted, row.traffic.accepted, row.traffic.throttled, row.traffic.failed)
  }

  private static func counts(_ row: ShardSecondRow) -> Counts {
    Counts(row.traffic.attempted, row.traffic.accepted, row.traffic.throttled, row.traffic.failed)
  }

  private static func counts(_ row: PhaseRow) -> Counts { counts(row.clock) }
  private static func counts(_ records: SummaryRecords) -> Counts { counts(records.clock) }

  private static func counts(_ clock: Traffic?) -> Counts {
    clock.map { Counts($0.attempted, $0.accepted, $0.throttled, $0.failed) } ?? Counts(repeating: .min)
  }

  private static func sum(_ parts: some Sequence<Counts>) -> Counts { parts.reduce(Counts(), &+) }

  /// What holds of any run's files, whole or cut short.
  private static func expectBooksAgree(_ summary: Summary, _ sink: MemorySink, _ comment: Comment) throws {
    #expect(summary.checks.identityHolds, comment)
    let phases = try sink.rows(PhaseRow.self)
    let seconds = try sink.rows(TimeseriesRow.self)
    let cells = try sink.rows(ShardSecondRow.self)
    let all = try #require(phases.last)
    #expect(counts(all) == counts(summary.records), comment)
    #expect(sum(seconds.lazy.filter(\.measured).map(counts)) == counts(summary.records), comment)
    #expect(sum(cells.lazy.filter(\.measured).map(counts)) == counts(summary.records), comment)
    #expect(seconds.reduce(0) { $0 + ($1.measured ? $1.planned : 0) } == summary.records.planned, comment)
    for phase in phases.dropLast() where phase.phase != PhaseRow.drainName {
      #expect(sum(seconds.lazy.filter { $0.phase == phase.phase }.map(counts)) == counts(phase), comment)
    }
    // Every try has an outcome in the end: in another phase perhaps, or in the drain.
    let total = sum(phases.dropLast().map(counts))
    #expect(total[0] == total[1] + total[2] + total[3], comment)
    #expect(total[0] == phases.dropLast().reduce(0) { $0 + $1.traffic.attempted }, comment)
    #expect(total[1] == phases.dropLast().reduce(0) { $0 + $1.traffic.accepted }, comment)
    for shard in try sink.rows(ShardRow.self) {
      #expect(shard.traffic.attempted == shard.traffic.ended, comment)
    }
  }

  @Test(
    "Per second, phase and shard, both views are sums over the same tries", arguments: 0..<12 as Range<UInt64>,
    [3, 400])
  func viewsAgree(seed: UInt64, shards: Int) throws {
    var layout = Self.layout(shards: shards)
    // The second round is one on bins of several seconds.
    if shards > 3 { layout.timeout = .seconds(3_600) }
    let (summary, sink) = try collect(
      layout, Self.script(layout, seed: seed), ending: RunEnding(.completed, ended: ms(30_000)), laneOf: { $0 % 2 })
    let seconds = try sink.rows(TimeseriesRow.self)
    #expect((seconds[0].binS > 1) == (shards > 3))
    try Self.expectBooksAgree(summary, sink, "seed \(seed)")
    let drain = try #require(try sink.rows(PhaseRow.self).first { $0.phase == PhaseRow.drainName })
    #expect((drain.measured, drain.startS, drain.durationS, drain.planned) == (false, 5.1, 23.2, 0))
    #expect((drain.clock?.accepted ?? 0) > 0)
    #expect(Self.sum(seconds.lazy.filter { $0.phase == PhaseRow.drainName }.map(Self.counts)) == Self.counts(drain))
  }

  @Test(
    "A key's peak is its tries in its busiest second of the measured phases, whichever lanes made them",
    arguments: 0..<12 as Range<UInt64>, [1, 3])
  func keyPeaks(seed: UInt64, workers: Int) throws {
    let layout = Self.layout(workers: workers)
    let script = Self.script(layout, seed: seed)
    let (_, sink) = try collect(
      layout, script, ending: RunEnding(.completed, ended: ms(30_000)), laneOf: { $0 % workers })

    var firstTries: [String: Int] = [:]
    var tries: [String: [Int: Int]] = [:]
    for step in script {
      let sent = try #require(step.request.firstByte)
      let clock = layout.phases.first { $0.start.value <= sent && sent < $0.end.value }
      for record in step.records {
        let name = keyName(record.planned.key)
        if clock?.isMeasured == true { tries[name, default: [:]][layout.second(of: sent), default: 0] += 1 }
        let isMeasured = layout.phases[Int(record.planned.phase)].isMeasured
        if isMeasured, record.attempt == 1 { firstTries[name, default: 0] += 1 }
      }
    }
    let rows = try sink.rows(KeyRow.self)
    #expect(rows.count == 5)
    for row in rows {
      #expect(row.records == firstTries[row.partitionKey], "\(row.partitionKey), seed \(seed)")
      #expect(row.peak1sRecords == tries[row.partitionKey]?.values.max(), "\(row.partitionKey), seed \(seed)")
    }
  }

  @Test("Keys that are too many to be counted one by one have no peak", arguments: [nil, 5_000_000] as [UInt64?])
  func noKeyPeaks(keyCount: UInt64?) throws {
    let layout = smallLayout(keyCount: keyCount)
    let rows = try collect(layout, smallScript()).sink.rows(KeyRow.self)
    #expect(!rows.isEmpty && rows.allSatisfy { $0.peak1sRecords == nil && $0.records > 0 })
  }

  @Test("A run that was killed after any second has balanced books in both views", arguments: 0..<4 as Range<UInt64>)
  func killedAnywhere(seed: UInt64) throws {
    let layout = Self.layout()
    let journal = try Self.journal(layout, Self.script(layout, seed: seed))
    var reader = try Journal.Reader(journal)
    var left = Journal.bytes(of: reader.header)
    var cuts = 0
    while let entry = reader.next() {
      Journal.append(entry, to: &left)
      guard case .second(let second) = entry else { continue }
      cuts += 1
      let sink = MemorySink()
      let summary = try JournalReplay.replay(left, into: sink, keys: keyNames())
      try Self.expectBooksAgree(summary, sink, "seed \(seed), killed after second \(second.second)")
    }
    #expect(cuts >= 7)
  }

  /// The journal of a run that ends in order.
  private static func journal(_ layout: RunLayout, _ script: [ScriptedRequest]) throws -> [UInt8] {
    final class JournalSink: ResultSink {
      var journal: [UInt8] = []
      func append(_ bytes: [UInt8], to fileName: String) { if fileName == Journal.fileName { journal += bytes } }
      func remove(_ fileName: String) {}
    }
    let sink = JournalSink()
    let recorder = try RunRecorder(
      layout: layout, description: smallDescription(), keys: .show, sink: sink, planned: tenPerSecond(layout))
    let lanes = (0..<layout.workers).map { _ in WorkerLane(layout: layout) }
    for (number, step) in script.enumerated() { step.observe(on: lanes[number % lanes.count]) }
    _ = try recorder.finish(lanes: lanes, ending: RunEnding(.completed, ended: ms(30_000)), keys: keyNames())
    return sink.journal
  }

  /// Ten records a second for two seconds, all sent at once and answered when the endpoint wakes up in second 4.
  private static func frozen() -> [ScriptedRequest] {
    [0, 1].map { second in
      let records = batch(phase: 1, due: ms(2_000 + 1_000 * Double(second)), count: 10, firstIndex: UInt64(10 * second))
      var told = request(records)
      told.ended = ms(6_500)
      told.lastByte = told.ended
      return ScriptedRequest(request: told, records: records)
    }
  }

  @Test("What a frozen endpoint answers late it did not accept before")
  func frozenEndpoint() throws {
    let thresholds = [
      Threshold(metric: .acceptedRate, min: 1), Threshold(metric: .lostRatio, max: 0),
      Threshold(metric: .acceptedRate, min: 1, window: .seconds(1)),
    ]
    let (summary, sink) = try collect(
      smallLayout(thresholds: thresholds), Self.frozen(), thresholds: thresholds,
      ending: RunEnding(.completed, ended: ms(6_500)))
    #expect((summary.records.traffic.accepted, summary.records.clock?.accepted) == (20, 0))
    #expect((summary.rates.acceptedRecordsPerS, summary.rates.attemptedRecordsPerS) == (0, 10))
    #expect(summary.thresholds.map(\.status) == ["fail", "fail", "pass"])
    #expect(summary.thresholds.map(\.observed) == [0, 0, 0])
    let rows = try sink.rows(TimeseriesRow.self)
    #expect(rows.filter { $0.traffic.accepted > 0 }.map(\.tS) == [4])
    #expect(rows.filter { $0.responseP99Ms != nil }.map(\.phase) == [PhaseRow.drainName])
    let shards = try sink.rows(ShardRow.self)
    // Attempts are by the clock as well: a third of ten records a second.
    #expect(shards.map(\.meanUseRatio) == [0.0035, 0.0035, 0.003])
    #expect(shards.allSatisfy { $0.peak.records <= 4 })
  }

  @Test("After a stop no phase runs: what is answered then is the drain's")
  func stopEndsThePhase() throws {
    let layout = smallLayout()
    let lane = WorkerLane(layout: layout)
    lane.stop(at: ms(3_000))
    for step in Self.frozen().prefix(1) { step.observe(on: lane) }
    let slices = lane.finishedSlices(before: .max).slices.sorted { $0.second < $1.second }
    #expect(slices.map(\.second) == [0, 4])
    #expect(slices.map(\.phases) == [PhasePair(cohort: 1, clock: 1), PhasePair(cohort: 1, clock: 2)])
    #expect(slices.map(\.counts.traffic.attempted) == [10, 0])
    #expect(slices.map(\.counts.traffic.accepted) == [0, 10])
  }

  @Test("A ratio over some time is one of the answers in it, and never more than all of them")
  func ratioOfAnswers() {
    var counts = Traffic()
    (counts.attempted, counts.throttled, counts.accepted) = (2, 6, 2)
    #expect(Metric.throttleRatio.value(of: ByTheClock(counts)) == 0.75)
    #expect(Metric.throttleRatio.value(of: counts) == 3)
  }
}
