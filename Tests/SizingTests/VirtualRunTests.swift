import Kinesis
import Measurement
import Scenarios
import Testing

@testable import Sizing

/// A scenario's plan.
func plan(_ text: String, set changes: [String] = []) throws -> Plan {
  Plan(
    try Scenario.load(bytes: Array(text.utf8), source: "test", overrides: changes.map { try SetOption($0) }))
}

/// One phase at one rate on even shards.
func workload(
  rate: String, size: String = "100B", key: String = #"{"type": "uniform", "cardinality": 200000}"#,
  duration: String = "60s", shards: Int = 1, more: String = ""
) -> String {
  """
  {"schema": "shardmeter/1", "name": "test", "stream": {"shards": \(shards)},
   "records": {"size": "\(size)", "key": \(key)},
   "phases": [{"name": "load", "duration": "\(duration)", "rate": \(rate)}]\(more.isEmpty ? "" : ", " + more)}
  """
}

@Suite struct VirtualRunTests {
  private func outcome(
    _ plan: Plan, rule: ShardLimiter.Rule? = nil, latency: LatencyModel? = nil
  ) -> VirtualRun.Outcome {
    VirtualRun.outcome(
      of: KeyDraw(plan), on: plan.scenario.declaredMap, rule: rule ?? plan.scenario.stream.limits.rule, latency: latency
    )
  }

  @Test func aStreamBelowItsLimitsTakesEverything() throws {
    let total = outcome(try plan(workload(rate: "900", duration: "10s"))).total
    #expect(total.throttled == 0 && total.accepted == 9_000 && total.attempted == 9_000 && total.lost == 0)
  }

  /// A full bucket carries what exceeds the refill until it is empty.
  @Test func overloadIsCarriedByTheBucketAndThenThrottled() throws {
    let total = outcome(try plan(workload(rate: "1100", duration: "30s"))).total
    // 33,000 come; 1,000 are there and some 30,000 are added before the last batch.
    #expect(total.attempted == 33_000)
    #expect((1_950...2_150).contains(total.throttled), "\(total.throttled)")
    #expect(total.gaveUp == total.throttled && total.accepted + total.gaveUp == 33_000)
  }

  @Test func withoutLimitsNothingIsThrottled() throws {
    let total = outcome(try plan(workload(rate: "5000", duration: "2s")), rule: ShardLimiter.Rule.none).total
    #expect(total.throttled == 0 && total.accepted == 10_000)
  }

  /// Retries feed on the same bucket: once it is empty, 5 % too much makes two fifths of all attempts fail. The fast model,
  /// which knows first tries alone, sees the 5 %.
  @Test func retriesMultiplyThrottling() throws {
    let text = """
      {"schema": "shardmeter/1", "name": "test", "stream": {"shards": 1},
       "records": {"size": "100B", "key": {"type": "uniform", "cardinality": 200000}},
       "client": {"retry": {"type": "failed-records", "maxAttempts": 3, "backoff": {"base": "50ms", "jitter": "full"}}},
       "phases": [{"name": "warm-up", "duration": "25s", "rate": 1050, "measure": false},
                  {"name": "load", "duration": "30s", "rate": 1050}]}
      """
    let plan = try plan(text)
    let total = outcome(plan).total
    let ratio = try #require(total.throttleRatio)
    #expect(abs(ratio - 0.41) < 0.015, "\(ratio)")
    #expect(total.ended == 31_500)
    let row = ShardSweep(OfferedLoad(plan), rule: LimitsProfile.kinesis.rule).rows([1], in: KeyDraw(plan))[0]
    #expect(abs(row.throttleRatio - 0.048) < 0.002)
  }

  @Test func anAnswerThatTakesTimeDelaysTheRetry() throws {
    let retry =
      #""client": {"retry": {"type": "failed-records", "maxAttempts": 2, "backoff": {"base": "0s", "jitter": "none"}}}"#
    let burst = #"{"type": "square", "low": 0, "high": 20000, "period": "10s", "duty": 0.01}"#
    let plan = try plan(workload(rate: burst, duration: "10s", more: retry))
    let fast = outcome(plan).total
    let slow = outcome(plan, latency: .fixed(1_000_000_000)).total
    // At once the bucket is still empty; a second later it holds 1,000 again.
    #expect(fast.accepted < 1_300 && slow.accepted > 1_900, "\(fast.accepted), \(slow.accepted)")
  }

  @Test func aWarmUpDrainsTheBucketsAndIsNotJudged() throws {
    let text = """
      {"schema": "shardmeter/1", "name": "test", "stream": {"shards": 1}, "records": {"size": "10B", "key": "constant"},
       "phases": [{"name": "warm-up", "duration": "5s", "rate": 2000, "measure": false},
                  {"name": "load", "duration": "5s", "rate": 1000}]}
      """
    let outcome = outcome(try plan(text))
    let warmUp = outcome.counts[0][0]
    #expect(warmUp.attempted == 10_000 && warmUp.throttled > 3_500)
    #expect(outcome.total.attempted == 5_000 && outcome.total == outcome.shards[0])
    #expect(outcome.total.throttled < 100)
  }

  /// Every planned record ends once, on the shard that its hash says.
  @Test(arguments: [#""none""#, #"{"type": "failed-records", "maxAttempts": 4}"#, #""until-expired""#])
  func everyRecordEndsOnce(retry: String) throws {
    var loads = RandomLoads(seed: 7)
    for _ in 0..<12 {
      let plan = try plan(loads.next(retry: [retry]))
      let outcome = outcome(plan, latency: .uniform(min: 1_000_000, max: 90_000_000))
      for phase in plan.phases.indices {
        guard case .open(let count) = plan.phases[phase].loop else { continue }
        let sum = outcome.counts[phase].reduce(into: VirtualRun.Count()) { $0.add($1) }
        #expect(sum.ended == Int(count))
        // What is taken while nobody waits for the answer any more is unfinished.
        let taken = sum.attempted - sum.throttled
        #expect(taken >= sum.accepted && taken <= sum.accepted + sum.unfinished)
      }
    }
  }

  @Test func aSpreadKeyTakesTurns() throws {
    let plan = try plan(workload(rate: "1600", key: #""constant""#, duration: "10s", shards: 8))
    let key = plan.keys.id(of: "k")
    let map = plan.scenario.declaredMap
    let one = VirtualRun.outcome(of: KeyDraw(plan), on: map, rule: .kinesis(ShardLimits()), latency: nil)
    #expect(one.shards.count { $0.attempted > 0 } == 1)
    let three = VirtualRun.outcome(
      of: KeyDraw(plan, spread: .init(key: key, parts: 3)), on: map, rule: .kinesis(ShardLimits()), latency: nil)
    let shares = three.shards.map(\.attempted).filter { $0 > 0 }
    #expect(shares.reduce(0, +) == 16_000 && shares.allSatisfy { $0 % 5_333 <= 2 }, "\(shares)")
  }
}
