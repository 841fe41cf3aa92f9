import Kinesis
import Measurement
import Observations

/// Makes a run's results out of its observations: rows go to disk as soon as their bin is final, everything else is a sum
/// of constant size until `finish`. It knows nothing but the entries it is given, in order: of a run under way, or read back
/// from its journal.
///
/// Memory: one bin of distributions and of counts per shard, 72 bytes a phase and shard, response times per shard.
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
  /// What the run is, with the warnings so far.
  package private(set) var description: RunDescription
  /// The scenario's thresholds.
  let thresholds: [Threshold]
  var sink: any ResultSink

  /// Every second before the one given has been taken.
  private(set) var nextSecond: Int
  /// When the run stopped sending before its plan was done.
  private(set) var stoppedAt: Int64?
  /// The bound that stopped it, if one did.
  private(set) var broken: BrokenBound?
  /// How the run came to its end, once that is known.
  private(set) var ending: RunEnding?

  var phases: [PhaseTotals]
  /// The clock's book by phase; the last is of what happened after the plan's end.
  private(set) var clock: [Traffic]
  private(set) var peaks: [ShardPeak]
  private(set) var judge: GeneratorJudge
  private(set) var windows: [SlidingWindow] = []
  private(set) var cpuMax: Double?
  private(set) var stealMax: Double?
  private(set) var inFlightMax: Int?
  private(set) var sendBufferFull: Int?
  /// Records that came due in the busiest measured second.
  private(set) var busiestPlanned = 0
  private(set) var errors = ErrorTable()
  private(set) var checks = LaneChecks()
  private(set) var connections = ConnectionSet()
  private(set) var keys: KeySnapshot?
  /// Response times per shard over everything measured, and of the phases a threshold asks for.
  let responses: ShardHistograms
  private(set) var responsesOfPhase: [ShardHistograms?]
  private(set) var files: [String] = []

  /// What the bin of `timeseries.csv` has gathered so far.
  private var row = RowBin()
  /// The counts that belong to the second to come.
  private var traffic: ShardTrafficEntry?
  private var bin: Int?
  /// Counts of the current bin of `shard_seconds.csv`, warm-up and measured.
  private var binCounts: [[ShardTraffic]]

  /// A bin of `timeseries.csv`.
  private struct RowBin {
    var first: Int?
    var seconds = 0
    var phases: [Int: SecondEntry.Phase] = [:]
    var health = WorkerHealth()
    var steal: Double?
    var isBound = false
    var isCapped = false
  }

  /// A collector for a run about to start. The files that grow with the run get their headers at once, so that even a run
  /// that dies in its first second leaves readable ones.
  package init(
    layout: RunLayout, description: RunDescription, thresholds: [Threshold] = [], sink: any ResultSink
  ) throws {
    self.layout = layout
    shardsAtStart = layout.shards.count
    self.description = description
    self.thresholds = thresholds
    self.sink = sink
    let shardCount = layout.shards.count
    nextSecond = layout.second(of: 0)
    phases = layout.phases.map { _ in PhaseTotals(shardCount: shardCount) }
    clock = Array(repeating: Traffic(), count: layout.phases.count + 1)
    peaks = [ShardPeak](repeating: ShardPeak(), count: shardCount)
    judge = GeneratorJudge(latenessBound: layout.latenessBound)
    responses = ShardHistograms(shardCount: shardCount)
    responsesOfPhase = layout.phases.indices.map {
      layout.phasesWithShardResponses.contains($0) ? ShardHistograms(shardCount: shardCount) : nil
    }
    let empty = [ShardTraffic](repeating: ShardTraffic(), count: shardCount)
    binCounts = [empty, empty]
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

  /// Takes what was observed next.
  ///
  /// - Throws: what kept a row from being written.
  package func take(_ entry: JournalEntry) throws {
    switch entry {
    case .second(let second): try take(second)
    case .shards(let bin):
      makeRoom(forShards: (bin.phases.values.compactMap { $0.keys.max() }.max() ?? -1) + 1)
      traffic = bin
    case .responses(let bin):
      makeRoom(forShards: bin.histograms.count)
      responses.add(bin.histograms)
      if responsesOfPhase.indices.contains(bin.phase) { responsesOfPhase[bin.phase]?.add(bin.histograms) }
    case .keys(let snapshot): keys = snapshot
    case .map(let shards):
      layout.shards = shards
      makeRoom(forShards: shards.count)
    case .change(let change): take(change)
    case .aborted(let bound): broken = broken ?? bound
    case .stopped(let instant): stoppedAt = min(stoppedAt ?? instant, instant)
    case .warning(let text): description.warnings.append(text)
    case .planHash(let hash): description.scenario.planSHA256 = hash
    case .ending(let ending): self.ending = ending
    }
  }

  private func take(_ change: ShardChange) {
    shardChanges.append(change)
    for index in change.opened where openedAt[index] == nil { openedAt[index] = change.noticed }
    for index in change.closed where closedAt[index] == nil { closedAt[index] = change.noticed }
  }

  /// Slices may know shards before the map is handed over.
  private func makeRoom(forShards count: Int) {
    guard count > peaks.count else { return }
    let more = count - peaks.count
    for phase in phases.indices { phases[phase].makeRoom(forShards: count) }
    peaks += Array(repeating: ShardPeak(), count: more)
    for side in binCounts.indices { binCounts[side] += Array(repeating: ShardTraffic(), count: more) }
    for window in windows.indices { windows[window].makeRoom(forShards: count) }
    responses.makeRoom(forShards: count)
  }

  /// Ends the files that grow with the run. What a run that was killed left is accounted for as it stood then: what had
  /// not ended is unfinished, and nothing is said of the time after its last whole second.
  func endRows() throws -> RunEnding {
    try writeRows()
    try writeBin()
    if let ending { return ending }
    let end = layout.start(ofSecond: nextSecond)
    stoppedAt = min(stoppedAt ?? end, end)
    for index in phases.indices {
      let counts = phases[index].counts
      let untried = max(phases[index].planned - counts.traffic.firstTries - counts.delivery.untried, 0)
      phases[index].counts.delivery.untried += untried
      phases[index].counts.delivery.unfinished += max(
        phases[index].planned - counts.traffic.accepted - counts.delivery.lost, 0)
    }
    return RunEnding(.killed, ended: end)
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

  private func take(_ entry: SecondEntry) throws {
    let verdict = judgeSecond(entry)
    var shards: ShardTrafficEntry?
    swap(&shards, &traffic)
    for phase in entry.phases {
      guard clock.indices.contains(phase.index) else { continue }
      clock[phase.index].add(phase.clock)
      guard phase.isPresent, phases.indices.contains(phase.index) else { continue }
      phases[phase.index].planned += phase.planned
      phases[phase.index].counts.add(phase.counts)
      if verdict.isBound, phase.isUnderWay { phases[phase.index].generatorBoundSeconds += 1 }
    }
    let measuredPlanned = entry.phases.reduce(0) { $0 + (isMeasured($1.index) ? $1.planned : 0) }
    busiestPlanned = max(busiestPlanned, measuredPlanned)
    errors.add(entry.errors)
    checks.add(entry.checks)
    connections.add(entry.health.made)
    gather(entry, verdict)
    if let latencies = entry.latencies { try take(latencies) }
    if let shards { try take(shards) }
    pushWindows(entry, shards)
    nextSecond = max(nextSecond, entry.second + 1)
  }

  private func isMeasured(_ phase: Int) -> Bool {
    layout.phases.indices.contains(phase) && layout.phases[phase].isMeasured
  }

  /// Adds a second to the current bin of `timeseries.csv`.
  private func gather(_ entry: SecondEntry, _ verdict: (isBound: Bool, isCapped: Bool)) {
    if row.first == nil {
      row.first = entry.second
      row.health = entry.health
    } else {
      row.health.add(later: entry.health)
    }
    row.seconds = entry.second - (row.first ?? entry.second) + 1
    row.steal = [row.steal, entry.steal].compactMap(\.self).max()
    row.isBound = row.isBound || verdict.isBound
    row.isCapped = row.isCapped || verdict.isCapped
    for phase in entry.phases where phase.isPresent && layout.phases.indices.contains(phase.index) {
      var sum = row.phases[phase.index] ?? SecondEntry.Phase(index: phase.index)
      sum.planned += phase.planned
      sum.counts.add(phase.counts)
      sum.shardsThrottled = max(sum.shardsThrottled, phase.shardsThrottled)
      row.phases[phase.index] = sum
    }
    // In the drain there may be nothing else to tell: the last phase's records are what is waited for.
    if verdict.isBound, row.phases.isEmpty, let last = layout.phases.indices.last(where: isMeasured) {
      row.phases[last] = SecondEntry.Phase(index: last)
    }
  }

  /// Takes the distributions of a bin of `timeseries.csv`, whose rows are then whole.
  private func take(_ latencies: [Int: LatencySet]) throws {
    for (phase, set) in latencies where phases.indices.contains(phase) { phases[phase].latencies.add(set) }
    try writeRows(latencies)
  }

  private func writeRows(_ latencies: [Int: LatencySet] = [:]) throws {
    defer { row = RowBin() }
    guard let first = row.first else { return }
    var lines: [UInt8] = []
    var bins: [UInt8] = []
    var responses = [LatencySet.empty, LatencySet.empty]
    for phase in row.phases.keys.sorted() {
      guard let counted = row.phases[phase] else { continue }
      if let set = latencies[phase] { responses[isMeasured(phase) ? 1 : 0].add(set.response) }
      CSVFile.append(timeseriesRow(first, counted, latencies[phase] ?? LatencySet()), to: &lines)
    }
    for side in responses.indices where !responses[side].isEmpty {
      for row in ResponseBins.rows(of: responses[side], second: first, isMeasured: side == 1) {
        CSVFile.append(row, to: &bins)
      }
    }
    if !lines.isEmpty { try sink.append(lines, to: TimeseriesRow.fileName) }
    if !bins.isEmpty { try sink.append(bins, to: ResponseBinRow.fileName) }
  }

  private func judgeSecond(_ entry: SecondEntry) -> (isBound: Bool, isCapped: Bool) {
    let middle = layout.start(ofSecond: entry.second) + 500_000_000
    var known = GeneratorJudge.Second()
    known.stopped = Nanoseconds(entry.health.stopped ?? 0)
    known.isDraining = middle >= min(layout.end.value, stoppedAt ?? .max)
    if known.isDraining {
      // As long as there is work of a measured phase to be done.
      guard (entry.health.inFlightMax ?? 0) > 0 || known.stopped > .zero, judge.seconds > 0 else {
        return (false, false)
      }
    } else {
      let phase = layout.phases.first { $0.start.value <= middle && middle < $0.end.value }
      guard let phase, phase.isMeasured else { return (false, false) }
      known.isClosedLoop = phase.isClosedLoop
    }
    known.lateness = entry.lateness.map { Nanoseconds($0) }
    known.cpuRatio = entry.health.busiest.map { min(Double($0) / 1e9, 1) }
    known.stealRatio = entry.steal
    known.isCapped = entry.health.isCapped
    let verdict = judge.judge(known)
    // A second of the drain counts, here as in the verdict, only where the generator was at fault.
    if known.isDraining, !verdict.isBound { return verdict }
    if let ratio = known.cpuRatio { cpuMax = max(cpuMax ?? 0, ratio) }
    if let ratio = known.stealRatio { stealMax = max(stealMax ?? 0, ratio) }
    if let count = entry.health.inFlightMax { inFlightMax = max(inFlightMax ?? 0, count) }
    if let count = entry.health.sendBufferFull { sendBufferFull = (sendBufferFull ?? 0) + count }
    return verdict
  }

  private func timeseriesRow(_ second: Int, _ phase: SecondEntry.Phase, _ latencies: LatencySet) -> TimeseriesRow {
    let health = self.row.health
    var row = TimeseriesRow()
    row.runID = description.runID
    row.tS = second
    row.binS = layout.timeBinSeconds
    row.timeUTC = (description.start + Nanoseconds(layout.start(ofSecond: second))).iso8601
    row.phase = layout.phases[phase.index].name
    row.measured = layout.phases[phase.index].isMeasured
    row.inFlightMax = health.inFlightMax
    row.unsentRecords = health.unsent
    row.cpuRatio = health.busiest.map { min(Double($0) / 1e9, 1) }
    row.stealRatio = self.row.steal
    row.generatorBound = self.row.isBound
    row.capped = self.row.isCapped
    row.sendBufferFullRequests = health.sendBufferFull
    row.connectionsOpened = health.connections
    row.connectMaxMs = health.connectMax.map { Double($0) / 1e6 }
    row.handshakeMaxMs = health.handshakeMax.map { Double($0) / 1e6 }
    row.stoppedMs = health.stopped.map { Double($0) / 1e6 }
    row.fill(from: phase, latencies)
    return row
  }

  /// Adds counts per shard to the totals, the peaks and the current bin, which is written when another begins.
  private func take(_ entry: ShardTrafficEntry) throws {
    let ofEntry = RunLayout.bin(of: entry.second, seconds: layout.shardBinSeconds)
    if ofEntry != bin {
      try writeBin()
      bin = ofEntry
    }
    var measured: [Int: ShardTraffic] = [:]
    for (phase, shards) in entry.phases where phases.indices.contains(phase) {
      let isMeasured = layout.phases[phase].isMeasured
      for (index, counts) in shards {
        phases[phase].shards[index].add(counts)
        binCounts[isMeasured ? 1 : 0][index].add(counts)
        if isMeasured, entry.seconds == 1 { measured[index, default: ShardTraffic()].add(counts) }
      }
    }
    for (index, counts) in measured { peaks[index].note(counts) }
    for (index, peak) in entry.peaks where peaks.indices.contains(index) { peaks[index].add(peak) }
  }

  private func writeBin() throws {
    guard let bin else { return }
    var lines: [UInt8] = []
    for side in binCounts.indices {
      for index in binCounts[side].indices where binCounts[side][index].attempted > 0 {
        var row = ShardSecondRow()
        row.tS = bin * layout.shardBinSeconds
        row.binS = layout.shardBinSeconds
        row.measured = side == 1
        row.shardIndex = index
        row.traffic = binCounts[side][index]
        CSVFile.append(row, to: &lines)
        binCounts[side][index] = ShardTraffic()
      }
    }
    if !lines.isEmpty { try sink.append(lines, to: ShardSecondRow.fileName) }
    self.bin = nil
  }

  private func pushWindows(_ entry: SecondEntry, _ shards: ShardTrafficEntry?) {
    let second = entry.second
    for place in windows.indices {
      let threshold = windows[place].threshold
      guard isWhole(second, in: windows[place].phases) else {
        windows[place].push(second: second, nil)
        continue
      }
      if threshold.perShard {
        // Where somebody asks for this, counts per shard come by the second.
        let phases = windows[place].phases.compactMap { shards?.phases[$0] }
        let quotients = peaks.indices.map { shard in
          var sum = ShardTraffic()
          for counts in phases { if let counts = counts[shard] { sum.add(counts) } }
          return MetricQuotient(threshold.metric, of: sum, seconds: 1)
        }
        let known = quotients.compactMap { $0 }
        windows[place].push(second: second, known.count == quotients.count ? known : nil)
      } else {
        var sum = PhaseTotals(shardCount: 0)
        for phase in entry.phases where windows[place].phases.contains(phase.index) {
          sum.counts.add(phase.counts)
          sum.planned += phase.planned
        }
        // A second in which nothing was sent although something was due is one without an answer.
        let quotient = MetricQuotient(threshold.metric, of: sum, seconds: 1)
        windows[place].push(
          second: second,
          quotient.map { [threshold.metric.isRate ? $0.resting(onAtLeast: sum.planned) : $0] })
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
