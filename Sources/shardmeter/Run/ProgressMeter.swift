import Kinesis
import Measurement
import Observations
import Reporting
import RunResults

/// Turns the seconds that workers hand over into what the live lines show: the last five whole seconds as they happened.
///
/// A value; the run's collecting queue owns it.
struct ProgressMeter {
  /// How many seconds the rates are of.
  static let window = 5
  /// No answer for so long is worth a word, nanoseconds.
  static let silence: Int64 = 1_000_000_000

  private struct Second {
    var lost = 0
    /// By the clock.
    var traffic = Traffic()
    var response = LatencySet.empty
    var lateness = LatencySet.empty
    /// Tries by shard that had their outcome, and the throttled ones among them.
    var answered: [Int]
    var throttled: [Int]
    /// The busiest worker's processor time, nanoseconds.
    var busiest: Int64 = 0
    var unsent = 0
    var isCapped = false

    /// Shards may come during the run.
    mutating func makeRoom(forShards count: Int) {
      while answered.count < count {
        answered.append(0)
        throttled.append(0)
      }
    }
  }

  private let scenario: String
  private let layout: RunLayout
  private let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int
  private var seconds: [Int: Second] = [:]
  private var frontiers: [Int]
  /// What each worker waited for when it last told.
  private var outstanding: [Outstanding?]
  /// How many shards are known: those of the start, and those that came.
  private var shardCount: Int

  /// A meter of a run about to start.
  ///
  /// - Parameter planned: how many records of a phase come due before an instant, nanoseconds since the run's start.
  init(scenario: String, layout: RunLayout, planned: @escaping @Sendable (_ phase: Int, _ before: Int64) -> Int) {
    self.scenario = scenario
    self.layout = layout
    self.planned = planned
    shardCount = layout.shards.count
    frontiers = Array(repeating: layout.second(of: 0), count: layout.workers)
    outstanding = Array(repeating: nil, count: layout.workers)
  }

  /// Takes what a worker handed over.
  mutating func accept(_ delivery: FinishedSeconds, from worker: Int) {
    for slice in delivery.slices {
      var second = seconds[slice.second] ?? empty
      second.lost += slice.counts.delivery.lost
      second.traffic.add(slice.counts.traffic)
      second.response.add(slice.latencies.response)
      second.lateness.add(slice.latencies.deliveryTimes.lateness)
      second.makeRoom(forShards: slice.shards.count)
      shardCount = max(shardCount, slice.shards.count)
      for shard in slice.shards.indices {
        second.answered[shard] += slice.shards[shard].ended
        second.throttled[shard] += slice.shards[shard].throttled
      }
      seconds[slice.second] = second
    }
    for health in delivery.health {
      var second = seconds[health.second] ?? empty
      second.busiest = max(second.busiest, health.busy)
      second.unsent += health.unsent
      second.isCapped = second.isCapped || health.isCapped
      seconds[health.second] = second
    }
    frontiers[worker] = max(frontiers[worker], delivery.reportedBefore)
    outstanding[worker] = delivery.outstanding
    // A worker that is done has no frontier any more: the last seconds stay until the run ends.
    let newest = min(frontiers.min() ?? 0, seconds.keys.max() ?? 0)
    for second in seconds.keys where second < newest - Self.window { seconds[second] = nil }
  }

  private var empty: Second {
    let none = [Int](repeating: 0, count: shardCount)
    return Second(answered: none, throttled: none)
  }

  /// How things stand.
  ///
  /// - Parameter now: nanoseconds since the run's start.
  func snapshot(at now: Int64) -> ProgressSnapshot {
    var shown = ProgressSnapshot()
    shown.scenario = scenario
    let phase = layout.phases.lastIndex { $0.start.value <= now } ?? 0
    shown.phase = layout.phases.isEmpty ? "" : layout.phases[phase].name
    shown.phaseIndex = phase + 1
    shown.phaseCount = layout.phases.count
    shown.second = layout.second(of: now)
    shown.elapsedSeconds = max(0, Double(now) / 1e9)
    shown.totalSeconds = layout.end.seconds
    shown.shardCount = shardCount
    let first = layout.second(of: 0)
    let end = min(frontiers.min() ?? first, layout.second(of: now))
    let whole = (max(first, end - Self.window)..<max(first, end))
    var waiting = Outstanding(at: now)
    for worker in outstanding { if let worker { waiting.add(worker) } }
    fill(&shown, from: waiting, at: now)
    guard !whole.isEmpty else { return shown }
    fill(&shown, from: whole, waiting)
    return shown
  }

