import Observations
import RunResults
import Testing

@testable import Reporting

/// What failed and what was lost, on every surface; and what a run that was cut off shows.
@Suite struct FailureReportTests {
  /// Half of the attempts fail, none is throttled.
  private static let failing = SyntheticRun(
    shards: 3, measuredSeconds: 20, perShard: 100, hotShard: nil, failing: 0.5
  ).make()

  @Test func everySurfaceSaysIt() {
    let run = Self.failing
    let sentence =
      "of all attempts failed for another reason, all of them with connect-refused from 0 s on: nobody listens at"
      + " http://127.0.0.1:4567: is the endpoint started, is the port right?"
    let text = PageReader(HTMLReport.page(run)).text
    #expect(text.contains(sentence))
    #expect(text.contains("throttled / failed") && text.contains("records lost"))
    #expect(text.contains("on 0 and 3 of 3 shards"))
    #expect(text.contains("No shard was throttled; on 3 of 3, attempts failed for another reason."))
    #expect(HTMLReport.page(run).contains("<path class=\"f-flt\""))
    #expect(MarkdownSummary.text(run).contains("of all attempts failed for another reason"))
    #expect(
      MarkdownSummary.text(run).contains("records lost (49.") && MarkdownSummary.text(run).contains("| failed | lost |")
    )
    let junit = JUnitReport.document(run)
    #expect(junit.contains(sentence) && junit.contains("records lost ("))
    let table = FinalTable.text(run)
    #expect(table.contains("failures   49.") && table.contains("connect-refused"))
    #expect(table.split(separator: "\n").last?.contains("records lost (49.") == true)
    #expect(table.split(separator: "\n").first { $0.hasPrefix("all ") }?.contains("49.") == true)
  }

  @Test func aRunThatLostNothingSaysNothingOfIt() {
    let run = SyntheticRun(shards: 3, measuredSeconds: 20, perShard: 100, hotShard: nil).make()
    for text in [PageReader(HTMLReport.page(run)).text, MarkdownSummary.text(run), FinalTable.text(run)] {
      #expect(!text.contains("records lost (") && !text.contains("another reason"))
    }
    #expect(FinalTable.text(run).contains("3 shards, none throttled, none failed"))
  }

  @Test func anOutageIsNotCalledSlow() {
    var run = SyntheticRun(failing: 0.5, validity: .capped, cappedSeconds: 40..<80).make()
    run.summary?.generator?.littlesLaw = SummaryLittlesLaw(
      atOnce: 1, serviceMeanMs: 100, recordsPerRequest: 300, busiestPlannedRecords: 3_000)
    let text = PageReader(HTMLReport.page(run)).text
    #expect(!text.contains("answers took longer") && !text.contains("the endpoint was slow"))
    #expect(text.contains("the cap was full while requests failed or had no answer"))
  }

  @Test func codesWithoutAdviceAreNamedAllTheSame() {
    let run = SyntheticRun(shards: 2, measuredSeconds: 6, hotShard: nil, failing: 0.5, failure: "<Odd>").make()
    #expect(PageReader(HTMLReport.page(run)).text.contains("with <Odd> from 0 s on."))
    #expect(FailureAdvice.text("<Odd>", endpoint: "x") == nil)
  }

  // MARK: - No thresholds

  @Test func aRunWithoutThresholdsIsDoneAndNeitherPassedNorFailed() {
    let run = SyntheticRun(shards: 2, measuredSeconds: 6, perShard: 50, hotShard: nil, thresholds: false).make()
    #expect(run.summary?.verdict == "none" && run.summary?.exitCode == 0)
    #expect(FinalTable.text(run).hasSuffix("DONE: no thresholds were set\n"))
    #expect(HTMLReport.page(run).contains("<title>• DONE · "))
    #expect(MarkdownSummary.text(run).hasPrefix("### • DONE: "))
    let junit = PageReader(JUnitReport.document(run))
    #expect(!junit.tags.contains { ["failure", "error"].contains($0.name) })
  }

  // MARK: - Cut off

  /// What a killed run left: the files that are written as it goes.
  static var killed: LoadedRun {
    var run = SyntheticRun(shards: 3, measuredSeconds: 30, hotShard: 1).make()
    (run.summary, run.phases, run.shards, run.latency, run.keys, run.errors) = (nil, nil, nil, nil, nil, nil)
    run.isPartial = true
    return run
  }

  @Test func aKilledRunIsDrawnFromWhatIsThere() throws {
    let whole = RunFacts(SyntheticRun(shards: 3, measuredSeconds: 30, hotShard: 1).make())
    let facts = RunFacts(Self.killed)
    #expect(
      facts.measuredSeconds == whole.measuredSeconds && facts.time.phases.map(\.name) == whole.time.phases.map(\.name))
    #expect(facts.total.planned == whole.total.planned)
    #expect(facts.total.traffic.accepted == whole.total.traffic.accepted)
    #expect(facts.shards.rows.map(\.traffic.throttled) == whole.shards.rows.map(\.traffic.throttled))
    #expect(facts.shards.rows.map(\.peak.firstTries) == whole.shards.rows.map(\.peak.firstTries))
    let page = HTMLReport.page(Self.killed)
    for id in ["c-load", "c-heat", "c-lat", "c-gen", "t-phase", "t-shards"] {
      #expect(page.contains("id=\"\(id)\""), "\(id)")
    }
    #expect(PageReader(page).text.contains("The run did not end in order: this is what it left behind."))
    #expect(FinalTable.text(Self.killed).contains("INCOMPLETE"))
  }

  @Test(arguments: [0, 1, 2, 3])
  func noMissingFileStopsTheSurfaces(_ missing: Int) {
    var run = Self.killed
    if missing == 0 { run.timeseries = nil }
    if missing == 1 { run.shardSeconds = nil }
    if missing == 2 { (run.timeseries, run.shardSeconds) = ([], []) }
    if missing == 3 { run.timeseries = run.timeseries.map { Array($0.prefix(1)) } }
    #expect(PageReader(HTMLReport.page(run)).faults.isEmpty)
    #expect(!MarkdownSummary.text(run).isEmpty && !JUnitReport.document(run).isEmpty && !FinalTable.text(run).isEmpty)
  }
}
