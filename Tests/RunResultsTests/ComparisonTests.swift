import Measurement
import StrictJSON
import TestSupport
import Testing

@testable import RunResults

/// The verdict over two sides, made of digests alone.
@Suite struct ComparisonTests {
  /// A run of a side: values by metric name, in the units of summaries.
  static func run(_ number: Int, side: String = "a", _ values: [String: Double?] = [:]) -> RunDigest {
    var run = RunDigest()
    run.runID = "\(side)\(number)"
    run.start = "2026-03-14T09:\(10 + number):\(side == "a" ? "00" : "30").000Z"
    (run.scenario, run.workloadSHA256, run.seed) = ("orders", "5d0e", 42)
    (run.version, run.complete, run.verdict) = ("0.1.0", true, RunVerdict.pass.rawValue)
    (run.endpointKind, run.shards, run.measuredS) = ("embedded", 4, 10)
    var machine = SummaryMachine()
    (machine.cpu, machine.cores, machine.kernel) = ("a processor", 2, "6.1")
    run.machine = machine
    let usual: [String: Double?] = [
      "response.p50": 8, "response.p99": 25, "throttle.ratio": 0.01, "accepted.rate": 1_000,
    ]
    run.metrics = usual.merging(values) { $1 }.sorted { $0.key < $1.key }.compactMap { name, value in
      value.map {
        DigestValue(name: name, metric: name, unit: name == "throttle.ratio" ? "ratio" : "ms", value: $0)
      }
    }
    return run
  }

  static func side(_ name: String, _ runs: [RunDigest]) -> ComparisonSide {
    ComparisonSide(name: name, id: runs.first?.runID ?? "", runs: runs)
  }

  /// Rounds whose p99 is each of these, everything else alike.
  static func rounds(_ name: String, p99: [Double]) -> ComparisonSide {
    side(name, p99.enumerated().map { run($0.offset, side: name, ["response.p99": $0.element]) })
  }

  static let steady = [25, 25.1, 24.9, 25.2, 24.8, 25.05, 24.95, 25.15]

  @Test(
    arguments: [
      ("the same", 1.0, ComparisonVerdict.noChange, 0), ("12 % more", 1.12, .worse, 4),
      ("3 % more is within the effect", 1.03, .noChange, 0), ("12 % less", 1 / 1.12, .better, 0),
    ])
  func eightPairs(name: String, factor: Double, verdict: ComparisonVerdict, code: Int) throws {
    let new = zip(Self.steady, [1.001, 0.999, 1.002, 1, 0.998, 1.001, 1, 0.999]).map { $0 * $1 * factor }
    let document = Comparison.document(Self.rounds("a", p99: Self.steady), Self.rounds("b", p99: new))
    #expect(document.outcome == verdict && document.exitCode.rawValue == code, "\(name)")
    #expect(document.statistical && document.pairs == 8 && document.interleaved)
    #expect(document.metrics.map(\.metric) == ["response.p50", "response.p99", "throttle.ratio", "accepted.rate"])
    let p99 = document.metrics[1]
    #expect(abs((p99.ratio ?? 0) - factor) < 0.002)
    // What was the same in all pairs has no p, and no change.
    #expect(document.metrics[0].pValue == nil && document.metrics[0].outcome == .noChange)
  }

  @Test func rulesDecide() throws {
    let base = Self.rounds("a", p99: Self.steady)
    let new = Self.rounds("b", p99: Self.steady.map { $0 * 1.08 })
    #expect(Comparison.document(base, new).outcome == .worse)
    var rules = ComparisonRules()
    rules.effects = ["response.p99": 0.1]
    #expect(Comparison.document(base, new, rules: rules).outcome == .noChange)
    let noisy = Self.rounds("b", p99: [30, 22, 28, 21, 33, 20, 29, 24])
    let unsure = Comparison.document(base, noisy)
    #expect(unsure.outcome == .inconclusive && unsure.exitCode.rawValue == 0)
    rules = ComparisonRules()
    rules.inconclusiveFails = true
    #expect(Comparison.document(base, noisy, rules: rules).exitCode == .regression)
  }

  /// Ratios that may be 0 by difference, and any metric with a 0 in it.
  @Test func zeroesAreComparedByDifference() throws {
    func runs(_ name: String, _ ratio: Double) -> ComparisonSide {
      Self.side(name, (0..<6).map { Self.run($0, side: name, ["throttle.ratio": ratio + Double($0) * 1e-5]) })
    }
    let worse = Comparison.document(runs("a", 0), runs("b", 0.02))
    #expect(worse.outcome == .worse)
    #expect(worse.metrics[2].scale == "difference" && abs((worse.metrics[2].difference ?? 0) - 0.02) < 1e-9)
    #expect(Comparison.document(runs("a", 0), runs("b", 0.004)).outcome == .noChange)
  }

