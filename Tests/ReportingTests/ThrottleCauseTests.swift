import Observations
import RunResults
import Testing

@testable import Reporting

/// Why a shard was throttled: the decision, and the sentences that used to be false.
@Suite struct ThrottleCauseTests {
  /// A shard of one bin a second.
  private static func demand(
    _ first: [Double], attempted: [Double]? = nil, key: Double = 0, width: Double = 1, stream: Double = 0.5,
    bytes: Bool = false
  ) -> ShardDemand {
    var demand = ShardDemand()
    demand.bins = zip(first, attempted ?? first).map { ShardDemand.Bin(seconds: 1, first: $0, attempted: $1) }
    (demand.isInBytes, demand.topKeyShare, demand.width, demand.streamMean) = (bytes, key, width, stream)
    (demand.attempted, demand.throttled, demand.topKey) = (1000, 340, "tenant-0042")
    return demand
  }

  private static func many(_ value: Double, _ count: Int) -> [Double] { Array(repeating: value, count: count) }

  private static let cases: [(name: String, demand: ShardDemand, words: String?)] = [
    (
      "a hot key", demand(many(1.9, 20), key: 0.6),
      "34 % throttled: tenant-0042 alone needs 1.14 shards; no shard count helps"
    ),
    (
      "a heavy key", demand(many(1.2, 20), key: 0.5),
      "34 % throttled: tenant-0042 carries 50 %; without it the shard would be at 60 % of its record limit"
    ),
    (
      "a wide range", demand(many(1.6, 20), width: 1.9, stream: 0.84),
      "34 % throttled: the shard has 1.9 times the mean's range; split it"
    ),
    (
      "wide, but the others are full too", demand(many(2.4, 20), width: 1.9, stream: 1.26),
      "34 % throttled: too few shards, all together are asked for 126 % of their record limit"
    ),
    (
      "too few shards, by bytes", demand(many(1.5, 20), stream: 1.5, bytes: true),
      "34 % throttled: too few shards, all together are asked for 150 % of their byte limit"
    ),
    (
      "uneven keys", demand(many(1.3, 20), key: 0.05, stream: 0.7),
      "34 % throttled: its keys ask for 130 % of its record limit, the mean shard is at 70 %"
    ),
    (
      "bursts", demand([3, 0, 0, 0, 0, 3, 0, 0, 0, 0]),
      "34 % throttled in bursts of up to 300 % in a second; on average 60 % of the record limit"
    ),
    (
      "long enough to be no burst", demand(many(0.2, 30) + many(1.4, 10), stream: 1.4),
      "34 % throttled: too few shards, all together are asked for 140 % of their record limit"
    ),
    (
      "a burst of nine seconds", demand(many(0.2, 30) + many(1.4, 9), stream: 1.4),
      "34 % throttled in bursts of up to 140 % in a second; on average 48 % of the record limit"
    ),
    (
      "retries", demand(many(0.8, 20), attempted: many(1.3, 20)),
      "34 % throttled by retries: first tries take 80 % of its record limit, with retries up to 130 %"
    ),
    (
      "below its limit", demand(many(0.5, 20)),
      "34 % throttled though no second passed its record limit, 50 % at most: other producers, or lower limits than assumed"
    ),
    ("no time known", demand([]), nil),
  ]

  @Test(arguments: cases.indices) func theCauseIsComputed(_ index: Int) {
    let (name, demand, words) = Self.cases[index]
    #expect(ThrottleCause(demand)?.text(demand).plain == words, "\(name)")
  }

  @Test func whatWasNotThrottledHasNoCause() {
    var calm = Self.demand(Self.many(1.5, 20))
    calm.throttled = 0
    #expect(ThrottleCause(calm) == nil)
  }

  @Test func aHiddenKeyIsNotNamed() {
    var demand = Self.demand(Self.many(1.9, 20), key: 0.6)
    demand.topKey = nil
    #expect(ThrottleCause(demand)?.text(demand).plain.contains("its heaviest key alone needs 1.14 shards") == true)
  }

  // MARK: - From a run's files

  /// Shards with so many first tries in each second, and what throttled of them; no retries.
  private static func run(
    _ shards: [[(first: Int, throttled: Int)]], warmUp: Int = 0, seconds drained: [Int: Int] = [:]
  ) -> LoadedRun {
    var run = SyntheticRun(
      shards: shards.count, measuredSeconds: shards[0].count, warmUpSeconds: warmUp, hotShard: nil
    ).make()
    var rows = run.shards ?? []
    var cells: [ShardSecondRow] = []
    for (index, series) in shards.enumerated() {
      let first = series.reduce(0) { $0 + $1.first }
      let throttled = series.reduce(0) { $0 + $1.throttled }
      (rows[index].traffic.firstTries, rows[index].traffic.attempted) = (first, first)
      (rows[index].traffic.throttled, rows[index].traffic.accepted) = (throttled, first - throttled)
      (rows[index].traffic.attemptedBytes, rows[index].traffic.acceptedBytes) = (first * 100, (first - throttled) * 100)
      rows[index].peak.secondsThrottled = series.count { $0.throttled > 0 } + (drained[index] ?? 0)
      rows[index].throttleRatio = first > 0 ? Double(throttled) / Double(first) : nil
      rows[index].topKeyRatio = 0.01
      for (second, value) in series.enumerated() {
        var cell = ShardSecondRow()
        (cell.tS, cell.shardIndex, cell.measured) = (second, index, true)
        (cell.traffic.firstTries, cell.traffic.attempted) = (value.first, value.first)
        (cell.traffic.throttled, cell.traffic.accepted) = (value.throttled, value.first - value.throttled)
        cell.traffic.attemptedBytes = value.first * 100
        cells.append(cell)
      }
    }
    (run.shards, run.shardSeconds) = (rows, cells)
    run.phases = run.phases?.map { line in
      guard line.phase == PhaseRow.allName else { return line }
      var line = line
      let attempted = rows.reduce(0) { $0 + $1.traffic.attempted }
      let throttled = rows.reduce(0) { $0 + $1.traffic.throttled }
      line.planned = attempted
      (line.traffic.firstTries, line.traffic.attempted) = (attempted, attempted)
      (line.traffic.throttled, line.traffic.accepted) = (throttled, attempted - throttled)
      line.delivery.gaveUp = throttled
      return line
    }
    return run
  }

