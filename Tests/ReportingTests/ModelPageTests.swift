import Kinesis
import Measurement
import Observations
import TestSupport
import Testing

@testable import Reporting
@testable import RunResults

/// The pages of `plan` and `size`: marked as models, whole without what is not known.
@Suite struct ModelPageTests {
  private static func count(_ attempted: Int, throttled: Int) -> PredictedCount {
    var count = PredictedCount()
    (count.attempted, count.throttled, count.accepted) = (attempted, throttled, attempted - throttled)
    count.gaveUp = throttled
    return count
  }

  private static var plan: PlanDocument {
    var plan = PlanDocument()
    (plan.scenario, plan.seed, plan.workloadHash, plan.planHash) = ("orders <b>", 7, "w0", "p0")
    (plan.isCounted, plan.producers, plan.limitsProfile) = (true, 2, "kinesis")
    plan.limits = AssumedLimits(recordsPerSecond: 1_000, bytesPerSecond: 1 << 20)
    let amount = PlanDocument.Amount(records: 3_000, requests: 30, bytes: 300_000, busiest: 1_500)
    plan.phases = [
      .init(
        name: "load", start: .zero, duration: .seconds(2), isMeasured: true, amount: amount, hottestShard: 1,
        hottestShare: 0.8)
    ]
    (plan.duration, plan.total) = (.seconds(2), amount)
    let map = ShardMap(even: 2)
    plan.shards = zip(map.shards, [0.2, 0.8]).map { shard, share in
      .init(
        id: shard.id, hashStart: shard.range.start, hashEnd: shard.range.end,
        part: .init(
          share: share, planned: UInt64(3_000 * share), records: 1_500 * share, busiestRecords: 1_500 * share,
          busiestBytes: 150_000 * share))
    }
    plan.keys = [
      .init(name: "a&b", shard: 1, part: plan.shards[1].part), .init(name: nil, shard: nil, part: plan.shards[0].part),
    ]
    plan.keyCount = 2
    plan.prediction = .init([[count(600, throttled: 0), count(2_400, throttled: 400)]])
    plan.cost = .init(
      currency: "USD", date: "2026-08", region: "us-east-1", provisioned: 12.5, onDemand: 31, monthMean: 0.3)
    plan.parts = .init(
      machines: 3, producers: 2, answer: .milliseconds(20), busiest: 1_500, recordsPerRequest: 100, dataBytes: 90,
      keyBytes: 10)
    plan.warnings = ["mind <this>"]
    return plan
  }

  private static var sizing: SizingDocument {
    var sizing = SizingDocument()
    (sizing.scenario, sizing.workloadHash, sizing.stream, sizing.limitsProfile) = ("orders", "w0", "clicks", "kinesis")
    (sizing.shardsNow, sizing.throttleGoal, sizing.headroomGoal, sizing.maxShards) = (2, 0.001, 0.25, 4)
    (sizing.recommended, sizing.awsFormulaShards, sizing.currency) = (3, 2, "USD")
    for (shards, ratio, peak) in [(1, 0.4, 1.8), (2, 0.02, 1.1), (3, 0, 0.7), (4, 0, 0.6)] {
      var row = SizingDocument.Row()
      (row.shards, row.throttleRatio, row.peakUse, row.meanUse) = (shards, ratio, peak, 1.5 / Double(shards))
      (row.isNow, row.meets, row.isOneCall, row.isExact) = (shards == 2, shards > 2, true, shards == 3)
      sizing.rows.append(row)
    }
    let halves = ShardMap(even: 2).shards
    sizing.rangesNow = zip(halves, [0.4, 1.1]).enumerated().map { index, pair in
      .init(
        index: index, hashStart: pair.0.range.start, hashEnd: pair.0.range.end, peakUse: pair.1,
        throttleRatio: index == 1 ? 0.04 : 0)
    }
    sizing.rangesRecommended = ShardMap(even: 3).shards.enumerated().map { index, shard in
      .init(index: index, hashStart: shard.range.start, hashEnd: shard.range.end, peakUse: 0.5, throttleRatio: nil)
    }
    sizing.draws = .init(count: 20, median: 3, p90: 3, low: 2, high: nil, deciding: 6)
    sizing.sentences = ["3 shards (2 now) take 1,500 records/s.", "AWS's formula says 2."]
    sizing.help = [
      .init(
        "shard-count", "UpdateShardCount to 3: 1 call.", shards: 3, throttleRatio: 0, cost: 9, helps: true,
        commands: ["aws x"])
    ]
    sizing.assumptions = ["Answers take no time."]
    sizing.notJudged = ["response.p99 at most"]
    var measurement = SizingDocument.Measurement()
    (measurement.shards, measurement.target, measurement.modelRatio, measurement.measuredRatio) = (
      2, "embedded", 0.02, 0.05
    )
    measurement.rows = [
      .init(shard: 0, attempted: 10, modelAttempted: 10, modelRatio: 0, measuredRatio: 0.01),
      .init(shard: 1, attempted: 90, modelAttempted: 95, modelRatio: 0.04, measuredRatio: 0.09),
    ]
    sizing.measurements = [measurement]
    return sizing
  }

