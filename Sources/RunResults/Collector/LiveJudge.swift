import Kinesis
import Measurement
import Observations

/// Judges thresholds with `abort` by what is known at this moment, where results would know too late.
///
/// A record counts for a result once its fate is known, so that a target that answers nothing breaks no limit. Here records
/// without an answer count at their age, which is less than their time will be, and so do those that came due and were not
/// sent; seconds end by the clock, with no answer in them if there was none. All else counts as soon as it is told, however
/// old the oldest request is.
///
/// The skew is not judged here but when it is final. Owned by the collector's queue. Memory: for each threshold a histogram,
/// the seconds of its window, or what its shards need.
struct LiveJudge {
  /// What a threshold's value is made of.
  private enum Gauge {
    case window(SlidingWindow)
    /// With what the shards got in seconds that not every worker has told.
    case shardWindow(SlidingWindow, [Int: [ShardTraffic]])
    case latency(LatencyKind, LatencyStatistic, Histogram)
    case shardResponses(LatencyStatistic, ShardHistograms)
    /// By phase the cohort's sums, for rates the clock's.
    case counts([Int: RunCounts])
    case shards([ShardTraffic])
  }

  private struct Watch {
    let threshold: Threshold
    let phases: Set<Int>
    var gauge: Gauge

    /// Takes in what a worker tells of a second: rates and windows are by the clock, all else is of the cohort.
    ///
    /// - Parameter second: the first that not every worker has told.
    mutating func add(_ slice: SecondSlice, unreportedFrom second: Int) {
      let isByTheClock = threshold.metric.isRate || threshold.window != nil
      let phase = isByTheClock ? slice.phases.clock : slice.phases.cohort
      guard phases.contains(phase) else { return }
      switch gauge {
      case .window, .shardResponses: break
      case .shardWindow(let window, var seconds):
        guard slice.second >= second else { return }
        Self.add(slice.shards, to: &seconds[slice.second, default: []])
        gauge = .shardWindow(window, seconds)
      case .latency(let kind, let statistic, var answered):
        answered.add(slice.latencies.histogram(of: kind))
        gauge = .latency(kind, statistic, answered)
      case .counts(var counts):
        counts[phase, default: RunCounts()].add(slice.counts)
        gauge = .counts(counts)
      case .shards(var shards):
        Self.add(slice.shards, to: &shards)
        gauge = .shards(shards)
      }
    }

    private static func add(_ more: UnsafeMutableBufferPointer<ShardTraffic>, to shards: inout [ShardTraffic]) {
      if more.count > shards.count { shards += Array(repeating: ShardTraffic(), count: more.count - shards.count) }
      for shard in more.indices { shards[shard].add(more[shard]) }
    }

    /// Takes in response times of single shards.
    mutating func add(_ bin: ShardResponses) {
      guard phases.contains(bin.phase), case .shardResponses(_, let histograms) = gauge else { return }
      histograms.add(bin.histograms)
    }
  }

  /// Into how many steps the time is divided that the generator is behind.
  private static let steps: Int64 = 16

  private let layout: RunLayout
  private let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int
  /// By the threshold's place in the scenario; `nil` for those that are not judged here.
  private var watches: [Watch?]
  /// The clock's book of seconds that not every worker has told, by second and phase.
  private var traffic: [Int: [Int: Traffic]] = [:]
  private var reportedBefore: [Int]
  private var nextSecond: Int
  private var outstanding: [Outstanding?]

  /// A judge of a run about to start.
  ///
  /// - Parameter planned: how many records of a phase come due before an instant; not asked for closed-loop phases.
  init(
    layout: RunLayout, thresholds: [Threshold], planned: @escaping @Sendable (_ phase: Int, _ before: Int64) -> Int
  ) {
    self.layout = layout
    self.planned = planned
    reportedBefore = Array(repeating: .min, count: layout.workers)
    outstanding = Array(repeating: nil, count: layout.workers)
    nextSecond = layout.second(of: 0)
    watches = thresholds.map { threshold in
      guard threshold.abortAfter != nil, let gauge = Self.gauge(of: threshold, layout) else { return nil }
      return Watch(threshold: threshold, phases: layout.phaseIndices(of: threshold.phase), gauge: gauge)
    }
  }

