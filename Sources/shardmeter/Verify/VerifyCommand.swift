import FoundationEssentials
import Kinesis
import Measurement
import Observations
import Reporting
import RunResults
import Scenarios
import StrictJSON
import Transport

/// `shardmeter verify DIR`.
enum VerifyCommand {
  static let command: Command = Command(
    "verify", abstract: "read a run's stream back: found, duplicated, missing, reordered", discussion: discussion,
    table: VerifyOptions.table, defaults: VerifyOptions()
  ) { options, context in
    try options.validate()
    return try Interruption.minding(context, nothing: "nothing was read") { interruption in
      try VerifyExecution(options: options, context: context, interruption: interruption).perform()
    }
  }

  private static let discussion = """
    The run's scenario must have records.identity (run --read-back sets it). Reads
    every shard from the run's start, parents before their children, and compares
    key and data of each record with what was sent. Writes verification.json into
    the folder and redraws its reports.

    Exit code 0 when every accepted record is there, 3 when some are missing or
    altered, 6 when the stream could not be read to its end.
    """
}

/// One verification: from the result folder to the stream and back.
struct VerifyExecution {
  let options: VerifyOptions
  let context: Context
  let interruption: Interruption

  func perform() throws -> ExitCode {
    var folder = options.folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let run: LoadedRun
    do {
      run = try LoadedRun.load(folder)
    } catch {
      throw CommandFailure("\(folder): \(error)", code: .usage)
    }
    guard var summary = run.summary else {
      throw CommandFailure("\(folder): there is no summary.json, the run did not end in order", code: .usage)
    }
    let (plan, outcomes) = try sent(by: run, summary)
    guard let start = WallTime(iso8601: summary.time.start) else {
      throw CommandFailure("\(folder)/summary.json: time.start is no time: \(summary.time.start)", code: .usage)
    }
    let target = try RunTarget.open(try request(summary), context: context)
    defer { target.close() }
    let renewal = target.renewal { context.warn($0) }
    renewal?.start()
    defer { renewal?.cancel() }
    let stream = options.stream ?? options.streamARN?.streamName ?? summary.target.stream
    guard (try? OptionValue.streamName(stream)) != nil else {
      throw CommandFailure(
        "\(folder)/summary.json: target.stream is no stream's name: \(JSONNode.quoted(stream))", code: .usage)
    }
    let reader = try StreamReader(
      target: target, stream: stream, arn: options.streamARN, keys: options.keys, plan: plan)
    interruption.onRequest { [interruption = reader.interruption] in interruption.request() }
    let found: Verification
    do {
      found = try reader.read(outcomes: outcomes, start: start, runID: summary.runID) { read in
        if !options.output.isQuiet { context.standardError.writeLine("reading back: \(read) records") }
      }
    } catch {
      throw interruption.isRequested ? CommandFailure("interrupted: nothing was read", code: .interrupted) : error
    }
    interruption.onRequestGoOn()
    if interruption.isRequested {
      // Half a reading says nothing about the run: its summary and reports stay as they are.
      try writing(into: run.folder) { try replace(Verification.fileName, found.fileText, in: run.folder) }
      throw CommandFailure(
        "\(found.records.problem ?? "interrupted"): \(run.folder)/\(Verification.fileName) says what was read",
        code: .interrupted)
    }
    summary.take(found.records)
    if !summary.files.contains(Verification.fileName) { summary.files.append(Verification.fileName) }
    try write(found, summary, into: run.folder)
    if interruption.isRequested {
      throw CommandFailure("interrupted: the verification is whole and written", code: .interrupted)
    }
    interruption.onRequestLeave()
    show(found)
    if found.records.passed { return .ok }
    return found.records.complete ? .thresholdFailed : .unreachable
  }