  @Test func thePlansPageIsAsRecorded() {
    let html = PlanPage.page(Self.plan, version: "0.4.0", made: "2026-01-02T03:04:05.000Z")
    let reader = PageReader(html)
    #expect(reader.faults.isEmpty, "\(reader.faults)")
    for text in ["model, nothing was sent", "13.33 % throttled", "a&b", "(hidden)", "mind <this>", "orders <b>"] {
      #expect(reader.text.contains(text), "\(text)")
    }
    expectGolden(StyleSheetText.without(html), "plan.html")
  }

  /// Nothing predicted, no limits, no keys: what is not known is left out.
  @Test func aPlanOfWhichLittleIsKnown() {
    var plan = Self.plan
    (plan.prediction, plan.cost, plan.parts, plan.total, plan.keys, plan.keyCount) = (nil, nil, nil, nil, [], nil)
    plan.scope = .closed
    plan.phases[0].amount = nil
    let reader = PageReader(PlanPage.page(plan, version: "0.4.0", made: "now"))
    #expect(reader.faults.isEmpty && reader.text.contains("not predicted"))
    for text in ["Hash-key space", "Heaviest keys", "Cost and machines"] {
      #expect(!reader.text.contains(text), "\(text)")
    }
    #expect(reader.text.contains("as many as the target answers"))
  }

  @Test func theSizesPageIsAsRecorded() {
    let html = SizingPage.page(Self.sizing, version: "0.4.0", made: "2026-01-02T03:04:05.000Z")
    let reader = PageReader(html)
    #expect(reader.faults.isEmpty, "\(reader.faults)")
    for text in [
      "before and after", "Model against measurement", "✗ apart", "draw 7 of 20", "2 shards, measured: 5.00 %",
    ] {
      #expect(reader.text.contains(text), "\(text)")
    }
    #expect(html.split(separator: #"class="rng""#).count == 2)
    expectGolden(StyleSheetText.without(html), "size.html")
  }

  /// A run's report shows the sweep that its files have, with the run's own point ringed.
  @Test func theReportOfARunHasTheSectionWhereItWasSized() throws {
    var run = LoadedRun()
    #expect(SizingSection.inReport(run).text.isEmpty)
    run.sizing = try CSVFile.rows(SizingRow.self, in: CSVFile.bytes(SizingRow.rows(of: Self.sizing, runID: "r")))
    run.summary = Summary()
    run.summary?.sizing = Self.sizing.json
    let text = SizingSection.inReport(run).text
    #expect(text.contains(#"class="rng""#) && text.contains("A model: 3 shards (2 now) take 1,500 records/s."))
    #expect(text.contains("✓ meets the goals"))
  }
}
