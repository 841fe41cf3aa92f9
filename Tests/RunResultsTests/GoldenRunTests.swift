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

  @Test func accountingIdentityHoldsForMeasuredAndWarmUp() throws {
    let summary = try collect(smallLayout(), smallScript(), skipped: [skippedRecord()]).summary
    for records in [summary.records, try #require(summary.warmupRecords)] {
      #expect(records.planned == 20)
      let (traffic, delivery) = (records.traffic, try #require(records.delivery))
      let ends = [delivery.gaveUp, delivery.expired, delivery.skipped, delivery.unfinished]
      #expect(records.planned == ends.reduce(traffic.accepted, +))
      #expect(traffic.attempted == traffic.accepted + traffic.throttled + traffic.fault + traffic.unknown)
    }
    // By the clock the time-out of the last request is no measured outcome: it came in the drain.
    let clock = (summary.records.clock?.attempted, summary.records.clock?.accepted)
    #expect(clock == (20, 8))
    #expect((summary.records.clock?.throttled, summary.records.clock?.failed) == (3, 0))
    #expect(summary.checks.identityHolds)
    #expect(summary.warnings == [])
  }

  @Test func recordThatVanishesBreaksTheIdentityAndTheRun() throws {
    let summary = try collect(smallLayout(), smallScript()).summary
    #expect(!summary.checks.identityHolds)
    #expect(summary.exitCode == ExitCode.internalError.rawValue)
    #expect(summary.verdict == "invalid")
    #expect(summary.warnings.count == 1)
    #expect(summary.warnings[0].contains("planned 20, first tries 19"))
  }
}
