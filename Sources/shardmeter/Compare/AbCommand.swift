import Dispatch
import Glibc
import Measurement
import RunResults
import Scenarios
import StrictJSON

/// `shardmeter ab`: interleaved rounds against two targets, and the verdict over them.
enum AbCommand {
  static let command: Command = Command(
    "ab", abstract: "interleaved rounds against two targets, then the verdict", discussion: discussion,
    table: AbOptions.table, defaults: AbOptions()
  ) { options, context in
    try options.validate()
    return try Interruption.minding(context, nothing: "nothing was sent") { interruption in
      try AbExecution(options, context, interruption).perform()
    }
  }

  private static let discussion = """
    --b embedded --b-options '--set embedded.latency=20ms' tries a slower target.

    Rounds go a b, b a, a b, … with a rest between, each pair with the same records.
    Side a is the base. A round that a busy machine spoiled is made again, at most
    twice, and counted. It never stops early on what it has seen.

    The result folder holds every round under a/ and b/, so that
    shardmeter compare DIR/a DIR/b judges them again.
    """
}

/// Making the rounds of an `ab`.
private struct AbExecution {
  /// A round's attempts beyond the first.
  private static let mostRepeats = 2
  /// What a round takes beside its phases: starting, draining, writing.
  private static let overhead = Nanoseconds.seconds(1)

  private let options: AbOptions
  private let context: Context
  private let interruption: Interruption
  private let sides: [(name: String, choice: AbOptions.SideChoice, run: RunOptions)]
  private let scenario: Scenario

  init(_ options: AbOptions, _ context: Context, _ interruption: Interruption) throws {
    (self.options, self.context, self.interruption) = (options, context, interruption)
    sides = [
      ("a", options.sideA, try options.run(options.sideA, name: "a")),
      ("b", options.sideB, try options.run(options.sideB, name: "b")),
    ]
    let scenarios = try sides.map {
      try ScenarioInput.load($0.run.scenario, carriesIdentity: $0.run.readsBack).scenario
    }
    scenario = scenarios[0]
    guard scenarios[0].workloadHash == scenarios[1].workloadHash else {
      let fields = try ScenarioDifference.fields(
        Array(JSONWriter.compact(scenarios[0].resolvedJSON()).utf8),
        Array(JSONWriter.compact(scenarios[1].resolvedJSON()).utf8))
      throw CommandFailure("the sides do different work: \(fields.joined(separator: "; "))", code: .usage)
    }
  }

  func perform() throws -> ExitCode {
    var rules = options.judgement.rules
    let pairs = try pairs(&rules)
    let folder = try makeFolder()
    var rows: [RoundRow] = []
    var repeated = 0
    for pair in 0..<pairs {
      for side in pair.isMultiple(of: 2) ? [0, 1] : [1, 0] {
        repeated += try round(pair, side, in: folder, rows: &rows)
      }
      if pair == 1, pairs > 2 { sayWhatIsVisible(folder, pairs: pairs) }
    }
    var document = Comparison.document(
      try side(0, folder), try side(1, folder), rules: rules)
    document.roundsRepeated = repeated
    let summary = ComparisonReports.summary(document, kind: .ab, seed: scenario.seed, context: context)
    try folder.append(CSVFile.bytes(rows), to: RoundRow.fileName)
    let path = try ComparisonReports.write(summary, into: folder, extraFiles: [RoundRow.fileName])
    for warning in folder.warnings { context.warn(warning) }
    ComparisonReports.show(document, folder: path, output: options.output, context: context)
    ContinuousIntegration.publish(document, context: context)
    return document.exitCode
  }

  // MARK: Before

  /// How many pairs are made, after saying how long that takes.
  private func pairs(_ rules: inout ComparisonRules) throws -> Int {
    let round = Plan(scenario).duration + options.cooldown + Self.overhead
    func time(_ pairs: Int) -> Double { round.seconds * 2 * Double(pairs) }
    var pairs = options.rounds
    if let budget = options.budget, time(pairs) > budget.seconds {
      let fitting = Int(budget.seconds / time(1))
      guard fitting > 0 else {
        throw CommandFailure(
          "--budget holds not even one pair of rounds, which takes \(Self.text(time(1)))", code: .usage)
      }
      say("--budget holds \(fitting) of \(pairs) pairs")
      pairs = fitting
      if pairs < PairedComparison.fewestPairs {
        say(
          "a test takes at least \(PairedComparison.fewestPairs), so counts alone are compared; "
            + "\(PairedComparison.fewestPairs) pairs take \(Self.text(time(PairedComparison.fewestPairs)))")
        rules.countsOnly = true
        rules.tolerance = rules.tolerance ?? ComparisonRules.usualEffect
      }
    } else if pairs < PairedComparison.fewestPairs {
      say("fewer than \(PairedComparison.fewestPairs) pairs decide nothing but by --tolerance")
    }
    say(
      "\(pairs) \(pairs == 1 ? "pair" : "pairs") of rounds, \(Self.text(round.seconds)) a round: about "
        + "\(Self.text(time(pairs))), at most \(Self.text(time(pairs) * Double(1 + Self.mostRepeats))) where a busy machine "
        + "spoils rounds")
    return pairs
  }

