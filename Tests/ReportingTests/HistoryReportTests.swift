import Reporting
import RunResults
import TestSupport
import Testing

/// The trends over finished runs, in the terminal and as a page.
@Suite struct HistoryReportTests {
  private static func row(
    _ number: Int, scenario: String = "orders", workload: String = "5d0e", p99: Double? = 25, verdict: String = "pass"
  ) -> HistoryRow {
    var row = HistoryRow()
    (row.runID, row.timeUTC) = ("run-\(number)", "2026-03-14T09:00:\(10 + number)Z")
    (row.scenario, row.workloadSHA256, row.complete, row.verdict) = (scenario, workload, true, verdict)
    (row.throttleRatio, row.acceptedRecordsPerS, row.responseP99Ms) = (0.0125, 1_000, p99)
    return row
  }

  private static let rows =
    [30, 20, 10].enumerated().map { row($0.offset, p99: $0.element) }
    + [row(3, p99: 500, verdict: "invalid"), row(5, workload: "ffff", p99: 40), row(4, workload: "ffff", p99: nil)]
    + [row(6, scenario: "other", p99: 7)]

  @Test func scenariosStandApartAndRunsInOrder() throws {
    let histories = HistoryFacts.group(Self.rows, scenario: nil)
    #expect(histories.map(\.scenario) == ["orders", "other"])
    #expect(histories[0].rows.map(\.runID) == ["run-0", "run-1", "run-2", "run-3", "run-4", "run-5"])
    #expect(HistoryFacts.group(Self.rows, scenario: "other").map(\.scenario) == ["other"])
    #expect(HistoryFacts.group(Self.rows, scenario: "none").isEmpty)
  }

  /// The invalid run has no height, the run without a value a gap, the new workload a bar before it.
  @Test func aLineOfBlocksPerMetric() throws {
    let text = HistoryTable.text(HistoryFacts.group(Self.rows, scenario: "orders"))
    let lines = text.split(separator: "\n")
    #expect(lines[0] == "orders   6 runs, 1 of them invalid or incomplete, the workload changed once.")
    let p99 = try #require(lines.first { $0.hasPrefix("response.p99") })
    #expect(p99.contains("*=-x| #") && p99.hasSuffix("-       40.0 ms"), "\(p99)")
    #expect(lines.allSatisfy { $0.count <= 80 && $0.allSatisfy(\.isASCII) })
    #expect(!lines.contains { $0.hasPrefix("response.p50") })
    #expect(HistoryTable.text([]).isEmpty)
  }

  @Test func olderRunsAreCounted() {
    let many = (0..<40).map { Self.row($0) }
    #expect(
      HistoryTable.text(HistoryFacts.group(many, scenario: nil)).contains("the last 28 runs are drawn, 12 are older"))
  }

  @Test(arguments: ["orders", "<script>alert(1)</script>", "\u{202e}"])
  func thePageIsWhole(scenario: String) {
    let rows = Self.rows.map { row in
      var row = row
      row.scenario = scenario
      return row
    }
    let html = HistoryPage.page(HistoryFacts.group(rows, scenario: nil), version: "0.4.0")
    let page = PageReader(html)
    #expect(page.faults.isEmpty && page.tags.count { $0.name == "script" } == 2)
    #expect(page.text.contains("response.p99"))
    #expect(page.tags.count { $0.name == "circle" } == 6 + 2 * 7)
    let ids = page.tags.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    #expect(PageReader(HistoryPage.page([], version: "0.4.0")).text.contains("There is no finished run."))
  }
}
