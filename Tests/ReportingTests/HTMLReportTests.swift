import Foundation
import Observations
import RunResults
import TestSupport
import Testing

@testable import Reporting

@Suite struct HTMLReportTests {
  /// The shapes a page must survive, by name.
  static let shapes: [(name: String, run: LoadedRun)] = [
    ("one shard", SyntheticRun(shards: 1, measuredSeconds: 30, perShard: 700, hotShard: 0).make()),
    ("eight shards, bytes bind", SyntheticRun(shards: 8, perShard: 200, recordBytes: 4000, hotShard: 3).make()),
    ("24 shards", SyntheticRun().make()),
    ("64 shards", SyntheticRun(shards: 64, measuredSeconds: 30).make()),
    ("65 shards", SyntheticRun(shards: 65, measuredSeconds: 30).make()),
    ("200 shards", SyntheticRun(shards: 200, measuredSeconds: 60).make()),
    ("240 shards", SyntheticRun(shards: 240, measuredSeconds: 20).make()),
    ("241 shards", SyntheticRun(shards: 241, measuredSeconds: 20).make()),
    ("4000 shards", SyntheticRun(shards: 4000, measuredSeconds: 600, bin: 10).make()),
    ("two hours", SyntheticRun(shards: 3, measuredSeconds: 7200).make()),
    ("no warm-up, one second", SyntheticRun(shards: 2, measuredSeconds: 1, warmUpSeconds: 0).make()),
    ("all throttled", SyntheticRun(shards: 3, measuredSeconds: 20, hotShard: nil, capacity: 0).make()),
    ("nothing throttled", SyntheticRun(shards: 3, measuredSeconds: 20, perShard: 50, hotShard: nil).make()),
    ("stopped in warm-up", SyntheticRun(stoppedAt: -4).make()),
    ("stopped in the burst", SyntheticRun(stoppedAt: 47).make()),
    ("generator bound", SyntheticRun(validity: .generatorBound, boundSeconds: 50..<60).make()),
    ("capped", SyntheticRun(validity: .capped, cappedSeconds: 40..<80, sendBufferFull: 9).make()),
    ("a bound on p50", boundOnMedian),
    ("no thresholds", SyntheticRun(measuredSeconds: 20, thresholds: false).make()),
    ("half of it fails", SyntheticRun(measuredSeconds: 20, failing: 0.5).make()),
    ("one shard fails", SyntheticRun(shards: 1, measuredSeconds: 20, hotShard: nil, failing: 1).make()),
    ("200 shards fail", SyntheticRun(shards: 200, measuredSeconds: 20, failing: 0.1).make()),
    ("killed", FailureReportTests.killed),
    ("empty", LoadedRun()),
  ]

  /// A bound whose place in the spectrum is beside the axis.
  private static var boundOnMedian: LoadedRun {
    var run = SyntheticRun(shards: 2, measuredSeconds: 20).make()
    run.summary?.thresholds[0].metric = "response.p50"
    return run
  }

  /// Their pages, and those read back; made once, since several tests look at each.
  static let pages = shapes.map { HTMLReport.page($0.run) }
  static let readers = pages.map { PageReader($0) }