  @Test func burstsAreTold() {
    // 3,000 records at the start of every fifth second: 60 % of the limit, 1,000 of each accepted.
    let series = (0..<15).map { $0 % 5 == 0 ? (first: 3000, throttled: 2000) : (first: 0, throttled: 0) }
    let run = Self.run([series])
    let text = PageReader(HTMLReport.page(run)).text
    #expect(FinalTable.text(run).contains("    0  67 % throttled in bursts of up to 300 % in a second"))
    #expect(text.contains("67 % throttled in bursts of up to 300 % in a second; on average 60 % of the record limit"))
  }

  @Test func creditIsTold() {
    let run = Self.run([Array(repeating: (first: 1050, throttled: 0), count: 15)])
    let sentence =
      "Shard 0 lived on burst credit: 1050 rec/s against a refill of 1000 rec/s; at this rate a full bucket lasts 20 s,"
      + " then throttling begins (the run took 15 s)."
    #expect(PageReader(HTMLReport.page(run)).text.contains(sentence))
    #expect(MarkdownSummary.text(run).contains("lived on burst credit"))
    #expect(FinalTable.text(run).contains("Shard 0 lived on burst credit: 1050 rec/s"))
    var window = run
    window.summary?.target.limitsProfile = "window"
    #expect(!HTMLReport.page(window).contains("burst credit"))
    for (first, count) in [(1000, 15), (900, 15)] {
      let calm = Self.run([Array(repeating: (first: first, throttled: 0), count: count)])
      #expect(!HTMLReport.page(calm).contains("burst credit"))
    }
    let long = Self.run([Array(repeating: (first: 1500, throttled: 0), count: 15)])
    #expect(PageReader(HTMLReport.page(long)).text.contains("the endpoint's limits are wider than assumed"))
  }

  @Test func shardsThrottledAlikeAreNotToldApart() {
    let series = Array(repeating: (first: 1500, throttled: 500), count: 15)
    let text = PageReader(HTMLReport.page(Self.run([series, series]))).text
    #expect(text.contains("All 2 shards were throttled alike, each in up to 15 of 15 s."))
    #expect(text.contains("spread over 2 of 2 shards") && !text.contains("% of them on"))
  }

  @Test func secondsAreThoseOfThePicture() {
    // Three in the picture; the file counts one more, of the drain.
    var series = Array(repeating: (first: 500, throttled: 0), count: 14)
    for second in [2, 3, 4] { series[second] = (first: 1500, throttled: 300) }
    let run = Self.run([series, Array(repeating: (first: 100, throttled: 0), count: 14)], seconds: [0: 1])
    let text = PageReader(HTMLReport.page(run)).text
    #expect(text.contains("Shard 0 was throttled in 3 of 14 s; no other shard was."))
  }

  // MARK: - The tail

  @Test(arguments: [
    // first tries, attempts, throttled, failed; what is said
    (1000, 1200, 200, 0, "Retries, not the endpoint, make the tail"),
    (1000, 1200, 20, 180, "The tail is 275 ms: delivery p99 is 10.9 times response p99; 180 attempts failed"),
    (1000, 1000, 0, 0, "Nothing was sent twice: delivery p99 is 275 ms"),
    (10_000, 10_005, 5, 0, "The tail is 275 ms: delivery p99 is 10.9 times response p99."),
  ])
  func theTailIsRetriesOnlyWhereTheyMakeIt(
    _ first: Int, _ attempted: Int, _ throttled: Int, _ failed: Int, _ words: String
  ) {
    var run = SyntheticRun(shards: 2, measuredSeconds: 20, hotShard: nil).make()
    run.phases = run.phases?.map { line in
      guard line.phase == PhaseRow.allName else { return line }
      var line = line
      (line.traffic.firstTries, line.traffic.attempted) = (first, attempted)
      (line.traffic.throttled, line.traffic.unknown) = (throttled, failed)
      return line
    }
    let text = PageReader(HTMLReport.page(run)).text
    #expect(text.contains(words))
    #expect(text.contains("Retries, not the endpoint") == words.hasPrefix("Retries"))
  }
}
