import Reporting
import RunResults
import TestSupport
import Testing

@Suite struct TextReportTests {
  @Test func stepSummary() { expectGolden(MarkdownSummary.text(SyntheticRun().make()), "summary-24.md") }

  @Test func junitDocument() { expectGolden(JUnitReport.document(SyntheticRun().make()), "junit-24.xml") }

  @Test(arguments: HTMLReportTests.shapes.indices)
  func stepSummaryStaysSmall(_ index: Int) {
    let text = MarkdownSummary.text(HTMLReportTests.shapes[index].run)
    #expect(text.utf8.count <= MarkdownSummary.largest)
    #expect(text.hasPrefix("### "))
  }

  @Test func stepSummaryIsBoundedEvenWhenEverythingIsLong() {
    let long = String(repeating: "*ü|`<", count: 2000)
    var run = SyntheticRun(topKey: long).make()
    run.summary?.scenario?.name = long
    run.summary?.warnings = Array(repeating: long, count: 50)
    let threshold = run.summary?.thresholds.first ?? SummaryThreshold()
    run.summary?.thresholds = (0..<200).map { _ in
      var copy = threshold
      copy.phase = long
      return copy
    }
    let phase = run.phases?.first ?? PhaseRow()
    run.phases =
      (run.phases ?? [])
      + (0..<100).map { _ in
        var copy = phase
        (copy.phase, copy.measured) = (long, true)
        return copy
      }
    #expect(MarkdownSummary.text(run).utf8.count <= MarkdownSummary.largest)
  }

  @Test(arguments: HTMLReportTests.shapes.indices)
  func junitIsWellFormedAndItsCountsAddUp(_ index: Int) throws {
    let run = HTMLReportTests.shapes[index].run
    let reader = PageReader(JUnitReport.document(run))
    #expect(reader.faults.isEmpty)
    let suite = try #require(reader.tags.first { $0.name == "testsuite" })
    func count(_ name: String) -> Int { reader.tags.count { $0.name == name } }
    #expect(suite.attributes["tests"] == "\(count("testcase"))")
    #expect(suite.attributes["failures"] == "\(count("failure"))")
    #expect(suite.attributes["errors"] == "\(count("error"))")
  }

  @Test func caseNamesNeverHoldWhatWasSeen() {
    func names(_ run: LoadedRun) -> [String] {
      PageReader(JUnitReport.document(run)).tags.filter { $0.name == "testcase" }.compactMap { $0.attributes["name"] }
    }
    let calm = names(SyntheticRun(perShard: 50, hotShard: nil).make())
    #expect(calm == names(SyntheticRun().make()))
    #expect(calm.contains("throttle.ratio at most"))
  }

  @Test func theThresholdThatStoppedARunIsNamedEverywhere() throws {
    var run = SyntheticRun().make()
    run.summary?.complete = false
    let position = try #require(run.summary?.thresholds.firstIndex { !$0.passed })
    run.summary?.thresholds[position].abortedAtS = 12.34
    let name = "throttle.ratio at most"
    let table = FinalTable.text(run)
    #expect(table.contains("\nFAIL: stopped at 12.3 s by its threshold \(name)"))
    let quiet = FinalTable.text(run, detail: .quiet)
    for text in [table, quiet, MarkdownSummary.text(run), JUnitReport.document(run), HTMLReport.page(run)] {
      #expect(text.contains("stopped the run at 12.3 s"))
    }
    for text in [MarkdownSummary.text(run), HTMLReport.page(run)] {
      #expect(text.contains("Stopped at 12.3 s by its threshold \(name)."))
    }
  }

  @Test func aKeyCannotBreakTheXML() {
    let document = JUnitReport.document(SyntheticRun(topKey: "]]><x>&\u{1}").make())
    #expect(PageReader(document).faults.isEmpty)
    #expect(document.unicodeScalars.allSatisfy { $0.value >= 32 || $0 == "\n" })
    #expect(document.contains("]]&gt;&lt;x&gt;&amp;\\x01"))
  }

  @Test func annotationsComeFailuresFirstAndAtMostTen() {
    #expect(
      Annotations.lines(SyntheticRun().make()) == [
        "::error title=shardmeter::lost.ratio 3.91 %25 > 0.5 %25",
        "::error title=shardmeter::throttle.ratio 5.75 %25 > 1 %25",
      ])
    var run = SyntheticRun().make()
    let failed = run.summary?.thresholds.filter { !$0.passed } ?? []
    run.summary?.thresholds = (0..<9).flatMap { _ in failed }
    #expect(Annotations.lines(run).count == 10)
  }
}
