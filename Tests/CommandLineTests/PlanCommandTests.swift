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
