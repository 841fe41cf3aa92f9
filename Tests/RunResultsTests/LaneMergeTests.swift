import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// However requests are dealt onto lanes, the results are the same.
@Suite struct LaneMergeTests {
  /// Requests of every kind over both phases: random but for the seed.
  private func randomScript(seed: UInt64, count: Int) -> [ScriptedRequest] {
    let random = CounterRandom(seed: seed, domain: 0)
    return (0..<count).map { number in
      let bits = random.bits(UInt64(number), draw: 0)
      let size = Int(bits.0 % 4)
      let due = Int64(bits.1 % 3_500_000_000)
      var records = batch(
        phase: due < 2_000_000_000 ? 0 : 1, due: due, count: size, firstIndex: bits.0 >> 32)
      for position in records.indices {
        let draw = random.bits(UInt64(number), draw: UInt64(position) + 1)
        records[position].planned.due = due
        records[position].outcome = AttemptOutcome(rawValue: UInt8(draw.0 % 4)) ?? .accepted
        records[position].attempt = UInt16(draw.0 >> 8 % 2) & 1 + 1
        let ends: [RecordEnd] = [.none, .gaveUp, .expired, .unfinished]
        records[position].end = records[position].outcome == .accepted ? .accepted : ends[Int(draw.1 % 4)]
        records[position].shard = Int32(draw.1 >> 8 % 4) & 3 - 1
        records[position].isPlacedByPrediction = draw.1 >> 16 & 1 == 1
        records[position].mayBeDuplicate = draw.1 >> 17 & 1 == 1
      }
      var request = request(records, service: Int64(bits.0 >> 20 % 900_000_000))
      request.phase = due < 2_000_000_000 ? 0 : 1
      request.plannedClose = due
      request.closed = due + ms(0.3)
      request.firstByte = bits.1 % 7 == 0 ? nil : due + ms(1)
      request.lastByte = request.firstByte.map { $0 + ms(3) }
      request.ended = due + ms(4)
      request.outcome = RequestOutcome(rawValue: UInt8(bits.1 >> 40 % 5)) ?? .refused
      return ScriptedRequest(
        request: request, records: records, recordCode: bits.0 & 1 == 0 ? "InternalFailure" : "OtherFailure",
        requestCode: request.outcome == .transport ? "reset-before-answer" : "")
    }
  }

  @Test(arguments: [0, 1, 2, 3, 200], 1...3)
  func splitOverLanesEqualsOneLane(count: Int, workers: Int) throws {
    let seed = UInt64(count * 10 + workers)
    let script = randomScript(seed: seed, count: count)
    let sequential = try collect(smallLayout(), script)
    let random = CounterRandom(seed: seed, domain: 1)
    let split = try collect(
      smallLayout(workers: workers), script, laneOf: { Int(random.bits(UInt64($0), draw: 0).0 % UInt64(workers)) })
    for name in sequential.sink.names where ![TimeseriesRow.fileName, Summary.fileName].contains(name) {
      #expect(sequential.sink.text(name) == split.sink.text(name), "\(name), seed \(seed)")
    }
    // Health is a sum over workers; everything else of the two files is the same.
    var rows = try split.sink.rows(TimeseriesRow.self)
    for index in rows.indices {
      rows[index].inFlightMax = rows[index].inFlightMax.map { $0 / workers }
      rows[index].sendBufferFullRequests = rows[index].sendBufferFullRequests.map { $0 / workers }
    }
    #expect(try rows == sequential.sink.rows(TimeseriesRow.self))
    var summary = split.summary
    summary.generator?.inFlightMax = sequential.summary.generator?.inFlightMax
    let full = summary.generator?.sendBufferFullRequests
    summary.generator?.sendBufferFullRequests = full.map { $0 / workers }
    summary.generator?.workers = 1
    #expect(summary == sequential.summary)
  }

