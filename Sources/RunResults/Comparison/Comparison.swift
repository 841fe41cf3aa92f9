import Measurement

/// How a comparison judges.
package struct ComparisonRules: Sendable, Equatable {
  /// The smallest change that counts by a metric's name: a share of the base, or a part of 1 where the metric is a ratio.
  package var effects: [String: Double] = [:]
  /// What decides where there are too few rounds for a test; `nil`: nothing does.
  package var tolerance: Double?
  /// Whether latencies of two machines are compared.
  package var allowsMachines = false
  /// Whether the sides may have different numbers of shards.
  package var acrossShards = false
  /// Whether latencies are left out, there being no time for enough rounds.
  package var countsOnly = false
  /// Whether what cannot be told counts as worse.
  package var inconclusiveFails = false

  package init() {}

  /// 5 % of the base.
  package static let usualEffect = 0.05
  /// 0.5 points, for ratios.
  package static let usualPoints = 0.005
}

/// A side of a comparison.
package struct ComparisonSide: Sendable {
  /// What messages call it.
  package var name: String
  /// What results call it: a baseline's name, else the first run's id.
  package var id: String
  /// Its runs in the order of their start; never empty.
  package var runs: [RunDigest]

  package init(name: String, id: String, runs: [RunDigest]) {
    (self.name, self.id, self.runs) = (name, id, runs)
  }
}