  @Test(
    arguments: [
      ("without a tolerance nothing is judged", 1.5, nil, ComparisonVerdict.inconclusive, 0),
      ("beyond the tolerance", 1.2, 0.1, .worse, 4), ("within it", 1.05, 0.1, .noChange, 0),
      ("beyond it the other way", 0.8, 0.1, .better, 0),
    ] as [(String, Double, Double?, ComparisonVerdict, Int)])
  func oneRunASideIsNotStatistical(
    name: String, factor: Double, tolerance: Double?, verdict: ComparisonVerdict, code: Int
  ) throws {
    var rules = ComparisonRules()
    rules.tolerance = tolerance
    let document = Comparison.document(
      Self.rounds("a", p99: [25]), Self.rounds("b", p99: [25 * factor]), rules: rules)
    #expect(document.outcome == verdict && document.exitCode.rawValue == code, "\(name)")
    #expect(!document.statistical && document.metrics.allSatisfy { $0.pValue == nil && $0.ciLow == nil })
    #expect(document.notes.contains { $0.hasPrefix("not statistical") })
  }

  @Test func sidesOfUnequalLengthArePairedAsFarAsTheyGo() {
    let document = Comparison.document(
      Self.rounds("a", p99: Self.steady), Self.rounds("b", p99: Array(Self.steady.prefix(6))))
    #expect(document.pairs == 6 && document.statistical && !document.interleaved)
    #expect(document.notes.contains("8 base runs against 6: paired as far as they go"))
    #expect(document.notes.contains { $0.contains("drift") })
  }

  static let obstacles: [(name: String, change: @Sendable (inout RunDigest) -> Void, text: String)] = [
    ("another workload", { $0.workloadSHA256 = "ffff" }, "scenario differs: workload 5d0e against ffff"),
    ("another seed", { ($0.workloadSHA256, $0.seed) = ("ffff", 43) }, "scenario differs: seed: 42 against 43"),
    ("another scenario", { ($0.workloadSHA256, $0.scenario) = ("ffff", "x\n") }, #"orders against x\x0a"#),
    ("another number of shards", { $0.shards = 8 }, "shards differ: 4 against 8"),
    ("another kind of endpoint", { $0.endpointKind = "remote" }, "endpoints differ: embedded against remote"),
    ("an incomplete run", { $0.complete = false }, "b0: the run is incomplete"),
    ("an invalid run", { $0.verdict = "invalid" }, "b0: the run is invalid"),
    ("no run at all", { $0.kind = "plan" }, "b0: it holds no run but plan"),
    ("a missing metric", { $0.metrics.removeAll { $0.name == "response.p99" } }, "response.p99: no value in b0"),
    ("nothing measured", { $0.metrics = [] }, "response.p50: no value in b0"),
  ]

  @Test(arguments: obstacles.indices)
  func whatIsNotComparableNeverPasses(index: Int) {
    let (name, change, text) = Self.obstacles[index]
    var run = Self.run(0, side: "b")
    change(&run)
    let document = Comparison.document(Self.side("a", [Self.run(0)]), Self.side("b", [run]))
    #expect(!document.comparable && document.outcome == .notComparable && document.exitCode.rawValue == 2, "\(name)")
    #expect(document.differences.contains { $0.contains(text) }, "\(name): \(document.differences)")
    #expect(document.metrics.isEmpty)
  }

  @Test func oneSpoiltRunAmongManyIsNamed() {
    var runs = (0..<6).map { Self.run($0, side: "b") }
    runs[3].workloadSHA256 = "ffff"
    runs[4].verdict = "invalid"
    let document = Comparison.document(Self.rounds("a", p99: Self.steady), Self.side("b", runs))
    #expect(
      document.differences == ["b4: the run is invalid", "scenario differs: workload 5d0e against ffff, within b"])
  }

  @Test func shardsMayDifferWhereThatIsWanted() {
    var run = Self.run(0, side: "b")
    run.shards = 8
    var rules = ComparisonRules()
    (rules.acrossShards, rules.tolerance) = (true, 0.1)
    #expect(Comparison.document(Self.side("a", [Self.run(0)]), Self.side("b", [run]), rules: rules).comparable)
  }

