import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import Sizing
import StrictJSON

/// The scenarios of a search's probes: the one that was given, with the varied field changed, held for a probe's time, and
/// with the goals that are judged.
struct ProbeScenario {
  /// How long the probe's own rate runs unmeasured once the shards' credit is empty.
  private static let leadIn = Nanoseconds.seconds(1)
  /// How many times the limit is sent to empty the shards.
  private static let overload = 3.0
  /// Credit is taken to be as much again and a fifth, since keys are not even.
  private static let margin = 1.2
  /// The longest that is sent to empty shards, whatever their burst.
  private static let longestOverload = 5.0
  /// What is judged where the scenario has no thresholds.
  private static let usualGoals =
    #"[{"metric":"throttle.ratio","max":"0.1%"},{"metric":"lost.ratio","max":0}]"#

  /// As it was given, held for a probe's time.
  let base: Scenario
  let rule: SearchRule
  /// The mean rate over the measured time, records/s; nil for closed loops and traces.
  let baseRate: Double?
  /// What the hottest shard's busiest time is of its nearer limit at the scenario's own rates; nil without limits.
  let use: (share: Double, bytesBind: Bool)?
  /// Whether the search judges by goals of its own.
  let hasOwnGoals: Bool
  private let input: ScenarioInput
  private let limits: LimitsProfile

