import Foundation
import RunResults
import StrictJSON
import TestSupport
import Testing

@testable import shardmeter

/// `size`: its words, its JSON, and what it refuses.
@Suite struct SizeCommandTests {
  private static let small = ["--rate", "1300", "--record-size", "100B", "--keys", "5000", "--duration", "2s"]

  @Test func theAnswerIsAsRecorded() {
    let run = CommandRun(["size", "--max-shards", "6", "--shards", "1"] + Self.small)
    #expect(run.code == .ok && run.errors.isEmpty, "\(run.errors)")
    expectGolden(run.output, "size-uniform.txt")
    let json = CommandRun(["size", "--json", "--max-shards", "6", "--shards", "1"] + Self.small)
    expectGolden(json.output, "size-uniform.json")
  }

  @Test func noCountForAHotKey() {
    let words = ["--rate", "1600", "--record-size", "100B", "--keys", "1", "--duration", "3s", "--max-shards", "6"]
    let run = CommandRun(["size"] + words)
    #expect(run.code == .thresholdFailed && run.output.hasPrefix("No number of shards up to 6 (4 now) takes 1,600"))
    expectGolden(run.output, "size-hot-key.txt")
    for line in run.output.split(separator: "\n") where !line.hasPrefix("    aws") {
      #expect(line.count <= 80 && line.allSatisfy(\.isASCII) && line.last != " ", "\(line)")
    }
    let hidden = CommandRun(["size", "--json", "--keys", "hide"] + words)
    #expect(hidden.output.contains(#""key": null"#) && !hidden.output.contains(#""key": "k""#))
  }

  /// The members that DESIGN names come first and have these names.
  @Test func theObjectHasItsMembers() throws {
    let run = CommandRun(["size", "--json", "--max-shards", "3"] + Self.small)
    let object = try JSONDocument.parse(Array(run.output.utf8), source: "size").object()
    #expect(
      object.members.map(\.name).prefix(7)
        == ["recommended", "aws_formula_shards", "draws", "help", "optimal", "hot_key", "sweep"])
    #expect(try object.required("sweep").array().count == 3)
  }

  @Test func goalsOfTheCommandLineWin() {
    let strict = CommandRun(["size", "--json", "--max-shards", "6", "--headroom", "60%"] + Self.small)
    let loose = CommandRun(["size", "--json", "--max-shards", "6", "--headroom", "0"] + Self.small)
    #expect(strict.output.contains(#""shards": 4,"#) && strict.output.contains(#""headroom": 0.6"#))
    #expect(loose.output.contains(#""headroom": 0"#))
  }

  @Test(arguments: [
    (["--rate", "1", "--set", "phases[0].rate=max"], "rate max"),
    (["--rate", "1000000", "--duration", "1m"], "--duration makes the scenario shorter"),
    (["--rate", "9", "--throttle", "2"], "a share from 0.0 to 1.0"),
    (["--rate", "9", "--headroom", "100%"], "a share from 0.0 to 0.99"),
    (["--rate", "9", "--max-shards", "0"], "a whole number from 1 to 100000"),
    (["--rate", "9", "--month", "mean=30%"], "it needs --prices"),
    (["--rate", "9", "--prices", "/nonexistent/prices.json"], "--prices: /nonexistent/prices.json cannot be read"),
    (["--rate", "9", "--month", "30%"], "mean= and a share"), (["--from", "/nonexistent"], "says no scenario"),
    (["--from", "x", "zipf"], "exclude each other"), (["--from", "x", "--rate", "9"], "exclude each other"),
    (["--rate", "9", "--yes"], "are for --verify"),
    (["--rate", "9", "--target", "http://127.0.0.1:1"], "are for --verify"),
    (["--rate", "9", "--verify", "--target", "ftp://x"], "a URL that starts with http:// or https://"),
    ([], "missing SCENARIO"),
  ])
  func whatIsRefused(words: [String], message: String) {
    let run = CommandRun(["size"] + words)
    #expect(run.code == .usage && run.output.isEmpty && run.errors.contains(message), "\(run.errors)")
  }

  @Test func pricesOfAnotherRegionAreLeftOut() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("scenarios/prices/us-east-1.json").path
    let words = ["size", "--json", "--max-shards", "2", "--rate", "100", "--duration", "1s", "--prices", file]
    let here = CommandRun(words)
    #expect(here.code == .ok && here.output.contains(#""currency": "USD""#), "\(here.errors)")
    let there = CommandRun(words + ["--region", "eu-west-1"])
    #expect(there.output.contains(#""cost_per_month": null"#) && there.output.contains("costs are left out"))
  }

  @Test func aResultFolderIsWrittenWhenAsked() throws {
    let scratch = try Scratch()
    let folder = scratch.path + "/answer"
    let words = [
      "size", "--rate", "1300", "--keys", "900", "--duration", "1s", "--max-shards", "8", "--run-dir", folder,
    ]
    let run = CommandRun(words)
    #expect(run.code == .ok && run.errors == "report: \(folder)/report.html\n", "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["report.html", "scenario.json", "sizing.csv", "summary.json"])
    let text = { (name: String) in try String(contentsOfFile: folder + "/" + name, encoding: .utf8) }
    #expect(try text("sizing.csv").split(separator: "\n").count == 9)
    let page = try text("report.html")
    #expect(page.contains("What would help") && page.contains("model, nothing was sent") && page.contains("</html>"))
    let summary = try JSONDocument.parse(Array(text("summary.json").utf8), source: "summary").object()
    #expect(try summary.required("kind").string() == "size")
    for name in ["records", "rates", "latency_ms", "requests", "connections", "checks"] {
      guard case .null = try summary.required(name).kind else {
        Issue.record("\(name) is known of a model")
        continue
      }
    }
    #expect(page.contains("Hash-key space, before and after"))
    #expect(try summary.required("sizing").object().required("sweep").array().count == 8)
    let again = CommandRun(words)
    #expect(again.code == .usage && again.errors.contains("not empty"), "\(again.errors)")
    let report = CommandRun(["report", folder])
    #expect(report.code == .usage && report.errors.contains("the answer of size, not a run"), "\(report.errors)")
    #expect(CommandRun(["size", "--rate", "9", "--out", "a", "--run-dir", "b"]).code == .usage)
  }

  @Test func keysThatNoTwoRecordsShareAreSaid() {
    let run = CommandRun([
      "size", "--rate", "100", "--duration", "1s", "--max-shards", "2", "--set", "records.key=unique",
    ])
    #expect(run.code == .ok && run.output.contains("Keys that no two records share"), "\(run.output)\(run.errors)")
  }

  @Test func theScenarioOfAResultFolderIsSized() throws {
    let folder = try Scratch()
    let scenario = """
      {"schema": "shardmeter/1", "name": "left", "records": {"size": "10B", "key": "constant"},
       "phases": [{"name": "a", "duration": "1s", "rate": 10}], "sizing": {"maxShards": 3}}
      """
    try Data(scenario.utf8).write(to: URL(filePath: folder.path + "/scenario.json"))
    let run = CommandRun(["size", "--from", folder.path, "--json"])
    #expect(run.code == .ok && run.output.contains(#""scenario": "left""#), "\(run.errors)")
    #expect(run.output.contains(#""max_shards": 3"#))
  }
}
