import Measurement
import Observations
import RunResults

/// What the surfaces say about a run, worked out once from the files: names, verdicts and bounds, the time line, the
/// shards, where throttling is concentrated and which limit binds. A drawing takes the part of it that it draws.
struct RunFacts {
  /// Everything read back from the folder.
  let run: LoadedRun
  /// What the charts over time share.
  let time: Timeline
  /// What the drawings by shard share.
  let shards: ShardFacts
  /// The line over all measured phases; zeros when nothing was measured.
  let total: PhaseRow

  init(_ loaded: LoadedRun) {
    let run = loaded.filled()
    self.run = run
    let lines = run.phases ?? []
    let total = lines.last { $0.phase == PhaseRow.allName } ?? PhaseRow()
    let time = Timeline(
      run.timeseries ?? [], phases: lines.filter { $0.phase != PhaseRow.allName },
      shardChanges: run.summary?.shards?.changes ?? [])
    self.total = total
    self.time = time
    shards = ShardFacts(
      run, time: time, total: total, throttleLimit: ThresholdText.throttleLimit(run.summary?.thresholds ?? []))
  }

  // MARK: - Names and verdicts

  /// The summary, or one that says nothing where a run was cut off before it was written.
  var summary: Summary { run.summary ?? Summary() }

  /// Open shards at the start and, after changes, at the end: `4`, or `4 to 5`.
  var shardCountText: (text: String, isOne: Bool) {
    let start = summary.target.shards > 0 ? summary.target.shards : shards.count
    guard !time.shardChanges.isEmpty, let end = summary.shards?.atEnd else { return ("\(start)", start == 1) }
    return ("\(start) to \(end)", false)
  }

  /// Whether a target saw it: the load came from somebody else.
  var isObserved: Bool { run.summary?.observe != nil }

  /// How the run ended; what has no summary, or one from an unknown future, did not end in order.
  var verdict: RunVerdict {
    guard let summary = run.summary else { return .incomplete }
    return RunVerdict(rawValue: summary.verdict) ?? .incomplete
  }

  /// What is known of the generator.
  var generator: GeneratorFacts {
    GeneratorFacts(
      health: summary.generator ?? SummaryGenerator(),
      validity: run.summary?.validity.flatMap { GeneratorVerdict(rawValue: $0) },
      requests: summary.requests.traffic.requests, failedShare: total.failedRatio ?? 0)
  }

  /// The scenario's name, or the folder's where there is none.
  var name: String {
    if let name = run.summary?.scenario?.name, !name.isEmpty { return name }
    if isObserved { return "producer of \(summary.target.stream)" }
    return run.folder.split(separator: "/").last.map(String.init) ?? "run"
  }

  /// Failed thresholds first, then those without data, then the rest by closeness to their limit.
  var thresholds: [SummaryThreshold] {
    func rank(_ threshold: SummaryThreshold) -> Int {
      threshold.passed ? 2 : threshold.status == "error" ? 1 : 0
    }
    return summary.thresholds.enumerated().sorted { left, right in
      let (one, other) = (rank(left.element), rank(right.element))
      if one != other { return one < other }
      let (near, far) = (ThresholdText.use(left.element) ?? 0, ThresholdText.use(right.element) ?? 0)
      return near != far ? near > far : left.offset < right.offset
    }.map(\.element)
  }

  /// The threshold whose `abort` stopped the run, if one did.
  var stopping: SummaryThreshold? { summary.thresholds.first { $0.abortedAtS != nil } }

  /// How many thresholds did not pass.
  var crossed: Int { summary.thresholds.count { !$0.passed } }

  // MARK: - Amounts

  /// The commonest reason for which tries failed, throttling apart.
  var commonestFailure: FailureAdvice.Commonest? { FailureAdvice.commonest(run.errors ?? []) }
  /// Seconds of the phases that count.
  var measuredSeconds: Double { total.durationS }
  /// Records due in the measured phases.
  var planned: Int { total.planned }
  /// All tries of measured records.
  var attempted: Int { total.traffic.attempted }

  /// Throttled tries over all tries; nil when nothing was tried.
  var throttleRatio: Double? { Metric.throttleRatio.value(of: total) }

