import Foundation
import Measurement
import Observations
import StrictJSON
import Testing

@testable import RunResults

/// Sides on disk: what is read, and what is refused by name.
@Suite struct ComparisonSideTests {
  /// A folder that is gone when the work in it is done.
  private func withFolder(_ work: (String) throws -> Void) throws {
    let path = NSTemporaryDirectory() + "shardmeter-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Files.makeFolders(path)
    try work(path)
  }

  private static func summary(_ id: String, start: String, p99: Double = 25) -> Summary {
    var summary = Summary()
    (summary.runID, summary.time.start, summary.complete, summary.verdict) = (id, start, true, "pass")
    var scenario = SummaryScenario()
    (scenario.name, scenario.sha256) = ("orders", "5d0e")
    (summary.scenario, summary.target.kind) = (scenario, "embedded")
    var response = SummaryLatency()
    (response.p50, response.p99, response.count) = (8, p99, 100)
    summary.latencyMs.response = response
    (summary.records.traffic.attempted, summary.records.traffic.accepted) = (1_000, 990)
    summary.records.traffic.throttled = 10
    (summary.rates.acceptedRecordsPerS, summary.time.measuredS) = (99, 10)
    return summary
  }

  private static func write(_ summaries: [Summary], to folder: String) throws {
    for summary in summaries {
      try Files.makeFolders("\(folder)/\(summary.runID)")
      try Files.replace("\(folder)/\(summary.runID)/summary.json", with: Array(summary.fileText.utf8))
    }
  }

  private static func refusal(_ path: String) -> String {
    do {
      _ = try ComparisonSide.load(path, as: .new)
      return "nothing"
    } catch {
      return error.description
    }
  }

  @Test func aSideIsARunOrAFolderOfThem() throws {
    try withFolder { folder in
      try Self.write(
        [Self.summary("b", start: "2026-03-14T09:11"), Self.summary("a", start: "2026-03-14T09:12")], to: folder)
      try Files.makeFolders(folder + "/.x.partial")
      #expect(Files.replaceLink(folder + "/latest", to: "a"))
      #expect(try ComparisonSide.load(folder, as: .base).runs.map(\.runID) == ["b", "a"])
      for path in ["/a", "/a/summary.json", "/latest"] {
        let side = try ComparisonSide.load(folder + path, as: .new)
        #expect(side.id == "a" && side.runs.count == 1)
        #expect(side.runs[0].value(of: "throttle.ratio") == 0.01 && side.runs[0].value(of: "response.p99") == 25)
      }
      try Files.remove(folder + "/latest")
      try Files.replace(folder + "/latest.txt", with: Array("a\n".utf8))
      #expect(try ComparisonSide.load(folder + "/latest", as: .new).id == "a")
    }
  }

  /// An `ab` folder is what was compared with, or what was judged, by where it stands.
  @Test func anABFolderStandsForOneOfItsSides() throws {
    try withFolder { folder in
      for side in ["a", "b"] {
        try Self.write(
          [2, 1].map { Self.summary("\(side)\($0)", start: "2026-03-14T09:1\($0)", p99: side == "a" ? 25 : 30) },
          to: "\(folder)/ab/\(side)")
      }
      var whole = Summary()
      (whole.runID, whole.kind, whole.complete) = ("ab-orders", ResultKind.ab.rawValue, true)
      try Files.replace(folder + "/ab/summary.json", with: Array(whole.fileText.utf8))
      let base = try ComparisonSide.load(folder + "/ab", as: .base)
      let new = try ComparisonSide.load(folder + "/ab", as: .new)
      #expect((base.name, base.runs.map(\.runID)) == (folder + "/ab/a", ["a1", "a2"]))
      #expect((new.name, new.runs.map(\.runID)) == (folder + "/ab/b", ["b1", "b2"]))
      #expect(new.runs.map(\.folder) == [folder + "/ab/b/b1", folder + "/ab/b/b2"])
      var rules = ComparisonRules()
      rules.tolerance = 0.1
      #expect(Comparison.document(base, new, rules: rules).outcome == .worse)
      // One that was interrupted has no rounds of a side.
      try Files.makeFolders(folder + "/cut")
      try Files.replace(folder + "/cut/summary.json", with: Array(whole.fileText.utf8))
      #expect(Self.refusal(folder + "/cut").contains("/cut/b: expected a result folder"))
    }
  }