  private static func gauge(of threshold: Threshold, _ layout: RunLayout) -> Gauge? {
    switch (threshold.metric.formula, threshold.perShard) {
    case (.quotient, let perShard):
      guard let window = threshold.window else { return perShard ? .shards([]) : .counts([:]) }
      let sliding = SlidingWindow(
        threshold: threshold, window: window, phases: layout.phaseIndices(of: threshold.phase),
        shardCount: layout.shards.count)
      return perShard ? .shardWindow(sliding, [:]) : .window(sliding)
    case (.latency(let kind, let statistic), false): return .latency(kind, statistic, LatencySet.empty)
    case (.latency(_, let statistic), true):
      return .shardResponses(statistic, ShardHistograms(shardCount: layout.shards.count))
    case (.skew, _), (.retryGap, _), (.retriesTogether, _): return nil
    }
  }

  /// Takes what a worker hands over.
  mutating func accept(_ finished: FinishedSeconds, from worker: Int) {
    guard watches.contains(where: { $0 != nil }) else { return }
    for slice in finished.slices {
      // What comes later of a second that was told are tries that began in it; their outcomes are of another.
      if slice.second >= nextSecond {
        traffic[slice.second, default: [:]][slice.phases.clock, default: Traffic()].add(slice.counts.traffic)
      }
      for position in watches.indices { watches[position]?.add(slice, unreportedFrom: nextSecond) }
    }
    for bin in finished.responses {
      for position in watches.indices { watches[position]?.add(bin) }
    }
    reportedBefore[worker] = max(reportedBefore[worker], finished.reportedBefore)
    outstanding[worker] = finished.outstanding
    let end = min(reportedBefore.min() ?? .min, layout.second(of: layout.end.value) + 1)
    while nextSecond < end {
      push(nextSecond)
      nextSecond += 1
    }
  }

  /// What the threshold at a place in the scenario has come to by now; `nil` for one that is not judged here.
  ///
  /// - Complexity: O(shards) where single shards are judged.
  func observe(_ position: Int) -> ObservedRange? {
    guard let watch = watches[position] else { return nil }
    let threshold = watch.threshold
    var range = ObservedRange()
    switch watch.gauge {
    case .window(let window), .shardWindow(let window, _): range = window.range
    case .latency(let kind, let statistic, let answered):
      range = .single(ThresholdJudge.statistic(statistic, of: withAges(answered, kind, watch.phases)), threshold)
    case .shardResponses(let statistic, let answered):
      let waiting = shardAges(of: watch.phases)
      for shard in 0..<answered.count {
        var times = answered.histogram(ofShard: shard)
        if let ages = waiting[shard] { times.add(ages) }
        range.note(ThresholdJudge.statistic(statistic, of: times), shard: shard, threshold)
      }
    case .counts(let counts):
      var sum = PhaseTotals(shardCount: 0)
      for phase in watch.phases {
        let counted = counts[phase] ?? RunCounts()
        sum.counts.add(counted)
        sum.planned += due(in: phase, counted)
      }
      // Tries that are told and whose outcomes are not, which come with their own second, have none yet.
      let found = MetricQuotient(threshold.metric, of: ByTheClock(sum), seconds: reportedSeconds(of: watch.phases))
      range = .single(
        ThresholdJudge.value(threshold.metric.isRate ? found?.resting(onAtLeast: sum.planned) : found), threshold)
    case .shards(let shards):
      let seconds = reportedSeconds(of: watch.phases)
      for shard in shards.indices {
        range.note(
          ThresholdJudge.value(MetricQuotient(threshold.metric, of: ByTheClock(shards[shard]), seconds: seconds)),
          shard: shard, threshold)
      }
    }
    return range
  }

  /// Records of a phase that came due in seconds that every worker has told; in a closed loop, all that were taken.
  private func due(in phase: Int, _ counts: RunCounts) -> Int {
    layout.phases[phase].isClosedLoop
      ? counts.traffic.firstTries + counts.delivery.untried
      : planned(phase, layout.start(ofSecond: nextSecond))
  }