  /// Part of the stream's limit in records that the tries took on average while measured phases ran; nil without limit or
  /// time.
  var recordUse: Double? {
    shards.recordLimit.flatMap { limit in total.attemptedRecordsPerS.flatMap { Quotient.divide($0, by: limit) } }
  }
  /// The same of the limit in bytes.
  var byteUse: Double? {
    shards.byteLimit.flatMap { limit in attemptedBytesPerS.flatMap { Quotient.divide($0, by: limit) } }
  }
  /// The same of what was accepted, in records.
  var acceptedUse: Double? {
    shards.recordLimit.flatMap { limit in total.acceptedRecordsPerS.flatMap { Quotient.divide($0, by: limit) } }
  }
  /// Bytes tried per second while measured phases ran.
  var attemptedBytesPerS: Double? { Quotient.divide(attemptedBytes, by: measuredSeconds) }
  /// A measured phase of a complete run in which no record came due and none was tried.
  var emptyPhase: String? {
    guard summary.complete, let phases = run.phases else { return nil }
    for row in phases where row.measured && row.phase != PhaseRow.allName && row.planned == 0 {
      if row.traffic.attempted == 0 { return row.phase }
    }
    return nil
  }

  /// Bytes tried while measured phases ran.
  var attemptedBytes: Int { (run.timeseries ?? []).reduce(0) { $0 + ($1.measured ? $1.traffic.attemptedBytes : 0) } }

  /// How long answers were waited for after the plan's end and what came then; nil where that is next to nothing: less than
  /// half a second, and less than a hundredth of what was planned.
  var drain: Prose? {
    guard let row = (run.phases ?? []).first(where: { $0.phase == PhaseRow.drainName }), let tries = row.clock,
      !tries.isEmpty, row.durationS >= 0.5 || max(tries.attempted, tries.ended) * 100 >= planned
    else { return nil }
    let parts = [
      (tries.attempted, "sent"), (tries.accepted, "accepted"), (tries.throttled, "throttled"), (tries.failed, "failed"),
    ]
    let counts = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    let end = summary.complete ? "plan's end" : "stop"
    return "Drain: in the \(NumberFormat.brief(row.durationS)) s after the \(end) \(counts); no rate has them in it."
  }

  /// Where throttling sits.
  struct Concentration {
    /// The shard with most throttled tries.
    let shard: ShardRow
    /// Its share of all throttled tries, 0 to 1.
    let share: Double
    /// Its heaviest key, when that has more than 30 % of the shard's records.
    let key: String?
    /// That key's share of the shard's records.
    let keyShare: Double
    /// The key's most records in one second, when the files hold it.
    let keyPeak: Int?
  }

  /// The shard with more than 30 % of all throttled tries and half more than an equal part among those throttled, with its
  /// key if one carries more than 30 % of that shard.
  var concentration: Concentration? {
    guard let index = shards.mostThrottled, total.traffic.throttled > 0, shards.count > 1 else { return nil }
    let shard = shards.rows[index]
    let all = shards.rows.reduce(0) { $0 + $1.traffic.throttled }
    guard let share = Quotient.divide(shard.traffic.throttled, by: all), share > 0.3,
      shards.throttledCount == 1 || share * Double(shards.throttledCount) >= 1.5
    else { return nil }
    let keyShare = shard.topKeyRatio ?? 0
    let key = keyShare > 0.3 ? shard.topKey.flatMap { $0.isEmpty ? nil : $0 } : nil
    let peak = key.flatMap { name in run.keys?.first { $0.partitionKey == name }?.peak1sRecords }
    return Concentration(shard: shard, share: share, key: key, keyShare: keyShare, keyPeak: peak)
  }
}

/// What is known of the load generator.
struct GeneratorFacts {
  /// Its health, as in the summary.
  let health: SummaryGenerator
  /// Whether the run's numbers describe the endpoint; nil when nothing says so.
  let validity: GeneratorVerdict?
  /// Requests of the measured phases.
  let requests: Int
  /// Part of the measured tries that failed otherwise than by throttling, 0 to 1.
  let failedShare: Double

  /// Whether so many tries failed that requests in flight were waiting for failures rather than for slow answers.
  var isFailing: Bool { failedShare >= 0.01 }
  /// A second is bound when its p99 of lateness passes this, ms; 5 in folders of a run that died before its summary.
  var latenessBound: Double { health.latenessBoundMs ?? 5 }
  /// How long a batch may take to fill, in seconds, at most: the bound is a quarter of it, and never less than 5 ms.
  var batchSeconds: Double { latenessBound * 4 / 1_000 }
}
