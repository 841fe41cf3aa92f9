import Reporting
import RunResults
import TestSupport
import Testing

@Suite struct FinalTableTests {
  @Test(arguments: HTMLReportTests.shapes.indices)
  func neverWiderThanEightyColumnsAndASCII(_ index: Int) {
    let shape = HTMLReportTests.shapes[index]
    let text = FinalTable.text(shape.run, reportPath: "results/" + String(repeating: "x", count: 90) + "/report.html")
    for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(shape.name): \(line)") }
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.isASCII && $0.value >= 32) }, "\(shape.name)")
    #expect(!text.contains(" \n"))
  }

  @Test func fullTable() {
    expectGolden(
      FinalTable.text(SyntheticRun().make(), reportPath: "results/20260314T091502Z-orders-replay-7f3a/report.html"),
      "table-24.txt")
  }

  @Test func sameLengthAtAnyShardCount() {
    func lines(_ shards: Int) -> Int {
      FinalTable.text(SyntheticRun(shards: shards, measuredSeconds: 60).make()).split(separator: "\n").count
    }
    #expect(lines(24) == lines(1000))
  }

  @Test func colourChangesNoWord() {
    let run = SyntheticRun().make()
    let coloured = FinalTable.text(run, colour: true)
    #expect(coloured.contains("\u{1b}[31;1mFAIL\u{1b}[0m"))
    var plain = ""
    var inside = false
    for character in coloured {
      if character == "\u{1b}" { inside = true }
      if !inside { plain.append(character) }
      if inside, character == "m" { inside = false }
    }
    #expect(plain == FinalTable.text(run))
  }

  @Test func quietKeepsFailuresAndTheVerdict() {
    let text = FinalTable.text(SyntheticRun().make(), detail: .quiet)
    #expect(text.split(separator: "\n").count == 3)
    #expect(text.hasSuffix("FAIL: 2 of 4 thresholds crossed; 68196 records lost (3.91 %)\n"))
    #expect(FinalTable.text(SyntheticRun().make(), detail: .silent).isEmpty)
  }

  @Test func columnsOnlyNarrow() {
    let run = SyntheticRun().make()
    #expect(FinalTable.text(run, columns: 200) == FinalTable.text(run))
    for line in FinalTable.text(run, columns: 40).split(separator: "\n") { #expect(line.count <= 40) }
  }

  @Test func lastLineIsTheVerdict() {
    func last(_ run: LoadedRun) -> Substring? { FinalTable.text(run).split(separator: "\n").last }
    #expect(last(SyntheticRun(perShard: 50, hotShard: nil).make()) == "PASS: all 4 thresholds hold")
    #expect(last(SyntheticRun(thresholds: false).make()) == "DONE: no thresholds were set; 68196 records lost (3.91 %)")
    #expect(last(SyntheticRun(stoppedAt: -4).make()) == "INCOMPLETE: stopped before its plan was done")
    for (stage, text) in [
      (LateInterruption.readingBack, "interrupted while the stream was read back"),
      (.writingResults, "interrupted while the results were written"),
    ] {
      var late = SyntheticRun(perShard: 50, hotShard: nil).make()
      late.summary?.interrupt(stage)
      #expect(last(late) == "INCOMPLETE: \(text)")
      #expect(JUnitReport.document(late).contains("<error type=\"run\" message=\"the run was \(text)\">"))
    }
    #expect(last(LoadedRun()) == "INCOMPLETE: stopped before its plan was done")
    #expect(
      last(SyntheticRun(validity: .generatorBound).make())
        == "INVALID: 68196 records lost (3.91 %)")
    #expect(
      FinalTable.text(SyntheticRun(validity: .generatorBound).make()).contains(
        "INVALID: the generator was the bottleneck; no number may be quoted\n"))
  }

  @Test func longKeysAreCutAndControlCharactersShown() {
    let text = FinalTable.text(SyntheticRun(topKey: "customer-\u{1b}[31m-with-a-very-long-name-0042").make())
    #expect(!text.contains("\u{1b}"))
    #expect(text.contains("custom..e-0042"))
  }

  @Test func aWarningThatStandsAboveIsNotGivenAgain() {
    var run = SyntheticRun().make()
    run.summary?.warnings = ["first thing", "second thing"]
    #expect(FinalTable.text(run).contains("warning    first thing") && FinalTable.text(run).contains("second thing"))
    let rest = FinalTable.text(run, seenWarnings: ["first thing"])
    #expect(!rest.contains("first thing") && rest.contains("warning    second thing"))
  }

  @Test func foreignTextIsShownAsTheTerminalTakesIt() {
    let run = SyntheticRun(topKey: "Größe-Zürich-0042").make()
    #expect(FinalTable.text(run, charset: .unicode).contains("Größe-..h-0042"))
    #expect(FinalTable.text(run).contains("Gr..h-0042"))
  }
}
