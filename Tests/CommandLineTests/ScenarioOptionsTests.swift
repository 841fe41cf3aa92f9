import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import StrictJSON
import TestSupport
import Testing

@testable import shardmeter

/// Where a scenario comes from and what the command line changes in it.
@Suite struct ScenarioOptionsTests {
  private func options(_ words: [String]) throws -> ScenarioOptions {
    guard
      case .values(let options) = try OptionParser(command: "plan", table: PlanOptions.table).parse(
        words, defaults: PlanOptions())
    else { throw ValueProblem(expected: "options") }
    try options.validate()
    return options.scenario
  }

  private func load(_ words: [String]) throws -> ScenarioInput { try ScenarioInput.load(options(words)) }

  @Test(
    arguments: [
      (
        [],
        "missing SCENARIO: a scenario file, - for standard input or a built-in name; or --rate for a workload without one"
      ),
      (
        ["--keys", "5"],
        "missing SCENARIO: a scenario file, - for standard input or a built-in name; or --rate for a workload without one"
      ),
      (
        ["s", "--rate", "5"],
        "--rate describes a workload without a file; in a scenario, change fields with --set, and rates with --scale"
      ),
      (
        ["s", "--keys", "5"],
        "--keys describes a workload without a file; in a scenario, change fields with --set, and rates with --scale"
      ),
      (["s", "--keys", "hash", "--keys", "hide"], "--keys is given twice"),
      (["--rate", "1", "--keys", "1", "--keys", "2"], "--keys is given twice"),
      (
        ["--rate", "1", "--shards", "1", "--shard-map", "m"],
        "--shards and --shard-map exclude each other: the file says how many there are"
      ),
      (
        ["s", "--record", "f", "--keys", "hide"], "--record needs the keys or their hashes: --keys hide leaves neither"
      ),
      (
        ["--rate", "fast"],
        #"--rate: expected records per second up to 1000000000, as 2000, or a size per second, as 5MiB, found "fast" (argument 1)"#
      ),
      (
        ["--rate", "0"],
        #"--rate: expected records per second up to 1000000000, as 2000, or a size per second, as 5MiB, found "0" (argument 1)"#
      ),
      (
        ["--rate", "1", "--top-key", "120%"],
        #"--top-key: expected a share of the records above 0 and at most 1, as 20% or 0.2, found "120%" (argument 3)"#
      ),
      (
        ["s", "--scale", "0"],
        #"--scale: expected a factor above 0 and at most 1000000, as 3 or 0.5, found "0" (argument 2)"#
      ),
      (
        ["s", "--scale", "nan"],
        #"--scale: expected a factor above 0 and at most 1000000, as 3 or 0.5, found "nan" (argument 2)"#
      ),
      (
        ["s", "--name", "a b"], #"--name: expected a name of 1 to 64 letters, digits, . _ -, found "a b" (argument 2)"#
      ),
    ] as [([String], String)])
  func aContradictionIsNamed(words: [String], message: String) {
    let error = #expect(throws: UsageError.self) { _ = try options(words) }
    #expect(error?.description == "shardmeter plan: \(message)\nsee: shardmeter plan --help")
  }

  @Test func keysSayHowManyAndHowShown() throws {
    let both = try options(["--rate", "9", "--keys", "hide", "--keys", "77"])
    #expect(both.chosenKeys == .hide && both.flags.keys == 77)
    #expect(try options(["s"]).chosenKeys == nil)
  }

  @Test func flagsMakeAScenario() throws {
    let scenario = try load([
      "--rate", "2000", "--record-size", "400B", "--keys", "500", "--top-key", "20%", "--shards", "8", "--duration",
      "90s", "--name", "orders",
    ]).scenario
    #expect(scenario.name == "orders" && scenario.stream.shards == 8)
    #expect(scenario.phases.map(\.rate) == [.constant(2000)] && scenario.phases[0].duration == 90_000_000_000)
    let kind = scenario.phases[0].kinds[0]
    #expect(kind.size.minimum == 400 && kind.size.maximum == 400)
    guard case .generated(let keys, _) = kind.key else {
      Issue.record("no generated keys")
      return
    }
    #expect(keys.cardinality == 500 && abs(keys.mass(of: 0) - 0.2) < 1e-6)
    let bytes = try load(["--rate", "1MiB", "--keys", "1"]).scenario
    #expect(bytes.phases[0].rate == .constant(1_048_576) && bytes.phases[0].isInBytes)
    #expect(bytes.phases[0].kinds[0].key == .constant("k") && bytes.stream.shards == 4 && bytes.name == "workload")
  }

