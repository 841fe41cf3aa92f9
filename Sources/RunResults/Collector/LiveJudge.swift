import Kinesis
import Measurement
import Observations

/// Judges thresholds that may stop a run by what is known at this moment, where results would know too late.
///
/// A record counts for a result once its fate is known, so that a target that answers nothing breaks no limit. Here records
/// without an answer count at their age, which is less than their response time will be, and so do those that came due and
/// were not sent; and seconds of a window end by the clock, with no answer in them if there was none.
///
/// Response times over everything and rates of the whole stream in windows are judged here; ratios, and what holds shard by
/// shard, are judged when they are final. Owned by the collector's queue. Memory: one histogram a threshold and phase.
struct LiveJudge {
  private struct Response {
    let threshold: Threshold
    let limit: Double
    let statistic: LatencyStatistic
    let phases: Set<Int>
    var answered = LatencySet.empty
  }

  /// Into how many steps the time is divided that the generator is behind.
  private static let steps: Int64 = 16

  private let layout: RunLayout
  private let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int
  private var responses: [Response] = []
  private var windows: [SlidingWindow] = []
  private var traffic: [Int: [Int: Traffic]] = [:]
  private var toldBefore: [Int]
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
    toldBefore = Array(repeating: .min, count: layout.workers)
    outstanding = Array(repeating: nil, count: layout.workers)
    nextSecond = layout.second(of: 0)
    for threshold in thresholds where threshold.abortAfter != nil && !threshold.perShard {
      let phases = layout.phaseIndices(of: threshold.phase)
      // Ratios have to wait: tries are attempted in the second they were sent in, which is known with their answer.
      if let window = threshold.window {
        guard case .quotient(let quotient) = threshold.metric.formula, case .seconds = quotient.divisor else {
          continue
        }
        windows.append(
          SlidingWindow(threshold: threshold, window: window, phases: phases, shardCount: layout.shards.count))
      } else if case .latency(.response, let statistic) = threshold.metric.formula, let limit = threshold.max {
        responses.append(Response(threshold: threshold, limit: limit, statistic: statistic, phases: phases))
      }
    }
  }

  /// Takes what a worker hands over.
  mutating func accept(_ finished: FinishedSeconds, from worker: Int) {
    for slice in finished.slices {
      if !windows.isEmpty, slice.second >= nextSecond {
        traffic[slice.second, default: [:]][slice.phase, default: Traffic()].add(slice.clock)
      }
      for place in responses.indices where responses[place].phases.contains(slice.phase) {
        responses[place].answered.add(slice.latencies.response)
      }
    }
    toldBefore[worker] = max(toldBefore[worker], finished.toldBefore)
    outstanding[worker] = finished.outstanding
    let end = min(toldBefore.min() ?? .min, layout.second(of: layout.end.value) + 1)
    while nextSecond < end {
      push(nextSecond)
      nextSecond += 1
    }
  }

  /// The threshold that is broken now, after its grace; `nil` while there is none.
  ///
  /// - Parameter now: nanoseconds since the run's start.
  func broken(at now: Int64) -> Threshold? {
    for window in windows where isDue(window.threshold, at: now) {
      if let max = window.threshold.max, let found = window.range.highest, found.value > max { return window.threshold }
      if let min = window.threshold.min, let found = window.range.lowest, found.value < min { return window.threshold }
    }
    return responses.first { isDue($0.threshold, at: now) && isBroken($0, at: now) }?.threshold
  }

  private func isDue(_ threshold: Threshold, at now: Int64) -> Bool {
    guard let grace = threshold.abortAfter else { return false }
    let start = layout.phaseIndices(of: threshold.phase).map { layout.phases[$0].start }.min() ?? .zero
    return now >= (start + grace).value
  }

  private func isBroken(_ response: Response, at now: Int64) -> Bool {
    var ages = response.answered
    for worker in outstanding {
      guard let worker else { continue }
      for (phase, waiting) in worker.ages where response.phases.contains(phase) { ages.add(waiting) }
    }
    addUnsent(of: response.phases, to: &ages)
    guard ages.count >= Int64(max(response.threshold.minSamples, 1)) else { return false }
    let value = response.statistic.quantile.map { Double(ages.value(at: $0)) } ?? ages.mean
    return value > response.limit
  }

  /// Records that no worker has sent: those that came due since the time that even the foremost has got to. Each counts at
  /// the age of the youngest of its step.
  private func addUnsent(of phases: Set<Int>, to ages: inout Histogram) {
    guard let now = outstanding.compactMap({ $0?.at }).min(),
      let behind = outstanding.map({ $0?.behind ?? 0 }).min(), behind >= Outstanding.minimumAge
    else { return }
    for step in 0..<Self.steps {
      let young = now - behind / Self.steps * step
      let old = young - behind / Self.steps
      for phase in phases where !layout.phases[phase].isClosedLoop {
        ages.record(now - young, count: Int64(max(planned(phase, young) - planned(phase, old), 0)))
      }
    }
  }

  private mutating func push(_ second: Int) {
    let found = traffic.removeValue(forKey: second) ?? [:]
    let start = layout.start(ofSecond: second)
    let end = start + 1_000_000_000
    for place in windows.indices {
      let phases = windows[place].phases
      let covered = phases.reduce(Int64(0)) { sum, phase in
        let shape = layout.phases[phase]
        return sum + max(min(end, shape.end.value) - max(start, shape.start.value), 0)
      }
      guard covered == 1_000_000_000 else {
        windows[place].push(second: second, nil)
        continue
      }
      var counts = RunCounts()
      var due = 0
      for phase in phases {
        if let more = found[phase] { counts.traffic.add(more) }
        if !layout.phases[phase].isClosedLoop { due += max(planned(phase, end) - planned(phase, start), 0) }
      }
      let rate = MetricQuotient(windows[place].threshold.metric, of: counts, seconds: 1)
      windows[place].push(second: second, rate.map { [$0.resting(onAtLeast: due)] })
    }
  }
}
