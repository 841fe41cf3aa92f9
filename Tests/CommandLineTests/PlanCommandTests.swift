import Foundation
import Kinesis
import Observations
import RunResults
import Scenarios
import StrictJSON
import TestSupport
import Testing

@testable import shardmeter

/// `plan`: its words, its JSON and its trace.
@Suite struct PlanCommandTests {
  private static let cases: [(name: String, words: [String])] = [
    ("quickstart", ["quickstart"]), ("unique", ["--rate", "50", "--duration", "10s", "--set", "records.key=unique"]),
    ("alike", ["--rate", "50", "--duration", "10s", "--shards", "1"]), ("explicit", ["explicit-hash-key"]),
    ("closed", ["--rate", "1", "--duration", "2s", "--top-key", "9%", "--set", "phases[0].rate=max"]),
    ("long", ["--rate", "200000", "--keys", "20", "--top-key", "30%", "--duration", "1m", "--shards", "12"]),
    ("hashed", ["hot-key", "--keys", "hash", "--duration", "3s"]),
    ("hidden", ["hot-key", "--keys", "hide", "--duration", "3s"]),
    ("no-limits", ["tiny-records", "--duration", "1s", "--set", "stream.limits=none"]),
  ]

  @Test(arguments: cases.indices)
  func theTextIsAsRecorded(index: Int) {
    let run = CommandRun(["plan"] + Self.cases[index].words)
    #expect(run.code == .ok && run.errors.isEmpty, "\(run.errors)")
    expectGolden(run.output, "plan-\(Self.cases[index].name).txt")
  }

  @Test(arguments: BuiltInScenarios.names)
  func noLineIsWiderThanEightyColumns(name: String) {
    let run = CommandRun(["plan", name, "--duration", "2s", "--scale", "0.05"])
    #expect(run.code == .ok, "\(run.errors)")
    for line in run.output.split(separator: "\n") {
      #expect(line.count <= 80 && line.allSatisfy(\.isASCII) && line.last != " ", "\(line)")
    }
  }

  @Test func theJSONIsAsRecorded() {
    expectGolden(CommandRun(["plan", "quickstart", "--json"]).output, "plan-quickstart.json")
    expectGolden(CommandRun(["plan"] + Self.cases[4].words + ["--json"]).output, "plan-closed.json")
  }