  private func makeFolder() throws -> RunFolder {
    do throws(RunFolderFailure) {
      if let exact = options.runFolder { return try RunFolder(exactly: exact) }
      let id = RunIdentifier.make(
        start: context.wallTime(), scenarioName: "ab-\(scenario.name)", workloadHash: scenario.workloadHash,
        seed: scenario.seed)
      return try RunFolder(id: id, in: options.resultsFolder ?? RunOptions.defaultResultsFolder)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }

  private func say(_ text: String) {
    if !options.output.isQuiet { context.standardError.writeLine("ab: \(text)") }
  }

  private static func text(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    return whole < 120 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }

  // MARK: Rounds

  /// Makes a round until the machine lets it be, at most three times.
  ///
  /// - Returns: how often it was made again.
  private func round(_ pair: Int, _ side: Int, in folder: RunFolder, rows: inout [RoundRow]) throws -> Int {
    let name = sides[side].name
    let number = pair + 1 < 10 ? "0\(pair + 1)" : "\(pair + 1)"
    let runFolder = "\(folder.partialPath)/\(name)/\(number)"
    for attempt in 0...Self.mostRepeats {
      try rest()
      var watch = MachineNoise()
      let run = try make(side, in: runFolder)
      watch.finish()
      guard let summary = run.summary else {
        throw CommandFailure("round \(number) of side \(name) left no summary", code: .internalError)
      }
      if summary.exitCode == ExitCode.interrupted.rawValue || interruption.isRequested {
        throw CommandFailure("interrupted: the rounds made are in \(folder.partialPath)", code: .interrupted)
      }
      // What a server that this program did not start does is not told apart from what others do.
      let knowsOthers = sides[side].choice.start != nil || sides[side].run.target == .embedded
      let noise = watch.spoiled(
        knowsOthers: knowsOthers,
        isBound: summary.validity == GeneratorVerdict.generatorBound.rawValue)
      var row = RoundRow()
      (row.order, row.pair, row.side, row.attempt) = (rows.count + 1, pair + 1, name, attempt + 1)
      (row.runID, row.stealRatio, row.otherCPURatio) = (summary.runID, watch.steal, knowsOthers ? watch.others : nil)
      row.kept = noise == nil || attempt == Self.mostRepeats
      row.spoiledBy = noise ?? ""
      rows.append(row)
      say("pair \(pair + 1) side \(name)" + (noise.map { ": spoiled by \($0)" } ?? ""))
      guard !row.kept else { return attempt }
      try setAside(runFolder, as: "\(folder.partialPath)/spoiled", "\(number)-\(name)-\(attempt + 1)")
    }
    return Self.mostRepeats
  }

  private func setAside(_ runFolder: String, as parent: String, _ name: String) throws {
    _ = mkdir(parent, 0o755)
    guard rename(runFolder, "\(parent)/\(name)") == 0 else {
      throw CommandFailure(
        "\(runFolder) cannot be set aside: \(String(cString: strerror(errno)))", code: .internalError)
    }
  }

  /// Waits for the cool-down, or until it is interrupted.
  private func rest() throws {
    let done = DispatchSemaphore(value: 0)
    interruption.onRequest { done.signal() }
    _ = done.wait(timeout: .now() + .nanoseconds(Int(clamping: options.cooldown.value)))
    if interruption.isRequested { throw CommandFailure("interrupted: no further round was made", code: .interrupted) }
  }

  private func make(_ side: Int, in runFolder: String) throws -> LoadedRun {
    var run = sides[side].run
    run.runFolder = runFolder
    guard let command = sides[side].choice.start else {
      return try RunExecution(options: run, context: context, interruption: interruption).execute()
    }
    let server = try StartedServer(command, name: sides[side].name, context: context)
    defer { server.end() }
    run.target = .url(server.url)
    return try RunExecution(options: run, context: context, interruption: interruption).execute()
  }

  private func side(_ side: Int, _ folder: RunFolder) throws -> ComparisonSide {
    var found = try CompareCommand.side("\(folder.partialPath)/\(sides[side].name)", as: side == 0 ? .base : .new)
    let choice = sides[side].choice
    let words = [choice.start ?? choice.target ?? ""] + choice.words
    found.name = "\(sides[side].name):" + MaskedCommandLine.text(program: "", arguments: words)
    return found
  }

  private func sayWhatIsVisible(_ folder: RunFolder, pairs: Int) {
    guard let a = try? side(0, folder), let b = try? side(1, folder) else { return }
    for metric in Comparison.document(a, b).metrics where metric.isRatio {
      let differences = zip(metric.baseValues, metric.thisValues).map { StableMath.log($1 / $0) }
      guard let visible = PairedComparison.smallestVisible(differences, pairs: pairs) else { continue }
      let percent = (StableMath.expm1(visible) * 1_000).rounded() / 10
      say("by these two pairs, \(pairs) pairs show changes of \(metric.metric) from about \(percent) % on")
      return
    }
  }
}