  /// The merged percentiles against those of the sorted values themselves.
  @Test(arguments: [1, 2, 3, 10, 999, 5_000])
  func percentilesAreThoseOfTheSortedValues(count: Int) throws {
    let random = CounterRandom(seed: 7, domain: 2)
    var responses: [Int64] = []
    let script = (0..<count).map { number in
      var records = batch(phase: 1, due: ms(2_000), count: 1, firstIndex: UInt64(number))
      records[0].shard = 0
      var request = request(records)
      let response = Int64(random.bits(UInt64(number), draw: 0).0 % 900_000_000) + 100_000
      responses.append(response)
      request.ended = ms(2_000) + response
      request.lastByte = request.ended
      return ScriptedRequest(request: request, records: records)
    }
    responses.sort()
    let run = try collect(
      smallLayout(workers: 2), script, planned: { phase, before in phase == 1 && before > ms(2_000) ? count : 0 },
      laneOf: { $0 % 2 })
    #expect(run.summary.warnings == [])
    let rows = try run.sink.rows(LatencyRow.self).filter { $0.metric == "response" && $0.phase == "all" }
    #expect(rows.count == LatencyRow.manyPercentiles.count)
    for row in rows {
      let rank = max(Int((row.percentile / 100 * Double(count) - 1e-9).rounded(.up)), 1)
      let exact = Double(responses[rank - 1]) / 1e6
      // Three digits upwards: a bucket's highest value, or at percentile 0 its lowest.
      #expect(abs(row.valueMs - exact) <= exact / 1_000 + 0.0002, "p\(row.percentile)")
      #expect(row.samplesBeyond == (row.percentile == 0 ? count - 1 : count - rank), "p\(row.percentile)")
    }
    let shard = try run.sink.rows(ShardRow.self)[0]
    let median = Double(responses[(count + 1) / 2 - 1]) / 1e6
    #expect(abs((shard.responseP50Ms ?? 0) - median) <= median / 100 + 0.0002)
    #expect(shard.responseSamples == count)
  }

  @Test func secondsGoOutOnlyWhenEveryLaneHasPassedThem() throws {
    let layout = smallLayout(workers: 2)
    let sink = MemorySink()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), sink: sink, planned: tenPerSecond(layout))
    let lanes = [WorkerLane(layout: layout), WorkerLane(layout: layout)]
    smallScript()[0].observe(on: lanes[0])
    try collector.accept(lanes[0].finishedSlices(before: 1), from: 0)
    #expect(try sink.rows(TimeseriesRow.self).isEmpty)
    try collector.accept(lanes[1].finishedSlices(before: -1), from: 1)
    #expect(try sink.rows(TimeseriesRow.self).map(\.tS) == [-2])
    try collector.accept(lanes[1].finishedSlices(before: 2), from: 1)
    #expect(try sink.rows(TimeseriesRow.self).map(\.tS) == [-2, -1, 0])
  }

  @Test func stragglerOfAFinishedSecondCountsForTheOldestOpenOne() throws {
    let layout = smallLayout()
    let lane = WorkerLane(layout: layout)
    _ = lane.finishedSlices(before: 1)
    smallScript()[0].observe(on: lane)
    let slices = lane.finishedSlices(before: 5).slices
    #expect(slices.map(\.second) == [1])
    #expect(slices.map(\.phases.cohort) == [0])
  }

  @Test func whatAPhaseSendsAfterItsEndCountsForTheOneThatRuns() throws {
    var script = smallScript()
    script[1].request.firstByte = ms(2_100)
    script[1].request.lastByte = ms(2_105)
    script[1].request.ended = ms(2_105)
    let run = try collect(smallLayout(), script, skipped: [skippedRecord()])
    let rows = try run.sink.rows(TimeseriesRow.self).filter { $0.tS == 0 }
    #expect(rows.map(\.phase) == ["steady"])
    #expect(rows.map(\.planned) == [10])
    #expect(rows.map(\.traffic.attempted) == [20])
    #expect((run.summary.records.traffic.attempted, run.summary.records.clock?.attempted) == (20, 30))
    #expect(run.summary.checks.identityHolds)
  }
}