  @Test func whatIsNoSideIsNamed() throws {
    try withFolder { folder in
      let text = Self.summary("a", start: "").fileText
      try Files.makeFolders(folder + "/empty")
      let files: [(name: String, text: String, refusal: String)] = [
        (
          "truncated", String(text[..<(try #require(text.firstRange(of: "\"rates\""))).lowerBound]),
          "expected a field name in double quotes"
        ),
        ("older", text.replacing("summary/2", with: "summary/1"), "since other versions count otherwise"),
        ("newer", text.replacing("summary/2", with: "summary/3"), "since other versions count otherwise"),
        ("nothing", "", "nothing: expected"), ("no-schema", "{}", #"expected the field "schema""#),
        ("list", "[]", "expected an object"),
        ("newer-baseline", #"{"schema":"shardmeter.baseline/2"}"#, #"expected "shardmeter.baseline/1""#),
        ("no-runs", #"{"schema":"shardmeter.baseline/1","name":"x","runs":[]}"#, "runs: expected at least one run"),
        (
          "odd-run", #"{"schema":"shardmeter.baseline/1","name":"x","runs":[{"run_id":"a"}]}"#,
          #"runs[0]: expected the field "start""#
        ),
        (
          "odd-name", #"{"schema":"shardmeter.baseline/1","nmae":"x","runs":[]}"#, #"the field "name", found "nmae""#
        ),
      ]
      for file in files {
        try Files.replace("\(folder)/\(file.name)", with: Array(file.text.utf8))
        let refusal = Self.refusal("\(folder)/\(file.name)")
        #expect(refusal.contains(file.refusal) && refusal.contains(file.name), "\(file.name): \(refusal)")
        #expect(!refusal.contains("\n"))
      }
      #expect(Self.refusal(folder + "/empty").contains("expected a result folder, or a folder of them"))
      #expect(Self.refusal(folder + "/absent").contains("there is no such folder or file"))
    }
  }

  @Test func aBaselineIsStableAndComparable() throws {
    try withFolder { folder in
      try Self.write(
        [Self.summary("a", start: "2026-03-14T09:11"), Self.summary("b", start: "2026-03-14T09:12")],
        to: folder + "/runs")
      let log = "#[Histogram log]\nTag=response,0.000,10.000,1.000,HISTF\nTag=shardId-0,0.000,10.000,1.000,HISTG\n"
      try Files.replace(folder + "/runs/a/histograms.hlog", with: Array(log.utf8))
      let baseline = try Baseline.make(folder + "/runs", name: "main")
      let text = baseline.fileText
      #expect(text == (try Baseline.make(folder + "/runs", name: "main").fileText))
      #expect(text.contains(#""response": "HISTF""#) && !text.contains("HISTG"))
      try Files.replace(folder + "/main.json", with: Array(text.utf8))
      let side = try ComparisonSide.load(folder + "/main.json", as: .base)
      #expect(side.id == "main" && side.runs == baseline.runs)
      let document = Comparison.document(side, try ComparisonSide.load(folder + "/runs", as: .new))
      #expect(document.comparable && document.baselineID == "main")
      // Nonsense by hand.
      for (word, by, refusal) in [
        (#""shards": 0"#, #""shards": "many""#, "expected"), (#""value": 25"#, #""value": -25"#, "not below 0"),
        (#""seed""#, #""sead""#, "seed"),
      ] {
        try Files.replace(folder + "/main.json", with: Array(text.replacing(word, with: by).utf8))
        #expect(Self.refusal(folder + "/main.json").contains(refusal), "\(word)")
      }
    }
  }

  @Test func anInvalidRunMakesNoBaseline() throws {
    try withFolder { folder in
      var summary = Self.summary("a", start: "x")
      summary.verdict = "invalid"
      try Self.write([summary], to: folder)
      #expect(throws: ComparisonFailure.self) { try Baseline.make(folder + "/a", name: "main") }
    }
  }

  @Test func scenariosDifferInFields() throws {
    let before = #"{"seed":1,"name":"x","phases":[{"rate":10,"name":"a"}],"batch":{"records":1},"stream":{"shards":1}}"#
    let after =
      #"{"seed":1,"name":"y","phases":[{"rate":20,"name":"a"}],"batch":{"linger":"5ms"},"stream":{"shards":2}}"#
    #expect(
      try ScenarioDifference.fields(Array(before.utf8), Array(after.utf8)) == [
        "batch.records: 1 against nothing", #"batch.linger: nothing against "5ms""#, "phases[0].rate: 10 against 20",
      ])
  }
}
