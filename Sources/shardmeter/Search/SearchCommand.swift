import Dispatch
import Kinesis
import Measurement
import Observations
import Reporting
import RunResults
import Scenarios
import Sizing
import StrictJSON

/// `shardmeter search`: the highest rate that meets the thresholds, or the lowest of something; each probe a run.
enum SearchCommand {
  static let command: Command = Command(
    "search", abstract: "find the highest rate, or the fewest connections, that pass",
    discussion: discussion, table: SearchOptions.table, defaults: SearchOptions()
  ) { options, context in
    try options.validate()
    return try Interruption.minding(context, nothing: "nothing was sent") { interruption in
      try SearchExecution(options, context, interruption).perform()
    }
  }

  private static let discussion = """
    The scenario's "search" says what is varied and how; without it, every rate by
    one factor, 20 s a probe, to within 2 %. Without thresholds a probe passes with
    at most 0.1 % throttled, no record lost and the plan kept.

    Each probe is a run of its own in the result folder, and a row of probes.csv.
    Ctrl-C ends the probe under way and leaves the bracket so far.
    """
}

/// Making the probes of a search.
private struct SearchExecution {
  /// What a probe takes beside its phases: starting, draining, writing.
  private static let overhead = Nanoseconds.seconds(1)
  /// What a search usually takes, for the time that is told first.
  private static let usualProbes = 9

  private let options: SearchOptions
  private let context: Context
  private let interruption: Interruption
  private let probes: ProbeScenario
  private let question: SearchStudy.Question

  init(_ options: SearchOptions, _ context: Context, _ interruption: Interruption) throws {
    (self.options, self.context, self.interruption) = (options, context, interruption)
    let input = try ScenarioInput.load(options.scenario)
    probes = try ProbeScenario(input, isEmbedded: options.run.target == .embedded)
    var question = SearchStudy.Question(rule: probes.rule, start: probes.start)
    question.analyticLimit = probes.analyticLimit
    question.bytesBind = probes.use?.bytesBind ?? false
    let thresholds = probes.base.thresholds
    question.goals = thresholds.namedBounds.map { index, bound, name in
      thresholds[index].limit(bound).map { "\(name) \(Self.text($0, in: thresholds[index].metric.unit))" } ?? name
    }
    question.goals.append("99 % of the records answered while they came due")
    question.judgesLatency = thresholds.contains { if case .latency = $0.metric.formula { true } else { false } }
    self.question = question
  }

  func perform() throws -> ExitCode {
    var study = SearchStudy(question)
    sayTime(study)
    let folder = try makeFolder()
    var (stopped, code): (String?, ExitCode?) = (nil, nil)
    // Without a probe in which the target went away.
    var known = study
    let start = context.clock.now()
    while let probe = study.next {
      if let budget = options.budget, study.count > 0, left(of: budget, since: start) < time(of: probe) {
        stopped = "--budget \(UnitText.duration(budget.value)) holds no further probe"
        break
      }
      do {
        if study.count > 0 { try rest() }
        let name = Self.name(study.count + 1, probe)
        let summary = try make(probe, in: "\(folder.partialPath)/\(SearchFolder.probes)/\(name)")
        guard summary.exitCode != ExitCode.interrupted.rawValue, !interruption.isRequested else {
          throw CommandFailure("interrupted", code: .interrupted)
        }
        let row = study.take(probe, summary, folder: "\(SearchFolder.probes)/\(name)")
        // Before the next probe nobody knows whether it was the load or the end of the target.
        if summary.requests.traffic.transportErrors == 0 { known = study }
        say(row)
      } catch let failure as CommandFailure
        where study.count > 0 && [.interrupted, .unreachable].contains(failure.code)
      {
        if failure.code == .unreachable { study = known }
        (stopped, code) = (failure.code == .interrupted ? "interrupted" : failure.message, failure.code)
        break
      }
    }
    var document = study.document(stopped: stopped)
    (document.scenario, document.workloadHash) = (probes.base.name, probes.base.workloadHash)
    (document.stream, document.shards) = (
      options.run.namedStream ?? probes.base.stream.name, probes.base.declaredMap.count
    )
    document.warnings = probes.base.warnings
    let ending = code ?? Self.code(of: document)
    let path = try SearchFolder(
      document: document, scenario: probes.base, code: ending, context: context
    ).write(into: folder)
    show(document, path)
    return ending
  }

