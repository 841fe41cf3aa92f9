import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

@Suite struct JournalTests {
  /// A sink that keeps the journal when the run is done.
  private final class KeepingSink: ResultSink {
    let files = MemorySink()
    private(set) var journal: [UInt8] = []

    func append(_ bytes: [UInt8], to fileName: String) {
      if fileName == Journal.fileName { journal += bytes } else { files.append(bytes, to: fileName) }
    }
    func remove(_ fileName: String) {}
  }

  /// The small run on two workers, with all that a journal can hold.
  private static func run(
    _ change: (inout RunLayout) -> Void = { _ in }, keyCount: UInt64? = 8
  ) throws -> (summary: Summary, sink: KeepingSink) {
    let thresholds = [
      Threshold(metric: .latency(.response, .p99), max: 1e12, phase: "steady", perShard: true),
      Threshold(metric: .throttleRatio, max: 0.9, perShard: true, window: .seconds(1)),
    ]
    var layout = smallLayout(workers: 2, keyCount: keyCount, thresholds: thresholds)
    layout.needsShardSeconds = thresholds.needShardSeconds
    change(&layout)
    let sink = KeepingSink()
    let recorder = try RunRecorder(
      layout: layout, description: smallDescription(), thresholds: thresholds, keys: .show, sink: sink,
      planned: tenPerSecond(layout))
    let lanes = (0..<2).map { _ in WorkerLane(layout: layout) }
    for (number, step) in smallScript().enumerated() { step.observe(on: lanes[number % 2]) }
    lanes[0].observe(ConnectionObservation(connect: 900_000, handshake: 400_000, isResumed: true), at: ms(2_100))
    lanes[1].note(
      level: .record, code: lanes[1].codes.number(of: "ProvisionedThroughputExceededException"), status: 200, phase: 1
    ) { "Rate exceeded for shard" }
    lanes[1].shardMismatches = 2
    var skipped = [skippedRecord()]
    skipped.withUnsafeMutableBufferPointer { lanes[0].end($0, at: ms(3_950)) }
    recorder.note(steal: 0.02, second: 0)
    recorder.warn("something to know")
    recorder.note(ShardChange(noticed: ms(2_500), listed: ms(2_600), opened: [3], closed: [0]))
    recorder.use(ShardMap(even: 3).adding(["late"]))
    recorder.note(
      BrokenBound(threshold: 1, bound: .atMost, value: 0.95, samples: 7, shard: 2, second: 1, at: ms(3_500)))
    for second in -1..<3 {
      for (number, lane) in lanes.enumerated() {
        lane.note(
          from: layout.start(ofSecond: second - 1), to: layout.start(ofSecond: second), inFlight: 2,
          busy: .milliseconds(200), isCapped: second == 1, unsent: 3, sendBufferFull: 1)
        try recorder.accept(lane.finishedSlices(before: second), from: number)
      }
    }
    recorder.note(planHash: "abc")
    let ending = RunEnding(.completed, ended: ms(8_800))
    return (try recorder.finish(lanes: lanes, ending: ending, keys: keyNames()), sink)
  }

