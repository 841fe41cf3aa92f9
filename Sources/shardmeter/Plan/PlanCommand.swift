import Observations
import Reporting
import RunResults
import Scenarios
import StrictJSON

/// `shardmeter plan`: what a scenario would send, without sending it.
enum PlanCommand {
  static let command: Command = Command(
    "plan", abstract: "check a scenario and tell what it would send, and to which shards", discussion: discussion,
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
    let document = PlanDocument(plan, map: map, names: names)
    context.standardOutput.write(
      options.isJSON
        ? JSONWriter.pretty(document.json) + "\n" : PlanText.text(document, charset: context.standardOutput.charset))
    return .ok
  }

  private static let discussion = """
    Expected shares are exact probabilities: a key's by its distribution, a shard's
    by the keys that hash to it. Planned counts, requests and bytes are counted
    record by record, as run would send them, when there are at most 5000000
    records; longer plans have expectations instead, and the output says so.
    What is predicted comes from running these records, their batches and retries
    in virtual time against the limits of the shards.
    """
}
