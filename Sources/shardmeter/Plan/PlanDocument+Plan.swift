import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import Sizing

extension PlanDocument {
  /// What a plan sends to some shards.
  ///
  /// - Complexity: that of `PlanOverview`.
  init(_ plan: Plan, map: ShardMap, names: KeyNames) {
    let overview = PlanOverview(plan, map: map)
    let scenario = plan.scenario
    self.init()
    self.scenario = scenario.name
    seed = scenario.seed
    workloadHash = scenario.workloadHash
    planHash = plan.planHash
    isCounted = overview.isWalked
    mostCounted = PlanOverview.mostWalked
    producers = scenario.client.producers
    (batch.records, batch.bytes, batch.linger) = (
      scenario.batch.records, scenario.batch.bytes, scenario.batch.linger
    )
    limitsProfile = scenario.stream.limits.name
    limits = AssumedLimits(scenario.stream.limits.rule)
    phases = zip(overview.phases, plan.phases).map { phase, planned in
      Phase(
        name: phase.name, start: planned.start, duration: phase.duration, isMeasured: phase.isMeasured,
        amount: phase.amount.map(Amount.init), hottestShard: phase.hottest.shard, hottestShare: phase.hottest.share)
    }
    switch overview.scope {
    case .measured: scope = .measured
    case .all: scope = .all
    case .closed: scope = .closed
    }
    duration = overview.duration
    total = overview.total.map(Amount.init)
    shards = zip(map.shards, overview.shards).map { shard, part in
      Shard(id: shard.id, hashStart: shard.range.start, hashEnd: shard.range.end, part: Part(part))
    }
    keys = overview.keys.map { Key(name: names.name(of: $0.id), shard: $0.shard, part: Part($0.part)) }
    keyCount = plan.keys.count.map { UInt64(clamping: $0) }
    weighedKeys = overview.weighedKeys
    otherKeys = overview.otherKeys
    if isCounted, !plan.phases.contains(where: { $0.loop == .closed }) {
      let outcome = VirtualRun.outcome(
        of: KeyDraw(plan), on: map, rule: scenario.stream.limits.rule, latency: scenario.embedded.latency)
      prediction = Prediction(outcome.counts.map { $0.map(PredictedCount.init) })
    }
    readBackThresholds = scenario.thresholds.namedBounds.filter { index, _, _ in
      scenario.thresholds[index].metric.places.contains(.readBack)
    }.map(\.name)
    warnings = scenario.warnings
  }
}

extension PlanDocument.Parts {
  /// A plan on several machines; sizes are those of up to so many of its records.
  init(_ plan: Plan, _ total: PlanDocument.Amount, machines: Int, answer: Nanoseconds) {
    let most: UInt64 = 1_000
    var (records, data, keys) = (0.0, 0.0, 0.0)
    for phase in plan.phases.indices {
      guard case .open(let count) = plan.phases[phase].loop, count > 0 else { continue }
      for index in stride(from: 0, to: count, by: Int(clamping: max(1, count / most))) {
        let record = plan.record(index, in: phase)
        records += 1
        data += Double(record.dataBytes)
        keys += Double(record.keyBytes)
      }
    }
    self.init(
      machines: machines, producers: plan.scenario.client.producers, answer: answer, busiest: total.busiest,
      recordsPerRequest: Double(total.records) / max(1, total.requests), dataBytes: data / max(1, records),
      keyBytes: keys / max(1, records))
  }
}

extension PlanDocument.Amount {
  fileprivate init(_ amount: PlanOverview.Amount) {
    self.init(records: amount.records, requests: amount.requests, bytes: amount.bytes, busiest: amount.busiest)
  }
}

extension PlanDocument.Part {
  fileprivate init(_ part: PlanOverview.Part) {
    self.init(
      share: part.share, planned: part.planned, records: part.records, busiestRecords: part.busiestRecords,
      busiestBytes: part.busiestBytes)
  }
}

extension PredictedCount {
  /// What the engine found.
  init(_ count: VirtualRun.Count) {
    self.init()
    (attempted, throttled, accepted) = (count.attempted, count.throttled, count.accepted)
    (gaveUp, expired, skipped, unfinished) = (count.gaveUp, count.expired, count.skipped, count.unfinished)
  }
}