  @Test(
    "What is made of the journal is what was made of the run, byte for byte",
    arguments: [8, nil] as [UInt64?], [1, 2])
  func replayEqualsTheRun(keyCount: UInt64?, seconds: Double) throws {
    let (summary, sink) = try Self.run({ $0.timeout = .seconds(seconds * 1_800) }, keyCount: keyCount)
    let again = MemorySink()
    let replayed = try JournalReplay.replay(sink.journal, into: again, keys: keyNames())
    #expect(replayed.fileText == summary.fileText)
    #expect(again.names == sink.files.names)
    for name in again.names { #expect(again.text(name) == sink.files.text(name), "\(name)") }
    #expect(summary.warnings.contains("something to know") && summary.scenario?.planSHA256 == "abc")
  }

  @Test("Every entry reads back as written")
  func entriesReadBack() throws {
    let (_, sink) = try Self.run()
    var reader = try Journal.Reader(sink.journal)
    var again = Journal.bytes(of: reader.header)
    var kinds: Set<UInt8> = []
    while let entry = reader.next() {
      kinds.insert(entry.kind)
      Journal.append(entry, to: &again)
    }
    #expect(reader.damage == nil)
    #expect(kinds == Set(1...11).subtracting([7]))
    #expect(again == sink.journal)
  }

  @Test("Every counter is in its type's table once")
  func tablesAreWhole() {
    func expectWhole<Counts: JournalCounts & Hashable>(_ none: Counts) {
      var counts = none
      for (position, path) in Counts.counters.enumerated() { counts[keyPath: path] = position + 1 }
      #expect(counts.numbers == Array(1...Counts.counters.count))
      #expect(Mirror(reflecting: none).children.count == Counts.counters.count, "\(Counts.self)")
    }
    expectWhole(Traffic())
    expectWhole(Delivery())
    expectWhole(ShardTraffic())
    expectWhole(ShardPeak())
    expectWhole(LaneChecks())
  }

  @Test("A journal cut at any byte is read to its last whole entry")
  func everyCut() throws {
    let journal = try Self.run().sink.journal
    var ends: [Int] = []
    var reader = try Journal.Reader(journal)
    var copy = Journal.bytes(of: reader.header)
    ends.append(copy.count)
    while let entry = reader.next() {
      Journal.append(entry, to: &copy)
      ends.append(copy.count)
    }
    let whole = ends.count - 1
    for length in 0..<journal.count {
      let cut = Array(journal[..<length])
      guard length >= ends[0] else {
        #expect(throws: JournalFailure.self, "\(length)") { try Journal.Reader(cut) }
        continue
      }
      var reader = try Journal.Reader(cut)
      var count = 0
      while reader.next() != nil { count += 1 }
      #expect(count == ends.lastIndex { $0 <= length }, "\(length)")
      #expect((reader.damage == nil) == ends.contains(length), "\(length)")
    }
    #expect(whole > 10)
  }

  @Test("A bit that flipped anywhere is found, and what stands before its entry is kept")
  func everyFlip() throws {
    let journal = try Self.run().sink.journal
    let header = Journal.bytes(of: try Journal.Reader(journal).header).count
    for position in stride(from: 0, to: journal.count * 8, by: 3) {
      var spoilt = journal
      spoilt[position / 8] ^= 1 << UInt8(position % 8)
      guard position / 8 >= header else {
        #expect(throws: JournalFailure.self, "\(position)") { try Journal.Reader(spoilt) }
        continue
      }
      var reader = try Journal.Reader(spoilt)
      while reader.next() != nil {}
      #expect(reader.damage != nil, "\(position)")
    }
  }

  @Test(
    arguments: [
      ("", "it is empty"), ("run_id,t_s\n", "it is no journal: expected \"shardmeter.journal/3\" in its first line"),
      ("shardmeter.journal/2\n", "it has format 2, this program reads 3"),
      ("shardmeter.journal/3\n", "it has no header"),
      ("shardmeter.journal/3\nxx", "its header is not whole: an entry is cut off"),
    ])
  func whatIsNoJournalIsNamed(text: String, message: String) {
    #expect(throws: JournalFailure(message)) { try Journal.Reader(Array(text.utf8)) }
  }

  @Test("A run that was killed is told up to its last whole second, and its books balance")
  func killedRun() throws {
    let journal = try Self.run().sink.journal
    var reader = try Journal.Reader(journal)
    var killed = Journal.bytes(of: reader.header)
    // Up to second 0, the first measured one.
    while let entry = reader.next() {
      if case .second(let second) = entry, second.second > 0 { break }
      if case .ending = entry { break }
      Journal.append(entry, to: &killed)
    }
    killed += [1, 2, 3]
    let sink = MemorySink()
    let summary = try JournalReplay.replay(killed, into: sink, keys: keyNames())
    #expect((summary.complete, summary.verdict, summary.exitCode) == (false, "incomplete", 130))
    #expect(summary.time.measuredS == 1)
    #expect(summary.records.planned == 10 && summary.records.notReached == 10)
    #expect(summary.checks.identityHolds)
    // Ten were sent; one waited for its second try when the run was killed.
    #expect((summary.records.traffic.firstTries, summary.records.delivery?.unfinished) == (10, 1))
    #expect(summary.warnings.count { $0.contains("did not end in order") } == 1)
    #expect(summary.warnings.count { $0.contains("an entry is cut off") } == 1)
    #expect(try sink.rows(TimeseriesRow.self).map(\.tS) == [-2, -1, 0])
  }

  @Test(
    "Bins are as wide as keeps their number within bounds",
    arguments: [(16, 60, 1, 1), (64, 600, 1, 2), (64, 86_400, 60, 300), (4_000, 600, 1, 300)])
  func bins(shards: Int, seconds: Double, time: Int, responses: Int) {
    let layout = RunLayout(
      phases: [PhaseLayout(name: "p", start: .zero, duration: .seconds(seconds))], shards: ShardMap(even: shards))
    #expect(layout.timeBinSeconds == time)
    #expect(layout.responseBinSeconds == responses)
    #expect(Int(seconds) / time <= RunLayout.maximumTimeBins)
    #expect(shards * Int(seconds) / responses <= RunLayout.maximumResponseBins)
  }
}