  /// What a search that came to its end exits with.
  private static func code(of document: SearchDocument) -> ExitCode {
    if document.boundBy == .generator { return .invalidRun }
    return document.highestPass == nil ? .thresholdFailed : .ok
  }

  // MARK: Before and between

  private func time(of probe: SearchStrategy.Probe) -> Double {
    (probes.duration(empties: probe.empties) + Self.overhead + probes.rule.cooldown).seconds
  }

  private func left(of budget: Nanoseconds, since start: Instant) -> Double {
    budget.seconds - (context.clock.now() - start).seconds
  }

  private func sayTime(_ study: SearchStudy) {
    let each = (probes.duration(empties: true) + Self.overhead + probes.rule.cooldown).seconds
    let most = probes.rule.values?.count ?? SearchStrategy.mostProbes
    let usual = min(most, Self.usualProbes)
    let from = "from \(JSONNumberText.text(of: study.next?.value ?? probes.start)) \(probes.rule.vary.unit) on"
    say(
      "at most \(most) probes of \(UnitText.duration(probes.rule.probe.value)), \(from): "
        + "usually some \(Self.text(each * Double(usual))), at most \(Self.text(each * Double(most)))")
  }

  private static func text(_ limit: Double, in unit: MetricUnit) -> String {
    switch unit {
    case .nanoseconds: UnitText.duration(Int64(limit))
    case .ratio: "\(JSONNumberText.text(of: (limit * 1e6).rounded() / 1e4)) %"
    default: JSONNumberText.text(of: limit)
    }
  }

  private static func text(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 120 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }

  private func say(_ text: String) {
    if !options.run.output.isQuiet { context.standardError.writeLine("search: \(text)") }
  }

  private func say(_ row: SearchDocument.Probe) {
    let reason = row.reason.isEmpty ? "" : ": \(row.reason)"
    say("probe \(row.number), \(JSONNumberText.text(of: row.value)) \(probes.rule.vary.unit), \(row.verdict)\(reason)")
  }

  private static func name(_ number: Int, _ probe: SearchStrategy.Probe) -> String {
    "\(number < 10 ? "0" : "")\(number)-\(JSONNumberText.text(of: probe.value))"
  }

  private func makeFolder() throws -> RunFolder {
    do throws(RunFolderFailure) {
      if let exact = options.run.runFolder { return try RunFolder(exactly: exact) }
      let id = RunIdentifier.make(
        start: context.wallTime(), scenarioName: "search-\(probes.base.name)", workloadHash: probes.base.workloadHash,
        seed: probes.base.seed)
      return try RunFolder(id: id, in: options.run.resultsFolder ?? RunOptions.defaultResultsFolder)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }

  /// Waits for the cool-down, or until it is interrupted.
  private func rest() throws {
    let done = DispatchSemaphore(value: 0)
    interruption.onRequest { done.signal() }
    _ = done.wait(timeout: .now() + .nanoseconds(Int(clamping: probes.rule.cooldown.value)))
    if interruption.isRequested { throw CommandFailure("interrupted", code: .interrupted) }
  }

  // MARK: A probe

  private func make(_ probe: SearchStrategy.Probe, in place: String) throws -> Summary {
    var run = options.run
    run.runFolder = place
    run.resultsFolder = nil
    run.progress = .none
    run.output.quietness = 2
    let input = try probes.input(for: probe)
    let loaded = try RunExecution(options: run, context: context, interruption: interruption, given: input).execute()
    guard let summary = loaded.summary else {
      throw CommandFailure("probe \(place) left no summary", code: .internalError)
    }
    return summary
  }

  // MARK: Behind

  private func show(_ document: SearchDocument, _ path: String) {
    if options.run.output.isJSON {
      context.standardOutput.write(JSONWriter.pretty(document.json) + "\n")
      return
    }
    guard options.run.output.quietness < 2 else { return }
    context.standardOutput.write(SearchText.text(document, charset: context.standardOutput.charset))
    context.standardOutput.writeLine("report: \(path)/\(ModelFolder.pageName)")
  }
}
