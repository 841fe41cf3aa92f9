import Kinesis
import Measurement
import Testing

@testable import Scenarios

/// The overview of a plan against slow sums over all masses and all records.
@Suite struct PlanOverviewTests {
  private static let kinds: [(name: String, records: String)] = [
    ("uniform", #""size": "100B", "key": {"type": "uniform", "cardinality": 37}"#),
    ("zipf", #""size": "100B", "key": {"type": "zipf", "exponent": 1.1, "cardinality": 200}"#),
    (
      "hotspot",
      #""size": "1KiB", "key": {"type": "hotspot", "cardinality": 100, "hotKeyShare": "3%", "hotTrafficShare": "60%"}"#
    ),
    (
      "drift",
      #""size": "100B", "key": {"type": "drift", "cardinality": 90, "hotKeyShare": "20%", "hotTrafficShare": 0.7, "period": "700ms"}"#
    ),
    ("constant", #""size": "100B", "key": "constant""#),
    ("sequential", #""size": "100B", "key": {"type": "sequential", "cardinality": 50}"#),
    (
      "weighted",
      #""size": {"type": "uniform", "min": 10, "max": 90}, "key": {"type": "weighted", "values": [{"key": "a", "share": 0.4}, {"key": "key-00000003", "share": 0.1}], "rest": {"type": "uniform", "cardinality": 9}}"#
    ),
    ("shard", #""size": "100B", "key": {"type": "shard", "shards": [1], "share": "75%", "cardinality": 60}"#),
    (
      "mix",
      #""mix": [{"share": 0.25, "size": "2KiB", "key": {"type": "uniform", "cardinality": 7}}, {"share": 0.75, "size": "10B", "key": {"type": "zipf", "cardinality": 70}}]"#
    ),
  ]

  private static let phases = """
    {"name": "w", "duration": "1s", "rate": 300, "measure": false},
    {"name": "a", "duration": "2s", "rate": {"type": "line", "from": 200, "to": 2000}},
    {"name": "b", "duration": "3s", "rate": 500}
    """

  private func plan(_ records: String, more: String = "") throws -> Plan {
    try Fixture.plan(Fixture.text(records: records, phases: Self.phases, more: more))
  }

  /// The expected share of each key by its own mass at each record's due time, the slow way.
  private func slowShares(_ plan: Plan) -> [UInt64: Double] {
    var shares: [UInt64: Double] = [:]
    var count = 0
    func add(_ rule: KeyRule, _ weight: Double, _ due: Nanoseconds) {
      switch rule {
      case .trace: Issue.record("no plan of these tests plays a trace")
      case .constant(let key): shares[plan.keys.id(of: key), default: 0] += weight
      case .generated(let distribution, let naming):
        let base = plan.keys.space(of: naming).base
        for rank in 0..<(distribution.cardinality ?? 0) {
          shares[base + rank, default: 0] += weight * distribution.mass(of: rank, due: due)
        }
      case .weighted(let values, let rest):
        var left = 1.0
        for value in values {
          shares[plan.keys.id(of: value.key), default: 0] += weight * value.share
          left -= value.share
        }
        if let rest { add(rest, weight * left, due) }
      case .shard(let targets, let share, let cardinality, let naming):
        let base = plan.keys.space(of: naming).base
        let map = ShardMap(even: plan.scenario.stream.shards)
        let ids = (0..<cardinality).map { base + $0 }
        let aimed = ids.filter { targets.contains(map.index(of: plan.keys.hash(of: $0))) }
        for id in ids {
          shares[id, default: 0] +=
            weight * (aimed.contains(id) ? share / Double(aimed.count) : (1 - share) / Double(ids.count - aimed.count))
        }
      }
    }
    // Keys of these plans change every 700 ms at most: the middle of each millisecond stands for its records.
    for phase in [1, 2] {
      let start = plan.phases[phase].start
      for step in 0..<Int64(plan.phases[phase].duration.milliseconds) {
        let from = start + .milliseconds(Double(step))
        let due =
          plan.plannedRecords(in: phase, before: from + .milliseconds(1)) - plan.plannedRecords(in: phase, before: from)
        guard due > 0 else { continue }
        count += Int(due)
        for kind in plan.scenario.phases[phase].kinds { add(kind.key, kind.share * Double(due), from) }
      }
    }
    return shares.mapValues { $0 / Double(count) }
  }

  @Test(arguments: kinds.indices)
  func expectedSharesAreTheMassesOfTheKeys(index: Int) throws {
    let plan = try plan(Self.kinds[index].records)
    let map = ShardMap(even: 4)
    let overview = PlanOverview(plan, map: map, keys: 1000)
    let slow = slowShares(plan)
    #expect(overview.keys.count == slow.count { $0.value > 0 } && overview.weighedKeys == overview.keys.count)
    var shards = [0.0, 0, 0, 0]
    for key in overview.keys {
      #expect(abs(key.part.share - (slow[key.id] ?? 0)) < 1e-9, "key \(key.id)")
      #expect(key.shard == map.index(of: plan.keys.hash(of: key.id)))
      if let shard = key.shard { shards[shard] += slow[key.id] ?? 0 }
    }
    for (shard, share) in zip(overview.shards, shards) { #expect(abs(shard.share - share) < 1e-9) }
    let order = overview.keys.map(\.part.share)
    #expect(order == order.sorted(by: >) && overview.scope == .measured && abs(overview.otherKeys) < 1e-12)
    #expect(PlanOverview(plan, map: map, keys: 3).keys.map(\.id) == overview.keys.prefix(3).map(\.id))
  }

  @Test(arguments: kinds.indices)
  func plannedCountsAreThoseOfEveryRecord(index: Int) throws {
    let plan = try plan(Self.kinds[index].records, more: #""client": {"producers": 3}, "batch": {"records": 40}"#)
    let map = ShardMap(even: 4)
    let overview = PlanOverview(plan, map: map, keys: 1000)
    #expect(overview.isWalked)
    var shards = [UInt64](repeating: 0, count: 4)
    var keys: [UInt64: UInt64] = [:]
    var bytes = 0
    var records = 0
    for phase in plan.phases.indices {
      var cursor = plan.records(ofPhase: phase)
      var number: UInt64 = 0
      while let record = cursor.next() {
        #expect(record == plan.record(number, in: phase))
        number += 1
        guard plan.phases[phase].measured else { continue }
        shards[map.index(of: plan.hash(of: record))] += 1
        keys[record.key, default: 0] += 1
        bytes += record.bytes
        records += 1
      }
    }
    #expect(overview.shards.map(\.planned) == shards.map { $0 })
    for key in overview.keys { #expect(key.part.planned == keys[key.id] ?? 0) }
    let total = try #require(overview.total)
    #expect(total.records == UInt64(records) && total.bytes == Double(bytes))
    let requests = (0..<3).flatMap { Fixture.batches(plan, producer: $0) }
    #expect(total.requests == Double(requests.count { $0.batch.phase > 0 }))
    #expect(overview.phases[0].amount?.requests == Double(requests.count { $0.batch.phase == 0 }))
  }

  @Test(arguments: [
    #""rate": 700"#, #""rate": {"type": "line", "from": 100, "to": 3000}"#, #""rate": 700, "arrivals": "poisson""#,
    #""rate": 1300, "arrivals": "bursts""#,
    #""rate": {"type": "square", "low": 100, "high": 4000, "period": "5s", "duty": 0.3}"#,
  ])
  func whatIsExpectedOfALongPlanIsNearTheCount(rate: String) throws {
    let plan = try Fixture.plan(
      Fixture.text(
        size: #"{"type": "lognormal", "median": "400B", "p99": "4KiB", "max": "16KiB"}"#,
        phases: #"{"name": "a", "duration": "40s", \#(rate)}"#,
        more: #""client": {"producers": 3}, "batch": {"records": 100, "bytes": "64KiB", "linger": "50ms"}"#))
    let map = ShardMap(even: 4)
    let counted = try #require(PlanOverview(plan, map: map).total)
    let overview = PlanOverview(plan, map: map, mostWalked: 100)
    let expected = try #require(overview.total)
    #expect(!overview.isWalked && overview.shards.allSatisfy { $0.planned == nil })
    #expect(expected.records == counted.records && expected.busiest == counted.busiest)
    #expect(abs(expected.bytes / counted.bytes - 1) < 0.02)
    #expect(abs(expected.requests / counted.requests - 1) < 0.06, "\(expected.requests) of \(counted.requests)")
  }

  @Test func theBusiestSecondIsTheOneWithMostRecords() throws {
    let plan = try plan(Self.kinds[0].records)
    let overview = PlanOverview(plan, map: ShardMap(even: 1))
    // The line's last second: 1,550 on average; then 500.
    #expect(overview.phases.map { $0.amount?.busiest } == [300, 1550, 500])
    let shard = overview.shards[0]
    #expect(shard.share > 0.999_999 && abs(shard.busiestRecords - 1550) < 1e-6)
    #expect(abs(shard.busiestBytes - 1550 * 112) < 1e-3 && abs(shard.records - 740) < 1e-6)
    #expect(overview.skew > 0.999_999 && overview.skew < 1.000_001 && overview.hottest == 0)
  }

  @Test(
    arguments: [
      ("1s", "100", 100), ("500ms", "100", 100), ("1500ms", "100", 100), ("2500ms", "100", 100),
      // The last whole second of a line that reaches 250/s after 2.5 s: all 313 but the 112 of the first 1.5 s.
      ("2500ms", #"{"type": "line", "from": 0, "to": 250}"#, 201),
    ] as [(String, String, Double)])
  func everyWindowIsWhole(duration: String, rate: String, busiest: Double) throws {
    let plan = try Fixture.plan(
      Fixture.text(phases: #"{"name": "a", "duration": "\#(duration)", "rate": \#(rate)}"#))
    #expect(plan.busiestRate(ofPhase: 0) == busiest)
  }

  @Test func explicitHashKeysPlaceRecordsAndKeysDoNot() throws {
    let values = try plan(
      #""size": "100B", "key": "constant", "explicitHashKey": {"type": "values", "values": ["0", "1", "340282366920938463463374607431768211455"]}"#
    )
    let overview = PlanOverview(values, map: ShardMap(even: 4))
    #expect(abs(overview.shards[0].share - 2 / 3.0) < 1e-12 && abs(overview.shards[3].share - 1 / 3.0) < 1e-12)
    #expect(overview.keys.map(\.shard) == [nil] && overview.keys[0].part.share > 0.999_999)
    let spread = try plan(#""size": "100B", "key": "constant", "explicitHashKey": "uniform""#)
    #expect(PlanOverview(spread, map: ShardMap(even: 4)).shards.allSatisfy { abs($0.share - 0.25) < 1e-12 })
  }

  @Test func keysThatAreNotLookedAtCountAsSpread() throws {
    let unique = try plan(#""size": "100B", "key": "unique""#)
    let overview = PlanOverview(unique, map: ShardMap(even: 3))
    #expect(overview.keys.isEmpty && abs(overview.otherKeys - 1) < 1e-12)
    #expect(overview.shards.allSatisfy { abs($0.share - 1 / 3.0) < 1e-9 })
    #expect(overview.shards.reduce(0) { $0 + ($1.planned ?? 0) } == overview.total?.records)
    let many = try plan(#""size": "100B", "key": {"type": "uniform", "cardinality": 100000000000, "length": 20}"#)
    let wide = PlanOverview(many, map: ShardMap(even: 2), keys: 1, mostKeys: 1000)
    #expect(wide.weighedKeys == 1000 && abs(wide.otherKeys - 0.99999999) < 1e-12)
    #expect(abs(wide.shards[0].share - 0.5) < 1e-6)
  }

  /// What is not weighed key by key is nearly even over the shards already.
  @Test func weighingTheHeaviestKeysIsNearlyWeighingAll() throws {
    let plan = try plan(#""size": "100B", "key": {"type": "zipf", "exponent": 1, "cardinality": 20000}"#)
    let all = PlanOverview(plan, map: ShardMap(even: 4))
    let some = PlanOverview(plan, map: ShardMap(even: 4), mostKeys: 2000)
    #expect(some.keys.map(\.part.share) == all.keys.map(\.part.share) && some.otherKeys > 0.1)
    for (one, other) in zip(all.shards, some.shards) { #expect(abs(one.share - other.share) < 0.005) }
    #expect(abs(some.shards.reduce(0) { $0 + $1.share } - 1) < 1e-9)
  }

  @Test func closedPhasesHaveSharesButNoRates() throws {
    let closed = #"{"name": "c", "duration": "2s", "rate": "max"}"#
    let plan = try Fixture.plan(Fixture.text(key: #"{"type": "zipf", "cardinality": 50}"#, phases: closed))
    let overview = PlanOverview(plan, map: ShardMap(even: 2))
    #expect(overview.scope == .closed && overview.total == nil && !overview.isWalked)
    #expect(overview.phases[0].amount == nil && overview.keys.count == 10)
    #expect(abs(overview.shards.reduce(0) { $0 + $1.share } - 1) < 1e-9)
    let warm = #"{"name": "w", "duration": "1s", "rate": 50, "measure": false}"#
    #expect(try PlanOverview(Fixture.plan(Fixture.text(phases: warm)), map: ShardMap(even: 2)).scope == .all)
    let both = try Fixture.plan(Fixture.text(phases: warm + "," + closed))
    #expect(PlanOverview(both, map: ShardMap(even: 2)).scope == .all)
  }
}
