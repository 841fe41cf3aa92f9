import Measurement
import StrictJSON
import Testing

@testable import Observations
@testable import RunResults

@Suite struct SummaryTests {
  @Test func summaryReadsBackAsWritten() throws {
    let thresholds = [Threshold(metric: .throttleRatio, max: 0.01)]
    let summary = try collect(smallLayout(), smallScript(), thresholds: thresholds, skipped: [skippedRecord()]).summary
    let read = try Summary.parse(Array(summary.fileText.utf8))
    #expect(read.fileText == summary.fileText)
    #expect(read.records == summary.records)
    #expect(read.thresholds == summary.thresholds)
  }

  @Test func whatTheFormerVersionWroteIsRead() throws {
    let text = """
      {"schema": "shardmeter.summary/1", "run_id": "x", "validity": "capped", "records": {"planned": 4, "accepted": 3},
       "rates": {"undelivered_ratio": 0.25}, "generator": {"verdict": "capped"}}
      """
    let summary = try Summary.parse(Array(text.utf8))
    #expect((summary.schema, summary.kind, summary.side) == ("shardmeter.summary/2", "run", "driver"))
    #expect((summary.rates.lostRatio, summary.validity, summary.generator?.verdict) == (0.25, "capped", "capped"))
    #expect(summary.records.planned == 4 && summary.records.clock?.attempted == nil)
  }

  @Test func whatASideCannotKnowIsNullAndClaimsNothing() throws {
    var summary = Summary()
    summary.side = ResultSide.target.rawValue
    let text = summary.fileText
    for name in [
      "scenario", "validity", "generator", "warmup_records", "planned", "first_try", "gave_up", "unknown", "response",
      "lateness",
    ] {
      #expect(text.contains("\"\(name)\": null"), "\(name)")
    }
    #expect(!text.contains("\"valid\""))
    #expect(try Summary.parse(Array(text.utf8)) == summary)
  }

  @Test func unknownMembersAreIgnoredAndAbsentOnesStayEmpty() throws {
    let text = #"{"later": [1], "schema": "shardmeter.summary/1", "run_id": "x", "records": {"planned": 3, "new": {}}}"#
    let summary = try Summary.parse(Array(text.utf8))
    #expect(summary.runID == "x")
    #expect(summary.records.planned == 3)
    #expect(summary.shards == nil)
  }

  /// What a model cannot know is null, and reads back as nothing.
  @Test(arguments: ResultKind.allCases) func onlyFoldersWithTrafficHaveIt(kind: ResultKind) throws {
    var summary = Summary()
    summary.kind = kind.rawValue
    let isModel = [.plan, .size, .search, .compare, .ab].contains(kind)
    let text = summary.fileText
    for name in Summary.trafficSections { #expect(text.contains("\"\(name)\": null") == isModel, "\(name)") }
    #expect(try Summary.parse(Array(text.utf8)) == summary)
  }

  @Test(arguments: [
    #"{"schema": "shardmeter.summary/3"}"#, #"{"run_id": "x"}"#, "[]", "", #"{"schema": 1}"#,
    #"{"schema": "shardmeter.summary/1", "exit_code": "0"}"#,
    #"{"schema": "shardmeter.summary/1", "records": null}"#,
  ])
  func anotherSchemaOrTypeIsRefused(text: String) {
    #expect(throws: JSONFailure.self) { try Summary.parse(Array(text.utf8)) }
  }

  @Test(
    "What cannot be below 0 is refused below it, with its place",
    arguments: [
      (#""records": {"throttled": -5}"#, "records.throttled: expected a number of at least 0, found -5"),
      (#""requests": {"all_accepted": -1}"#, "requests.all_accepted: expected a number of at least 0, found -1"),
      (#""rates": {"throttle_ratio": -0.5}"#, "rates.throttle_ratio: expected a number of at least 0, found -0.5"),
      (#""shards": {"worst": [{"index": -2}]}"#, "shards.worst[0].index: expected a number of at least 0, found -2"),
    ])
  func amountBelowZeroIsRefused(member: String, message: String) throws {
    let failure = try #require(throws: JSONFailure.self) {
      try Summary.parse(Array(#"{"schema": "shardmeter.summary/2", \#(member)}"#.utf8), source: "summary.json")
    }
    #expect(failure.description.hasPrefix("summary.json") && failure.description.contains(message), "\(failure)")
  }

  @Test func timesBeforeTheFirstMeasuredPhaseAreBelowZero() throws {
    let text = #"{"schema": "shardmeter.summary/2", "shards": {"changes": [{"t_s": -1.5, "listed_t_s": -1}]}}"#
    let change = try #require(Summary.parse(Array(text.utf8)).shards?.changes.first)
    #expect((change.tS, change.listedTS) == (-1.5, -1))
  }

  @Test("What was interrupted behind the plan is a member, not a warning's words", arguments: LateInterruption.allCases)
  func lateInterruptionReadsBack(stage: LateInterruption) throws {
    var summary = Summary()
    summary.interrupt(stage)
    summary.warnings = []
    #expect(try Summary.parse(Array(summary.fileText.utf8)).lateInterruption == stage)
    #expect(Summary().lateInterruption == nil)
  }

  @Test func schemaDescribesEveryMemberWritten() throws {
    func expectDescribed(_ value: JSONValue, by schema: JSONValue, at path: String) {
      guard case .object(let members) = value, let properties = schema["properties"] else { return }
      for (name, member) in members {
        guard let described = properties[name] else {
          Issue.record("\(path).\(name) is not in the schema")
          continue
        }
        expectDescribed(member, by: described, at: "\(path).\(name)")
      }
    }
    let summary = try collect(smallLayout(), smallScript()).summary
    expectDescribed(summary.json(decimals: 6), by: Summary.fileSchema, at: "")
    #expect(Summary.fileSchema["properties"]?["records"]?["properties"]?["attempted"]?["type"] == "integer")
  }
}
