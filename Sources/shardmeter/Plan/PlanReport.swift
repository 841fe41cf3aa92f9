import Kinesis
import Measurement
import RunResults
import Scenarios
import StrictJSON

/// What `plan` prints: the same facts as text and as JSON.
struct PlanReport {
  let plan: Plan
  let map: ShardMap
  let overview: PlanOverview
  let names: KeyNames

  /// What a shard takes.
  var limits: AssumedLimits { AssumedLimits(plan.scenario.stream.limits.rule) }

  /// How much of a shard's limit a part uses in the busiest second; nil without limits and without rates.
  func limitUse(_ part: PlanOverview.Part) -> Double? {
    overview.total == nil ? nil : limits.use(records: part.busiestRecords, bytes: part.busiestBytes)
  }

  /// A part's share of the records counted one by one.
  func plannedShare(_ part: PlanOverview.Part) -> Double? {
    guard let planned = part.planned, let total = overview.total, total.records > 0 else { return nil }
    return Double(planned) / Double(total.records)
  }
}

extension PlanReport {
  /// One JSON object; a member that cannot be known is null.
  var json: JSONValue {
    let scenario = plan.scenario
    return .object([
      ("schema", "shardmeter.plan/1"), ("scenario", .string(scenario.name)),
      ("seed", .integer(Int64(clamping: scenario.seed))), ("workload_sha256", .string(scenario.workloadHash)),
      ("plan_sha256", .string(plan.planHash)),
      ("counted", .bool(overview.isWalked)),
      ("producers", .integer(Int64(scenario.client.producers))),
      (
        "limits",
        [
          "profile": .string(scenario.stream.limits.name),
          "records_per_s": limits.recordsPerSecond.map { .integer(Int64($0)) } ?? .null,
          "bytes_per_s": limits.bytesPerSecond.map { .integer(Int64($0)) } ?? .null,
        ]
      ),
      ("phases", .array(overview.phases.indices.map(phase))),
      ("scope", .string("\(overview.scope)")),
      ("duration_s", .number(overview.duration.seconds)),
      ("total", overview.total.map { .object(amount($0, seconds: overview.duration.seconds)) } ?? .null),
      ("hottest_shard", .integer(Int64(overview.hottest))), ("skew", .number(overview.skew)),
      ("shards", .array(overview.shards.indices.map(shard))),
      ("keys", .array(overview.keys.map(key))), ("other_keys_share", .number(max(0, overview.otherKeys))),
      ("warnings", .array(scenario.warnings.map { .string($0) })),
    ])
  }

  private func phase(_ index: Int) -> JSONValue {
    let phase = overview.phases[index]
    var members: [(String, JSONValue)] = [
      ("name", .string(phase.name)), ("start_s", .number(plan.phases[index].start.seconds)),
      ("duration_s", .number(phase.duration.seconds)), ("measured", .bool(phase.isMeasured)),
      ("closed_loop", .bool(phase.amount == nil)),
    ]
    if let amount = phase.amount { members += self.amount(amount, seconds: phase.duration.seconds) }
    members += [
      ("hottest_shard", .integer(Int64(phase.hottest.shard))), ("hottest_share", .number(phase.hottest.share)),
    ]
    return .object(members)
  }

  private func amount(_ amount: PlanOverview.Amount, seconds: Double) -> [(String, JSONValue)] {
    [
      ("records", .integer(Int64(clamping: amount.records))),
      ("requests", .integer(Int64(clamping: amount.requests.rounded()))),
      ("bytes", .integer(Int64(clamping: amount.bytes.rounded()))),
      ("records_per_s", .number(Double(amount.records) / seconds)),
      ("requests_per_s", .number(amount.requests / seconds)), ("bytes_per_s", .number(amount.bytes / seconds)),
      ("busiest_records_per_s", .number(amount.busiest)),
      ("records_per_request", amount.requests > 0 ? .number(Double(amount.records) / amount.requests) : .null),
    ]
  }

  private func part(_ part: PlanOverview.Part, isOnOneShard: Bool = true) -> [(String, JSONValue)] {
    let hasRates = overview.total != nil
    func rate(_ value: Double) -> JSONValue { hasRates ? .number(value) : .null }
    return [
      ("expected_share", .number(part.share)),
      ("planned_records", part.planned.map { .integer(Int64(clamping: $0)) } ?? .null),
      ("planned_share", plannedShare(part).map { .number($0) } ?? .null),
      ("records_per_s", rate(part.records)), ("busiest_records_per_s", rate(part.busiestRecords)),
      ("busiest_bytes_per_s", rate(part.busiestBytes)),
      ("limit_use", (isOnOneShard ? limitUse(part) : nil).map { .number($0) } ?? .null),
    ]
  }

  private func shard(_ index: Int) -> JSONValue {
    let shard = map.shards[index]
    return .object(
      [
        ("shard", .integer(Int64(index))), ("shard_id", .string(shard.id)),
        ("hash_start", .string("\(shard.range.start)")), ("hash_end", .string("\(shard.range.end)")),
      ] + part(overview.shards[index]))
  }

  private func key(_ key: PlanOverview.Key) -> JSONValue {
    .object(
      [
        ("key", names.name(of: key.id).map { .string($0) } ?? .null),
        ("shard", key.shard.map { .integer(Int64($0)) } ?? .null),
      ] + part(key.part, isOnOneShard: key.shard != nil))
  }
}
