import Kinesis
import Observations
import Reporting
import RunResults
import Scenarios
import Sizing
import StrictJSON

/// `shardmeter size`: how many shards a workload needs, and what would help. It sends nothing.
enum SizeCommand {
  static let command: Command = Command(
    "size", abstract: "tell how many shards a workload needs, why, and what would help", discussion: discussion,
    table: SizeOptions.table, defaults: SizeOptions()
  ) { options, context in
    try options.validate()
    let (document, scenario) = try answer(options, context)
    let folder = try SizeFolder(options, document: document, scenario: scenario, context: context)
    let path = try folder?.write()
    context.standardOutput.write(
      options.isJSON
        ? JSONWriter.pretty(document.json) + "\n"
        : SizingText.text(document, charset: context.standardOutput.charset))
    if let path { context.standardError.writeLine("report: \(path)/\(SizeFolder.pageName)") }
    return document.recommended == nil ? .thresholdFailed : .ok
  }

  private static func answer(
    _ options: SizeOptions, _ context: Context
  ) throws -> (document: SizingDocument, scenario: Scenario) {
    let prices = try options.prices.map(readPrices)
    let mode = ProgressMode.choose(
      .automatic, isQuiet: false, isTerminal: context.standardError.isTerminal, environment: context.environment)
    var chosen = options.scenario
    if let folder = options.from { chosen.source = try scenarioFile(of: folder) }
    let input = try ScenarioInput.load(
      chosen, progress: ReadingProgress(mode: mode, output: context.standardError, clock: context.clock))
    let scenario = input.scenario
    for warning in scenario.warnings { context.warn(warning) }
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
      return (study.document(), scenario)
    } catch {
      throw CommandFailure("\(input.name): \(error)", code: .usage)
    }
  }

  /// The scenario that a finished run left.
  private static func scenarioFile(of folder: String) throws -> String {
    let path = folder + "/scenario.json"
    guard FileReader.bytes(at: path) != nil else {
      throw CommandFailure("--from: there is no \(path): that folder says no scenario", code: .usage)
    }
    return path
  }

  private static func readPrices(_ path: String) throws -> Prices {
    let bytes: [UInt8]
    do {
      bytes = try FileReader.read(path, atMost: 1 << 20)
    } catch {
      throw CommandFailure("--prices: \(path) cannot be read: \(error)", code: .usage)
    }
    return try Prices(bytes: bytes, source: path)
  }

  private static let discussion = """
    A model: the scenario's own records go in virtual time against the limits of
    1 to --max-shards shards. Nothing is sent, and none of the printed commands is
    carried out. Exit code 3: no count meets the goals.
    """
}
