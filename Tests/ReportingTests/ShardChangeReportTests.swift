import RunResults
import Testing

@testable import Reporting

/// A stream whose shards changed during the run, on every surface.
@Suite struct ShardChangeReportTests {
  /// Shard 1 of four was split at 20 s into shards 4 and 5.
  private static func run(changes: Int = 1) -> LoadedRun {
    var run = SyntheticRun(shards: 6, measuredSeconds: 60, hotShard: nil).make()
    var rows = run.shards ?? []
    (rows[1].openToS, rows[4].openFromS, rows[5].openFromS) = (20, 20, 20)
    rows[0].hashStart = 0
    run.shards = rows
    run.shardSeconds?.removeAll { $0.shardIndex == 1 && $0.tS >= 20 || $0.shardIndex > 3 && $0.tS < 20 }
    var change = SummaryShardChange()
    (change.tS, change.listedTS) = (20, 20.5)
    (change.closed, change.opened) = ([rows[1].shardID], [rows[4].shardID, rows[5].shardID])
    var shards = run.summary?.shards ?? SummaryShards()
    shards.changes = Array(repeating: change, count: changes)
    shards.atEnd = 5
    run.summary?.shards = shards
    run.summary?.target.shards = 4
    return run
  }

  @Test func whatChangedIsSaidAndMarked() {
    let run = Self.run()
    let sentence =
      "The stream's shards changed at 20.0 s: shard 1 closed, shards 4, 5 opened; predictions follow from 20.5 s on."
    let page = HTMLReport.page(run)
    #expect(page.contains("1 closed, 2 opened") && page.contains("4 to 5 shards"))
    #expect(page.contains("The stream&#39;s shards changed at 20.0 s"))
    #expect(MarkdownSummary.text(run).contains("shards changed at 20.0 s: shard 1 closed"))
    let final = FinalTable.text(run)
    #expect(final.contains("   4 to 5 shards"))
    #expect(Findings.resharding(RunFacts(run).time.shardChanges, run.shards ?? []).plain == sentence)
    #expect(HTMLReport.page(Self.run(changes: 3)).contains("2 further changes followed"))
    #expect(!HTMLReport.page(SyntheticRun().make()).contains("shards changed"))
  }

  @Test func theLimitFollowsTheShards() {
    let facts = RunFacts(Self.run()).shards
    #expect(facts.limitSteps.steps.map(\.records) == [4_000, 5_000])
    #expect(facts.limitSteps.steps.map(\.from) == [0, 20] && facts.limitSteps.steps.last?.to == 60)
    #expect(facts.recordLimit.map { abs($0 - (4_000 * 20 + 5_000 * 40) / 60) < 1e-6 } == true)
    let plain = RunFacts(SyntheticRun().make()).shards
    #expect(plain.recordLimit == 24_000 && plain.limitSteps.steps.count == 1)
  }

  @Test func shardsWithoutHashKeysAreDrawnNowhereAndListed() {
    var run = Self.run()
    run.shards?[5].hashStart = nil
    run.shards?[5].hashEnd = nil
    run.summary?.shards?.unlisted = [run.shards?[5].shardID ?? ""]
    let page = HTMLReport.page(run)
    #expect(page.contains("which no list of shards had") && page.contains(">unknown<"))
    #expect(RunFacts(run).shards.limitSteps.steps.map(\.records) == [4_000, 4_000])
  }

  @Test(arguments: [0.0, -10, 60, 1_000]) func changesAtTheEdgesMakeNoEmptySteps(second: Double) {
    var run = Self.run()
    for index in [4, 5] { run.shards?[index].openFromS = second }
    run.shards?[1].openToS = second
    #expect(RunFacts(run).shards.limitSteps.steps.allSatisfy { $0.to > $0.from })
    #expect(HTMLReport.page(run).contains("<h2>Load</h2>"))
  }
}