  /// How long these phases ran in seconds that every worker has told.
  private func reportedSeconds(of phases: Set<Int>) -> Double {
    let end = layout.start(ofSecond: nextSecond)
    return phases.reduce(0) { sum, phase in
      let shape = layout.phases[phase]
      return sum + Double(max(min(shape.end.value, end) - shape.start.value, 0)) / 1e9
    }
  }

  /// With the ages of what has no answer yet. A record that failed or was throttled has no time of delivery, but while it
  /// is on its way nobody knows.
  private func withAges(_ answered: Histogram, _ kind: LatencyKind, _ phases: Set<Int>) -> Histogram {
    var times = answered
    for worker in outstanding {
      guard let worker else { continue }
      for (phase, ages) in worker.ages where phases.contains(phase) {
        if let ages = ages[kind] { times.add(ages) }
      }
    }
    if kind == .response || kind == .delivery { addUnsent(of: phases, to: &times) }
    return times
  }

  private func shardAges(of phases: Set<Int>) -> [Int: Histogram] {
    var sum: [Int: Histogram] = [:]
    for worker in outstanding {
      guard let worker else { continue }
      for (phase, shards) in worker.shardAges where phases.contains(phase) {
        for (shard, ages) in shards { sum[shard, default: ShardHistograms.empty].add(ages) }
      }
    }
    return sum
  }

  /// Records that no worker has sent: those that came due since the time that even the foremost has got to. Each counts at
  /// the age of the youngest of its step.
  private func addUnsent(of phases: Set<Int>, to times: inout Histogram) {
    guard let now = outstanding.compactMap({ $0?.at }).min(),
      let behind = outstanding.map({ $0?.behind ?? 0 }).min(), behind >= Outstanding.minimumAge
    else { return }
    for step in 0..<Self.steps {
      let young = now - behind / Self.steps * step
      let old = young - behind / Self.steps
      for phase in phases where !layout.phases[phase].isClosedLoop {
        times.record(now - young, count: Int64(max(planned(phase, young) - planned(phase, old), 0)))
      }
    }
  }

  /// Ends a second for the windows, by the clock: ratios are of the tries that had their outcome in it.
  private mutating func push(_ second: Int) {
    let found = traffic.removeValue(forKey: second) ?? [:]
    let start = layout.start(ofSecond: second)
    let end = start + 1_000_000_000
    for position in watches.indices {
      guard var watch = watches[position] else { continue }
      let metric = watch.threshold.metric
      let covered = watch.phases.reduce(Int64(0)) { sum, phase in
        let shape = layout.phases[phase]
        return sum + max(min(end, shape.end.value) - max(start, shape.start.value), 0)
      }
      let isWhole = covered == 1_000_000_000
      // A ratio is one of answers, a rate says something as soon as there was anything to answer.
      func quotient(_ counts: some Counted, ofAtLeast count: Int) -> MetricQuotient? {
        MetricQuotient(metric, of: ByTheClock(counts), seconds: 1).map {
          metric.isRate ? $0.resting(onAtLeast: count) : $0
        }
      }
      switch watch.gauge {
      case .window(var window):
        var counts = RunCounts()
        var due = 0
        for phase in watch.phases {
          if let more = found[phase] { counts.traffic.add(more) }
          if !layout.phases[phase].isClosedLoop { due += max(planned(phase, end) - planned(phase, start), 0) }
        }
        window.push(second: second, isWhole ? quotient(counts, ofAtLeast: due).map { [$0] } : nil)
        watch.gauge = .window(window)
      case .shardWindow(var window, var seconds):
        let shards = seconds.removeValue(forKey: second) ?? []
        window.makeRoom(forShards: shards.count)
        let waiting = shardAges(of: Set(layout.phases.indices))
        let quotients = (0..<window.subjects).compactMap { shard in
          quotient(
            shard < shards.count ? shards[shard] : ShardTraffic(), ofAtLeast: Int(waiting[shard]?.count ?? 0))
        }
        window.push(second: second, isWhole && quotients.count == window.subjects ? quotients : nil)
        watch.gauge = .shardWindow(window, seconds)
      case .latency, .shardResponses, .counts, .shards: continue
      }
      watches[position] = watch
    }
  }
}
