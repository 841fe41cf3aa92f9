import Kinesis
import Measurement
import Observations

/// Holds thresholds against what a collector has counted.
struct ThresholdJudge {
  /// What a threshold's bound came to.
  enum Status: String { case pass, fail, error }

  let collector: RunCollector
  /// What reading the stream back found, when it was read.
  var verification: VerificationCounts?
  /// What a target saw of the producer, where it was a target that saw.
  var producer: ProducerObservation?

  /// All thresholds, failed ones first, then errors, then the rest, each in the scenario's order.
  func judgeAll() -> [SummaryThreshold] {
    let found = collector.thresholds.map(observe)
    let all = collector.thresholds.namedBounds.map { index, bound, name in
      verdict(index, bound, name: name, found[index])
    }
    return [Status.fail, .error, .pass].flatMap { status in all.filter { $0.status == status.rawValue } }
  }

  /// A threshold's bound on one side. No data is an error, never a pass; what stopped the run has failed, also where its
  /// results do not show it as it was seen then.
  private func verdict(_ index: Int, _ bound: Bound, name: String, _ found: ObservedRange) -> SummaryThreshold {
    let threshold = collector.thresholds[index]
    let broken = collector.broken.flatMap { $0.threshold == index && $0.bound == bound ? $0 : nil }
    var found = found
    if let broken, found.worst(bound).map({ isKept($0.value, threshold, bound) }) ?? true {
      found = ObservedRange()
      found.note(Observed(value: broken.value, samples: broken.samples, shard: broken.shard, second: broken.second))
    }
    var result = SummaryThreshold()
    result.abortedAtS = broken.map { Double($0.at - collector.layout.origin.value) / 1e9 }
    let isTime = threshold.metric.unit == .nanoseconds
    let scale = isTime ? 1e6 : 1
    let limit = threshold.limit(bound) ?? .nan
    result.id = name
    result.metric = threshold.metric.name
    result.unit = isTime ? "ms" : threshold.metric.unit.rawValue
    result.op = bound == .atMost ? "<=" : ">="
    result.limit = DecimalText.rounded(limit / scale, decimals: 6)
    result.phase = threshold.phase
    result.per = threshold.perShard ? "shard" : nil
    result.windowS = threshold.window?.seconds
    result.shardsLeftOut = found.shardsLeftOut
    guard let observed = found.worst(bound) else {
      result.status = Status.error.rawValue
      result.reason = found.reason ?? "no data"
      return result
    }
    result.observed = DecimalText.rounded(observed.value / scale, decimals: 6)
    result.samples = observed.samples
    result.shard = observed.shard
    result.tS = observed.second
    result.passed = isKept(observed.value, threshold, bound)
    result.status = result.passed ? Status.pass.rawValue : Status.fail.rawValue
    let failing = found.worstOfShards(bound).filter { !isKept($0.value, threshold, bound) }
    if threshold.perShard { result.failingShards = failing.count }
    result.worstShards = failing.prefix(Self.mostWorstShards).map { shard in
      var worst = SummaryThresholdShard()
      worst.shard = shard.shard ?? 0
      worst.observed = DecimalText.rounded(shard.value / scale, decimals: 6)
      return worst
    }
    return result
  }

  private func isKept(_ value: Double, _ threshold: Threshold, _ bound: Bound) -> Bool {
    guard let limit = threshold.limit(bound) else { return true }
    return bound == .atMost ? value <= limit : value >= limit
  }

  /// So many failing shards are named.
  private static let mostWorstShards = 3

  /// What a threshold's metric came to by what is final.
  func observe(_ threshold: Threshold) -> ObservedRange {
    let phases = collector.layout.phaseIndices(of: threshold.phase)
    guard !phases.isEmpty else { return .missing("no such phase") }
    if threshold.window != nil { return observeWindows(threshold) }
    if threshold.perShard, !threshold.metric.places.contains(.shard) { return .missing("not known shard by shard") }
    if let producer, let found = observe(threshold, of: producer) { return found }
    if threshold.metric.places.contains(.readBack) { return observeReadBack(threshold) }
    if case .latency(let kind, let statistic) = threshold.metric.formula {
      return threshold.perShard
        ? observeShardResponses(threshold, statistic, phases)
        : .single(Self.statistic(statistic, of: latencies(phases).histogram(of: kind)), threshold)
    }
    return threshold.perShard ? observeShards(threshold, phases) : observeWhole(threshold, phases)
  }

  /// What only a target knows; nil for what it has in common with a driver.
  private func observe(_ threshold: Threshold, of producer: ProducerObservation) -> ObservedRange? {
    switch threshold.metric.formula {
    case .retryGap(let quantile):
      let gaps = producer.retryGaps
      return .single(gaps.isEmpty ? nil : (Double(gaps.value(at: quantile)), Int(gaps.count)), threshold)
    case .retriesTogether:
      return .single(producer.retriesTogether.map { ($0, producer.judged.retries) }, threshold)
    case .quotient where threshold.metric.places.contains(.readBack) || threshold.metric == .requestsFill:
      return .single(Self.value(MetricQuotient(threshold.metric, of: producer, seconds: 0)), threshold)
    default: return nil
    }
  }

