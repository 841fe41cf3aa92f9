import FoundationEssentials
import Kinesis
import Observations
import Reporting
import RunResults
import Scenarios
import Sizing
import StrictJSON

/// `shardmeter size`: how many shards a workload needs, and what would help. It sends nothing unless `--verify` asks it to.
enum SizeCommand {
  static let command: Command = Command(
    "size", abstract: "tell how many shards a workload needs, why, and what would help", discussion: discussion,
    table: SizeOptions.table, defaults: SizeOptions()
  ) { options, context in
    try options.validate()
    guard options.verifies else { return try SizeExecution(options, context).perform(nil) }
    return try Interruption.minding(context, nothing: "nothing was sent") { interruption in
      try SizeExecution(options, context).perform(interruption)
    }
  }

  private static let discussion = """
    A model: the scenario's own records go in virtual time against the limits of
    1 to --max-shards shards. Nothing is sent but by --verify, and none of the
    printed commands is carried out. Exit code 3: no count meets the goals.
    """
}

/// One answer: from the options to what is printed and written.
private struct SizeExecution {
  let options: SizeOptions
  let context: Context
  /// The scenario options, with the scenario of `--from`.
  let chosen: ScenarioOptions
  let input: ScenarioInput
  /// What the scenario stands on, where it was made of what a folder has seen.
  private let notes: [String]
  private var scenario: Scenario { input.scenario }

  init(_ options: SizeOptions, _ context: Context) throws {
    (self.options, self.context) = (options, context)
    let mode = ProgressMode.choose(
      .automatic, isQuiet: false, isTerminal: context.standardError.isTerminal, environment: context.environment)
    let progress = ReadingProgress(mode: mode, output: context.standardError, clock: context.clock)
    var chosen = options.scenario
    guard let folder = options.from else {
      (self.chosen, notes) = (chosen, [])
      input = try ScenarioInput.load(chosen, progress: progress)
      return
    }
    let path = folder + "/scenario.json"
    var unusable: String?
    if FileReader.bytes(at: path) != nil {
      chosen.source = path
      do {
        input = try ScenarioInput.load(chosen, progress: progress)
        (self.chosen, notes) = (chosen, [])
        return
      } catch {
        // What it names may be elsewhere now; what was seen is still there.
        unusable = "\(path) cannot be used: \(error)"
      }
    }
    let seen: FolderWorkload
    do {
      seen = try FolderWorkload(try LoadedRun.load(folder))
    } catch let failure as CommandFailure {
      throw unusable.map { CommandFailure("--from: \($0)", code: .usage) } ?? failure
    } catch {
      throw CommandFailure("--from: \(folder) says no scenario, and is no result folder: \(error)", code: .usage)
    }
    chosen.source = "\(folder)/\(KeyRow.fileName)"
    chosen.made = .init(document: seen.document, shards: seen.shards?.shards)
    self.chosen = chosen
    notes = [unusable].compactMap { $0 } + seen.notes
    input = try ScenarioInput.load(chosen, progress: progress)
  }

  /// - Parameter interruption: minds signals; nil where nothing is to be sent.
  func perform(_ interruption: Interruption?) throws -> ExitCode {
    for warning in scenario.warnings { context.warn(warning) }
    var document = try answer()
    let folder = try ModelFolder(
      in: options.resultsFolder, exactly: options.runFolder, kind: .size, scenario: scenario, context: context)
    if let interruption { try verify(&document, folder, interruption) }
    for warning in document.warnings { context.warn(warning) }
    let path = try folder.map { try write(document, into: $0) }
    context.standardOutput.write(
      options.isJSON
        ? JSONWriter.pretty(document.json) + "\n"
        : SizingText.text(document, charset: context.standardOutput.charset))
    if let path { context.standardError.writeLine("report: \(path)/\(ModelFolder.pageName)") }
    return document.recommended == nil ? .thresholdFailed : .ok
  }

  private func answer() throws -> SizingDocument {
    let prices = try options.prices.map(PricesFile.read)
    let plan = Plan(scenario, map: scenario.declaredMap)
    let names = KeyNames(
      mode: KeyNames.Mode(rawValue: chosen.keys(of: scenario).rawValue) ?? .hash,
      bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    var goals = scenario.sizing
    goals.throttle = options.throttle ?? goals.throttle
    goals.headroom = options.headroom ?? goals.headroom
    goals.maxShards = options.maxShards ?? goals.maxShards
    let question = SizingStudy.Question(
      goals: goals, stream: options.stream ?? scenario.stream.name, region: options.region, prices: prices,
      monthMean: options.monthMean)
    do throws(StudyFailure) {
      let study = try SizingStudy(plan, question, names: names) { settings in
        guard let changes = try? settings.map({ try SetOption($0) }), let changed = try? input.changed(changes) else {
          return nil
        }
        return Plan(changed, map: changed.declaredMap)
      }
      var document = study.document()
      document.assumptions += notes
      return document
    } catch {
      throw CommandFailure("\(input.name): \(error)", code: .usage)
    }
  }

  /// Drives the counts in question; the runs' own folders stay in the result folder, and go where there is none.
  private func verify(_ document: inout SizingDocument, _ folder: ModelFolder?, _ interruption: Interruption) throws {
    let verification = SizeVerification(
      options: options, chosen: chosen, input: input, context: context, interruption: interruption)
    let counts = SizeVerification.counts(of: document)
    if let folder {
      document.measurements = try verification.measure(counts, in: folder.partialPath + "/verify")
    } else {
      let scratch = try Self.scratchFolder()
      defer { try? FileManager.default.removeItem(atPath: scratch) }
      document.measurements = try verification.measure(counts, in: scratch)
    }
    if document.recommended == nil {
      document.warnings.append("No count meets the goals: the present shards were measured.")
    }
    for measurement in document.measurements where !measurement.agrees {
      document.warnings.append(
        "With \(NumberFormat.count(measurement.shards, "shard")) model and measurement are more than 1 percentage point apart."
      )
    }
  }

  private static func scratchFolder() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "shardmeter-\(UUID().uuidString)").path()
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(
        "\(path) cannot be made: \(error); --out keeps what is measured elsewhere", code: .internalError)
    }
    return path
  }

  private func write(_ document: SizingDocument, into folder: ModelFolder) throws -> String {
    let page = SizingPage.page(document, version: context.build.version, made: folder.made)
    let isFound = document.recommended != nil
    return try folder.write(
      [
        (SizingRow.fileName, CSVFile.bytes(SizingRow.rows(of: document, runID: folder.runID))),
        (ModelFolder.pageName, Array(page.utf8)),
      ], verdict: isFound ? .pass : .fail, code: isFound ? .ok : .thresholdFailed
    ) { summary in
      summary.time.measuredS = document.seconds
      summary.target.stream = document.stream
      summary.target.shards = document.shardsNow
      summary.sizing = document.json
      summary.warnings = document.warnings
    }
  }
}
