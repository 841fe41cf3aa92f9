import Foundation
import Reporting
import RunResults
import TestSupport
import Testing

/// A comparison on every surface.
@Suite struct ComparisonReportTests {
  private static func metric(
    _ name: String, _ verdict: ComparisonVerdict, unit: String = "ms", base: Double = 25, ratio: Double? = 1,
    difference: Double? = nil, interval: (Double?, Double?) = (0.99, 1.01), morePairs: Int? = nil
  ) -> ComparisonMetric {
    var metric = ComparisonMetric()
    (metric.metric, metric.unit, metric.better, metric.verdict) = (name, unit, "lower", verdict.rawValue)
    metric.scale = (ratio == nil ? ComparisonMetric.Scale.difference : .ratio).rawValue
    (metric.base, metric.this) = (base, ratio.map { base * $0 } ?? base + (difference ?? 0))
    (metric.ratio, metric.difference) = (ratio, difference)
    (metric.ciLow, metric.ciHigh) = interval
    metric.tolerance = ratio == nil ? 0.005 : 0.05
    (metric.pValue, metric.morePairs) = (0.0078125, morePairs)
    metric.baseValues = (0..<8).map { base * (1 + Double($0) / 400) }
    metric.thisValues = metric.baseValues.map { $0 + metric.this - base }
    return metric
  }

  private static func side(_ name: String) -> ComparisonSideFacts {
    var side = ComparisonSideFacts()
    (side.name, side.scenario, side.version, side.revision) = (name, "orders", "0.4.0", "abc1234")
    (side.shards, side.endpointKind, side.machine) = (4, "embedded", "a processor, 2 cores, 6.1")
    side.runs = (0..<8).map { "20260314T09150\($0)Z-orders-7f3a" }
    return side
  }

  static func summary(
    _ metrics: [ComparisonMetric], _ change: (inout ComparisonDocument) -> Void = { _ in }
  ) -> Summary {
    var document = ComparisonDocument()
    document.comparable = true
    (document.statistical, document.pairs, document.interleaved) = (true, 8, true)
    (document.base, document.this, document.baselineID) = (side("results/a"), side("results/b"), "main")
    document.metrics = metrics
    let order: [ComparisonVerdict] = [.worse, .inconclusive, .better]
    document.verdict = (order.first { verdict in metrics.contains { $0.outcome == verdict } } ?? .noChange).rawValue
    document.response = [("p50", 8, 8.1), ("p99", 25, 28), ("max", 60, 90)].map {
      ComparisonPercentile(percentile: $0.0, base: $0.1, this: $0.2)
    }
    change(&document)
    var summary = Summary()
    (summary.runID, summary.kind, summary.tool.version) = ("20260314T101502Z-compare-orders-7f3a", "compare", "0.4.0")
    summary.comparison = document
    summary.exitCode = document.exitCode.rawValue
    return summary
  }

  private static let worse = metric("response.p99", .worse, ratio: 1.12, interval: (1.07, 1.18))
  private static let same = metric("response.p50", .noChange, base: 8)
  private static let points = metric(
    "throttle.ratio", .better, unit: "ratio", base: 0.02, ratio: nil, difference: -0.012, interval: (-0.015, -0.009))
  private static let unsure = metric("response.p99", .inconclusive, ratio: 1.03, interval: (0.96, 1.09), morePairs: 6)

  static let sentences: [(summary: Summary, sentence: String, code: Int)] = [
    (
      summary([same, worse, points]) { $0.roundsRepeated = 2 },
      "WORSE: Worse: response.p99 +12 % (+7.0 to +18 %); 8 pairs, same machine; response.p50 unchanged; 2 rounds repeated "
        + "for noise.", 4
    ),
    (
      summary([same, unsure]),
      "INCONCLUSIVE: Cannot tell: response.p99 between -4.0 to +9.0 %; 8 pairs, same machine; response.p50 unchanged; 6 "
        + "more pairs would probably tell.", 0
    ),
    (
      summary([metric("response.p99", .inconclusive, ratio: 1.03, interval: (0.5, 2))]) { $0.inconclusiveFails = true },
      "INCONCLUSIVE: Cannot tell: response.p99 between -50 to +100 %; 8 pairs, same machine. Longer rounds, or a larger "
        + "effect, would be needed to tell.", 4
    ),
    (
      summary([same, points]),
      "BETTER: Better: throttle.ratio -1.2 points (-1.5 to -0.9 points); 8 pairs, same machine; response.p50 unchanged.",
      0
    ),
    (summary([same]), "NO CHANGE: No change: 1 metric within what counts as one; 8 pairs, same machine.", 0),
    (
      summary([metric("response.p99", .inconclusive, ratio: 1.5, interval: (nil, nil))]) {
        ($0.statistical, $0.pairs, $0.this.machine) = (false, 1, "another")
      }, "INCONCLUSIVE: Not judged: response.p99 +50 %; not statistical, different machines.", 0
    ),
    (
      summary([]) {
        ($0.comparable, $0.differences) = (false, ["shards differ: 4 against 8", "b0: the run is invalid\u{1b}[2J"])
        $0.verdict = "not comparable"
      }, #"NOT COMPARABLE: Not comparable: shards differ: 4 against 8; b0: the run is invalid\x1b[2J."#, 2
    ),
  ]

