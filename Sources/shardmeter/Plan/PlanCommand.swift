import Measurement
import Observations
import Reporting
import RunResults
import Scenarios
import Sizing
import StrictJSON

/// `shardmeter plan`: what a scenario would send, without sending it.
enum PlanCommand {
  static let command: Command = Command(
    "plan", abstract: "check a scenario; what it would send, and to which shards", discussion: discussion,
    table: PlanOptions.table, defaults: PlanOptions()
  ) { options, context in
    try options.validate()
    let mode = ProgressMode.choose(
      .automatic, isQuiet: false, isTerminal: context.standardError.isTerminal, environment: context.environment)
    let input = try ScenarioInput.load(
      options.scenario,
      progress: ReadingProgress(mode: mode, output: context.standardError, clock: context.clock))
    let map = input.scenario.declaredMap
    let plan = Plan(input.scenario, map: map)
    for warning in input.scenario.warnings { context.warn(warning) }
    let names = KeyNames(
      mode: options.scenario.keys(of: input.scenario),
      bytes: { plan.keys.bytes(of: $0) },
      hash: { plan.keys.hash(of: $0) })
    if let file = options.traceFile { try TraceWriter.write(plan, names: names, to: file) }
    var document = PlanDocument(plan, map: map, names: names)
    try addOutlook(to: &document, of: plan, options)
    for warning in document.warnings { context.warn(warning) }
    let path = try write(document, input.scenario, options, context)
    context.standardOutput.write(
      options.isJSON
        ? JSONWriter.pretty(document.json) + "\n" : PlanText.text(document, charset: context.standardOutput.charset))
    if let path { context.standardError.writeLine("report: \(path)/\(ModelFolder.pageName)") }
    return .ok
  }

  /// What a month costs, and what each of several machines would carry, as far as either is asked.
  private static func addOutlook(to document: inout PlanDocument, of plan: Plan, _ options: PlanOptions) throws {
    if let machines = options.machines {
      guard let total = document.total, total.records > 0 else {
        throw CommandFailure(
          "--parts: there is no rate to be shared: a phase of rate max takes what the target takes", code: .usage)
      }
      document.parts = PlanDocument.Parts(
        plan, total, machines: machines, answer: options.answerTime ?? PlanOptions.usualAnswerTime)
    }
    guard let file = options.prices else { return }
    let prices = try PricesFile.read(file)
    if let objection = PricesFile.objection(prices, region: options.region) {
      document.warnings.append(objection)
    } else if document.prediction == nil {
      document.warnings.append(
        "Costs are left out: they take records counted one by one, and a rate in every phase.")
    } else {
      let month = OfferedLoad(plan).month(mean: options.monthMean)
      document.cost = PlanDocument.Cost(
        currency: prices.currency, date: prices.date, region: prices.region,
        provisioned: prices.provisioned(shards: document.shards.count, month), onDemand: prices.onDemand(month),
        monthMean: options.monthMean)
    }
  }

  /// The result folder, where one is asked for.
  private static func write(
    _ document: PlanDocument, _ scenario: Scenario, _ options: PlanOptions, _ context: Context
  ) throws -> String? {
    guard
      let folder = try ModelFolder(
        in: options.resultsFolder, exactly: options.runFolder, kind: .plan, scenario: scenario, context: context)
    else { return nil }
    let page = PlanPage.page(document, version: context.build.version, made: folder.made)
    return try folder.write(
      [
        ("plan.json", Array((JSONWriter.pretty(document.json) + "\n").utf8)),
        (ModelFolder.pageName, Array(page.utf8)),
      ], verdict: .none, code: .ok
    ) { summary in
      summary.scenario?.planSHA256 = document.planHash
      summary.time.measuredS = document.duration.seconds
      summary.target.stream = scenario.stream.name
      summary.target.shards = document.shards.count
      summary.warnings = document.warnings
    }
  }

  private static let discussion = """
    Expected shares are exact probabilities: a key's by its distribution, a shard's
    by the keys that hash to it. Planned counts, requests and bytes are counted
    record by record, as run would send them, when there are at most 5000000
    records; longer plans have expectations instead, and the output says so.
    What is predicted comes from running these records, their batches and retries
    in virtual time against the limits of the shards. Nothing is sent.
    """
}