  @Test(arguments: shapes.indices)
  func isWellFormed(_ index: Int) {
    let page = Self.readers[index]
    #expect(page.faults.isEmpty, "\(Self.shapes[index].name)")
    let ids = page.tags.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count, "\(Self.shapes[index].name): an id is there twice")
    for tag in page.tags {
      for id in (tag.attributes["aria-labelledby"] ?? "").split(separator: " ") {
        #expect(ids.contains(String(id)), "\(Self.shapes[index].name): \(id) labels nothing")
      }
    }
  }

  @Test(arguments: shapes.indices)
  func asksNothingOfANetwork(_ index: Int) {
    let page = Self.readers[index]
    for tag in page.tags {
      #expect(!["img", "link", "iframe", "object", "embed", "base", "use", "image"].contains(tag.name))
      for name in ["src", "srcset", "xlink:href", "action", "style"] { #expect(tag.attributes[name] == nil) }
      if let link = tag.attributes["href"] {
        #expect(!link.contains(":") && !link.contains("/"), "\(link) is not a file beside the page")
      }
      #expect(!tag.attributes.values.contains { $0.contains("url(") })
    }
    #expect(!StyleSheetText.of(Self.pages[index]).contains("url("))
    #expect(!StyleSheetText.of(Self.pages[index]).contains("@import"))
  }

  @Test(arguments: shapes.indices)
  func noNumberIsBroken(_ index: Int) {
    let reader = Self.readers[index]
    for word in ["nan", "inf", "Optional("] {
      #expect(!reader.text.split { !$0.isLetter && $0 != "(" }.contains { $0 == word }, "\(Self.shapes[index].name)")
    }
    for tag in reader.tags {
      for name in ["x", "y", "width", "height", "cx", "cy", "r"] where tag.attributes[name] != nil && tag.name != "svg"
      {
        #expect(Double(tag.attributes[name] ?? "")?.isFinite == true)
      }
    }
  }

  @Test(arguments: shapes.indices)
  func labelsDoNotOverlap(_ index: Int) {
    let labels = Self.readers[index].labels
    for (drawing, group) in Dictionary(grouping: labels, by: \.drawing) {
      let sorted = group.sorted { ($0.y, $0.x) < ($1.y, $1.x) }
      for (first, one) in sorted.enumerated() {
        for other in sorted[(first + 1)...] where other.y - one.y < 12 {
          let (here, there) = (one.box, other.box)
          let overlaps =
            min(here.right, there.right) - max(here.left, there.left) > 0.5
            && min(here.bottom, there.bottom) - max(here.top, there.top) > 0.5
          #expect(!overlaps, "\(Self.shapes[index].name), \(drawing): \"\(one.text)\" and \"\(other.text)\"")
        }
      }
    }
  }

  @Test(arguments: shapes.indices)
  func saysItsVerdictWithTagsStripped(_ index: Int) {
    let run = Self.shapes[index].run
    let text = Self.readers[index].text
    let word = (run.summary?.verdict ?? "incomplete").uppercased()
    #expect(text.contains(word == "PASS" ? "✓ PASS" : word == "NONE" ? "• DONE" : "✗ \(word)"))
  }

  @Test func findingsStandInTheText() {
    let text = PageReader(HTMLReport.page(SyntheticRun().make())).text
    for finding in [
      "2 of 4 thresholds crossed.",
      "% of them on shard 13. There,",
      "tenant-0042 carries 59 %; without it the shard would be at 63 % of its record limit",
      "Records bind: attempts took 62 % of the stream's record limit, 38 % of its byte limit.",
      "The plan was kept: 14520 rec/s planned, 14520 sent.", "Shard 13 was throttled in 120 of 120 s; 5 of 23 others",
      "p99 stayed under 50 ms", "Not the bottleneck", "6.2 % of all records carry one key, on shard 13.",
      "Every one of 1742452 planned records has its end.", "ProvisionedThroughputExceededException",
      "Retries, not the endpoint, make the tail: delivery p99 is 10.9 times response p99.",
      "14 more shards, none throttled",
    ] {
      #expect(text.contains(finding), "missing: \(finding)")
    }
  }

  /// 20 seconds, and a drain in which a part of the records was sent and accepted.
  @Test(
    "The plan was kept only where attempts kept pace with it, and a drain is told",
    arguments: [(0.0, 0.1, true, false), (0.001, 0.3, true, false), (0.02, 0.4, false, true), (0.6, 30, false, true)])
  func planAndDrain(late: Double, seconds: Double, isKept: Bool, isTold: Bool) throws {
    var run = SyntheticRun(shards: 2, measuredSeconds: 20, hotShard: nil).make()
    var lines = try #require(run.phases)
    var all = lines.removeLast()
    let count = Int(Double(all.traffic.accepted) * late)
    all.firstTryRecordsPerS = Double(all.traffic.firstTries - count) / 20
    all.acceptedRecordsPerS = Double(all.traffic.accepted - count) / 20
    var drain = PhaseRow()
    (drain.phase, drain.startS, drain.durationS) = (PhaseRow.drainName, 20, seconds)
    var tries = Traffic()
    (tries.attempted, tries.accepted) = (count, count)
    drain.clock = tries
    run.phases = lines + [drain, all]
    let said = "Drain: in the \(NumberFormat.brief(seconds)) s after the plan's end \(count) sent, \(count) accepted"
    let page = PageReader(HTMLReport.page(run)).text
    #expect(page.contains("The plan was kept") == isKept)
    #expect(page.contains("The plan was not kept") == !isKept)
    #expect(page.contains("drain not measured"))
    #expect(page.contains("\(count) in all"))
    for text in [page, MarkdownSummary.text(run), FinalTable.text(run).replacing("\n", with: " ")] {
      #expect(text.contains(said) == isTold)
    }
    #expect(FinalTable.text(run).contains(NumberFormat.fixed(all.acceptedRecordsPerS ?? 0, 0)))
  }

  @Test func aSecondThatTheGeneratorCausedIsNotTheEndpoints() throws {
    var run = SyntheticRun(boundSeconds: 30..<32).make()
    let position = try #require(run.timeseries?.firstIndex { $0.tS == 31 })
    run.timeseries?[position].responseP99Ms = 4_321
    let text = PageReader(HTMLReport.page(run)).text
    #expect(text.contains("p99 stayed under 50 ms"))
    #expect(text.contains("Left out: 2 of 120 s in which the generator was at fault."))
    #expect(!text.contains("4321 ms at 31 s"))
  }

  @Test func bytesBecomeTheMainChartWhenTheyBind() {
    let text = PageReader(
      HTMLReport.page(SyntheticRun(shards: 8, perShard: 200, recordBytes: 4000, hotShard: 3).make())
    ).text
    #expect(text.contains("Bytes bind: attempts took"))
    #expect(text.contains("MiB a second, 1 MiB = 2^20 bytes of data and keys; below, records per second."))
    #expect(text.contains("8 × 1 MiB/s"))
  }

  @Test func aThrottleRunSpreadOverShardsNamesNone() {
    let text = PageReader(HTMLReport.page(SyntheticRun(shards: 8, perShard: 900, hotShard: nil).make())).text
    #expect(text.contains("spread over 8 of 8 shards"))
    #expect(!text.contains("% of them on"))
  }

  @Test func generatorBoundSecondsAreHatchedInEveryChartOverTime() {
    let bound = HTMLReport.page(SyntheticRun(validity: .generatorBound, boundSeconds: 50..<60).make())
    let sound = HTMLReport.page(SyntheticRun().make())
    // Load and its strip, heat map, response, three strips of the generator.
    #expect(bound.split(separator: "<path class=\"hat\"").count - 1 == 7)
    #expect(!sound.contains("<path class=\"hat\""))
  }

  @Test func aCappedRunSaysSoEverywhereWithLittlesLaw() {
    let run = SyntheticRun(validity: .capped, cappedSeconds: 40..<80).make()
    let law =
      "Little's law: 32 requests at once, 800 ms each, make 40 requests/s, 12000 rec/s; the plan's busiest second asked for"
      + " 24001, which takes 65 at once (client.connections, client.maxInFlight)."
    let page = HTMLReport.page(run)
    // In the banner, in its section, and in the description of the drawing.
    #expect(PageReader(page).text.components(separatedBy: law).count - 1 == 3)
    #expect(PageReader(page).text.contains("capped in 40 of 120 s"))
    #expect(page.contains("<path class=\"l-cap\""))
    #expect(!HTMLReport.page(SyntheticRun().make()).contains("<path class=\"l-cap\""))
    #expect(MarkdownSummary.text(run).contains("capped in 40 of 120 s"))
    #expect(MarkdownSummary.text(run).contains("32 requests at once"))
    #expect(JUnitReport.document(run).contains("capped in 40 of 120 s"))
    let table = FinalTable.text(run)
    #expect(table.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: " ").contains(law))
  }

  @Test func aCapThatSufficedOnAverageIsSaidDifferently() {
    var run = SyntheticRun(validity: .capped, cappedSeconds: 40..<80).make()
    run.summary?.generator?.littlesLaw = SummaryLittlesLaw(
      atOnce: 1, serviceMeanMs: 100, recordsPerRequest: 300, busiestPlannedRecords: 3_000)
    #expect(
      PageReader(HTMLReport.page(run)).text.contains(
        "Little's law: 1 request at once, 100 ms each, make 10 requests/s, 3000 rec/s; the plan's busiest second, 3000,"
          + " is within that"))
  }

  @Test func fullSendBuffersAreExplained() {
    let text = PageReader(HTMLReport.page(SyntheticRun(sendBufferFull: 50).make())).text
    #expect(text.contains("The kernel's send buffer had no room for"))
    for none in [nil, 0] {
      #expect(
        !PageReader(HTMLReport.page(SyntheticRun(sendBufferFull: none).make())).text.contains("send buffer"))
    }
  }

  @Test func theRateOfASaturatedMaxPhaseIsTheGenerators() {
    var run = SyntheticRun().make()
    run.summary?.generator?.saturatedS = 3
    run.summary?.generator?.closedLoopS = 40
    let said = "a worker was saturated in 3 of 40 s of max phases: their rate is the generator's limit"
    #expect(PageReader(HTMLReport.page(run)).text.contains(said))
    run.summary?.generator?.closedLoopS = 61
    #expect(!PageReader(HTMLReport.page(run)).text.contains(said))
  }

  @Test(arguments: [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "a&b'c", "</title></svg>", "\u{202e}evil\u{0}\n",
  ])
  func foreignTextStaysText(_ key: String) throws {
    var run = SyntheticRun(topKey: key).make()
    run.summary?.scenario?.name = key
    run.summary?.target.stream = key
    run.summary?.scenario?.command = key
    run.summary?.warnings = [key]
    run.summary?.files = [key, "javascript:alert(1)", "../x", "summary.json"]
    run.errors?[0].code = key
    run.errors?[0].sampleMessage = key
    for index in run.phases?.indices ?? 0..<0 where run.phases?[index].phase == "burst" {
      run.phases?[index].phase = key
    }
    let plain = PageReader(HTMLReport.page(SyntheticRun().make()))
    let page = PageReader(HTMLReport.page(run))
    #expect(page.faults.isEmpty)
    #expect(page.tags.count { $0.name == "script" } == 2)
    #expect(!page.tags.contains { $0.name == "img" })
    #expect(page.tags.filter { $0.name == "a" }.compactMap { $0.attributes["href"] } == ["summary.json"])
    #expect(plain.tags.contains { $0.name == "a" })
    #expect(!page.text.unicodeScalars.contains { $0.value == 0x202e || $0.value == 0 })
  }

  @Test func samePageForTheSameRun() {
    for (shape, page) in zip(Self.shapes, Self.pages).prefix(6) { #expect(HTMLReport.page(shape.run) == page) }
  }

  @Test(arguments: [1, 2, 8])
  func goldenPages(_ shards: Int) {
    let run = SyntheticRun(shards: shards, measuredSeconds: 12, warmUpSeconds: 3, hotShard: shards == 1 ? 0 : 1).make()
    expectGolden(StyleSheetText.without(HTMLReport.page(run)), "page-\(shards).html")
  }

  @Test func goldenPageOfNothing() {
    expectGolden(StyleSheetText.without(HTMLReport.page(LoadedRun())), "page-empty.html")
  }

  /// The sheet stands once: the golden pages are compared without it, and each page holds this one.
  @Test func goldenStyleSheet() {
    let sheet = StyleSheetText.of(Self.pages[0])
    expectGolden(String(sheet), "style.css")
    for page in Self.pages { #expect(StyleSheetText.of(page) == sheet) }
  }

  @Test(arguments: [
    ("24 shards", 250_000), ("200 shards", 300_000), ("4000 shards", 600_000), ("two hours", 250_000),
    ("empty", 20_000),
  ])
  func keepsItsSizeBudget(_ name: String, _ budget: Int) throws {
    let index = try #require(Self.shapes.firstIndex { $0.name == name })
    #expect(Self.pages[index].utf8.count <= budget)
  }

  @Test func noiseInEveryCellStaysUnderAMegabyte() {
    var run = SyntheticRun(shards: 240, measuredSeconds: 170).make()
    var state: UInt64 = 7
    for index in run.shardSeconds?.indices ?? 0..<0 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let part = Int(state >> 33) % 100
      run.shardSeconds?[index].traffic.attempted = 100
      run.shardSeconds?[index].traffic.throttled = part * part / 100
      run.shardSeconds?[index].traffic.accepted = 100 - part * part / 100
    }
    let page = HTMLReport.page(run)
    #expect(page.utf8.count <= 1_000_000)
    #expect(PageReader(page).text.contains("Cells were widened to keep the page small"))
  }

  @Test func heatMapFollowsTheNumberOfShards() {
    func page(_ shards: Int) -> PageReader {
      PageReader(HTMLReport.page(SyntheticRun(shards: shards, measuredSeconds: 20).make()))
    }
    func labels(_ reader: PageReader) -> Int {
      reader.labels.count { $0.drawing == "c-heat" && $0.anchor == "end" && Int($0.text) != nil }
    }
    #expect(labels(page(64)) == 64)
    let thin = page(65)
    #expect(labels(thin) == 2 + 12)
    #expect(thin.text.contains("One thin row a shard"))
    #expect(page(240).text.contains("One thin row a shard"))
    let bands = page(241)
    #expect(bands.text.contains("Bands of 2 neighbours"))
    #expect(bands.text.contains("deciles of all 241"))
    #expect(bands.text.contains("41 more are in shards.csv"))
  }
}

/// The style sheet inside a page.
enum StyleSheetText {
  static func of(_ page: String) -> Substring {
    guard let start = page.firstRange(of: "<style>"), let end = page.firstRange(of: "</style>") else { return "" }
    return page[start.upperBound..<end.lowerBound]
  }

  /// The page with an empty sheet.
  static func without(_ page: String) -> String {
    let sheet = of(page)
    return String(page[..<sheet.startIndex] + page[sheet.endIndex...])
  }
}
