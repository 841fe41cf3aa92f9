import RunResults

/// What the summary adds to the rows: names, verdicts and bounds.
extension RunFacts {
  /// The summary, or one that says nothing where a run was cut off before it was written.
  var summary: Summary { run.summary ?? Summary() }

  /// How the stream's shards changed during the run, in order.
  var shardChanges: [SummaryShardChange] { summary.shards?.changes ?? [] }

  /// Open shards at the start and, after changes, at the end: `4`, or `4 to 5`.
  var shardCountText: (text: String, isOne: Bool) {
    let start = summary.target.shards > 0 ? summary.target.shards : shards.count
    guard !shardChanges.isEmpty, let end = summary.shards?.atEnd else { return ("\(start)", start == 1) }
    return ("\(start) to \(end)", false)
  }

  /// How the run ended; what has no summary, or one from an unknown future, did not end in order.
  var verdict: RunVerdict {
    guard let summary = run.summary else { return .incomplete }
    return RunVerdict(rawValue: summary.verdict) ?? .incomplete
  }

  /// What is known of the generator.
  var validity: GeneratorVerdict? { run.summary.flatMap { GeneratorVerdict(rawValue: $0.validity) } }

  /// The scenario's name, or the folder's where there is none.
  var name: String {
    if let name = run.summary?.scenario.name, !name.isEmpty { return name }
    return run.folder.split(separator: "/").last.map(String.init) ?? "run"
  }

  /// Failed thresholds first, then those without data, then the rest by closeness to their limit.
  var thresholds: [SummaryThreshold] {
    summary.thresholds.enumerated().sorted { left, right in
      let (one, other) = (RunFacts.rank(left.element), RunFacts.rank(right.element))
      if one != other { return one < other }
      let (near, far) = (ThresholdText.use(left.element) ?? 0, ThresholdText.use(right.element) ?? 0)
      return near != far ? near > far : left.offset < right.offset
    }.map(\.element)
  }

  private static func rank(_ threshold: SummaryThreshold) -> Int {
    if threshold.passed { return 2 }
    return threshold.status == "error" ? 1 : 0
  }

  /// How many thresholds did not pass.
  var crossed: Int { summary.thresholds.count { !$0.passed } }

  /// Upper bounds on response percentiles of the whole run, for the chart over time.
  var responseLimits: [ResponseLimit] {
    var limits: [ResponseLimit] = []
    for threshold in summary.thresholds where threshold.op == "<=" && threshold.per == nil {
      guard threshold.metric.hasPrefix("response.p") else { continue }
      let name = String(threshold.metric.dropFirst("response.".count))
      if !limits.contains(where: { $0.name == name }) {
        limits.append(ResponseLimit(name: name, limit: threshold.limit))
      }
    }
    return limits
  }

  /// The bound on the throttle ratio, the one per shard first: shards over it are bold.
  var throttleLimit: Double? {
    let bounds = summary.thresholds.filter { $0.metric == "throttle.ratio" && $0.op == "<=" }
    return (bounds.first { $0.per == "shard" } ?? bounds.first)?.limit
  }

  /// Whether a shard deserves bold type: over the bound, or throttled at all where there is none.
  func isHot(_ shard: ShardRow) -> Bool {
    guard let ratio = shard.throttleRatio, ratio > 0 else { return false }
    return ratio > throttleLimit ?? 0
  }

  /// A second is bound when its p99 of lateness passes this, ms; 5 in folders of a run that died before its summary.
  var latenessBound: Double { summary.generator.latenessBoundMs ?? 5 }

  /// The cap on requests in flight.
  var inFlightCap: Int? { summary.generator.inFlightCap }

  /// How long the warm-up before t = 0 took, in seconds.
  var warmUpSeconds: Double { max(0, -frame.start) }
}
