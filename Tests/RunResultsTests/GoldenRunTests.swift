import TestSupport
import Testing

@testable import Observations
@testable import RunResults

/// The files of a small scripted run, as reviewed: three shards, a warm-up and a measured phase.
@Suite struct GoldenRunTests {
  @Test(arguments: [
    TimeseriesRow.fileName, ShardSecondRow.fileName, ResponseBinRow.fileName, ShardRow.fileName, PhaseRow.fileName,
    LatencyRow.fileName, KeyRow.fileName, ErrorRow.fileName, Summary.fileName, "histograms.hlog", "scenario.json",
  ])
  func fileIsAsRecorded(_ name: String) throws {
    let run = try collect(smallLayout(), smallScript(), skipped: [skippedRecord()])
    #expect(run.sink.files[name] != nil)
    expectGolden(run.sink.text(name), name)
  }

  @Test func summaryNamesExactlyTheFilesWritten() throws {
    let run = try collect(smallLayout(), smallScript(), skipped: [skippedRecord()])
    #expect(run.summary.files.sorted() == run.sink.names.sorted())
  }

  @Test func measuredTotalsAreTheSumsOfMeasuredSeconds() throws {
    let run = try collect(smallLayout(), smallScript(), skipped: [skippedRecord()])
    let rows = try run.sink.rows(TimeseriesRow.self).filter(\.measured)
    let records = run.summary.records
    #expect(rows.reduce(0) { $0 + $1.plannedRecords } == records.planned)
    #expect(rows.reduce(0) { $0 + $1.firstTryRecords } == records.firstTry)
    #expect(rows.reduce(0) { $0 + $1.attemptedRecords } == records.attempted)
    #expect(rows.reduce(0) { $0 + $1.acceptedRecords } == records.accepted)
    #expect(rows.reduce(0) { $0 + $1.throttledRecords } == records.throttled)
    #expect(rows.reduce(0) { $0 + $1.unknownRecords } == records.unknown)
    #expect(rows.reduce(0) { $0 + $1.gaveUpRecords } == records.gaveUp)
    #expect(rows.reduce(0) { $0 + $1.skippedRecords } == records.skipped)
    #expect(rows.reduce(0) { $0 + $1.unfinishedRecords } == records.unfinished)
    let shardSeconds = try run.sink.rows(ShardSecondRow.self).filter(\.measured)
    #expect(shardSeconds.reduce(0) { $0 + $1.attemptedRecords } == records.attempted)
    #expect(try run.sink.rows(ShardRow.self).reduce(0) { $0 + $1.attemptedRecords } == records.attempted)
  }

  @Test func accountingIdentityHoldsForMeasuredAndWarmUp() throws {
    let summary = try collect(smallLayout(), smallScript(), skipped: [skippedRecord()]).summary
    for records in [summary.records, try #require(summary.warmupRecords)] {
      #expect(records.planned == 20)
      let ends = [records.gaveUp, records.expired, records.skipped, records.unfinished].compactMap(\.self)
      #expect(ends.count == 4 && records.planned == ends.reduce(records.accepted, +))
      #expect(records.attempted == records.accepted + records.throttled + records.fault + (records.unknown ?? .min))
    }
    // By the clock the time-out of the last request is no measured outcome: it came in the drain.
    let clock = (summary.records.clockAttemptedRecords, summary.records.clockAcceptedRecords)
    #expect(clock == (20, 8))
    #expect((summary.records.clockThrottledRecords, summary.records.clockFaultRecords) == (3, 0))
    #expect(summary.checks.identityHolds)
    #expect(summary.warnings == [])
  }

  @Test func recordThatVanishesBreaksTheIdentityAndTheRun() throws {
    let summary = try collect(smallLayout(), smallScript()).summary
    #expect(!summary.checks.identityHolds)
    #expect(summary.exitCode == RunExit.internalError)
    #expect(summary.verdict == "invalid")
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings[0].contains("planned 20, first tries 19"))
  }
}
