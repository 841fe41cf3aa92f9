import Kinesis
import Measurement
import Observations

/// Makes a run's results out of what its lanes hand over: rows go to disk as soon as their second is final, everything else
/// is a sum of constant size until `finish`.
///
/// Memory: a few seconds of slices, and 72 bytes a phase and shard.
package final class RunCollector: @unchecked Sendable {
  // Sendable because one serial queue at a time uses it: the one that collects during the run, then the one that ends it.

  /// The shape agreed on before the run; its shards are replaced as they change.
  package private(set) var layout: RunLayout
  /// The changes of the stream's shards so far, in order.
  package private(set) var shardChanges: [ShardChange] = []
  /// When a shard was opened and when it was closed, by its index, in nanoseconds since the run's start; only those that
  /// changed, at their first change.
  private(set) var openedAt: [Int: Int64] = [:]
  private(set) var closedAt: [Int: Int64] = [:]
  /// How many open shards the stream had at the start.
  let shardsAtStart: Int
  package var description: RunDescription
  /// The scenario's thresholds.
  let thresholds: [Threshold]
  /// What reading the stream back found, when it was read.
  package var verification: VerificationCounts?
  /// How many records of a phase come due before an instant (nanoseconds since the run's start).
  let planned: @Sendable (_ phase: Int, _ before: Int64) -> Int
  var sink: any ResultSink

  /// Every second before the one given has been written.
  private var nextSecond: Int
  private var pending: [Int: PendingSecond] = [:]
  private var steal: [Int: Double] = [:]
  private var laneFrontiers: [Int]
  /// When the run stopped sending before its plan was done.
  private(set) var stoppedAt: Int64?

  private(set) var phases: [PhaseTotals]
  private(set) var peaks: [ShardPeak]
  private(set) var judge: GeneratorJudge
  private(set) var windows: [SlidingWindow] = []
  private(set) var cpuMax: Double?
  private(set) var stealMax: Double?
  private(set) var inFlightMax: Int?
  private(set) var sendBufferFull: Int?
  /// Records that came due in the busiest measured second.
  private(set) var busiestPlanned = 0
  private(set) var files: [String] = []

  private let binSeconds: Int
  private var bin: Int?
  /// Counts of the current bin, warm-up and measured.
  private var binCounts: [[ShardTraffic]]
  private var secondCounts: [ShardTraffic]

  /// A collector for a run about to start. The files that grow with the run get their headers at once, so that even a run
  /// that dies in its first second leaves readable ones.
  ///
  /// - Parameter planned: how many records of a phase come due before an instant, in nanoseconds since the run's start; not
  ///   asked for closed-loop phases.
  package init(
    layout: RunLayout, description: RunDescription, thresholds: [Threshold] = [], sink: any ResultSink,
    planned: @escaping @Sendable (_ phase: Int, _ before: Int64) -> Int
  ) throws {
    self.layout = layout
    shardsAtStart = layout.shards.count
    self.description = description
    self.thresholds = thresholds
    self.sink = sink
    self.planned = planned
    let shardCount = layout.shards.count
    nextSecond = layout.second(of: 0)
    laneFrontiers = [Int](repeating: Int.min, count: layout.workers)
    phases = layout.phases.map { _ in PhaseTotals(shardCount: shardCount) }
    peaks = [ShardPeak](repeating: ShardPeak(), count: shardCount)
    judge = GeneratorJudge(latenessBound: layout.latenessBound)
    binSeconds = layout.shardBinSeconds
    let empty = [ShardTraffic](repeating: ShardTraffic(), count: shardCount)
    binCounts = [empty, empty]
    secondCounts = empty
    windows = thresholds.compactMap { threshold in
      guard let window = threshold.window else { return nil }
      return SlidingWindow(
        threshold: threshold, window: window, phases: layout.phaseIndices(of: threshold.phase), shardCount: shardCount)
    }
    if !description.scenarioFile.isEmpty { try write(description.scenarioFile, to: "scenario.json") }
    try writeHeader(of: TimeseriesRow.self)
    try writeHeader(of: ShardSecondRow.self)
    try writeHeader(of: ResponseBinRow.self)
  }

  /// Tells of a change of the stream's shards.
  package func note(_ change: ShardChange) {
    shardChanges.append(change)
    for index in change.opened where openedAt[index] == nil { openedAt[index] = change.noticed }
    for index in change.closed where closedAt[index] == nil { closedAt[index] = change.noticed }
  }

  /// Takes over what is known of the stream's shards: a map that keeps the indices of the one before.
  package func use(_ shards: ShardMap) {
    layout.shards = shards
    makeRoom(forShards: shards.count)
  }

  /// Slices may know shards before the map is handed over.
  private func makeRoom(forShards count: Int) {
    guard count > peaks.count else { return }
    let more = count - peaks.count
    for phase in phases.indices { phases[phase].makeRoom(forShards: count) }
    peaks += Array(repeating: ShardPeak(), count: more)
    for side in binCounts.indices { binCounts[side] += Array(repeating: ShardTraffic(), count: more) }
    secondCounts += Array(repeating: ShardTraffic(), count: more)
    for window in windows.indices { windows[window].makeRoom(forShards: count) }
  }

  /// Takes what a lane hands over and writes the seconds that every lane has finished.
  package func accept(_ delivery: FinishedSeconds, from lane: Int) throws {
    for slice in delivery.slices { makeRoom(forShards: slice.shards.count) }
    for slice in delivery.slices { pending[slice.second, default: PendingSecond()].add(slice) }
    for health in delivery.health { pending[health.second, default: PendingSecond()].add(health) }
    laneFrontiers[lane] = max(laneFrontiers[lane], delivery.completeBefore)
    guard let frontier = laneFrontiers.min(), frontier > nextSecond else { return }
    try writeSeconds(before: frontier)
  }

  /// Takes note of the processor time other guests of the host took in a second, 0 to 1.
  package func note(steal ratio: Double, second: Int) { steal[second] = ratio }

  /// Tells that nothing that comes due from now on will be sent: an interrupt or an abort. To be called before a lane hands
  /// over the second it falls into.
  ///
  /// - Parameter instant: nanoseconds since the run's start.
  package func stop(at instant: Int64) { stoppedAt = min(stoppedAt ?? instant, instant) }

  /// The threshold with `abort` that is broken by what is final so far, after its grace; `nil` while there is none.
  ///
  /// Response times of single shards stay with the lanes until the end, so a threshold on those never aborts.
  package func brokenAbort() -> SummaryThreshold? {
    for threshold in thresholds {
      guard let grace = threshold.abortAfter else { continue }
      let start = layout.phaseIndices(of: threshold.phase).map { layout.phases[$0].start }.min() ?? .zero
      guard layout.start(ofSecond: nextSecond) >= (start + grace).value else { continue }
      let judged = ThresholdJudge(collector: self, shardResponses: nil, shardResponsesOfPhase: []).judge(threshold)
      if let broken = judged.first(where: { $0.status == ThresholdJudge.Status.fail.rawValue }) { return broken }
    }
    return nil
  }

  /// Writes what no lane can add to any more, to the run's last second.
  func writeRest() throws {
    let planEnd = min(layout.end.value, stoppedAt ?? .max)
    let last = max(layout.second(of: planEnd - 1), pending.keys.max() ?? Int.min)
    if last >= nextSecond { try writeSeconds(before: last + 1) }
    try writeBin()
  }

  /// Puts a whole file into the sink.
  func write(_ bytes: [UInt8], to fileName: String) throws {
    try sink.append(bytes, to: fileName)
    if !files.contains(fileName) { files.append(fileName) }
  }

  private func writeHeader<Row: CSVRow>(of type: Row.Type) throws {
    var bytes: [UInt8] = []
    CSVFile.appendHeader(of: type, to: &bytes)
    try write(bytes, to: Row.fileName)
  }

  private func writeSeconds(before frontier: Int) throws {
    var lines: [UInt8] = []
    var bins: [UInt8] = []
    let last = max(layout.second(of: layout.end.value), pending.keys.max() ?? Int.min)
    while nextSecond < frontier, nextSecond <= last {
      try writeSecond(nextSecond, lines: &lines, bins: &bins)
      nextSecond += 1
    }
    nextSecond = max(nextSecond, frontier == Int.max ? nextSecond : frontier)
    if !lines.isEmpty { try sink.append(lines, to: TimeseriesRow.fileName) }
    if !bins.isEmpty { try sink.append(bins, to: ResponseBinRow.fileName) }
  }

  private func writeSecond(_ second: Int, lines: inout [UInt8], bins: inout [UInt8]) throws {
    let pending = pending.removeValue(forKey: second) ?? PendingSecond()
    let verdict = judgeSecond(second, pending)
    let start = layout.start(ofSecond: second)
    let end = min(start + 1_000_000_000, stoppedAt ?? .max)
    var plannedInPhase: [Int: Int] = [:]
    var responses = [LatencySet.empty, LatencySet.empty]
    for phase in layout.phases.indices {
      let shape = layout.phases[phase]
      let slice = pending.slices[phase]
      let isUnderWay = max(shape.start.value, start) < min(shape.end.value, end)
      guard slice != nil || isUnderWay else { continue }
      let due = countPlanned(phase, before: end, slice: slice)
      plannedInPhase[phase] = due
      if let slice {
        phases[phase].counts.add(slice.counts)
        phases[phase].latencies.add(slice.latencies)
        for index in slice.shards.indices { phases[phase].shards[index].add(slice.shards[index]) }
        responses[shape.isMeasured ? 1 : 0].add(slice.latencies.response)
      }
      if verdict.isBound, isUnderWay { phases[phase].generatorBoundSeconds += 1 }
      let row = timeseriesRow(second, phase: phase, planned: due, slice: slice, pending: pending, verdict: verdict)
      CSVFile.append(row, to: &lines)
    }
    let measuredPlanned = plannedInPhase.reduce(0) { $0 + (layout.phases[$1.key].isMeasured ? $1.value : 0) }
    busiestPlanned = max(busiestPlanned, measuredPlanned)
    for side in responses.indices where !responses[side].isEmpty {
      for row in ResponseBins.rows(of: responses[side], second: second, isMeasured: side == 1) {
        CSVFile.append(row, to: &bins)
      }
    }
    try addShards(second, pending)
    pushWindows(second, pending, plannedInPhase)
    steal[second] = nil
  }

  /// The records of a phase that came due in the second that ends there. In a closed loop, due is what was taken.
  private func countPlanned(_ phase: Int, before end: Int64, slice: SecondSlice?) -> Int {
    let due: Int
    if layout.phases[phase].isClosedLoop {
      due = slice.map { $0.counts.traffic.firstTries + $0.counts.delivery.untried } ?? 0
    } else {
      due = max(planned(phase, end) - phases[phase].planned, 0)
    }
    phases[phase].planned += due
    return due
  }

  private func judgeSecond(_ second: Int, _ pending: PendingSecond) -> (isBound: Bool, isCapped: Bool) {
    let middle = layout.start(ofSecond: second) + 500_000_000
    let phase = layout.phases.first { $0.start.value <= middle && middle < $0.end.value }
    guard let phase, phase.isMeasured, middle < stoppedAt ?? .max else { return (false, false) }
    var lateness = LatencySet.empty
    for (index, slice) in pending.slices where !layout.phases[index].isClosedLoop {
      lateness.add(slice.latencies.deliveryTimes.lateness)
    }
    var known = GeneratorJudge.Second()
    if !lateness.isEmpty { known.lateness = Nanoseconds(lateness.value(at: .p99)) }
    known.cpuRatio = pending.busiest.map { min(Double($0) / 1e9, 1) }
    known.stealRatio = steal[second]
    known.isCapped = pending.isCapped
    known.isClosedLoop = phase.isClosedLoop
    if let ratio = known.cpuRatio { cpuMax = max(cpuMax ?? 0, ratio) }
    if let ratio = known.stealRatio { stealMax = max(stealMax ?? 0, ratio) }
    if let count = pending.inFlightMax { inFlightMax = max(inFlightMax ?? 0, count) }
    if let count = pending.sendBufferFull { sendBufferFull = (sendBufferFull ?? 0) + count }
    return judge.judge(known)
  }

  private func timeseriesRow(
    _ second: Int, phase: Int, planned: Int, slice: SecondSlice?, pending: PendingSecond,
    verdict: (isBound: Bool, isCapped: Bool)
  ) -> TimeseriesRow {
    var row = TimeseriesRow()
    row.runID = description.runID
    row.tS = second
    row.timeUTC = (description.start + Nanoseconds(layout.start(ofSecond: second))).iso8601
    row.phase = layout.phases[phase].name
    row.measured = layout.phases[phase].isMeasured
    row.plannedRecords = planned
    row.inFlightMax = pending.inFlightMax
    row.unsentRecords = pending.unsent
    row.cpuRatio = pending.busiest.map { min(Double($0) / 1e9, 1) }
    row.stealRatio = steal[second]
    row.generatorBound = verdict.isBound
    row.capped = verdict.isCapped
    row.sendBufferFullRequests = pending.sendBufferFull
    row.connectionsOpened = pending.connections
    row.connectMaxMs = pending.connectMax.map { Double($0) / 1e6 }
    row.handshakeMaxMs = pending.handshakeMax.map { Double($0) / 1e6 }
    if let slice { row.fill(from: slice) }
    return row
  }

  /// Adds a second to the peaks and to the current bin, which is written when another begins.
  private func addShards(_ second: Int, _ pending: PendingSecond) throws {
    let ofSecond = second >= 0 ? second / binSeconds : -((-second + binSeconds - 1) / binSeconds)
    if ofSecond != bin {
      try writeBin()
      bin = ofSecond
    }
    var isMeasuredSecond = false
    for (phase, slice) in pending.slices {
      let isMeasured = layout.phases[phase].isMeasured
      for index in slice.shards.indices where slice.shards[index].attempted > 0 {
        binCounts[isMeasured ? 1 : 0][index].add(slice.shards[index])
        if isMeasured { secondCounts[index].add(slice.shards[index]) }
      }
      isMeasuredSecond = isMeasuredSecond || isMeasured
    }
    guard isMeasuredSecond else { return }
    for index in secondCounts.indices where secondCounts[index].attempted > 0 {
      peaks[index].note(secondCounts[index])
      secondCounts[index] = ShardTraffic()
    }
  }

  private func writeBin() throws {
    guard let bin else { return }
    var lines: [UInt8] = []
    for side in binCounts.indices {
      for index in binCounts[side].indices where binCounts[side][index].attempted > 0 {
        var row = ShardSecondRow()
        row.tS = bin * binSeconds
        row.binS = binSeconds
        row.measured = side == 1
        row.shardIndex = index
        row.fill(from: binCounts[side][index])
        CSVFile.append(row, to: &lines)
        binCounts[side][index] = ShardTraffic()
      }
    }
    if !lines.isEmpty { try sink.append(lines, to: ShardSecondRow.fileName) }
    self.bin = nil
  }

  private func pushWindows(_ second: Int, _ pending: PendingSecond, _ planned: [Int: Int]) {
    for place in windows.indices {
      let threshold = windows[place].threshold
      guard isWhole(second, in: windows[place].phases) else {
        windows[place].push(second: second, nil)
        continue
      }
      let slices = windows[place].phases.compactMap { pending.slices[$0] }
      if threshold.perShard {
        let quotients = peaks.indices.map { shard in
          var sum = ShardTraffic()
          for slice in slices where shard < slice.shards.count { sum.add(slice.shards[shard]) }
          return MetricQuotient(threshold.metric, shard: sum, seconds: 1)
        }
        let known = quotients.compactMap { $0 }
        windows[place].push(second: second, known.count == quotients.count ? known : nil)
      } else {
        var sum = RunCounts()
        for slice in slices { sum.add(slice.counts) }
        let due = windows[place].phases.reduce(0) { $0 + (planned[$1] ?? 0) }
        windows[place].push(
          second: second,
          MetricQuotient(threshold.metric, counts: sum, planned: due, seconds: 1).map { [$0] })
      }
    }
  }

  /// Whether a second lies inside phases of a set from its start to its end, before the run was stopped.
  private func isWhole(_ second: Int, in set: Set<Int>) -> Bool {
    let start = layout.start(ofSecond: second)
    let end = start + 1_000_000_000
    guard end <= stoppedAt ?? .max else { return false }
    let covered = set.reduce(Int64(0)) { sum, phase in
      let shape = layout.phases[phase]
      return sum + max(min(end, shape.end.value) - max(start, shape.start.value), 0)
    }
    return covered == 1_000_000_000
  }
}
