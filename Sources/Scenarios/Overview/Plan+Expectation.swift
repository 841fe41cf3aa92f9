import Kinesis
import Measurement

/// What is expected of a plan that is too long to be walked.
extension Plan {
  /// Batches are estimated over windows of this length, longer ones where a phase would have too many of them.
  private static let batchWindow: Int64 = 100_000_000
  private static let mostBatchWindows: Int64 = 36_000
  /// A phase is looked at in at most so many windows for its busiest.
  private static let mostWindows: Int64 = 3_600
  private static let second: Int64 = 1_000_000_000

  /// Records of a phase; 0 for a closed one.
  func recordCount(ofPhase phase: Int) -> UInt64 {
    if case .open(let count) = phases[phase].loop { count } else { 0 }
  }

  /// The load of every phase; phases whose records are alike share one.
  func expectedLoads(map: ShardMap, mostKeys: UInt64 = ExpectedLoad.mostKeys) -> [ExpectedLoad] {
    struct Alike: Hashable {
      let kinds: [RecordKind]
      /// The phase, where keys change with time.
      let phase: Int?
    }
    var known: [Alike: ExpectedLoad] = [:]
    return phases.indices.map { phase in
      let kinds = scenario.phases[phase].kinds
      let isDrifting = kinds.contains { $0.key.isDrifting }
      let alike = Alike(kinds: kinds, phase: isDrifting ? phase : nil)
      if let load = known[alike] { return load }
      let planned = phases[phase]
      let load = ExpectedLoad(
        kinds, from: planned.start, to: planned.end, catalog: keys, map: map, mostKeys: mostKeys,
        share: { from, to in
          let count = recordCount(ofPhase: phase)
          // Without records in sight, time stands for them.
          guard count > 0 else { return (to - from).seconds / planned.duration.seconds }
          let due = plannedRecords(in: phase, before: to) - plannedRecords(in: phase, before: from)
          return Double(due) / Double(count)
        })
      known[alike] = load
      return load
    }
  }

  /// How many requests an open phase is expected to make: its records, window by window, over what a batch holds at
  /// the window's rate.
  func expectedRequests(inPhase phase: Int) -> Double {
    let rule = scenario.phases[phase]
    let shortest = rule.arrivals == .bursts ? Self.second : Self.batchWindow
    let windows = min(Self.mostBatchWindows, (rule.duration + shortest - 1) / shortest)
    let length = (rule.duration / windows + shortest - 1) / shortest * shortest
    let producers = Double(scenario.client.producers)
    let most = largestBatch(of: rule.kinds)
    var requests = 0.0
    for (window, count) in counts(ofPhase: phase, window: Nanoseconds(length)).enumerated() where count > 0 {
      let whole = min(length, rule.duration - Int64(window) * length)
      let each = Double(count) / producers
      if rule.arrivals == .bursts {
        // Each second's records come at once; what is left of a batch waits no longer than it lingers.
        let seconds = Double((whole + Self.second - 1) / Self.second)
        requests += producers * seconds * max((each / seconds / most).rounded(.up), min(each / seconds, 1))
        continue
      }
      // The first record opens a batch, and those due while it lingers join.
      let rate = each / Nanoseconds(whole).seconds
      let joining = scenario.batch.linger.map { rate * $0.seconds } ?? .infinity
      let held = 1 + (rule.arrivals == .uniform ? joining.rounded(.down) : joining)
      requests += Double(count) / min(held, most)
    }
    return requests
  }

  /// How many records fill a batch, by number or by mean size: on average half a record is left over.
  private func largestBatch(of kinds: [RecordKind]) -> Double {
    let fitting = Double(scenario.batch.bytes) / PlanMeans.bytesPerRecord(kinds)
    let isFixed = kinds.allSatisfy { $0.size.minimum == $0.size.maximum }
    let byBytes = isFixed ? fitting.rounded(.down) : fitting - 0.5
    return max(1, min(Double(scenario.batch.records), byBytes))
  }

  /// The records that come due in each window of an open phase.
  private func counts(ofPhase phase: Int, window: Nanoseconds) -> [UInt64] {
    var counts: [UInt64] = []
    var before: UInt64 = 0
    var time = phases[phase].start
    while time < phases[phase].end {
      time += window
      let count = plannedRecords(in: phase, before: time)
      counts.append(count - before)
      before = count
    }
    return counts
  }

  /// Records/s in the busiest window of a phase: a second, or 1/3,600 of phases longer than an hour. The last window ends
  /// with the phase, so that each is whole; a phase shorter than a second is one window.
  func busiestRate(ofPhase phase: Int) -> Double {
    let planned = phases[phase]
    let seconds = (planned.duration.value + Self.mostWindows * Self.second - 1) / (Self.mostWindows * Self.second)
    let window = min(Nanoseconds(max(seconds, 1) * Self.second), planned.duration)
    let whole = counts(ofPhase: phase, window: window)
    let most = whole[..<Int(planned.duration.value / window.value)].max() ?? 0
    let last = recordCount(ofPhase: phase) - plannedRecords(in: phase, before: planned.end - window)
    return Double(max(most, last)) / window.seconds
  }
}

extension KeyRule {
  /// Whether which keys are heavy changes with time.
  var isDrifting: Bool {
    switch self {
    case .generated(let distribution, _): distribution.period != nil
    case .weighted(_, let rest): rest?.isDrifting ?? false
    case .constant, .shard, .trace: false
    }
  }
}
