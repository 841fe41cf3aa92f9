import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// Runs at the edge of having results at all.
@Suite struct EdgeRunTests {
  private let nothing: @Sendable (Int, Int64) -> Int = { _, _ in 0 }

  @Test func emptyRunIsInvalidAndHasEveryFile() throws {
    let run = try collect(smallLayout(), [], planned: nothing)
    #expect(run.summary.exitCode == ExitCode.invalidRun.rawValue)
    #expect(run.summary.verdict == "invalid")
    #expect(run.summary.warnings == ["nothing was measured"])
    #expect(run.summary.rates.throttleRatio == nil)
    #expect(run.summary.latencyMs.response == SummaryLatency())
    #expect(try run.sink.rows(TimeseriesRow.self).map(\.tS) == [-2, -1, 0, 1])
    #expect(try run.sink.rows(ShardRow.self).map(\.throttleRatio) == [nil, nil, nil])
    #expect(try run.sink.rows(LatencyRow.self).isEmpty)
    #expect(try run.sink.rows(KeyRow.self).isEmpty)
    #expect(try run.sink.rows(ShardSecondRow.self).isEmpty)
  }

  @Test func allThrottledRunHasNoHeadlineResponse() throws {
    var records = batch(phase: 1, due: ms(2_000), count: 10) + batch(phase: 1, due: ms(3_000), count: 10)
    for position in records.indices {
      records[position].outcome = .throttled
      records[position].end = .gaveUp
    }
    var request = request(records)
    request.outcome = .allThrottled
    let script = [
      ScriptedRequest(request: request, records: records, recordCode: "ProvisionedThroughputExceededException")
    ]
    let run = try collect(
      smallLayout(), script, thresholds: [Threshold(metric: .latency(.response, .p99), max: 1e9)],
      planned: { phase, before in phase == 1 ? tenPerSecond(smallLayout())(1, before) : 0 })
    #expect(run.summary.rates.throttleRatio == 1)
    #expect(run.summary.rates.lostRatio == 1)
    #expect(run.summary.latencyMs.response?.count == 0)
    #expect(run.summary.thresholds.map(\.status) == ["error"])
    #expect(run.summary.exitCode == ExitCode.thresholdFailed.rawValue)
    #expect(run.summary.shards?.throttled == 3)
    #expect(run.summary.requests.traffic.requestsRefused == 1)
    #expect(try run.sink.rows(LatencyRow.self).contains { $0.outcome == "throttled" && $0.samples == 20 })
  }

  @Test func stopInWarmUpIsIncompleteAndSaysWhatWasNotReached() throws {
    let run = try collect(
      smallLayout(), [smallScript()[0]], ending: RunEnding(.interrupted, ended: ms(1_200)), stoppedAt: ms(1_000))
    #expect(run.summary.exitCode == ExitCode.interrupted.rawValue)
    #expect(run.summary.verdict == "incomplete")
    #expect(!run.summary.complete)
    #expect(run.summary.checks.identityHolds)
    #expect(run.summary.warmupRecords?.planned == 10)
    #expect(run.summary.warmupRecords?.notReached == 10)
    #expect(run.summary.records.planned == 0)
    #expect(run.summary.records.notReached == 20)
    #expect(run.summary.time.measuredS == 0)
    #expect(run.summary.time.warmupS == 1)
    #expect(run.summary.rates.acceptedRecordsPerS == nil)
    #expect(try run.sink.rows(TimeseriesRow.self).map(\.tS) == [-2])
  }

  @Test func closedLoopPlansWhatItTook() throws {
    let script = Array(smallScript().dropFirst(2).prefix(2))
    let run = try collect(smallLayout(isClosedLoop: true), script, planned: { _, _ in 0 })
    #expect(run.summary.records.planned == 10)
    #expect(run.summary.records.notReached == 0)
    #expect(run.summary.checks.identityHolds)
  }

  @Test(arguments: [
    (RunEnding.Reason.completed, true, true, true, 0), (.completed, true, true, false, 3),
    (.completed, true, false, false, 5), (.completed, false, false, false, 1), (.aborted, true, true, false, 3),
    (.interrupted, false, false, false, 130), (.killed, true, true, true, 130),
    (.failed, true, true, true, 1), (.failed, true, false, false, 1),
  ])
  func exitCodesGoByRank(
    reason: RunEnding.Reason, identityHolds: Bool, isValid: Bool, thresholdsHold: Bool, code: Int
  ) {
    #expect(
      ExitCode.run(reason, identityHolds: identityHolds, isValid: isValid, thresholdsHold: thresholdsHold).rawValue
        == code)
  }

  @Test(arguments: [KeyNames.Mode.show, .hash, .hide])
  func keysAreShownAsAsked(mode: KeyNames.Mode) throws {
    let run = try collect(smallLayout(), smallScript(), skipped: [skippedRecord()], keys: keyNames(mode))
    let key = try #require(try run.sink.rows(KeyRow.self).first)
    let shard = try run.sink.rows(ShardRow.self)[1]
    switch mode {
    case .show:
      #expect(key.partitionKey == "key-00000000")
      #expect(shard.topKey == "key-00000002")
    case .hash:
      #expect(key.partitionKey == "0xd99b3a5d4ae12e0b41e842f21b96a8b9")
      #expect(shard.topKey?.hasPrefix("0x716cf9f4") == true)
    case .hide:
      #expect(key.partitionKey.isEmpty)
      #expect(key.hash == nil)
      #expect(shard.topKey == nil)
    }
    let everything = run.sink.names.map { run.sink.text($0) }.joined()
    #expect(everything.contains("key-0") == (mode == .show))
  }

  @Test func unboundedKeysAreCountedBySketch() throws {
    let run = try collect(smallLayout(keyCount: nil), smallScript(), skipped: [skippedRecord()])
    #expect(try run.sink.rows(KeyRow.self).map(\.records) == [4, 4, 4, 4, 3])
    #expect(try run.sink.rows(ShardRow.self).allSatisfy { $0.keys == nil })
  }

  @Test func keysThatDoNotPlaceRecordsLeaveShardColumnsUnknown() throws {
    var layout = smallLayout()
    layout.isRoutedByKey = false
    let run = try collect(layout, smallScript(), skipped: [skippedRecord()])
    #expect(try run.sink.rows(ShardRow.self).allSatisfy { $0.keys == nil && $0.topKey == nil })
  }
}
