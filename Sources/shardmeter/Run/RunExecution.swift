import FoundationEssentials
import Kinesis
import LoadDriver
import Measurement
import Observations
import Producers
import Reporting
import RunResults
import Scenarios
import Sizing
import StreamAccess
import StrictJSON
import Transport

/// `shardmeter run`: from the options to the result folder and the exit code.
struct RunExecution {
  let options: RunOptions
  let context: Context
  let interruption: Interruption
  /// A scenario that was read already; nil: the one that the options name.
  var given: ScenarioInput?

  /// The body of the `run` command.
  static func perform(_ options: RunOptions, _ context: Context) throws -> ExitCode {
    try Interruption.minding(context, nothing: "nothing was sent") { interruption in
      if let count = options.repetitions {
        return try RepeatedRun(options: options, context: context, interruption: interruption).perform(count)
      }
      return try RunExecution(options: options, context: context, interruption: interruption).perform()
    }
  }

  private var progressMode: ProgressMode {
    ProgressMode.choose(
      options.progress, isQuiet: options.output.isQuiet, isTerminal: context.standardError.isTerminal,
      environment: context.environment)
  }

  private static let interrupted = CommandFailure("interrupted: nothing was sent", code: .interrupted)

  /// The run with its files, shown as the options want it.
  func perform() throws -> ExitCode {
    let run = try execute()
    RunReports.show(run, output: options.output, context: context)
    ContinuousIntegration.publish(run, context: context)
    return run.summary.flatMap { ExitCode(rawValue: $0.exitCode) } ?? .internalError
  }

  /// The run and its files; nothing is shown.
  func execute() throws -> LoadedRun {
    let input =
      try given
      ?? ScenarioInput.load(
        options.scenario, carriesIdentity: options.readsBack,
        progress: ReadingProgress(mode: progressMode, output: context.standardError, clock: context.clock))
    let scenario = input.scenario
    let baseline = try options.baseline.map { try BaselineCheck($0, rules: options.judgement.rules) }
    try baseline?.check(scenario)
    if !options.readsBack { try checkReadBack(scenario.thresholds, of: input.name) }
    try checkDescriptors(connections: scenario.client.connections)
    let stream = options.namedStream ?? scenario.stream.name
    let prices = try options.prices.map(PricesFile.read)
    let permission = RemoteSafety.Permission(
      stream: options.namedStream, creates: options.createsStream, allowsExisting: options.usesExistingStream,
      saysYes: options.saysYes)
    let target = try RunTarget.open(
      TargetRequest(
        location: location(scenario, stream: stream), streamARN: options.streamARN, region: options.region,
        profile: options.profile, isUnsigned: options.isUnsigned,
        trust: TargetRequest.Trust(certificateFile: options.certificateFile, isInsecure: options.isInsecure),
        permission: permission),
      context: context)
    defer { target.close() }
    let calls = try target.calls(timeout: scenario.client.timeout)
    let control = StreamControl(calls: calls, stream: stream, arn: options.streamARN)
    try RemoteConsent.check(
      permission,
      load: RemoteSafety.Load(
        Plan(scenario), maximumRecords: options.maximumRecords, maximumBytes: options.maximumBytes,
        charge: prices.map {
          RunCharge(
            prices: $0, region: target.region, shards: scenario.stream.shards,
            largestRecord: scenario.stream.largestRecord)
        }),
      target: target, control: control, context: context)
    // A stream that was made is to be deleted: from here on nothing leaves at once.
    if options.createsStream {
      interruption.onRequest { [interruption = calls.interruption] in interruption.request() }
    }
    let run: LoadedRun
    do {
      defer { if options.deletesStream, options.createsStream { delete(stream, target, scenario) } }
      let resolution: StreamResolution
      do {
        resolution = try StreamResolution.resolve(
          control, name: stream, input: input, creates: options.createsStream, url: target.shownAddress)
      } catch {
        throw interruption.isRequested ? Self.interrupted : error
      }
      if interruption.isRequested { throw Self.interrupted }
      run = try drive(scenario, stream: stream, target: target, resolution: resolution, baseline: baseline)
    }
    // A run that is a part of something larger is not the last that is due.
    if given == nil { interruption.onRequestLeave() } else { interruption.onRequestGoOn() }
    return run
  }

