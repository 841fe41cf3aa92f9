import Observations
import Reporting
import RunResults
import TestSupport
import Testing

/// What reading the stream back found, on every surface.
@Suite struct VerificationReportTests {
  private static func run(_ change: (inout VerificationCounts) -> Void) -> LoadedRun {
    var found = VerificationCounts()
    (found.passed, found.complete, found.accepted, found.found) = (true, true, 1_000, 1_000)
    (found.read, found.shards, found.reordered, found.orderJudged) = (1_000, 2, 0, 1_000)
    change(&found)
    found.passed = found.complete && found.missing == 0 && found.altered == 0
    var run = SyntheticRun(shards: 2, measuredSeconds: 6, hotShard: nil, thresholds: false).make()
    run.summary?.take(found)
    var verification = Verification()
    verification.records = found
    verification.shards = (0..<2).map { number in
      var shard = VerificationShard()
      (shard.id, shard.read) = ("<shard \(number)>", 500)
      return shard
    }
    run.verification = verification
    return run
  }

  private static let cases: [(run: LoadedRun, sentence: String, more: String)] = [
    (run { _ in }, "all 1000 accepted records were read back", ""),
    (
      run { ($0.duplicated, $0.reordered) = (3, 7) }, "all 1000 accepted records were read back",
      ", 3 more than once, 7 out of order within their key"
    ),
    (run { ($0.missing, $0.found) = (20, 980) }, "20 of 1000 accepted records missing", ""),
    (
      run { ($0.missing, $0.found, $0.altered) = (1, 999, 1) }, "1 of 1000 accepted records missing, 1 record altered",
      ""
    ),
    (run { ($0.complete, $0.problem) = (false, "no answer") }, "the stream could not be verified: no answer", ""),
  ]

  @Test(arguments: cases.indices) func everySurfaceSaysIt(_ index: Int) throws {
    let (run, sentence, more) = Self.cases[index]
    let found = try #require(run.summary?.verification)
    let text = VerificationText.table(found, colour: false)
    #expect(text.hasSuffix("\(found.passed ? "VERIFIED" : "FAIL"): \(sentence)\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 && $0.allSatisfy(\.isASCII) })
    #expect(VerificationText.verdict(found, colour: true).contains(found.passed ? "\u{1b}[32m" : "\u{1b}[31;1m"))
    let capital = sentence.prefix(1).uppercased() + sentence.dropFirst() + more + "."
    #expect(MarkdownSummary.text(run).contains(capital))
    let page = HTMLReport.page(run)
    #expect(page.contains("<h2>Read back</h2>") && page.contains("&lt;shard 1&gt;") && !page.contains("<shard 1>"))
    let junit = JUnitReport.document(run)
    #expect(junit.contains("accepted records are read back"))
    #expect(junit.contains("type=\"verification\"") == !found.passed)
    #expect(junit.contains("failures=\"\(found.complete && !found.passed ? 1 : 0)\""))
    let final = FinalTable.text(run)
    #expect(final.contains("read back  1000 records from 2 shards"))
    if !found.passed { #expect(final.hasSuffix("FAIL: \(sentence)\n")) }
  }

  @Test func aRunThatWasNotReadSaysNothing() {
    let run = SyntheticRun(shards: 2, measuredSeconds: 6).make()
    #expect(!HTMLReport.page(run).contains("Read back") && !FinalTable.text(run).contains("read back"))
    #expect(!JUnitReport.document(run).contains("read back"))
  }
}
