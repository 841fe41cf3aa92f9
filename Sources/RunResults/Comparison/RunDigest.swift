import Measurement
import StrictJSON

/// What a comparison takes of a run: who did which work, where, whether it may be quoted, and a value of each metric. Made
/// of `summary.json` alone; a baseline is a list of them.
package struct RunDigest: SummarySection {
  package var runID = ""
  package var start = ""
  package var scenario = ""
  package var workloadSHA256 = ""
  package var seed: Int64 = 0
  package var version = ""
  package var revision: String?
  /// What its folder holds.
  package var kind = ResultKind.run.rawValue
  package var complete = false
  package var verdict = ""
  /// `embedded` or `remote`.
  package var endpointKind = ""
  package var shards = 0
  package var measuredS = 0.0
  package var machine: SummaryMachine?
  /// Processor time that other guests of the host took, in the worst measured second.
  package var stealMaxRatio: Double?
  /// What its thresholds judge.
  package var thresholds: [DigestValue] = []
  /// Every metric of the whole measured time that its summary knows.
  package var metrics: [DigestValue] = []
  /// The distributions, for the drawing.
  package var latencyMs = SummaryLatencies()
  /// Where it was read from; `nil` for one of a baseline file. No part of what is written.
  package var folder: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("run_id", &runID)
    try visitor.member("start", &start)
    try visitor.member("scenario", &scenario)
    try visitor.member("workload_sha256", &workloadSHA256)
    try visitor.member("seed", &seed)
    try visitor.member("version", &version)
    try visitor.member("revision", &revision)
    try visitor.member("kind", &kind)
    try visitor.member("complete", &complete)
    try visitor.member("verdict", &verdict)
    try visitor.member("endpoint_kind", &endpointKind)
    try visitor.member("shards", &shards)
    try visitor.member("measured_s", &measuredS, decimals: 3)
    try visitor.member("machine", &machine)
    try visitor.member("steal_max_ratio", &stealMaxRatio, decimals: 4)
    try visitor.member("thresholds", &thresholds)
    try visitor.member("metrics", &metrics)
    try visitor.member("latency_ms", &latencyMs)
  }
}

/// One metric's value in one run.
package struct DigestValue: SummarySection {
  /// Metric, phase, shards and window, such as `response.p99, in burst`; never a limit.
  package var name = ""
  /// The metric's own name.
  package var metric = ""
  /// `ms`, `ratio`, `records/s` and so on.
  package var unit = ""
  /// Absent where the run had no data for it.
  package var value: Double?

  package init() {}

  package init(name: String, metric: String, unit: String, value: Double?) {
    (self.name, self.metric, self.unit, self.value) = (name, metric, unit, value)
  }

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("name", &name)
    try visitor.member("metric", &metric)
    try visitor.member("unit", &unit)
    try visitor.member("value", &value, decimals: 6)
  }
}

extension RunDigest {
  /// What is compared where the scenario has no thresholds.
  static let usualMetrics: [Metric] = [
    .latency(.response, .p50), .latency(.response, .p99), .throttleRatio, .acceptedRate,
  ]

  /// The digest of a finished run.
  package init(_ summary: Summary) {
    self.init()
    runID = summary.runID
    start = summary.time.start
    scenario = summary.scenario?.name ?? ""
    workloadSHA256 = summary.scenario?.sha256 ?? ""
    seed = summary.scenario?.seed ?? 0
    version = summary.tool.version
    revision = summary.tool.revision
    kind = summary.kind
    complete = summary.complete
    verdict = summary.verdict
    endpointKind = summary.target.kind
    shards = summary.target.shards
    measuredS = summary.time.measuredS
    machine = summary.machine
    stealMaxRatio = summary.generator?.stealMaxRatio
    latencyMs = summary.latencyMs
    thresholds = Self.values(of: summary.thresholds)
    metrics = Metric.all.compactMap { metric in
      summary.value(of: metric).map {
        DigestValue(name: metric.name, metric: metric.name, unit: Self.unit(of: metric), value: $0)
      }
    }
  }

  /// Why no number of the run may be quoted; `nil` when it may.
  var trouble: String? {
    if kind != ResultKind.run.rawValue, kind != ResultKind.merge.rawValue {
      return "it holds no run but \(VisibleText.cut(VisibleText.line(kind), to: 20))"
    }
    if !complete { return "the run is incomplete" }
    if verdict == RunVerdict.invalid.rawValue { return "the run is invalid" }
    return nil
  }

  /// Processor, cores and kernel.
  var machineText: String {
    guard let machine else { return "a machine that is not known" }
    let cores = machine.cores.map { $0 == 1 ? "1 core" : "\($0) cores" } ?? "cores not known"
    return [machine.cpu ?? "", cores, machine.kernel ?? ""].filter { !$0.isEmpty }.map(VisibleText.line)
      .joined(separator: ", ")
  }

  /// A threshold's two bounds on the same thing are one metric, unless each was judged shard by shard or window by window:
  /// the worst one way and the worst the other way are two.
  private static func values(of thresholds: [SummaryThreshold]) -> [DigestValue] {
    func bare(_ id: String) -> String {
      Bound.allCases.reduce(id) { $0.replacing(" \($1.rawValue)", with: "", maxReplacements: 1) }
    }
    // The summary has failed ones first; a comparison has one order whatever failed.
    let ordered = thresholds.sorted { $0.id < $1.id }
    var values: [DigestValue] = []
    for threshold in ordered {
      let name = bare(threshold.id)
      let hasOtherSide = ordered.contains { $0.id != threshold.id && bare($0.id) == name }
      let isWorstOfMany = threshold.per != nil || threshold.windowS != nil
      let own = hasOtherSide && isWorstOfMany ? threshold.id : name
      guard !values.contains(where: { $0.name == own }) else { continue }
      values.append(
        DigestValue(name: own, metric: threshold.metric, unit: threshold.unit, value: threshold.observed))
    }
    return values
  }

  private static func unit(of metric: Metric) -> String {
    metric.unit == .nanoseconds ? "ms" : metric.unit.rawValue
  }

  /// The value of what is called so: a threshold's, else a metric's of the whole measured time.
  func value(of name: String) -> Double? {
    if let threshold = thresholds.first(where: { $0.name == name }) { return threshold.value }
    return metrics.first { $0.name == name }?.value
  }

  /// Whether the run was asked for what is called so.
  func knows(_ name: String) -> Bool {
    thresholds.contains { $0.name == name } || metrics.contains { $0.name == name }
  }
}

extension Summary {
  /// A metric over the whole measured time, latencies in milliseconds; `nil` where the summary does not tell.
  func value(of metric: Metric) -> Double? {
    if case .latency(let kind, let statistic) = metric.formula {
      let latency: SummaryLatency?
      switch kind {
      case .response: latency = latencyMs.response
      case .queue: latency = latencyMs.queue
      case .service: latency = latencyMs.service
      case .delivery: latency = latencyMs.delivery
      case .lateness: latency = latencyMs.lateness
      }
      switch statistic {
      case .p50: return latency?.p50
      case .p90: return latency?.p90
      case .p99: return latency?.p99
      case .p999: return latency?.p999
      case .max: return latency?.max
      case .mean: return latency?.mean
      }
    }
    switch metric {
    case .acceptedRate: return rates.acceptedRecordsPerS
    case .acceptedByteRate: return rates.acceptedBytesPerS
    case .requestsRate: return rates.requestsPerS
    case .requestsRecords: return rates.recordsPerRequest
    case .skewMax: return rates.skewMax
    default: return rates.metrics[metric] ?? metric.value(of: self, seconds: time.measuredS)
    }
  }
}
