import Kinesis
import Measurement

/// Puts together what the lanes of a run hand over: a second is told once every lane has finished it, in order.
///
/// Owned by the collector's queue. Memory: the seconds that are not finished everywhere, and one bin of distributions, of
/// counts per shard and of response times per shard.
package struct SecondGatherer {
  private let layout: RunLayout
  /// How many records of a phase come due before an instant, nanoseconds since the run's start.
  private let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int
  private var nextSecond: Int
  private var frontiers: [Int]
  private var pending: [Int: Pending] = [:]
  private var steal: [Int: Double] = [:]
  private var plannedSoFar: [Int]
  private var stoppedAt: Int64?
  private var latencies: [PhasePair: LatencySet] = [:]
  private var traffic: ShardTrafficEntry?
  private var responses: [BinAndPhase: ShardResponses] = [:]
  /// Counted one by one: what was told so far, and the second of the next snapshot.
  private let keys: KeyCounts
  private var nextKeys: Int
  /// Where a sketch counts keys: each lane's, as last handed over.
  private var sketches: [(second: Int, counts: KeySketch)?]
  private var toldSketches = Int.min
  private var messages = ErrorTable()
  private var checks = LaneChecks()

  private struct BinAndPhase: Hashable {
    let bin: Int
    let phase: Int
  }

  private struct Pending {
    var slices: [PhasePair: SecondSlice] = [:]

    /// In one order, whatever the lanes' was.
    var inOrder: [SecondSlice] { slices.values.sorted { $0.phases < $1.phases } }
    var health = WorkerHealth()
  }

  /// A gatherer of a run about to start.
  ///
  /// - Parameter planned: not asked for closed-loop phases.
  package init(layout: RunLayout, planned: @escaping @Sendable (_ phase: Int, _ before: Int64) -> Int) {
    self.layout = layout
    self.planned = planned
    nextSecond = layout.second(of: 0)
    frontiers = Array(repeating: Int.min, count: layout.workers)
    plannedSoFar = Array(repeating: 0, count: layout.phases.count)
    keys = KeyCounts(layout: layout)
    nextKeys = nextSecond + 1
    sketches = Array(repeating: nil, count: layout.workers)
  }

  /// Takes note of the processor time other guests of the host took in a second, 0 to 1.
  package mutating func note(steal ratio: Double, second: Int) { steal[second] = ratio }

  /// Nothing that comes due from this instant on is sent; to be called before a lane hands over the second it is in.
  package mutating func stop(at instant: Int64) { stoppedAt = min(stoppedAt ?? instant, instant) }

  /// Takes what a lane hands over.
  ///
  /// - Returns: what is final by it.
  package mutating func take(_ finished: FinishedSeconds, from lane: Int) -> [JournalEntry] {
    for slice in finished.slices {
      let second = max(slice.second, nextSecond)
      if let present = pending[second, default: Pending()].slices[slice.phases] {
        present.add(slice)
      } else {
        pending[second, default: Pending()].slices[slice.phases] = slice
      }
    }
    for health in finished.health { pending[health.second, default: Pending()].health.add(health) }
    for bin in finished.responses {
      let key = BinAndPhase(bin: bin.bin, phase: bin.phase)
      if let present = responses[key] { present.histograms.add(bin.histograms) } else { responses[key] = bin }
    }
    messages.add(finished.messages)
    checks.add(finished.checks)
    if let snapshot = finished.sketch { sketches[lane] = snapshot }
    frontiers[lane] = max(frontiers[lane], finished.completeBefore)
    guard let frontier = frontiers.min(), frontier > nextSecond else { return [] }
    return seconds(before: frontier)
  }

  /// What is left when every lane has handed over everything.
  package mutating func finish() -> [JournalEntry] {
    var entries = seconds(before: .max)
    if !latencies.isEmpty || traffic != nil || !messages.entries.isEmpty || checks != LaneChecks() {
      // All seconds were told before these came: one more, behind the plan's end, takes them.
      entries += take(nextSecond, Pending(), isLast: true)
      nextSecond += 1
    }
    entries += tell(responsesBefore: .max)
    if let whole = keys.isExact ? keys : sumOfSketches() {
      entries.append(.keys(KeySnapshot(second: .max, counts: whole)))
    }
    return entries
  }

  private mutating func seconds(before frontier: Int) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    let planEnd = min(layout.end.value, stoppedAt ?? .max)
    let last = max(layout.second(of: planEnd), pending.keys.max() ?? .min)
    while nextSecond < frontier, nextSecond <= last {
      let found = pending.removeValue(forKey: nextSecond) ?? Pending()
      entries += take(nextSecond, found, isLast: frontier == .max && nextSecond == last)
      nextSecond += 1
    }
    if frontier < .max { nextSecond = max(nextSecond, frontier) }
    entries += tell(responsesBefore: RunLayout.bin(of: nextSecond, seconds: layout.responseBinSeconds))
    if let snapshot = keySnapshot() { entries.append(.keys(snapshot)) }
    return entries
  }

  /// The keys as a whole, from time to time.
  private mutating func keySnapshot() -> KeySnapshot? {
    if keys.isExact {
      return layout.snapshot(of: &nextKeys, at: nextSecond).map { KeySnapshot(second: $0, counts: keys.copy()) }
    }
    guard let second = sketches.map({ $0?.second ?? .min }).min(), second > toldSketches, second < .max else {
      return nil
    }
    toldSketches = second
    return sumOfSketches().map { KeySnapshot(second: second, counts: $0) }
  }

  /// The entries of one second; bins end with the last one.
  private mutating func take(_ second: Int, _ found: Pending, isLast: Bool) -> [JournalEntry] {
    func isEnd(ofBin width: Int) -> Bool {
      isLast || RunLayout.bin(of: second, seconds: width) != RunLayout.bin(of: second + 1, seconds: width)
    }
    var entries: [JournalEntry] = []
    var entry = entry(of: second, found)
    add(found.inOrder, of: second)
    addKeys(of: found.inOrder)
    if isEnd(ofBin: layout.trafficBinSeconds), let bin = traffic {
      entries.append(.shards(bin))
      traffic = nil
    }
    entry.errors.add(messages)
    entry.checks = checks
    messages = ErrorTable()
    checks = LaneChecks()
    if isEnd(ofBin: layout.timeBinSeconds) {
      entry.latencies = latencies
      latencies = [:]
    }
    entries.append(.second(entry))
    return entries
  }

  private mutating func entry(of second: Int, _ found: Pending) -> SecondEntry {
    var entry = SecondEntry(second: second)
    let start = layout.start(ofSecond: second)
    let end = min(start + 1_000_000_000, stoppedAt ?? .max)
    let slices = found.inOrder
    for index in 0...layout.phases.count {
      var phase = SecondEntry.Phase(index: index)
      if index < layout.phases.count {
        let shape = layout.phases[index]
        let own = slices.filter { $0.phases.cohort == index }
        phase.isUnderWay = max(shape.start.value, start) < min(shape.end.value, end)
        if phase.isUnderWay || !own.isEmpty { phase.planned = countPlanned(index, before: end, own) }
      }
      phase.shardsThrottled = Self.shardsThrottled(slices.filter { $0.phases.clock == index })
      if phase.isUnderWay || phase.planned > 0 || phase.shardsThrottled > 0 { entry.phases.append(phase) }
    }
    var lateness = LatencySet.empty
    for slice in slices {
      entry.counts[slice.phases] = slice.counts
      entry.errors.add(slice.errors)
      latencies[slice.phases, default: LatencySet()].add(slice.latencies)
      if !layout.phases[slice.phases.cohort].isClosedLoop { lateness.add(slice.latencies.deliveryTimes.lateness) }
    }
    if !lateness.isEmpty { entry.lateness = lateness.value(at: .p99) }
    entry.health = found.health
    entry.steal = steal.removeValue(forKey: second)
    return entry
  }

  /// How many shards throttled in one of these slices.
  private static func shardsThrottled(_ slices: [SecondSlice]) -> Int {
    (0..<(slices.map(\.shards.count).max() ?? 0)).count { shard in
      slices.contains { shard < $0.shards.count && $0.shards[shard].throttled > 0 }
    }
  }

  /// The records of a phase that came due in the second that ends there. In a closed loop, due is what was taken.
  private mutating func countPlanned(_ phase: Int, before end: Int64, _ own: [SecondSlice]) -> Int {
    let due: Int
    if layout.phases[phase].isClosedLoop {
      due = own.reduce(0) { $0 + $1.counts.traffic.firstTries + $1.counts.delivery.untried }
    } else {
      due = max(planned(phase, end) - plannedSoFar[phase], 0)
    }
    plannedSoFar[phase] += due
    return due
  }

  private mutating func add(_ slices: [SecondSlice], of second: Int) {
    let width = layout.trafficBinSeconds
    var bin = traffic ?? ShardTrafficEntry(second: second, seconds: width)
    var measured: [Int: ShardTraffic] = [:]
    for slice in slices {
      var shards = bin.phases.removeValue(forKey: slice.phases) ?? [:]
      let isPeak = width > 1 && layout.isMeasured(slice.phases.clock)
      for index in slice.shards.indices where !slice.shards[index].isEmpty {
        shards[index, default: ShardTraffic()].add(slice.shards[index])
        if isPeak { measured[index, default: ShardTraffic()].add(slice.shards[index]) }
      }
      if !shards.isEmpty { bin.phases[slice.phases] = shards }
    }
    for (index, counts) in measured { bin.peaks[index, default: ShardPeak()].note(counts) }
    if !bin.phases.isEmpty { traffic = bin }
  }

  private mutating func tell(responsesBefore bin: Int) -> [JournalEntry] {
    let done = responses.keys.filter { $0.bin < bin }.sorted { ($0.bin, $0.phase) < ($1.bin, $1.phase) }
    return done.compactMap { responses.removeValue(forKey: $0).map { .responses($0) } }
  }

  /// Counts a second's keys: first tries of measured records, and the busiest second of the measured time.
  private func addKeys(of slices: [SecondSlice]) {
    var whole: KeyTries?
    for slice in slices {
      guard let tries = slice.keys else { continue }
      if slice.isMeasured { keys.addFirstTries(tries) }
      guard layout.isMeasured(slice.phases.clock) else { continue }
      // The slice is nobody else's any more, and its keys were counted above.
      if let whole { whole.add(tries) } else { whole = tries }
    }
    if let whole { keys.notePeaks(whole) }
  }

  /// The sum over the lanes as last handed over; `nil` before there was one.
  private func sumOfSketches() -> KeyCounts? {
    let known = sketches.compactMap { $0?.counts }
    guard let first = known.first else { return nil }
    let sum = KeyCounts(sketch: first)
    for counts in known.dropFirst() { sum.add(counts) }
    return sum
  }
}