  @Test func maskedKeysAreNowhere() {
    for how in ["hash", "hide"] {
      for form in [[], ["--json"]] {
        let run = CommandRun(["plan", "tenants", "--duration", "1s", "--scale", "0.1", "--keys", how] + form)
        #expect(run.code == .ok && !run.output.contains("tenant-") && !run.output.contains("acme"), "\(how)")
      }
    }
    #expect(
      CommandRun(["plan", "hot-key", "--duration", "1s", "--keys", "hash", "--json"]).output.contains(#""key": "0x"#))
    #expect(
      CommandRun(["plan", "hot-key", "--duration", "1s", "--keys", "hide", "--json"]).output.contains(#""key": null"#))
  }

  @Test func aWarningGoesToStandardError() {
    let run = CommandRun([
      "plan", "--rate", "10", "--duration", "1s", "--set",
      #"records.size={"type": "uniform", "min": "1MiB", "max": "2MiB"}"#,
    ])
    let quiet = CommandRun(["plan", "--rate", "10", "--duration", "1s"])
    #expect(quiet.errors.isEmpty && (run.code == .usage || run.errors.hasPrefix("warning: ")))
  }

  /// What is judged by reading the stream back is listed by `plan` and refused by a `run` that will not read it.
  @Test(arguments: ["duplicate.ratio", "duplicate.count", "reorder.ratio", "reorder.count"])
  func whatIsReadBackIsNotJudgedWithoutReading(metric: String) {
    let words = [
      "--rate", "10", "--duration", "1s", "--set",
      #"thresholds=[{"metric": "accepted.rate", "min": 1}, {"metric": "\#(metric)", "max": 0}]"#,
    ]
    let text = CommandRun(["plan"] + words)
    #expect(text.code == .ok && text.output.contains("\nnot judged \(metric) at most: takes run --read-back\n"))
    #expect(!text.output.contains("accepted.rate"))
    let json = CommandRun(["plan", "--json"] + words)
    #expect(json.output.contains("\"not_judged\": [\n    \"\(metric) at most\"\n  ]"), "\(json.output)")
    let run = CommandRun(["run"] + words)
    #expect(run.code == .usage && run.output.isEmpty)
    #expect(
      run.errors
        == "shardmeter run: command line: thresholds[1].metric: expected a metric that is known without reading the stream back, "
        + "found \"\(metric)\"; run with --read-back\n")
  }

  // MARK: - Cost, machines and the folder

  private static let prices = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("scenarios/prices/us-east-1.json").path
  private static let flat = ["plan", "--rate", "1000", "--record-size", "1000B", "--duration", "4s", "--shards", "2"]

  private func object(_ words: [String]) throws -> JSONObjectReader {
    let run = CommandRun(words + ["--json"])
    #expect(run.code == .ok, "\(run.errors)")
    return try JSONDocument.parse(Array(run.output.utf8), source: "plan").object()
  }

  /// Reckoned by hand: two shards at 0.015 and 1,000 units/s at 0.014 a million, for 730 hours.
  @Test(arguments: [([], 1.0), (["--month", "mean=30%"], 0.3)])
  func aMonthCostsWhatThePricesSay(words: [String], mean: Double) throws {
    let cost = try object(Self.flat + ["--prices", Self.prices] + words).required("cost_per_month").object()
    let provisioned = 730 * (2 * 0.015 + 1_000 * mean * 3_600 / 1e6 * 0.014)
    // Each of a second's 1,000 records is charged by the started KiB.
    let onDemand = 730 * (0.04 + 1_000 * mean * 1_024 * 3_600 / 1e9 * 0.08)
    #expect(abs(try cost.required("provisioned").number() - provisioned) < 1e-6)
    #expect(abs(try cost.required("on_demand").number() - onDemand) < 1e-6)
    let text = CommandRun(Self.flat + ["--prices", Self.prices] + words)
    #expect(text.output.contains("cost       2 shards ") && text.output.contains("prices of 2026-08, us-east-1"))
  }

  @Test(arguments: [
    (["--region", "eu-west-1"], "The prices are of us-east-1, the stream is in eu-west-1: costs are left out."),
    (["--set", "phases[0].rate=max"], "Costs are left out: they take records counted one by one"),
  ])
  func costsThatAreNotKnownAreLeftOut(words: [String], warning: String) throws {
    let run = CommandRun(Self.flat + ["--prices", Self.prices, "--json"] + words)
    #expect(run.code == .ok && run.output.contains(#""cost_per_month": null"#))
    #expect(run.errors.contains("warning: " + warning) && run.output.contains(warning), "\(run.errors)")
  }

  /// 1,000 records/s in requests of 100 by 4 producers: the fullest of 3 machines has 2 of them.
  @Test func eachMachineCarriesItsProducers() throws {
    let four =
      Self.flat + ["--set", "client.producers=4", "--set", #"batch={"records": 100, "linger": "1s"}"#]
    let words = four + ["--parts", "3", "--answer-time", "50ms"]
    let parts = try object(words).required("parts").object()
    #expect(try parts.required("producers_on_the_fullest").number() == 2)
    let (records, requests) = (
      try parts.required("records_per_s").number(), try parts.required("requests_per_s").number()
    )
    #expect(records == 500 && abs(requests - 5) < 0.2)
    // 1,336 characters of base64, 30 around them, a key of 12; 600 bytes of head.
    let bits = 8 * (records * (1_336 + 30 + 12) + requests * 600)
    #expect(abs(try parts.required("gbit_per_s").number() - bits / 1e9) < 1e-6)
    #expect(try parts.required("connections").number() == 1)
    let cores = requests * 5.3e-6 + records * (0.09e-6 + 1.02e-6)
    #expect(abs(try parts.required("cores").number() - cores) < 1e-9)
    #expect(try object(four + ["--parts", "9"]).required("parts").object().required("idle").number() == 5)
    let text = CommandRun(words)
    #expect(text.output.contains("parts      3 machines for 4 producers, 2 on the fullest\n"), "\(text.output)")
  }

  @Test(arguments: [
    (["--month", "mean=30%"], "it needs --prices"), (["--answer-time", "1ms"], "it needs that"),
    (["--parts", "0"], "a whole number from 1 to 10000"), (["--out", "a", "--run-dir", "b"], "exclude each other"),
    (["--parts", "2", "--set", "phases[0].rate=max"], "there is no rate to be shared"),
    (["--prices", "/nonexistent"], "--prices: /nonexistent cannot be read"),
  ])
  func whatIsRefused(words: [String], message: String) {
    let run = CommandRun(Self.flat + words)
    #expect(run.code == .usage && run.output.isEmpty && run.errors.contains(message), "\(run.errors)")
  }

  /// A file of prices is checked like a scenario: each problem by its path.
  @Test(arguments: [
    (#"{"schema": "shardmeter.prices/2"}"#, "schema: expected \"shardmeter.prices/1\""),
    (#"{"schema": "shardmeter.prices/1", "date": "", "region": "r", "currency": "c"}"#, "date: expected a word"),
    (
      #"{"schema": "shardmeter.prices/1", "date": "d", "region": "r", "currency": "c", "provisioned": {"shardHour": -1, "millionPutUnits": 0}}"#,
      "provisioned.shardHour"
    ), ("{", "prices.json"), (#"{"schema": "shardmeter.prices/1", "dates": 1}"#, "dates"),
  ])
  func pricesAreChecked(text: String, message: String) throws {
    let scratch = try Scratch()
    let run = CommandRun(Self.flat + ["--prices", try scratch.file("prices.json", text)])
    #expect(run.code == .usage && run.output.isEmpty && run.errors.contains(message), "\(run.errors)")
  }

  @Test func aResultFolderIsWrittenWhenAsked() throws {
    let scratch = try Scratch()
    let folder = scratch.path + "/plan"
    let words = [
      "plan", "--rate", "1300", "--shards", "1", "--duration", "5s", "--parts", "2", "--prices", Self.prices,
    ]
    let run = CommandRun(words + ["--run-dir", folder])
    #expect(run.code == .ok && run.errors == "report: \(folder)/report.html\n", "\(run.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["plan.json", "report.html", "scenario.json", "summary.json"])
    #expect(try scratch.text("plan/plan.json") == CommandRun(words + ["--json"]).output)
    let page = try scratch.text("plan/report.html")
    for text in ["model, nothing was sent", "% throttled", "Hash-key space", "A month costs", "Shared by 2 machines"] {
      #expect(page.contains(text), "\(text)")
    }
    let summary = try JSONDocument.parse(Array(try scratch.text("plan/summary.json").utf8), source: "summary").object()
    #expect(try summary.required("kind").string() == "plan" && summary.required("verdict").string() == "none")
    for name in ["records", "rates", "latency_ms", "requests", "connections", "checks", "generator", "shards"] {
      guard case .null = try summary.required(name).kind else {
        Issue.record("\(name) is known of a plan")
        continue
      }
    }
    let again = CommandRun(words + ["--run-dir", folder])
    #expect(again.code == .usage && again.errors.contains("not empty"), "\(again.errors)")
    let report = CommandRun(["report", folder])
    #expect(report.code == .usage && report.errors.contains("the answer of plan, not a run"), "\(report.errors)")
  }

  // MARK: - The trace

  private func plan(_ words: [String]) throws -> Plan {
    guard
      case .values(let options) = try OptionParser(command: "plan", table: PlanOptions.table).parse(
        words, defaults: PlanOptions())
    else { throw ValueProblem(expected: "options") }
    return Plan(try ScenarioInput.load(options.scenario).scenario)
  }

  @Test(arguments: [
    ("plain", ["--rate", "4", "--duration", "2s", "--keys", "3", "--set", "phases[0].arrivals=poisson"], []),
    ("explicit", ["explicit-hash-key", "--scale", "0.001", "--duration", "5s"], []),
    ("hashed", ["--rate", "4", "--duration", "1s"], ["--keys", "hash"]),
    (
      "quoted", ["--rate", "2", "--duration", "1s", "--set", #"records.key={"type": "constant", "value": "a,\"b\""}"#],
      []
    ),
  ])
  func theTraceIsAsRecorded(name: String, words: [String], more: [String]) throws {
    let scratch = try Scratch()
    let run = CommandRun(["plan"] + words + more + ["--record", scratch.path + "/t.csv"])
    #expect(run.code == .ok && run.errors.isEmpty)
    expectGolden(try scratch.text("t.csv"), "trace-\(name).csv")
  }

  @Test func theTraceHasEveryRecordInOrder() throws {
    let words = ["quickstart", "--scale", "4"]
    let plan = try plan(words)
    let names = KeyNames(mode: .show, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    var pieces = 0
    var bytes: [UInt8] = []
    try TraceWriter.rows(of: plan, names: names) {
      pieces += 1
      bytes += $0
    }
    #expect(pieces > 10)
    let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(rows[0] == "t_s,key,size")
    var number = 1
    for phase in plan.phases.indices {
      guard case .open(let count) = plan.phases[phase].loop else { continue }
      for index in stride(from: 0, to: count, by: 97) {
        let record = plan.record(index, in: phase)
        let cells = rows[number + Int(index)].split(separator: ",")
        #expect(Int64((try #require(Double(cells[0])) * 1e9).rounded()) == record.due)
        #expect(Array(cells[1].utf8) == plan.keys.bytes(of: record.key) && cells[2] == "\(record.dataBytes)")
      }
      number += Int(count)
    }
    #expect(rows.count == number)
  }

  @Test func aTraceIsNotWrittenOverAndNeedsTimes() throws {
    let scratch = try Scratch()
    let file = try scratch.file("t.csv", "mine")
    let there = CommandRun(["plan", "--rate", "1", "--duration", "1s", "--record", file])
    #expect(there.code == .usage && there.errors == "shardmeter plan: \(file) exists; it is not written over\n")
    #expect(try scratch.text("t.csv") == "mine")
    let closed = CommandRun([
      "plan", "--rate", "1", "--set", "phases[0].rate=max", "--record", scratch.path + "/c.csv",
    ])
    #expect(closed.code == .usage)
    #expect(
      closed.errors
        == "shardmeter plan: --record: phase \"steady\" has the rate max: its records have no time before they are sent\n"
    )
    let nowhere = CommandRun(["plan", "--rate", "1", "--record", "/no/such/t.csv"])
    #expect(nowhere.errors == "shardmeter plan: /no/such/t.csv cannot be made: No such file or directory\n")
  }
}
