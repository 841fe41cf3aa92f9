import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// Shards that come during a run have their place in every file, whichever lane met them first.
@Suite struct ShardChangeTests {
  private static let change = ShardChange(noticed: ms(3_000), listed: ms(3_200), opened: [2, 3], closed: [0])

  /// Shard 0 of two is split at 3 s, a second into the measured phase; what is on its children from there is as given.
  private static func map() throws -> ShardMap {
    let first = ShardMap(even: 2)
    let half = first.shards[0].range
    return first.updated(
      to: try ShardMap(shards: [
        Shard(id: "low", range: HashKeyRange(start: 0, end: half.end / 2)),
        Shard(id: "high", range: HashKeyRange(start: half.end / 2 + 1, end: half.end)), first.shards[1],
      ]))
  }

  /// One request a quarter of a second, of 4 records; from 3 s on those of shard 0 land on shards 2 and 3.
  private static func script(until end: Double = 4_000) -> [ScriptedRequest] {
    stride(from: 2_000.0, to: end, by: 250).map { due in
      var records = batch(phase: 1, due: ms(due), count: 4, shards: 2, firstIndex: UInt64(due))
      for position in records.indices {
        records[position].planned.due = ms(due)
        if due >= 3_000, records[position].shard == 0 { records[position].shard = position < 2 ? 2 : 3 }
      }
      return ScriptedRequest(request: request(records), records: records)
    }
  }

  private struct Outcome {
    var sink = MemorySink()
    var summary = Summary()
  }

  private static func collect(workers: Int, thresholds: [Threshold] = [], isTold: Bool = true) throws -> Outcome {
    let layout = smallLayout(shards: 2, workers: workers, thresholds: thresholds)
    var outcome = Outcome()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), thresholds: thresholds, sink: outcome.sink,
      planned: tenPerSecond(layout))
    let lanes = (0..<workers).map { _ in WorkerLane(layout: layout) }
    for (number, request) in script().enumerated() {
      let lane = lanes[number % workers]
      // Only the lane that meets a new shard makes room for it.
      if request.records.contains(where: { $0.shard > 1 }) { lane.makeRoom(forShards: 4) }
      request.observe(on: lane)
      let second = layout.second(of: request.records[0].planned.due)
      for (number, lane) in lanes.enumerated() {
        try collector.accept(lane.finishedSlices(before: second), from: number)
      }
    }
    if isTold { collector.note(change) }
    collector.use(isTold ? try map() : ShardMap(even: 2).adding(["low", "high"]))
    outcome.summary = try collector.finish(
      lanes: lanes, ending: RunEnding(.completed, ended: ms(4_000)), keys: keyNames())
    return outcome
  }

  @Test(arguments: [1, 2, 3]) func everyFileHasThem(workers: Int) throws {
    let outcome = try Self.collect(workers: workers)
    let rows = try outcome.sink.rows(ShardRow.self)
    #expect(rows.map(\.shardID) == ["shardId-000000000000", "shardId-000000000001", "low", "high"])
    #expect(rows.map(\.traffic.accepted) == [8, 16, 4, 4])
    #expect(rows.map(\.openFromS) == [nil, nil, 1, 1] && rows.map(\.openToS) == [1, nil, nil, nil])
    // Their use is that of the time they were open: 8 records in 1 s, 16 in 2 s, 4 in 1 s.
    #expect(rows.map(\.meanUseRatio) == [0.008, 0.008, 0.004, 0.004])
    #expect(rows.map(\.responseSamples) == [8, 16, 4, 4])
    let seconds = try outcome.sink.rows(ShardSecondRow.self)
    #expect(
      Set(seconds.map { "\($0.tS) \($0.shardIndex) \($0.traffic.accepted)" }) == [
        "0 0 8", "0 1 8", "1 1 8", "1 2 4", "1 3 4",
      ])
    let tags = outcome.sink.text(HistogramLog.fileName)
    for id in ["shardId-000000000000", "low", "high"] { #expect(tags.contains("Tag=\(id),")) }
    #expect(outcome.summary.target.shards == 2 && outcome.summary.shards?.atEnd == 3)
    let change = try #require(outcome.summary.shards?.changes.first)
    #expect(
      (change.tS, change.listedTS, change.opened, change.closed) == (1, 1.2, ["low", "high"], ["shardId-000000000000"]))
    // Rates over the time open: 8/s, 8/s, 4/s, 4/s over a mean of 32 records in 5 shard-seconds.
    #expect(outcome.summary.rates.skewMax.map { abs($0 - 8 / 6.4) < 1e-9 } == true)
    #expect(try Summary.parse(Array(outcome.summary.fileText.utf8)).shards == outcome.summary.shards)
  }

  @Test func lanesThatMetThemAndLanesThatDidNotAddUp() throws {
    let one = try Self.collect(workers: 1)
    for workers in 2...3 {
      let several = try Self.collect(workers: workers)
      for name in [
        ShardRow.fileName, ShardSecondRow.fileName, HistogramLog.fileName, LatencyRow.fileName, KeyRow.fileName,
      ] {
        #expect(one.sink.text(name) == several.sink.text(name), "\(name) of \(workers)")
      }
    }
  }

  @Test func shardsKnownByNameAloneHaveNoRange() throws {
    let outcome = try Self.collect(workers: 1, isTold: false)
    let rows = try outcome.sink.rows(ShardRow.self)
    #expect(rows.map(\.traffic.accepted) == [8, 16, 4, 4])
    #expect(rows[2].hashStart == nil && rows[3].hashEnd == nil && rows[0].hashStart == 0)
    #expect(outcome.summary.shards?.unlisted == ["low", "high"] && outcome.summary.shards?.changes == [])
  }

  @Test func thresholdsOfEachShardJudgeThem() throws {
    let threshold = Threshold(metric: .acceptedRate, max: 1, perShard: true)
    let windowed = Threshold(metric: .acceptedRate, max: 1, perShard: true, window: .seconds(1))
    let outcome = try Self.collect(workers: 2, thresholds: [threshold, windowed])
    #expect(outcome.summary.thresholds.allSatisfy { $0.status == "fail" && $0.observed != nil })
  }

  @Test func histogramsGrowInPlace() {
    let growing = ShardHistograms(shardCount: 1)
    let whole = ShardHistograms(shardCount: 70)
    growing.record(5_000, shard: 0)
    whole.record(5_000, shard: 0)
    growing.makeRoom(forShards: 70)
    growing.makeRoom(forShards: 3)
    growing.record(9_999_999, shard: 69)
    whole.record(9_999_999, shard: 69)
    let sum = ShardHistograms(shardCount: 2)
    sum.add(growing)
    for shard in [0, 1, 69, 70] { #expect(sum.histogram(ofShard: shard) == whole.histogram(ofShard: shard)) }
  }

  @Test func errorsCountTheirShardsWhateverTheirNumber() {
    var left = ErrorTable()
    var right = ErrorTable()
    let position = left.index(level: .record, code: "x", status: 200, isMeasured: true, second: 1)
    let other = right.index(level: .record, code: "x", status: 200, isMeasured: true, second: 2)
    for shard in [0, 63, 64, 64] { left.count(position, second: 1, shard: shard) }
    for shard in [5, 64, 200] { right.count(other, second: 2, shard: shard) }
    left.add(right)
    #expect(left.entries[0].shardCount == 5 && left.entries[0].count == 7)
    right.add(left)
    #expect(right.entries[0].shardCount == 5)
  }
}