  /// - Parameter isEmbedded: whether the target is the embedded one, whose own limits are known.
  /// - Throws: `CommandFailure` 2 for a scenario that what is varied does not fit.
  init(_ input: ScenarioInput, isEmbedded: Bool) throws {
    var input = input
    limits = isEmbedded ? input.scenario.embedded.limits : input.scenario.stream.limits
    rule = input.scenario.search
    let phases = Plan(input.scenario).phases
    let measured = phases.filter(\.measured).reduce(0) { $0 + $1.duration.value }
    let whole = phases.reduce(0) { $0 + $1.duration.value }
    guard measured > 0 else {
      throw CommandFailure("\(input.name): phases: expected a measured phase to judge, found none", code: .usage)
    }
    hasOwnGoals = input.scenario.thresholds.isEmpty
    if hasOwnGoals { input = try input.changed(by: [SetOption("thresholds=\(Self.usualGoals)", of: "search")]) }
    if input.scenario.trace == nil {
      let time = Int64(Double(rule.probe.value) * (Double(whole) / Double(measured)))
      input = try input.changed(by: ScenarioChanges.stretching(input.draft, to: Nanoseconds(time)))
    }
    self.input = input
    base = input.scenario
    let plan = Plan(base, map: base.declaredMap)
    let judged = plan.phases.filter(\.measured)
    var records: UInt64? = 0
    for phase in judged {
      if case .open(let count) = phase.loop { records = records.map { $0 + count } } else { records = nil }
    }
    let seconds = Double(judged.reduce(0) { $0 + $1.duration.value }) / 1e9
    baseRate = base.trace == nil ? records.map { Double($0) / seconds } : nil
    if rule.vary == .rate, baseRate ?? 0 <= 0 {
      throw CommandFailure(
        "\(input.name): search.vary: expected phases with rates to vary, found \(base.trace == nil ? "a phase of rate \"max\"" : "a trace")",
        code: .usage)
    }
    use = Self.use(of: plan, limits)
  }

  /// The rate at which the hottest shard meets its limit, records/s.
  var analyticLimit: Double? {
    guard rule.vary == .rate, let baseRate, let use, use.share > 0 else { return nil }
    return baseRate / use.share
  }

  /// The first value, where the scenario names none: four fifths of the analytic limit, or the scenario's own.
  var start: Double {
    if let from = rule.from ?? rule.values?.first { return from }
    switch rule.vary {
    case .rate: return (analyticLimit.map { $0 * 0.8 } ?? baseRate) ?? 1
    case .connections: return Double(base.client.connections)
    case .batchRecords: return Double(base.batch.records)
    }
  }

  /// How long a probe takes at most, without pauses.
  func duration(empties: Bool) -> Nanoseconds {
    Plan(base).duration + (empties ? Self.leadIn + Nanoseconds.seconds(overloadSeconds ?? 0) : .zero)
  }

  /// The scenario of a probe.
  ///
  /// - Throws: `CommandFailure` or `JSONFailure` for a value that the scenario's language refuses.
  func input(for probe: SearchStrategy.Probe) throws -> ScenarioInput {
    var input = input
    switch rule.vary {
    case .rate:
      input = try input.changed(by: ScenarioChanges.scaling(input.draft, by: probe.value / (baseRate ?? probe.value)))
    case .batchRecords:
      input = try input.changed(by: [SetOption("batch.records=\(Int(probe.value))", of: "search")])
    case .connections:
      let each = Double(base.client.maxInFlight) / Double(base.client.connections)
      let inFlight = max(1, Int((probe.value * each).rounded()))
      input = try input.changed(by: [
        SetOption("client.connections=\(Int(probe.value))", of: "search"),
        SetOption("client.maxInFlight=\(inFlight)", of: "search"),
      ])
    }
    if probe.inFlightFactor > 1 {
      let connections = min(base.client.connections * probe.inFlightFactor, 10_000)
      input = try input.changed(by: [
        SetOption("client.connections=\(connections)", of: "search"),
        SetOption("client.maxInFlight=\(base.client.maxInFlight * probe.inFlightFactor)", of: "search"),
      ])
    }
    if probe.empties, let phases = emptying(input.scenario, rate: probe.value) {
      input = try input.changed(by: [SetOption("phases=\(JSONWriter.compact(phases))", of: "search")])
    }
    return input
  }

  /// How long the overload lasts that empties full buckets, seconds; nil where limits are no buckets.
  private var overloadSeconds: Double? {
    guard analyticLimit != nil, let use, case .kinesis(let limits) = self.limits.rule else { return nil }
    let (burst, rate) =
      use.bytesBind
      ? (limits.byteCapacity, limits.bytesPerSecond) : (limits.recordCapacity, limits.recordsPerSecond)
    guard rate > 0 else { return nil }
    return min(Double(burst) / Double(rate) * Self.margin / (Self.overload - 1), Self.longestOverload)
  }

  /// The phases with an unmeasured overload before them, and the probe's own rate unmeasured for a second behind it, so
  /// that what is under way when it is judged is its own.
  private func emptying(_ scenario: Scenario, rate: Double) -> JSONValue? {
    guard let seconds = overloadSeconds, let limit = analyticLimit,
      case .array(let phases)? = scenario.resolvedJSON()["phases"]
    else { return nil }
    func phase(_ name: String, _ length: Nanoseconds, _ rate: Double) -> JSONValue {
      .object([
        ("name", .string(name)), ("duration", .string(UnitText.duration(length.value))), ("rate", .number(rate)),
        ("measure", .bool(false)),
      ])
    }
    let length = Nanoseconds(max(1, Int64(seconds * 1_000)) * 1_000_000)
    return .array(
      [
        phase("empty-buckets", length, (limit * Self.overload).rounded(.up)), phase("lead-in", Self.leadIn, rate),
      ] + phases)
  }

  /// What the hottest shard gets in its busiest time, over its nearer limit.
  private static func use(of plan: Plan, _ profile: LimitsProfile) -> (share: Double, bytesBind: Bool)? {
    let limits = AssumedLimits(profile.rule)
    let shards = PlanOverview(plan, map: plan.scenario.declaredMap).shards
    let records = limits.recordsPerSecond.map { limit in shards.map { $0.busiestRecords / Double(limit) }.max() ?? 0 }
    let bytes = limits.bytesPerSecond.map { limit in shards.map { $0.busiestBytes / Double(limit) }.max() ?? 0 }
    guard let most = [records, bytes].compactMap(\.self).max() else { return nil }
    return (most, (bytes ?? 0) > (records ?? 0))
  }
}