  /// A threshold on what only `--read-back` finds would fail every run without it.
  private func checkReadBack(_ thresholds: [Threshold], of scenario: String) throws {
    guard let index = thresholds.firstIndex(where: { $0.metric.places.contains(.readBack) }) else { return }
    throw CommandFailure(
      "\(scenario): thresholds[\(index)].metric: expected a metric that is known without reading the stream back, found "
        + "\"\(thresholds[index].metric.name)\"; run with --read-back", code: .usage)
  }

  private func location(_ scenario: Scenario, stream: String) -> TargetRequest.Location {
    switch options.target {
    case .url(let given): .url(given)
    case .aws: .aws
    case .embedded:
      .embedded(
        EmbeddedTargetDocument(
          scenario, stream: stream, allowsUnsigned: options.isUnsigned,
          retainedBytes: options.readsBack ? RetainedMemory.bytes(scenario) : nil))
    }
  }

  private func drive(
    _ scenario: Scenario, stream: String, target: RunTarget, resolution: StreamResolution, baseline: BaselineCheck?
  ) throws -> LoadedRun {
    let plan = Plan(scenario, map: resolution.map)
    if options.readsBack, target.isEmbedded { try RetainedMemory.check(plan) }
    let run = try Run(
      Run.Request(
        plan: plan, target: target, stream: stream, streamARN: options.streamARN, shards: resolution.map,
        isObserved: resolution.isObserved, budget: budget, workers: options.workers, keys: keyMode(of: scenario),
        spin: options.spin ?? .zero))
    // From the folder on there is something to write, however little it is.
    interruption.onRequest { run.interrupt() }
    var warnings =
      scenario.warnings + resolution.warnings + target.warnings(until: context.wallTime() + plan.duration)
    // First, since the shorter reports show only the first few.
    if options.isInsecure, target.destination.tls != nil {
      warnings.insert("certificates were not verified (--insecure)", at: 0)
    }
    for warning in warnings { context.warn(warning) }
    var description = RunShape.description(
      of: plan, stream: stream, target: target, shards: resolution.map, context: context, warnings: warnings)
    description.runID = RunIdentifier.make(
      start: context.wallTime(), scenarioName: scenario.name, workloadHash: scenario.workloadHash,
      seed: scenario.seed)
    let folder = try makeFolder(id: description.runID)
    let progress = RunProgress(
      ProgressMeter(scenario: scenario.name, layout: run.layout, planned: run.planned),
      mode: progressMode, output: context.narrowed(context.standardError))
    do {
      let driven = try drive(run, description, into: folder, progress: progress)
      return try finish(driven, plan, into: folder, stream: stream, target: target, baseline: baseline)
    } catch let failure as RunFolderFailure {
      // A full disk, a folder taken away: what was written so far stays readable.
      let rest = folder.isThere ? "what was written is in \(folder.partialPath)" : "\(folder.partialPath) is gone"
      throw CommandFailure("\(failure); \(rest)", code: .internalError)
    }
  }

  private func drive(
    _ run: Run, _ description: RunDescription, into folder: RunFolder, progress: RunProgress
  ) throws -> Run.Driven {
    interruption.onQuestion { progress.answer() }
    defer {
      interruption.onRequestGoOn()
      progress.end()
    }
    return try run.drive(description, into: folder, observer: progress)
  }