  /// What the run planned and what it knows of each record.
  private func sent(by run: LoadedRun, _ summary: Summary) throws -> (plan: Plan, outcomes: RunOutcomes) {
    let folder = run.folder
    guard let text = run.scenario else { throw CommandFailure("\(folder): there is no scenario.json", code: .usage) }
    let shards = (run.shards ?? []).prefix(max(0, summary.target.shards)).compactMap { row in
      guard let start = row.hashStart, let end = row.hashEnd, start <= end else { return nil as Shard? }
      return Shard(id: row.shardID, range: HashKeyRange(start: start, end: end))
    }
    let map = try? ShardMap(shards: shards)
    let files = ScenarioFileReader(scenario: (options.files ?? folder) + "/scenario.json")
    let scenario = try Scenario.load(bytes: text, source: "\(folder)/scenario.json", files: files, map: map)
    guard scenario.hasIdentity else {
      throw CommandFailure(
        "\(folder): the run's records carry no identity: run with --read-back, or with records.identity true",
        code: .usage)
    }
    let plan = Plan(scenario, map: map)
    guard summary.scenario?.planSHA256 == plan.planHash else {
      throw CommandFailure(
        "\(folder): the scenario does not give the records that the run sent: plan_sha256 is "
          + "\(summary.scenario?.planSHA256 ?? "missing"), this program's is \(plan.planHash)", code: .usage)
    }
    let file = "\(folder)/\(RunOutcomes.fileName)"
    guard let bytes = FileReader.bytes(at: file) else { throw CommandFailure("there is no \(file)", code: .usage) }
    guard let outcomes = RunOutcomes(fileBytes: bytes), outcomes.recordCounts.count == plan.phases.count else {
      throw CommandFailure("\(file) is not the outcomes of this run", code: .usage)
    }
    return (plan, outcomes)
  }

  /// The target that holds the stream: the one named, else the run's.
  private func request(_ summary: Summary) throws -> TargetRequest {
    TargetRequest(
      location: try location(summary), streamARN: options.streamARN,
      region: options.streamARN?.region ?? options.region ?? summary.target.region, profile: options.profile,
      isUnsigned: options.isUnsigned,
      trust: TargetRequest.Trust(certificateFile: options.certificateFile, isInsecure: options.isInsecure))
  }

  private func location(_ summary: Summary) throws -> TargetRequest.Location {
    switch options.target {
    case .url(let given): return .url(given)
    case .aws: return .aws
    case nil: break
    }
    if summary.target.kind == "embedded" {
      throw CommandFailure(
        "the run's embedded target ended with it: use run --read-back, or name the target that holds the stream with --target",
        code: .usage)
    }
    if summary.target.endpoint.contains(MaskedCommandLine.mask) {
      throw CommandFailure(
        "the run's endpoint, \(summary.target.endpoint), is kept without its account: give --target aws", code: .usage)
    }
    return .url(summary.target.endpoint)
  }

  private func write(_ found: Verification, _ summary: Summary, into folder: String) throws {
    try writing(into: folder) {
      try replace(Verification.fileName, found.fileText, in: folder)
      try replace(Summary.fileName, summary.fileText, in: folder)
      for file in RunReports.documents(of: try LoadedRun.load(folder)) { try replace(file.name, file.text, in: folder) }
    }
  }

  private func writing(into folder: String, _ work: () throws -> Void) throws {
    do {
      try work()
    } catch {
      throw CommandFailure("\(folder): the results cannot be written: \(error)", code: .internalError)
    }
  }

  private func replace(_ name: String, _ text: String, in folder: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
  }

  private func show(_ found: Verification) {
    if options.output.isJSON { return context.standardOutput.write(found.fileText) }
    let isColoured = context.usesColour(options.output.colour, on: context.standardOutput)
    switch options.output.quietness {
    case 0: context.standardOutput.write(VerificationText.table(found.records, colour: isColoured))
    case 1: context.standardOutput.write(VerificationText.verdict(found.records, colour: isColoured))
    default: break
    }
  }
}