  @Test(arguments: sentences.indices)
  func theSentenceComesFirst(index: Int) throws {
    let (summary, sentence, code) = Self.sentences[index]
    let document = try #require(summary.comparison)
    #expect(document.exitCode.rawValue == code)
    let table = ComparisonTable.text(document)
    #expect(table.split(separator: "\n").joined(separator: " ").hasSuffix(sentence), "\(table)")
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 && $0.allSatisfy(\.isASCII) })
    let page = ComparisonPage.page(summary)
    let reader = PageReader(page)
    #expect(reader.faults.isEmpty, "\(reader.faults)")
    let words = sentence.split(separator: ": ", maxSplits: 1)
    #expect(reader.text.contains(words[1]))
    let ids = reader.tags.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    #expect(ComparisonMarkdown.text(document).contains(words[0]))
    let junit = PageReader(ComparisonJUnit.document(document))
    #expect(junit.faults.isEmpty)
    #expect(junit.tags.count { $0.name == "testcase" } == 1 + document.metrics.count + document.leftOut.count)
    let skipped = document.metrics.filter { $0.outcome == .inconclusive && !document.inconclusiveFails }
    #expect(junit.tags.count { $0.name == "skipped" } == skipped.count + document.leftOut.count)
  }

  @Test func theFilesAreAsRecorded() throws {
    let summary = Self.summary([Self.worse, Self.same, Self.points, Self.unsure]) {
      $0.leftOut = [
        ComparisonLeftOut(metric: "delivery.p99", reason: "a latency, and the machines differ: x against y")
      ]
      $0.notes = ["8 base runs against 9: paired as far as they go"]
    }
    let document = try #require(summary.comparison)
    expectGolden(ComparisonTable.text(document, reportPath: "results/x/report.html"), "comparison.txt")
    expectGolden(ComparisonMarkdown.text(document), "comparison.md")
    expectGolden(ComparisonJUnit.document(document), "comparison.xml")
    expectGolden(StyleSheetText.without(ComparisonPage.page(summary)), "comparison.html")
    #expect(
      ComparisonMarkdown.annotations(document) == [
        "::error title=shardmeter::response.p99 worse: +12 %25 (+7.0 to +18 %25)",
        "::warning title=shardmeter::response.p99 cannot tell: +3.0 %25 (-4.0 to +9.0 %25)",
      ])
  }

  @Test(arguments: ["<script>alert(1)</script>", "a|b`c\n# d", "\u{202e}\u{0}"])
  func foreignNamesAreText(name: String) throws {
    var metric = Self.worse
    metric.metric = name
    let summary = Self.summary([metric]) {
      ($0.base.name, $0.this.scenario) = (name, name)
      $0.leftOut = [ComparisonLeftOut(metric: name, reason: name)]
      $0.notes = [name]
    }
    let page = PageReader(ComparisonPage.page(summary))
    #expect(page.faults.isEmpty && page.tags.count { $0.name == "script" } == 2)
    let document = try #require(summary.comparison)
    #expect(PageReader(ComparisonJUnit.document(document)).faults.isEmpty)
    #expect(!ComparisonMarkdown.text(document).contains("<script"))
    #expect(ComparisonTable.text(document).unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7F).contains($0.value) })
  }

  /// Whatever a folder says, a page comes of it.
  @Test func oddNumbersAreDrawn() {
    var metrics = [Self.worse, Self.points]
    (metrics[0].ratio, metrics[0].ciLow, metrics[0].ciHigh) = (1e15, nil, 1e15)
    (metrics[0].baseValues, metrics[0].thisValues) = ([], [1, 1])
    (metrics[1].base, metrics[1].unit, metrics[1].tolerance) = (0, "records", 0)
    let summary = Self.summary(metrics) { $0.response = [ComparisonPercentile(), ComparisonPercentile()] }
    #expect(PageReader(ComparisonPage.page(summary)).faults.isEmpty)
    #expect(PageReader(ComparisonPage.page(Summary())).faults.isEmpty)
  }
}