  /// Reads the stream back where that is asked for, judges against the baseline if there is one, and writes what was found.
  private func finish(
    _ driven: Run.Driven, _ plan: Plan, into folder: RunFolder, stream: String, target: RunTarget,
    baseline: BaselineCheck?
  ) throws -> LoadedRun {
    let recorder = driven.recorder
    var verification: VerificationCounts?
    if driven.isBudgetSpent { recorder.warn("stopped at --max-records or --max-bytes") }
    let names = KeyNames(
      mode: keyMode(of: plan.scenario), bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    recorder.note(planHash: plan.planHash)
    var files = RunReports.fileNames
    if let outcomes = driven.outcomes {
      try folder.append(outcomes.fileBytes, to: RunOutcomes.fileName)
      files.append(RunOutcomes.fileName)
      if options.readsBack {
        if driven.ending.reason == .completed || driven.ending.reason == .aborted {
          if let found = try readBack(
            plan, outcomes, stream: stream, target: target, description: recorder.collector.description)
          {
            try folder.append(Array(found.fileText.utf8), to: Verification.fileName)
            files.append(Verification.fileName)
            verification = found.records
          }
        } else {
          recorder.warn("the stream was not read back, because the run did not end in order")
        }
      }
    }
    var sizing: SizingDocument?
    if options.sizes {
      do throws(StudyFailure) {
        sizing = try RunSizing.document(plan, names: names, stream: stream, region: target.region)
        files.append(SizingRow.fileName)
      } catch {
        recorder.warn("The plan is not sized: \(error).")
      }
    }
    var ending = driven.ending
    if interruption.isRequested, ending.reason == .completed || ending.reason == .aborted {
      // The plan was done, or stopped by its own rules: it is what follows that is missing.
      ending.reason = .interrupted
      let isRead = options.readsBack && verification?.complete == true
      let stage: LateInterruption = options.readsBack && !isRead ? .readingBack : .writingResults
      recorder.warn(stage.warning)
    }
    var summary = try recorder.finish(ending, keys: names, verification: verification, extraFiles: files)
    if let sizing { try add(sizing, of: plan, to: &summary, in: folder) }
    if let baseline {
      summary = baseline.judged(summary)
      try folder.replace(Summary.fileName, with: Array(summary.fileText.utf8))
    }
    let finished = try RunReports.finish(folder, summary: summary) { interruption.isRequested }
    for warning in folder.warnings { context.warn(warning) }
    return finished
  }

  /// Puts the model's answer beside what was measured.
  private func add(
    _ found: SizingDocument, of plan: Plan, to summary: inout Summary, in folder: RunFolder
  ) throws {
    var sizing = found
    let rows = try LoadedRun.load(folder.partialPath).shards ?? []
    sizing.measurements = [RunSizing.measurement(plan, on: plan.scenario.declaredMap, summary, rows)]
    summary.sizing = sizing.json
    try folder.append(
      CSVFile.bytes(SizingRow.rows(of: sizing, runID: summary.runID)), to: SizingRow.fileName)
    try folder.replace(Summary.fileName, with: Array(summary.fileText.utf8))
  }

  private func keyMode(of scenario: Scenario) -> KeyNames.Mode {
    options.scenario.keys(of: scenario)
  }

  private func delete(_ stream: String, _ target: RunTarget, _ scenario: Scenario) {
    interruption.onRequestGoOn()
    do {
      // Calls of its own: those of the beginning may have been interrupted.
      try StreamControl(calls: target.calls(timeout: scenario.client.timeout), stream: stream).delete()
    } catch {
      context.warn("stream \(stream) was not deleted: \(error)")
    }
  }

  /// Reads the stream and judges; nil when it was interrupted before anything was read.
  private func readBack(
    _ plan: Plan, _ outcomes: RunOutcomes, stream: String, target: RunTarget, description: RunDescription
  ) throws -> Verification? {
    let reader = try StreamReader(
      target: target, stream: stream, arn: options.streamARN, keys: options.scenario.chosenKeys ?? .hash, plan: plan)
    interruption.onRequest { [interruption = reader.interruption] in interruption.request() }
    defer { interruption.onRequestGoOn() }
    let isQuiet = options.output.isQuiet || options.progress == .none
    var found: Verification
    do {
      found = try reader.read(
        outcomes: outcomes, start: description.start, runID: description.runID
      ) { read in
        if !isQuiet { context.standardError.writeLine("reading back: \(read) records") }
      }
    } catch {
      if interruption.isRequested { return nil }
      throw error
    }
    if target.isEmbedded, RetainedMemory.isExceeded(plan, found) {
      found.records.complete = false
      found.records.passed = false
      found.records.problem = "the embedded target could not keep all records: \(RetainedMemory.bound(plan.scenario))"
    }
    return found
  }

  /// The bound on what may be sent, if the options set one.
  private var budget: SendBudget? {
    guard options.maximumRecords != nil || options.maximumBytes != nil else { return nil }
    return SendBudget(
      records: options.maximumRecords.map { Int(clamping: $0) }, bytes: options.maximumBytes.map { Int(clamping: $0) })
  }

  /// Each connection takes a descriptor; files, event loops and pipes take some more.
  private func checkDescriptors(connections: Int) throws {
    let needed = connections + 64
    let limit = try ProcessUsage.raiseDescriptorLimit()
    guard limit < needed else { return }
    throw CommandFailure(
      "\(connections) connections need \(needed) file descriptors, this process may have \(limit): raise it with "
        + "ulimit -n \(needed)", code: .usage)
  }

  private func makeFolder(id: String) throws -> RunFolder {
    do {
      if let exact = options.runFolder { return try RunFolder(exactly: exact) }
      return try RunFolder(id: id, in: options.resultsFolder ?? RunOptions.defaultResultsFolder)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }
}
