import FoundationEssentials
import Kinesis
import LoadDriver
import Measurement
import Reporting
import RunResults
import Scenarios
import StrictJSON
import Transport

/// `shardmeter run`: from the options to the result folder and the exit code.
struct RunExecution {
  private let options: RunOptions
  private let context: Context

  /// The body of the `run` command.
  static func perform(_ options: RunOptions, _ context: Context) throws -> ExitCode {
    try RunExecution(options: options, context: context).perform()
  }

  private func perform() throws -> ExitCode {
    let input = try ScenarioInput.load(options.scenario, carriesIdentity: options.readsBack)
    let scenario = input.scenario
    try checkDescriptors(connections: scenario.client.connections)
    let target = try RunTarget.open(options, input: input, context: context)
    defer { target.close() }
    let stream = options.namedStream ?? scenario.stream.name
    let calls = try target.calls(timeout: scenario.client.timeout, context: context)
    let control = StreamControl(calls: calls, stream: stream, arn: options.streamARN)
    try RemoteConsent.check(options, target: target, scenario: scenario, control: control, context: context)
    let resolution = try StreamResolution.resolve(
      control, name: stream, input: input, creates: options.createsStream, url: target.place)
    defer { if options.deletesStream, resolution.wasCreated { delete(control, stream) } }
    let summary = try drive(scenario, stream: stream, target: target, resolution: resolution)
    return ExitCode(rawValue: Int32(summary.exitCode)) ?? .internalError
  }

  private func drive(
    _ scenario: Scenario, stream: String, target: RunTarget, resolution: StreamResolution
  ) throws -> Summary {
    let plan = Plan(scenario, map: resolution.map)
    if options.readsBack, target.isEmbedded { try RetainedMemory.check(plan) }
    let workers = options.workers ?? RunShape.defaultWorkers(sharesMachine: target.isEmbedded)
    let layout = RunShape.layout(
      of: plan, shards: resolution.map, workers: LoadDriver.shares(of: plan, workers: workers).count)
    let driver = try LoadDriver(
      configuration: DriverConfiguration(
        plan: plan, destination: target.destination, streamName: stream,
        streamARN: options.streamARN?.description, region: target.region, credentials: target.credentials,
        shardMap: resolution.map, layout: layout, budget: budget, workers: workers,
        spin: options.spin ?? .zero),
      clock: context.clock, wallTime: context.wallTime)

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
      start: context.wallTime(), scenarioName: scenario.name, workloadHash: description.scenario.sha256,
      seed: scenario.seed)
    let folder = try makeFolder(id: description.runID)
    // From here on time runs: the start lies a moment behind the last connection.
    let run = try driver.connect()
    description.start = run.wallStart
    let planned: @Sendable (Int, Int64) -> Int = { phase, before in
      Int(clamping: plan.plannedRecords(in: phase, before: Nanoseconds(before)))
    }
    let collector = try RunCollector(layout: layout, description: description, sink: folder, planned: planned)
    let session = RunSession(
      driver: driver, collector: collector,
      follower: resolution.isObserved ? try follower(driver.shards, scenario, stream: stream, target: target) : nil,
      meter: ProgressMeter(scenario: scenario.name, layout: layout, planned: planned),
      progress: ProgressMode.choose(
        options.progress, isQuiet: options.output.isQuiet, isTerminal: context.standardError.isTerminal,
        environment: context.environment),
      output: context.narrowed(context.standardError))
    let lanes = (0..<driver.workerCount).map { worker in
      WorkerLane(layout: layout, outcomes: outcomes(of: plan, worker: worker, workers: driver.workerCount))
    }
    let renewal = target.renewal(context: context) { session.note(warning: $0) }
    renewal?.start()
    defer { renewal?.cancel() }
    do {
      let ending = try session.run(run, lanes: lanes)
      let names = KeyNames(
        mode: KeyNames.Mode(rawValue: options.scenario.keys.rawValue) ?? .hash, bytes: { plan.keys.bytes(of: $0) },
        hash: { plan.keys.hash(of: $0) })
      collector.description.scenario.planSHA256 = plan.planHash
      var files = RunReports.fileNames
      if let outcomes = RunOutcomes(lanes) {
        try folder.append(outcomes.fileBytes, to: RunOutcomes.fileName)
        files.append(RunOutcomes.fileName)
        if options.readsBack {
          if ending.reason == .completed || ending.reason == .aborted {
            let found = try readBack(plan, outcomes, stream: stream, target: target, description: description)
            try folder.append(Array(found.fileText.utf8), to: Verification.fileName)
            files.append(Verification.fileName)
            collector.verification = found.records
          } else {
            collector.description.warnings.append("the stream was not read back, because the run did not end in order")
          }
        }
      }
      let summary = try collector.finish(lanes: lanes, ending: ending, keys: names, extraFiles: files)
      let finished = try RunReports.finish(folder, summary: summary)
      RunReports.show(finished, output: options.output, context: context)
      return summary
    } catch let failure as RunFolderFailure {
      // A full disk, a folder taken away: what was written so far stays readable.
      let rest = folder.isThere ? "what was written is in \(folder.partialPath)" : "\(folder.partialPath) is gone"
      throw CommandFailure("\(failure); \(rest)", code: .internalError)
    }
  }

  private func delete(_ control: StreamControl<some ControlCalls>, _ stream: String) {
    do throws(StreamControlFailure) {
      try control.delete()
    } catch {
      context.warn("stream \(stream) was not deleted: \(error)")
    }
  }

  /// Asks for the stream's shards again when answers surprise, over a connection of its own.
  private func follower(
    _ shards: SharedShardMap, _ scenario: Scenario, stream: String, target: RunTarget
  ) throws -> ShardFollower {
    let calls = try target.calls(timeout: scenario.client.timeout, context: context)
    let control = StreamControl(calls: calls, stream: stream, arn: options.streamARN)
    return ShardFollower(shards: shards) { try control.shardMap() }
  }

  /// Where a worker keeps the fates of its records, when they can be found again.
  private func outcomes(of plan: Plan, worker: Int, workers: Int) -> LaneOutcomes? {
    guard plan.scenario.hasIdentity else { return nil }
    let counts = plan.phases.map { phase -> UInt64? in
      if case .open(let count) = phase.loop { count } else { nil }
    }
    return LaneOutcomes(
      recordCounts: counts, producers: plan.scenario.client.producers, worker: worker, workers: workers)
  }

  private func readBack(
    _ plan: Plan, _ outcomes: RunOutcomes, stream: String, target: RunTarget, description: RunDescription
  ) throws -> Verification {
    let reader = StreamReader(
      target: target, stream: stream, arn: options.streamARN, keys: options.scenario.chosenKeys ?? .hash,
      context: context,
      isQuiet: options.output.isQuiet || options.progress == .none)
    var found = try reader.read(plan, outcomes: outcomes, start: description.start, runID: description.runID)
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
