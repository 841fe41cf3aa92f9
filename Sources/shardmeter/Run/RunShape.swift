import FoundationEssentials
import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import StrictJSON
import Transport

/// A plan as the results module wants it: phases, limits, and what a report says of the run before it began.
enum RunShape {
  /// One worker a core this process may use; half of them when the embedded target shares the machine.
  static func defaultWorkers(sharesMachine: Bool) -> Int {
    let cores = max(1, ProcessUsage.processors().count)
    return sharesMachine ? max(1, cores / 2) : cores
  }

  /// The layout of a plan's results.
  static func layout(of plan: Plan, shards: ShardMap, workers: Int) -> RunLayout {
    let scenario = plan.scenario
    let phases = plan.phases.map {
      PhaseLayout(
        name: $0.name, start: $0.start, duration: $0.duration, isMeasured: $0.measured,
        isClosedLoop: $0.loop == .closed)
    }
    return RunLayout(
      phases: phases, shards: shards, timeout: scenario.client.timeout, keyCount: plan.keys.count,
      isRoutedByKey: plan.isRoutedByKey, limits: AssumedLimits(scenario.stream.limits.rule),
      batchInterval: scenario.batch.linger ?? .zero, inFlightCap: scenario.client.maxInFlight,
      connections: scenario.client.connections,
      phasesWithShardResponses: scenario.thresholds.phasesWithShardResponses(among: phases),
      needsShardSeconds: scenario.thresholds.needShardSeconds, workers: workers)
  }

  /// What is known of the run before it starts; the caller fills in the run's id and start, and after the
  /// run the plan hash, which takes longer than a run should wait for.
  static func description(
    of plan: Plan, stream: String, target: RunTarget, shards: ShardMap, context: Context, warnings: [String]
  ) -> RunDescription {
    let scenario = plan.scenario
    var about = SummaryScenario()
    about.name = scenario.name
    about.sha256 = scenario.workloadHash
    about.seed = Int64(clamping: scenario.seed)
    about.description = scenario.description.isEmpty ? nil : scenario.description
    about.command = context.maskedCommandLine
    var tool = SummaryTool()
    tool.version = context.build.version
    tool.revision = context.build.revision
    tool.dirty = context.build.isDirty
    tool.swift = context.build.swift
    tool.mode = context.build.mode
    var destination = SummaryTarget()
    destination.endpoint = target.isEmbedded ? "embedded" : target.shownURL
    destination.kind = target.isEmbedded ? "embedded" : "remote"
    destination.stream = stream
    destination.shards = shards.shards.count
    destination.region = target.region
    destination.limitsProfile = scenario.stream.limits.name
    return RunDescription(
      runID: "", start: context.wallTime(), scenario: about, tool: tool, target: destination,
      machine: MachineFacts.current(),
      scenarioFile: Array(JSONWriter.pretty(scenario.resolvedJSON()).utf8), warnings: warnings)
  }
}
