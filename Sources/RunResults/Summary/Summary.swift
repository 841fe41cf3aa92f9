import Measurement
import Observations
import StrictJSON

/// The whole of `summary.json`: what machines read of a run, `report` included.
package struct Summary: SummarySection, Counted {
  /// The value of `schema`.
  package static let schemaName = "shardmeter.summary/2"
  /// What earlier versions wrote; it is still read.
  package static let formerSchemaName = "shardmeter.summary/1"
  /// The file's name in a result folder.
  package static let fileName = "summary.json"

  /// Raised behind the slash when a member goes or changes its meaning.
  package var schema = Summary.schemaName
  package var runID = ""
  /// What the folder holds.
  package var kind = ResultKind.run.rawValue
  /// Who saw it: what that side cannot know is absent.
  package var side = ResultSide.driver.rawValue
  /// False for a run that was stopped before its plan was done.
  package var complete = false
  /// `pass`, `none` (no thresholds), `fail`, `invalid` or `incomplete`.
  package var verdict = RunVerdict.fail.rawValue
  /// `valid`, `generator-bound` or `capped`; absent where there was no generator of ours.
  package var validity: String?
  package var exitCode = 0
  /// Absent where the load came from somebody else.
  package var scenario: SummaryScenario?
  package var tool = SummaryTool()
  package var target = SummaryTarget()
  package var time = SummaryTime()
  /// The measured phases; `null` in the file, like the other sections on traffic, where a folder has no traffic.
  package var records = SummaryRecords()
  package var rates = SummaryRates()
  package var latencyMs = SummaryLatencies()
  /// Absent when the shards are not known.
  package var shards: SummaryShards?
  /// The model's view, where the run was modelled.
  package var sizing: JSONValue?
  /// What a search found; absent elsewhere.
  package var search: JSONValue?
  /// Absent where there was no generator of ours.
  package var generator: SummaryGenerator?
  /// Failed ones first, then errors, then the rest, each in the scenario's order.
  package var thresholds: [SummaryThreshold] = []
  /// Against a baseline, where there is one.
  package var comparison: ComparisonDocument?
  package var machine: SummaryMachine?
  /// Names inside the folder, in the order written.
  package var files: [String] = []
  /// What was sent before or between the measured phases, counted apart; absent where no plan tells them.
  package var warmupRecords: SummaryRecords?
  package var requests = SummaryRequests()
  package var connections = SummaryConnections()
  package var checks = SummaryChecks()
  /// What reading the stream back found; absent for a run whose stream was not read.
  package var verification: VerificationCounts?
  /// What a target saw of a producer; absent where there was a plan.
  package var observe: SummaryObserve?
  /// What a reader must know before quoting a number; empty in a clean run.
  package var warnings: [String] = []
  /// What was going on when the run was interrupted with its plan done: a name of `LateInterruption`, absent else.
  package var interruptedWhile: String?

  package init() {}

  package subscript(counter: Counter) -> Int? {
    counter == .requests ? requests.traffic.requests : records[counter] ?? verification?[counter]
  }

  /// Takes over what reading the stream back found: a run that passed but whose records are not there failed.
  package mutating func take(_ found: VerificationCounts) {
    verification = found
    guard !found.passed, [RunVerdict.pass, .none].map(\.rawValue).contains(verdict) else { return }
    verdict = RunVerdict.fail.rawValue
    exitCode = (found.complete ? ExitCode.thresholdFailed : .unreachable).rawValue
  }

  /// In what stage the run was interrupted, when its plan was done; nil when it was not, or before.
  package var lateInterruption: LateInterruption? { interruptedWhile.flatMap { LateInterruption(rawValue: $0) } }

  /// Notes that the run was interrupted when its plan was done: in what stage, and what is missing.
  package mutating func interrupt(_ stage: LateInterruption) {
    complete = false
    verdict = RunVerdict.incomplete.rawValue
    exitCode = ExitCode.interrupted.rawValue
    interruptedWhile = stage.rawValue
    warnings.append(stage.warning)
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("schema", &schema)
    try visitor.member("run_id", &runID)
    try visitor.member("kind", &kind)
    try visitor.member("side", &side)
    try visitor.member("complete", &complete)
    try visitor.member("verdict", &verdict)
    try visitor.member("validity", &validity)
    try visitor.member("exit_code", &exitCode)
    try visitor.member("scenario", &scenario)
    try visitor.member("tool", &tool)
    try visitor.member("target", &target)
    try visitor.member("time", &time)
    try traffic("records", &records, &visitor)
    try traffic("rates", &rates, &visitor)
    try traffic("latency_ms", &latencyMs, &visitor)
    try visitor.member("shards", &shards)
    try visitor.member("sizing", &sizing)
    try visitor.member("generator", &generator)
    try visitor.member("thresholds", &thresholds)
    try visitor.member("comparison", &comparison)
    try visitor.member("machine", &machine)
    try visitor.member("files", &files)
    try visitor.member("warmup_records", &warmupRecords)
    try traffic("requests", &requests, &visitor)
    try traffic("connections", &connections, &visitor)
    try traffic("checks", &checks, &visitor)
    try visitor.member("verification", &verification)
    try visitor.member("observe", &observe)
    try visitor.member("warnings", &warnings)
    try visitor.member("interrupted_while", &interruptedWhile)
    try visitor.member("search", &search)
  }

  /// Whether the folder is of records that were sent or taken: a model, a search and a comparison have none of their own, and what they
  /// cannot know is `null` in their summaries.
  var hasTraffic: Bool {
    switch ResultKind(rawValue: kind) {
    case .plan, .size, .search, .compare, .ab: false
    case .run, .observe, .audit, .merge, nil: true
    }
  }

  /// The names of the sections that only folders with traffic have.
  static let trafficSections = ["records", "rates", "latency_ms", "requests", "connections", "checks"]

  /// One of them.
  private func traffic<Section: SummarySection>(
    _ name: StaticString, _ section: inout Section, _ visitor: inout some SummaryVisitor
  ) throws(JSONFailure) {
    var known = TrafficSection(section: section, isKnown: hasTraffic)
    try visitor.member(name, &known)
    section = known.section
  }
}

/// A section that is `null` where a folder has no traffic.
private struct TrafficSection<Section: SummarySection>: SummaryValue {
  var section: Section
  var isKnown: Bool

  init(section: Section, isKnown: Bool) { (self.section, self.isKnown) = (section, isKnown) }

  init(json: JSONNode) throws(JSONFailure) {
    if case .null = json.kind {
      self.init(section: Section(), isKnown: false)
    } else {
      self.init(section: try Section(json: json), isKnown: true)
    }
  }

  func json(decimals: Int) -> JSONValue { isKnown ? section.json(decimals: decimals) : .null }

  static var jsonSchema: JSONValue {
    guard case .object(let members) = Section.jsonSchema else { return Section.jsonSchema }
    return .object(members.map { $0.0 == "type" ? ($0.0, ["object", "null"]) : $0 })
  }
}

/// An interruption of what follows when the plan is done.
package enum LateInterruption: String, CaseIterable, Sendable {
  case readingBack = "reading-back"
  case writingResults = "writing-results"

  /// What was going on, as a clause without a stop.
  package var clause: String {
    switch self {
    case .readingBack: "interrupted while the stream was read back"
    case .writingResults: "interrupted while the results were written"
    }
  }

  /// As it stands among the summary's warnings.
  package var warning: String {
    switch self {
    case .readingBack: "\(clause): the figures of the load are whole"
    case .writingResults: "\(clause): the figures are whole"
    }
  }
}