  private func observeWindows(_ threshold: Threshold) -> ObservedRange {
    guard threshold.metric.places.contains(.window) else { return .missing("not known window by window") }
    guard !threshold.perShard || threshold.metric.places.contains(.shard) else {
      return .missing("not known shard by shard")
    }
    guard let window = collector.windows.first(where: { $0.threshold == threshold }) else { return .missing("no data") }
    var result = window.result
    if result.highest == nil { result.reason = "no window with \(max(threshold.minSamples, 1)) samples" }
    return result
  }

  private func observeWhole(_ threshold: Threshold, _ phases: Set<Int>) -> ObservedRange {
    if case .skew = threshold.metric.formula { return .single(collector.skew(of: phases), threshold) }
    var sum = PhaseTotals(shardCount: 0)
    let totals = totals(for: threshold.metric)
    for phase in phases {
      sum.counts.add(totals[phase].counts)
      sum.planned += totals[phase].planned
    }
    let found = MetricQuotient(threshold.metric, of: sum, seconds: collector.seconds(of: phases))
    // A rate of nothing says something where there should have been something.
    return .single(
      Self.value(threshold.metric.isRate ? found?.resting(onAtLeast: min(sum.planned, 1)) : found), threshold)
  }

  /// Rates are by the clock, everything else is of the records that came due.
  private func totals(for metric: Metric) -> [PhaseTotals] { metric.isRate ? collector.clock : collector.phases }

  private func observeReadBack(_ threshold: Threshold) -> ObservedRange {
    guard let found = verification else { return .missing("the stream was not read back") }
    guard found.complete else { return .missing("the stream was not read to its end") }
    guard let quotient = MetricQuotient(threshold.metric, of: found, seconds: 0) else {
      return .missing("the order of the records cannot be judged")
    }
    return .single(Self.value(quotient), threshold)
  }

  static func value(_ quotient: MetricQuotient?) -> (value: Double, samples: Int)? {
    quotient.flatMap { quotient in quotient.value.map { ($0, quotient.samples) } }
  }

  private func observeShards(_ threshold: Threshold, _ phases: Set<Int>) -> ObservedRange {
    var range = ObservedRange()
    let totals = totals(for: threshold.metric)
    let seconds = collector.seconds(of: phases)
    for shard in collector.layout.shards.shards.indices {
      var counts = ShardTraffic()
      for phase in phases { counts.add(totals[phase].shards[shard]) }
      range.note(
        Self.value(MetricQuotient(threshold.metric, of: counts, seconds: seconds)), shard: shard, threshold)
    }
    if range.highest == nil { range.reason = "no shard with \(max(threshold.minSamples, 1)) samples" }
    return range
  }

  private func observeShardResponses(
    _ threshold: Threshold, _ statistic: LatencyStatistic, _ phases: Set<Int>
  ) -> ObservedRange {
    let sources =
      threshold.phase == nil
      ? [collector.responses]
      : collector.responsesOfPhase.indices.filter(phases.contains).compactMap { collector.responsesOfPhase[$0] }
    var range = ObservedRange()
    for shard in collector.layout.shards.shards.indices {
      var histogram = ShardHistograms.empty
      for source in sources { histogram.add(source.histogram(ofShard: shard)) }
      range.note(Self.statistic(statistic, of: histogram), shard: shard, threshold)
    }
    if range.highest == nil { range.reason = "no shard with \(max(threshold.minSamples, 1)) samples" }
    return range
  }

  private func latencies(_ phases: Set<Int>) -> LatencySet {
    var sum = LatencySet()
    for phase in phases { sum.add(collector.phases[phase].latencies) }
    return sum
  }

  static func statistic(
    _ statistic: LatencyStatistic, of histogram: Histogram
  ) -> (value: Double, samples: Int)? {
    guard !histogram.isEmpty else { return nil }
    let value = statistic.quantile.map { Double(histogram.value(at: $0)) } ?? histogram.mean
    return (value, Int(histogram.count))
  }
}

extension [Threshold] {
  /// Whether one of them asks for what each shard got in each second.
  package var needShardSeconds: Bool { contains { $0.perShard && $0.window != nil } }

  /// The phases for which response times are to be kept shard by shard.
  package func phasesWithShardResponses(among phases: [PhaseLayout]) -> Set<Int> {
    var asked: Set<Int> = []
    for threshold in self where threshold.perShard {
      guard case .latency(.response, _) = threshold.metric.formula, let name = threshold.phase else { continue }
      asked.formUnion(phases.indices.filter { phases[$0].name == name })
    }
    return asked
  }
}

extension ObservedRange {
  /// Nothing, and why.
  fileprivate static func missing(_ reason: String) -> ObservedRange {
    var range = ObservedRange()
    range.reason = reason
    return range
  }

  /// The one value there is, if it rests on enough samples.
  static func single(_ found: (value: Double, samples: Int)?, _ threshold: Threshold) -> ObservedRange {
    guard let found, found.samples > 0 else { return missing("nothing of the kind was counted") }
    guard found.samples >= threshold.minSamples else {
      return missing("\(found.samples) samples, fewer than \(threshold.minSamples)")
    }
    var range = ObservedRange()
    range.note(Observed(value: found.value, samples: found.samples))
    return range
  }

  /// A shard's value, or that the shard had too few samples.
  mutating func note(_ found: (value: Double, samples: Int)?, shard: Int, _ threshold: Threshold) {
    guard let found, found.samples >= max(threshold.minSamples, 1) else {
      shardsLeftOut += 1
      return
    }
    note(Observed(value: found.value, samples: found.samples, shard: shard))
  }
}