/// The regression verdict over two sides; pure.
package struct Comparison {
  private let base: ComparisonSide
  private let this: ComparisonSide
  private let rules: ComparisonRules
  private let usesTest: Bool

  private init(_ base: ComparisonSide, _ this: ComparisonSide, _ rules: ComparisonRules) {
    (self.base, self.this, self.rules) = (base, this, rules)
    usesTest = min(base.runs.count, this.runs.count) >= PairedComparison.fewestPairs
  }

  /// Compares two sides.
  ///
  /// - Parameters:
  ///   - workloads: says in which fields two runs of different workloads differ; empty where that cannot be known.
  /// - Returns: a document; one that is not comparable says why.
  package static func document(
    _ base: ComparisonSide, _ this: ComparisonSide, rules: ComparisonRules = ComparisonRules(),
    workloads: (_ base: RunDigest, _ this: RunDigest) -> [String] = { _, _ in [] }
  ) -> ComparisonDocument {
    Comparison(base, this, rules).document(workloads)
  }

  private func document(_ workloads: (RunDigest, RunDigest) -> [String]) -> ComparisonDocument {
    var document = ComparisonDocument()
    document.baselineID = base.id
    document.base = Self.facts(base)
    document.this = Self.facts(this)
    document.pairs = min(base.runs.count, this.runs.count)
    document.interleaved = isInterleaved
    document.inconclusiveFails = rules.inconclusiveFails
    document.differences = obstacles(workloads)
    document.response = spectrum
    if document.pairs > PairedComparison.mostPairs {
      document.differences.append(
        "\(document.pairs) pairs of rounds are more than the \(PairedComparison.mostPairs) that can be judged")
    }
    guard document.differences.isEmpty else { return document }
    var series = series(into: &document)
    guard document.differences.isEmpty else { return document }
    guard !series.isEmpty else {
      document.differences.append("nothing is left to compare")
      return document
    }
    document.comparable = true
    document.statistical = usesTest
    document.notes = notes(pairs: document.pairs)
    if usesTest { judgeByTest(&series) } else { judgeByTolerance(&series) }
    document.metrics = series.map(\.found)
    document.verdict = Self.verdict(document.metrics.map(\.outcome)).rawValue
    return document
  }

  /// Any worse is worse; then what is not known outranks what is better.
  private static func verdict(_ verdicts: [ComparisonVerdict]) -> ComparisonVerdict {
    for verdict in [ComparisonVerdict.worse, .inconclusive, .better] where verdicts.contains(verdict) { return verdict }
    return .noChange
  }

  // MARK: Whether they can be compared

  private func obstacles(_ workloads: (RunDigest, RunDigest) -> [String]) -> [String] {
    var found: [String] = []
    for side in [base, this] {
      for run in side.runs {
        if let trouble = run.trouble { found.append("\(run.label): \(trouble)") }
      }
      guard let first = side.runs.first else { continue }
      if let other = side.runs.first(where: { $0.workloadSHA256 != first.workloadSHA256 }) {
        found.append(Self.scenarioDiffers(first, other, workloads) + ", within \(side.name)")
      }
      if let other = side.runs.first(where: { $0.shards != first.shards }) {
        found.append(
          "shards differ within \(side.name): \(first.shards) in \(first.label), \(other.shards) in \(other.label)")
      }
      if let other = side.runs.first(where: { $0.endpointKind != first.endpointKind }) {
        found.append(
          "endpoints differ within \(side.name): \(first.endpoint) in \(first.label), \(other.endpoint) in \(other.label)"
        )
      }
    }
    guard let before = base.runs.first, let after = this.runs.first else { return found + ["a side has no run"] }
    if before.workloadSHA256 != after.workloadSHA256 { found.append(Self.scenarioDiffers(before, after, workloads)) }
    if before.shards != after.shards, !rules.acrossShards {
      found.append("shards differ: \(before.shards) against \(after.shards) (--across stream.shards compares them)")
    }
    if before.endpointKind != after.endpointKind {
      found.append("endpoints differ: \(before.endpoint) against \(after.endpoint)")
    }
    return found
  }

  private static func scenarioDiffers(
    _ before: RunDigest, _ after: RunDigest, _ workloads: (RunDigest, RunDigest) -> [String]
  ) -> String {
    var fields = workloads(before, after)
    if fields.isEmpty, before.scenario != after.scenario {
      fields.append("\(VisibleText.line(before.scenario)) against \(VisibleText.line(after.scenario))")
    }
    if fields.isEmpty, before.seed != after.seed { fields.append("seed: \(before.seed) against \(after.seed)") }
    if fields.isEmpty {
      fields.append(
        "workload \(VisibleText.line(String(before.workloadSHA256.prefix(12)))) against "
          + VisibleText.line(String(after.workloadSHA256.prefix(12))))
    }
    return "scenario differs: \(fields.joined(separator: "; "))"
  }

  /// Whether each pair's runs are neighbours in the order of all.
  private var isInterleaved: Bool {
    let pairs = min(base.runs.count, this.runs.count)
    guard pairs > 1, base.runs.count == this.runs.count else { return false }
    let all = base.runs.indices.flatMap { [(base.runs[$0].start, $0), (this.runs[$0].start, $0)] }
    guard Set(all.map(\.0)).count == all.count else { return false }
    let sides = all.sorted { $0.0 < $1.0 }.map(\.1)
    return stride(from: 0, to: sides.count, by: 2).allSatisfy { sides[$0] == sides[$0 + 1] }
  }

  private func notes(pairs: Int) -> [String] {
    var notes: [String] = []
    if base.runs.count != this.runs.count {
      notes.append(
        usesTest
          ? "\(base.runs.count) base runs against \(this.runs.count): paired as far as they go"
          : "\(base.runs.count) base runs against \(this.runs.count): their medians are compared")
    }
    if pairs > 1, !isInterleaved {
      notes.append("the rounds are not interleaved: drift of the machine is not controlled")
    }
    if !usesTest {
      notes.append(
        "not statistical: a test takes at least \(PairedComparison.fewestPairs) runs a side, "
          + "\(PairedComparison.usualPairs) are advised")
      if rules.tolerance == nil { notes.append("no --tolerance was given, so nothing is judged") }
    }
    return notes
  }

  // MARK: The metrics

  private struct Judged {
    var found: ComparisonMetric
    /// A pair each; empty without a test.
    var differences: [Double]
    let effect: Double
    let direction: MetricDirection
  }

  /// What is compared: what the new side's thresholds judge, else the usual four.
  private var names: [DigestValue] {
    guard let first = this.runs.first else { return [] }
    if !first.thresholds.isEmpty { return first.thresholds }
    return RunDigest.usualMetrics.map { metric in
      first.metrics.first { $0.name == metric.name }
        ?? DigestValue(name: metric.name, metric: metric.name, unit: "", value: nil)
    }
  }

  private var machines: [String] {
    (base.runs + this.runs).map(\.machineText).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func series(into document: inout ComparisonDocument) -> [Judged] {
    let machines = machines
    var series: [Judged] = []
    for name in names {
      guard let metric = Metric(name: name.metric) else {
        document.leftOut.append(ComparisonLeftOut(metric: name.name, reason: "this version knows no such metric"))
        continue
      }
      if metric.unit == .nanoseconds, rules.countsOnly {
        document.leftOut.append(
          ComparisonLeftOut(metric: name.name, reason: "a latency, and there was no time for enough rounds"))
        continue
      }
      if metric.unit == .nanoseconds, machines.count > 1, !rules.allowsMachines {
        document.leftOut.append(
          ComparisonLeftOut(
            metric: name.name,
            reason: "a latency, and the machines differ: \(machines.prefix(2).joined(separator: " against "))"))
        continue
      }
      if let side = [base, this].first(where: { side in side.runs.allSatisfy { !$0.knows(name.name) } }),
        name.name != metric.name
      {
        document.leftOut.append(ComparisonLeftOut(metric: name.name, reason: "\(side.name) has no such threshold"))
        continue
      }
      let missing = (base.runs + this.runs).filter { $0.value(of: name.name) == nil }
      guard missing.isEmpty else {
        document.differences.append("\(name.name): no value in \(missing.map(\.label).joined(separator: ", "))")
        continue
      }
      series.append(judged(name, metric))
    }
    return series
  }

  private func judged(_ name: DigestValue, _ metric: Metric) -> Judged {
    let before = base.runs.compactMap { $0.value(of: name.name) }
    let after = this.runs.compactMap { $0.value(of: name.name) }
    var found = ComparisonMetric()
    found.metric = name.name
    found.unit = name.unit
    found.better = metric.better == .lower ? "lower" : "higher"
    found.baseValues = before
    found.thisValues = after
    found.base = median(before)
    found.this = median(after)
    let given = rules.effects[name.name] ?? rules.effects[metric.name]
    // The scale is chosen by both sides' values together, so that no sign of a pair is preferred.
    let isRatio = metric.unit != .ratio && (before + after).allSatisfy { $0 > 0 }
    found.scale = (isRatio ? ComparisonMetric.Scale.ratio : .difference).rawValue
    let usual = usesTest ? ComparisonRules.usualEffect : rules.tolerance ?? ComparisonRules.usualEffect
    if isRatio {
      found.tolerance = given ?? usual
    } else if metric.unit == .ratio {
      found.tolerance = given ?? ComparisonRules.usualPoints
    } else {
      found.tolerance = (given ?? usual) * found.base
    }
    let differences =
      usesTest ? zip(before, after).map { isRatio ? StableMath.log($1 / $0) : $1 - $0 } : []
    return Judged(
      found: found, differences: differences, effect: isRatio ? StableMath.log(1 + found.tolerance) : found.tolerance,
      direction: metric.better)
  }

  private func judgeByTest(_ series: inout [Judged]) {
    let findings = PairedComparison.findings(
      series.map { PairedComparison.Series(differences: $0.differences, effect: $0.effect, better: $0.direction) })
    for index in series.indices {
      guard let finding = findings?[index] else { continue }
      let isRatio = series[index].found.isRatio
      // What no file may hold is as good as an open end.
      func shown(_ value: Double) -> Double? {
        value.isFinite ? ResultNumber.fraction(isRatio ? StableMath.exp(value) : value) : nil
      }
      if isRatio {
        series[index].found.ratio = shown(finding.median)
      } else {
        series[index].found.difference = shown(finding.median)
      }
      series[index].found.ciLow = shown(finding.low)
      series[index].found.ciHigh = shown(finding.high)
      series[index].found.pValue = finding.p
      series[index].found.morePairs = finding.morePairs
      series[index].found.verdict =
        (ComparisonVerdict(rawValue: finding.verdict.rawValue) ?? .inconclusive).rawValue
    }
  }

  private func judgeByTolerance(_ series: inout [Judged]) {
    for index in series.indices {
      let metric = series[index].found
      let change = metric.isRatio ? StableMath.log(metric.this / metric.base) : metric.this - metric.base
      if metric.isRatio {
        series[index].found.ratio = ResultNumber.fraction(metric.this / metric.base)
      } else {
        series[index].found.difference = change
      }
      guard rules.tolerance != nil else { continue }
      let verdict: ComparisonVerdict
      if abs(change) <= series[index].effect {
        verdict = .noChange
      } else {
        verdict = (change > 0) == (series[index].direction == .higher) ? .better : .worse
      }
      series[index].found.verdict = verdict.rawValue
    }
  }

  // MARK: Facts

  private static func facts(_ side: ComparisonSide) -> ComparisonSideFacts {
    var facts = ComparisonSideFacts()
    facts.name = side.name
    facts.runs = side.runs.map(\.runID)
    facts.measuredS = side.runs.reduce(0) { $0 + $1.measuredS }
    guard let first = side.runs.first else { return facts }
    facts.scenario = first.scenario
    facts.version = first.version
    facts.revision = first.revision
    facts.shards = first.shards
    facts.endpointKind = first.endpointKind
    facts.machine = first.machineText
    return facts
  }

  private static let percentiles: [(String, @Sendable (SummaryLatency) -> Double?)] = [
    ("p50", { $0.p50 }), ("p90", { $0.p90 }), ("p95", { $0.p95 }), ("p99", { $0.p99 }), ("p999", { $0.p999 }),
    ("max", { $0.max }),
  ]

  private var spectrum: [ComparisonPercentile] {
    Self.percentiles.compactMap { name, value in
      func sides(_ side: ComparisonSide) -> Double? {
        let values = side.runs.compactMap { $0.latencyMs.response.flatMap(value) }
        return values.isEmpty ? nil : median(values)
      }
      guard let before = sides(base), let after = sides(this) else { return nil }
      return ComparisonPercentile(percentile: name, base: before, this: after)
    }
  }
}

/// The middle value, or the mean of the two; 0 of nothing.
private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return 0 }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

extension RunDigest {
  /// What messages call the run.
  var label: String { runID.isEmpty ? "a run without a name" : VisibleText.cut(VisibleText.line(runID), to: 80) }
  /// What messages call the endpoint.
  var endpoint: String { endpointKind.isEmpty ? "not known" : VisibleText.line(endpointKind) }
}