  /// Counts compare anywhere, latencies on one machine.
  @Test func latenciesOfTwoMachinesAreLeftOut() {
    var run = Self.run(0, side: "b")
    run.machine?.cores = 64
    let (base, this) = (Self.side("a", [Self.run(0)]), Self.side("b", [run]))
    let document = Comparison.document(base, this)
    #expect(document.metrics.map(\.metric) == ["throttle.ratio", "accepted.rate"])
    #expect(document.leftOut.map(\.metric) == ["response.p50", "response.p99"])
    #expect(document.leftOut[0].reason.contains("a processor, 2 cores, 6.1 against a processor, 64 cores, 6.1"))
    var rules = ComparisonRules()
    rules.allowsMachines = true
    #expect(Comparison.document(base, this, rules: rules).metrics.count == 4)
  }

  /// What the new side's thresholds judge is compared, by names without a limit; both bounds of one thing are one metric.
  @Test func thresholdsSayWhatIsCompared() {
    func threshold(_ id: String, _ metric: String, _ observed: Double?, per: String? = nil) -> SummaryThreshold {
      var threshold = SummaryThreshold()
      (threshold.id, threshold.metric, threshold.observed, threshold.per) = (id, metric, observed, per)
      threshold.unit = metric.hasPrefix("response") ? "ms" : "ratio"
      return threshold
    }
    var summary = Summary()
    summary.thresholds = [
      threshold("response.p99 at most, in burst", "response.p99", 30), threshold("skew.max at most", "skew.max", 2),
      threshold("skew.max at least", "skew.max", 2),
      threshold("throttle.ratio at most, per shard", "throttle.ratio", 0.2, per: "shard"),
      threshold("throttle.ratio at least, per shard", "throttle.ratio", 0.1, per: "shard"),
    ]
    let names = RunDigest(summary).thresholds.map(\.name)
    #expect(
      names == [
        "response.p99, in burst", "skew.max", "throttle.ratio at least, per shard", "throttle.ratio at most, per shard",
      ])
    var old = Self.run(0)
    var new = Self.run(0, side: "b")
    new.thresholds = [
      DigestValue(name: "response.p99", metric: "response.p99", unit: "ms", value: 26),
      DigestValue(name: "response.p99, in burst", metric: "response.p99", unit: "ms", value: 30),
      DigestValue(name: "later.metric", metric: "later.metric", unit: "x", value: 1),
    ]
    var document = Comparison.document(Self.side("a", [old]), Self.side("b", [new]))
    // The base has no threshold of that name: over the whole time its summary knows the value, in a phase it does not.
    #expect(document.metrics.map(\.metric) == ["response.p99"])
    #expect(
      document.leftOut.map(\.reason) == ["a has no such threshold", "this version knows no such metric"])
    old.thresholds = [DigestValue(name: "response.p99, in burst", metric: "response.p99", unit: "ms", value: nil)]
    document = Comparison.document(Self.side("a", [old]), Self.side("b", [new]))
    #expect(document.differences == ["response.p99, in burst: no value in a0"])
  }

  @Test func moreThanCanBeJudgedIsSaid() {
    let many = Self.rounds("a", p99: Array(repeating: 25, count: 21))
    #expect(
      Comparison.document(many, many).differences == ["21 pairs of rounds are more than the 20 that can be judged"])
  }

  @Test func theDocumentIsReadBack() throws {
    let document = Comparison.document(
      Self.rounds("a", p99: Self.steady), Self.rounds("b", p99: Self.steady.map { $0 * 1.2 }))
    let text = JSONWriter.pretty(document.json(decimals: 6))
    let read = try ComparisonDocument(json: JSONDocument.parse(Array(text.utf8), source: "comparison"))
    #expect(JSONWriter.pretty(read.json(decimals: 6)) == text)
    let rows = try CSVFile.rows(ComparisonRow.self, in: CSVFile.bytes(ComparisonRow.rows(document, runID: "x")))
    #expect(rows.map(\.found.metric) == document.metrics.map(\.metric))
    #expect(rows[1].found.pValue == document.metrics[1].pValue && rows[1].pairs == 8)
  }

  /// Files from outside: every numeric and textual nonsense ends in a verdict or a failure, never in a trap.
  @Test(arguments: [0, -1, 1e-300, 1e15, -1e15])
  func anyNumberGivesAVerdict(value: Double) {
    let odd = Self.side("b", (0..<6).map { Self.run($0, side: "b", ["response.p99": value, "throttle.ratio": value]) })
    let document = Comparison.document(Self.rounds("a", p99: Self.steady), odd)
    #expect(document.comparable)
    #expect(JSONWriter.pretty(document.json(decimals: 6)).contains("response.p99"))
  }
}
