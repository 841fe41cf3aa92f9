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

  private struct Second {
    var counts = RunCounts()
    var response = LatencySet.empty
    var lateness = LatencySet.empty
    var attempted: [Int]
    var throttled: [Int]
    /// The busiest worker's processor time, nanoseconds.
    var busiest: Int64 = 0
    var unsent = 0

    /// Shards may come during the run.
    mutating func makeRoom(forShards count: Int) {
      while attempted.count < count {
        attempted.append(0)
        throttled.append(0)
      }
    }
  }

  private let scenario: String
  private let layout: RunLayout
  private let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int
  private var seconds: [Int: Second] = [:]
  private var frontiers: [Int]
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
  }

  /// Takes what a worker handed over.
  mutating func accept(_ delivery: FinishedSeconds, from worker: Int) {
    for slice in delivery.slices {
      var second = seconds[slice.second] ?? empty
      second.counts.add(slice.counts)
      second.response.add(slice.latencies.response)
      second.lateness.add(slice.latencies.deliveryTimes.lateness)
      second.makeRoom(forShards: slice.shards.count)
      shardCount = max(shardCount, slice.shards.count)
      for shard in slice.shards.indices {
        second.attempted[shard] += slice.shards[shard].attempted
        second.throttled[shard] += slice.shards[shard].throttled
      }
      seconds[slice.second] = second
    }
    for health in delivery.health {
      var second = seconds[health.second] ?? empty
      second.busiest = max(second.busiest, health.busy)
      second.unsent += health.unsent
      seconds[health.second] = second
    }
    frontiers[worker] = max(frontiers[worker], delivery.completeBefore)
    // A worker that is done has no frontier any more: the last seconds stay until the run ends.
    let newest = min(frontiers.min() ?? 0, seconds.keys.max() ?? 0)
    for second in seconds.keys where second < newest - Self.window { seconds[second] = nil }
  }

  private var empty: Second {
    let none = [Int](repeating: 0, count: shardCount)
    return Second(attempted: none, throttled: none)
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
    guard !whole.isEmpty else { return shown }
    fill(&shown, from: whole)
    return shown
  }

  private func fill(_ shown: inout ProgressSnapshot, from whole: Range<Int>) {
    var sum = empty
    var behind: Double?
    for number in whole {
      guard let second = seconds[number] else { continue }
      sum.counts.add(second.counts)
      sum.response.add(second.response)
      sum.lateness.add(second.lateness)
      for shard in second.attempted.indices {
        sum.attempted[shard] += second.attempted[shard]
        sum.throttled[shard] += second.throttled[shard]
      }
      sum.busiest = max(sum.busiest, second.busiest)
      sum.unsent = second.unsent
    }
    let length = Double(whole.count)
    let from = layout.start(ofSecond: whole.lowerBound)
    let to = layout.start(ofSecond: whole.upperBound)
    let due = layout.phases.indices.reduce(0) { total, phase in
      layout.phases[phase].isClosedLoop ? total : total + planned(phase, to) - planned(phase, from)
    }
    shown.plannedPerSecond = Double(due) / length
    shown.attemptedPerSecond = Double(sum.counts.traffic.attempted) / length
    shown.acceptedPerSecond = Double(sum.counts.traffic.accepted) / length
    shown.throttleRatio = Metric.throttleRatio.value(of: sum.counts)
    shown.failureRatio = Metric.faultRatio.value(of: sum.counts)
    shown.lostPerSecond = Double(sum.counts.delivery.lost) / length
    if !sum.response.isEmpty {
      shown.responseP50 = Double(sum.response.value(at: .p50)) / 1e6
      shown.responseP99 = Double(sum.response.value(at: .p99)) / 1e6
    }
    let throttled = sum.attempted.indices.filter { sum.throttled[$0] > 0 }
    shown.throttledShardCount = throttled.count
    shown.worstShards = throttled.compactMap { shard in
      let tries = ShardTraffic(attempted: sum.attempted[shard], throttled: sum.throttled[shard])
      return Metric.throttleRatio.value(of: tries).map { ProgressSnapshot.Shard(index: shard, throttleRatio: $0) }
    }.sorted { ($0.throttleRatio, $1.index) > ($1.throttleRatio, $0.index) }
    shown.cpuRatio = min(1, Double(sum.busiest) / 1e9)
    guard !sum.lateness.isEmpty else { return }
    let lateness = sum.lateness.value(at: .p99)
    shown.latenessP99 = Double(lateness) / 1e6
    if lateness > layout.latenessBound.value {
      behind = shown.plannedPerSecond > 0 ? Double(sum.unsent) / shown.plannedPerSecond : Double(lateness) / 1e9
    }
    shown.behindSeconds = behind
  }
}
