import Foundation
import Observations
import RunResults
import Scenarios
import StrictJSON
import TestSupport
import Testing

@testable import shardmeter

@Suite struct InitAndSchemaTests {
  @Test(arguments: [
    ("defaults", []),
    (
      "all",
      [
        "--rate", "2000", "--record-size", "400B", "--keys", "500", "--top-key", "20%", "--shards", "8", "--duration",
        "90s", "--name", "orders",
      ]
    ),
    ("bytes", ["--rate", "5MiB", "--keys", "1"]),
  ])
  func initWritesWhatFlagsRun(name: String, words: [String]) throws {
    let run = CommandRun(["init"] + words)
    #expect(run.code == .ok && run.errors.isEmpty)
    expectGolden(run.output, "init-\(name).json")
    let scenario = try Scenario.load(bytes: Array(run.output.utf8), source: "init")
    let flags = words.isEmpty ? ["--rate", "1000"] : words
    guard
      case .values(let options) = try OptionParser(command: "plan", table: PlanOptions.table).parse(
        flags, defaults: PlanOptions())
    else { throw ValueProblem(expected: "options") }
    #expect(try ScenarioInput.load(options.scenario).scenario.workloadHash == scenario.workloadHash)
  }

  @Test func aFileIsWrittenOnce() throws {
    let scratch = try Scratch()
    let file = scratch.path + "/orders.peak.json"
    let run = CommandRun(["init", "--rate", "5", file])
    #expect(run.code == .ok && run.output.isEmpty && run.errors.isEmpty)
    let text = try scratch.text("orders.peak.json")
    #expect(try Scenario.load(bytes: Array(text.utf8), source: file).name == "orders.peak")
    let again = CommandRun(["init", "--rate", "6", file])
    #expect(again.code == .usage && again.errors == "shardmeter init: \(file) exists; it is not written over\n")
    #expect(try scratch.text("orders.peak.json") == text)
    #expect(CommandRun(["init", "/no/such/folder/x.json"]).errors.contains("cannot be written"))
  }

  @Test func initRefusesWhatCannotBe() {
    let run = CommandRun(["init", "--record-size", "2MiB"])
    #expect(run.code == .usage && run.output.isEmpty && run.errors.contains("1MiB"), "\(run.errors)")
  }

  @Test func schemaPrintsTheDeclarations() {
    #expect(CommandRun(["schema"]).output == JSONWriter.pretty(ScenarioSchema.json) + "\n")
    #expect(CommandRun(["schema", "--summary"]).output == JSONWriter.pretty(Summary.fileSchema) + "\n")
  }
}