  @Test func flagsThatCannotBeAreAScenarioError() {
    let run = CommandRun(["plan", "--rate", "5", "--keys", "10", "--top-key", "5%"])
    #expect(run.code == .usage && run.output.isEmpty)
    expectGolden(run.errors, "flags-error.txt")
  }

  private static let shapes: [(rate: String, scaled: RateRule, isInBytes: Bool)] = [
    ("1000", .constant(3000), false), ("0.1", .constant(0.3), false),
    (#"{"type": "constant", "bytes": "1MiB"}"#, .constant(3_145_728), true),
    (#"{"type": "constant", "records": 7, "unit": "bytes"}"#, .constant(21), true),
    (#"{"type": "line", "from": 0, "to": 50}"#, .line(from: 0, to: 150), false),
    (
      #"{"type": "steps", "values": [1, 2.5, 0], "each": "2s", "unit": "bytes"}"#,
      .steps(values: [3, 7.5, 0], each: 2_000_000_000), true
    ),
    (
      #"{"type": "sine", "mean": 10, "amplitude": 4, "period": "1m"}"#,
      .sine(mean: 30, amplitude: 12, period: 60_000_000_000), false
    ),
    (
      #"{"type": "square", "low": 1, "high": 9, "period": "3s", "duty": "20%"}"#,
      .square(low: 3, high: 27, period: 3_000_000_000, duty: 0.2), false
    ),
  ]

  @Test(arguments: shapes.indices)
  func scaleMultipliesEveryRateAndNothingElse(index: Int) throws {
    let shape = Self.shapes[index]
    let scratch = try Scratch()
    let file = try scratch.file(
      "s.json",
      #"""
      {"schema": "shardmeter/1", "name": "s", "records": {"size": "10B", "key": "constant"}, "phases": [
        {"name": "a", "duration": "100s", "rate": \#(shape.rate)},
        {"name": "m", "duration": "1s", "rate": "max"}, {"name": "b", "duration": "3s", "rate": 10}]}
      """#)
    let scenario = try load([file, "--scale", "3"]).scenario
    #expect(scenario.phases.map(\.rate) == [shape.scaled, .max, .constant(30)])
    #expect(scenario.phases.map(\.duration) == [100_000_000_000, 1_000_000_000, 3_000_000_000])
    #expect(scenario.phases[0].isInBytes == shape.isInBytes)
    // The resolved scenario says what was run.
    let again = try Scenario.load(
      bytes: Array(JSONWriter.pretty(scenario.resolvedJSON()).utf8), source: "again")
    #expect(again.workloadHash == scenario.workloadHash)
    #expect(try load([file, "--scale", "1"]).scenario.phases.map(\.rate) == load([file]).scenario.phases.map(\.rate))
  }

  @Test func aClosedScenarioHasNothingToScale() throws {
    let scratch = try Scratch()
    let file = try scratch.file(
      "s.json",
      #"{"schema": "shardmeter/1", "name": "s", "records": {"size": "10B", "key": "constant"}, "phases": [{"name": "m", "duration": "1s", "rate": "max"}]}"#
    )
    #expect(
      throws: CommandFailure("--scale: no phase of s has a rate of its own", code: .usage),
      performing: { try load([file, "--scale", "2"]) })
  }

  @Test(
    arguments: [
      ("16s", [2000, 6000, 8000]), ("32s", [4000, 12000, 16000]), ("8s", [1000, 3000, 4000]),
      ("1s", [125, 375, 500]), ("100ms", [12.5, 37.5, 50]),
    ] as [(String, [Double])])
  func durationStretchesAllPhasesByOneFactor(duration: String, expected: [Double]) throws {
    let scenario = try load(["quickstart", "--duration", duration]).scenario
    #expect(scenario.phases.map { Double($0.duration) / 1e6 } == expected)
    #expect(scenario.phases.map(\.rate) == [.constant(800), .constant(1500), .line(from: 1500, to: 4500)])
  }

  @Test func durationsSumToWhatWasAskedAndNoPhaseVanishes() throws {
    let scenario = try load(["quickstart", "--duration", "100003us"]).scenario
    #expect(scenario.phases.reduce(0) { $0 + $1.duration } == 100_003_000)
    #expect(
      throws: CommandFailure(#"--duration 7ms: phase "warm-up" would be shorter than 1ms"#, code: .usage),
      performing: { try load(["quickstart", "--duration", "7ms"]) })
  }

  /// Changes are made to the document before the files that it names are read: that this one is not there goes unnoticed.
  @Test(arguments: [
    (
      ["--scale", "2"],
      "--scale: no phase of t has a rate of its own; a trace is sped up with --set records.trace.speed=2"
    ),
    (
      ["--duration", "2s"],
      "--duration: the trace of t says how long it takes; a trace is sped up with --set records.trace.speed=2"
    ),
  ])
  func aTraceIsNeitherScaledNorStretched(words: [String], message: String) throws {
    let scratch = try Scratch()
    let file = try scratch.file(
      "t.json", #"{"schema": "shardmeter/1", "name": "t", "records": {"trace": {"path": "nowhere.csv"}}}"#)
    #expect(throws: CommandFailure(message, code: .usage), performing: { try load([file] + words) })
    let failure = #expect(throws: JSONFailure.self) { try load([file]) }
    #expect(failure?.description.contains("nowhere.csv") == true)
  }

  @Test(arguments: [["--scale", "2"], ["--duration", "2s"], []])
  func phasesThatAreMissingAreNamedWhateverIsChanged(words: [String]) throws {
    let scratch = try Scratch()
    let file = try scratch.file(
      "s.json", #"{"schema": "shardmeter/1", "name": "s", "records": {"size": "10B", "key": "constant"}}"#)
    let failure = #expect(throws: JSONFailure.self) { try load([file] + words) }
    #expect(failure?.description.contains(#"expected the field "phases""#) == true)
  }

  @Test func changesApplyInTheirOrder() throws {
    let scenario = try load([
      "quickstart", "--scale", "2", "--set", "phases[steady].rate=100", "--seed", "9", "--duration", "8s",
    ]).scenario
    #expect(
      scenario.seed == 9 && scenario.phases[1].rate == .constant(200) && scenario.phases[1].duration == 3_000_000_000)
  }

  @Test func aFileWinsOverABuiltInNameAndTheNearestIsNamed() throws {
    let scratch = try Scratch()
    let file = try scratch.file("quickstart", #"{"schema": "shardmeter/1"}"#)
    #expect(throws: JSONFailure.self) { try load([file]) }
    #expect(try load(["quickstart"]).scenario.name == "quickstart")
    #expect(
      throws: CommandFailure(
        "no scenario file and no built-in scenario quikstart; did you mean quickstart?", code: .usage),
      performing: { try load(["quikstart"]) })
    #expect(
      throws: CommandFailure("no scenario file and no built-in scenario /no/such.json", code: .usage),
      performing: { try load(["/no/such.json"]) })
    #expect(throws: CommandFailure.self) { try load([scratch.path]) }
  }

  @Test func theShardMapSaysWhatShardsThereAre() throws {
    let scratch = try Scratch()
    let file = try scratch.file("map.json", ShardMapFileTests.listShards)
    let input = try load(["quickstart", "--shard-map", file])
    #expect(
      input.scenario.stream.shards == 2
        && input.scenario.declaredMap.shards.map(\.id) == ["shardId-000000000002", "shardId-000000000003"])
    #expect(input.scenario.declaredMap.shards[0].range.end == 9)
    #expect(input.shardMapFile == file)
    #expect(try load(["quickstart"]).scenario.declaredMap.count == 4)
  }

  @Test func theShardMapOfAScenarioLiesBesideIt() throws {
    let scratch = try Scratch()
    let file = try scratch.file("map.json", ShardMapFileTests.listShards)
    let text = try #require(BuiltInScenarios.text(named: "quickstart"))
    let scenario = try scratch.file(
      "s.json", text.replacing("\"shards\": 4", with: "\"shardMap\": \"map.json\""))
    let input = try load([scenario])
    #expect(input.shardMapFile == file && input.scenario.stream.shards == 2)
    let other = try scratch.file(
      "other.json", ShardMapFileTests.listShards.replacing("\"9\"", with: "\"19\"").replacing("\"10\"", with: "\"20\""))
    let changed = try load([scenario, "--shard-map", other])
    #expect(changed.shardMapFile == other && changed.scenario.declaredMap.shards[0].range.end == 19)
    #expect(changed.scenario.resolvedJSON()["stream"]?["shardMap"] == nil)
  }
}