  /// What there is to say before any answer.
  private func fill(_ shown: inout ProgressSnapshot, from waiting: Outstanding, at now: Int64) {
    shown.isWaiting = waiting.requests > 0 || waiting.behind > 0
    shown.isCapped = waiting.isCapped
    if let silence = waiting.silence(at: now), silence >= Self.silence { shown.silentSeconds = Double(silence) / 1e9 }
    if waiting.behind > max(layout.latenessBound.value, Outstanding.minimumAge) {
      shown.behindSeconds = Double(waiting.behind) / 1e9
    }
  }

  private func fill(_ shown: inout ProgressSnapshot, from whole: Range<Int>, _ waiting: Outstanding) {
    var sum = empty
    var sent = 0
    for number in whole {
      sent += waiting.sent[number] ?? 0
      guard let second = seconds[number] else { continue }
      sum.lost += second.lost
      sum.traffic.add(second.traffic)
      sum.response.add(second.response)
      sum.lateness.add(second.lateness)
      for shard in second.answered.indices {
        sum.answered[shard] += second.answered[shard]
        sum.throttled[shard] += second.throttled[shard]
      }
      sum.busiest = max(sum.busiest, second.busiest)
      sum.unsent = second.unsent
      sum.isCapped = sum.isCapped || second.isCapped
    }
    // Records without an answer are as old as they are.
    for ages in waiting.ages.values { sum.response.add(ages.response) }
    shown.isCapped = shown.isCapped || sum.isCapped
    let length = Double(whole.count)
    let from = layout.start(ofSecond: whole.lowerBound)
    let to = layout.start(ofSecond: whole.upperBound)
    let due = layout.phases.indices.reduce(0) { total, phase in
      layout.phases[phase].isClosedLoop ? total : total + planned(phase, to) - planned(phase, from)
    }
    let traffic = sum.traffic
    shown.plannedPerSecond = Quotient.divide(due, by: length) ?? 0
    shown.attemptedPerSecond = Quotient.divide(traffic.attempted + sent, by: length) ?? 0
    shown.acceptedPerSecond = Quotient.divide(traffic.accepted, by: length) ?? 0
    shown.throttleRatio = Metric.throttleRatio.value(of: ByTheClock(traffic))
    shown.failureRatio = Metric.faultRatio.value(of: ByTheClock(traffic))
    shown.lostPerSecond = Quotient.divide(sum.lost, by: length) ?? 0
    if !sum.response.isEmpty {
      shown.responseP50 = Double(sum.response.value(at: .p50)) / 1e6
      shown.responseP99 = Double(sum.response.value(at: .p99)) / 1e6
    }
    let throttled = sum.answered.indices.filter { sum.throttled[$0] > 0 }
    shown.throttledShardCount = throttled.count
    shown.worstShards = throttled.compactMap { shard in
      let tries = ShardTraffic(attempted: sum.answered[shard], throttled: sum.throttled[shard])
      return Metric.throttleRatio.value(of: tries).map { ProgressSnapshot.Shard(index: shard, throttleRatio: $0) }
    }.sorted { ($0.throttleRatio, $1.index) > ($1.throttleRatio, $0.index) }
    shown.cpuRatio = min(1, Double(sum.busiest) / 1e9)
    guard !sum.lateness.isEmpty else { return }
    let lateness = sum.lateness.value(at: .p99)
    shown.latenessP99 = Double(lateness) / 1e6
    if lateness > layout.latenessBound.value, shown.behindSeconds == nil {
      shown.behindSeconds =
        shown.plannedPerSecond > 0 ? Double(sum.unsent) / shown.plannedPerSecond : Double(lateness) / 1e9
    }
  }
}
