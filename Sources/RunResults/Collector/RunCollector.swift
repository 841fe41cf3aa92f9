import Kinesis
import Measurement
import Observations

/// Makes a run's results out of its observations: rows go to disk as soon as their bin is final, everything else is a sum
/// of constant size until `finish`. It knows nothing but the entries it is given, in order: of a run under way, or read back
/// from its journal.
///
/// Memory: one bin of distributions and of counts per shard, 144 bytes a phase and shard, response times per shard.
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

  /// What became of the records of each phase, whenever that was: its cohort's fates.
  var phases: [PhaseTotals]
  /// What happened while each phase ran, whosever records it was: what rates are of. The last is the drain, after the
  /// plan's end or a stop. Distributions are left out.
  private(set) var clock: [PhaseTotals]
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
  private(set) var responses: ShardHistograms
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
    /// By the clock.
    var phases: [Int: RowCounts] = [:]
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
    clock = Array(repeating: PhaseTotals(shardCount: shardCount), count: layout.phases.count + 1)
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
      // Nobody else changes a bin that was told: the first one is taken as it is, since those of many shards are large.
      if responses.isEmpty { responses = bin.histograms } else { responses.add(bin.histograms) }
      makeRoom(forShards: bin.histograms.count)
      if responsesOfPhase.indices.contains(bin.phase) { responsesOfPhase[bin.phase]?.add(bin.histograms) }
    case .keys(let snapshot): keys = snapshot
    case .map(let shards):
      layout.shards = shards
      makeRoom(forShards: shards.count)
    case .change(let change): take(change)
    case .aborted(let bound): broken = broken ?? bound
    case .stopped(let instant): stoppedAt = min(stoppedAt ?? instant, instant)
    case .warning(let text): description.warnings.append(text)
    case .planHash(let hash): description.scenario?.planSHA256 = hash
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
    for phase in clock.indices { clock[phase].makeRoom(forShards: count) }
    peaks += Array(repeating: ShardPeak(), count: more)
    for side in binCounts.indices { binCounts[side] += Array(repeating: ShardTraffic(), count: more) }
    for window in windows.indices { windows[window].makeRoom(forShards: count) }
    responses.makeRoom(forShards: count)
  }

  /// Ends the files that grow with the run. What a run that was killed left is accounted for as it stood then: what had
  /// not ended is unfinished, a try without an outcome unknown, and nothing is said of the time after its last whole second.
  func endRows() throws -> RunEnding {
    try writeRows()
    try writeBin()
    if let ending { return ending }
    let end = layout.start(ofSecond: nextSecond)
    stoppedAt = min(stoppedAt ?? end, end)
    for index in phases.indices {
      let lost = phases[index].endWithoutOutcomes()
      clock[layout.phases.count].add(lost)
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
    for phase in entry.phases where phases.indices.contains(phase.index) {
      phases[phase.index].planned += phase.planned
      clock[phase.index].planned += phase.planned
      if verdict.isBound, phase.isUnderWay { phases[phase.index].generatorBoundSeconds += 1 }
    }
    for (pair, counts) in entry.counts {
      if phases.indices.contains(pair.cohort) { phases[pair.cohort].counts.add(counts) }
      if clock.indices.contains(pair.clock) { clock[pair.clock].counts.add(counts) }
    }
    let measuredPlanned = entry.phases.reduce(0) { $0 + (layout.isMeasured($1.index) ? $1.planned : 0) }
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
    for phase in entry.phases {
      row.phases[phase.index, default: RowCounts()].planned += phase.planned
      row.phases[phase.index, default: RowCounts()].note(shardsThrottled: phase.shardsThrottled)
    }
    for (pair, counts) in entry.counts { row.phases[pair.clock, default: RowCounts()].counts.add(counts) }
    // In the drain there may be nothing else to tell.
    if verdict.isBound, row.phases.isEmpty { row.phases[layout.phases.count] = RowCounts() }
  }

  /// Takes the distributions of a bin of `timeseries.csv`, whose rows are then whole.
  private func take(_ latencies: [PhasePair: LatencySet]) throws {
    for (pair, set) in latencies {
      if phases.indices.contains(pair.cohort) { phases[pair.cohort].latencies.add(set) }
      row.phases[pair.clock, default: RowCounts()].latencies.add(set)
    }
    try writeRows()
  }

  private func writeRows() throws {
    defer { row = RowBin() }
    guard let first = row.first else { return }
    var lines: [UInt8] = []
    var bins: [UInt8] = []
    var responses = [LatencySet.empty, LatencySet.empty]
    for phase in row.phases.keys.sorted() where clock.indices.contains(phase) {
      guard let counted = row.phases[phase] else { continue }
      responses[layout.isMeasured(phase) ? 1 : 0].add(counted.latencies.response)
      CSVFile.append(timeseriesRow(first, phase, counted), to: &lines)
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
    known.starvedRatio = entry.health.starved.map { min(Double($0) / 1e9, 1) }
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

  private func timeseriesRow(_ second: Int, _ phase: Int, _ counted: RowCounts) -> TimeseriesRow {
    let health = self.row.health
    var row = TimeseriesRow()
    row.runID = description.runID
    row.tS = second
    row.binS = layout.timeBinSeconds
    row.timeUTC = (description.start + Nanoseconds(layout.start(ofSecond: second))).iso8601
    row.phase = layout.phases.indices.contains(phase) ? layout.phases[phase].name : PhaseRow.drainName
    row.measured = layout.isMeasured(phase)
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
    row.starvedRatio = health.starved.map { min(Double($0) / 1e9, 1) }
    row.fill(from: counted)
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
    for (pair, shards) in entry.phases where clock.indices.contains(pair.clock) {
      let isMeasured = layout.isMeasured(pair.clock)
      for (index, counts) in shards {
        if phases.indices.contains(pair.cohort) { phases[pair.cohort].shards[index].add(counts) }
        clock[pair.clock].shards[index].add(counts)
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
      for index in binCounts[side].indices where !binCounts[side][index].isEmpty {
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
    for position in windows.indices {
      let threshold = windows[position].threshold
      guard isWhole(second, in: windows[position].phases) else {
        windows[position].push(second: second, nil)
        continue
      }
      // A ratio is one of answers, a rate says something as soon as there was anything to answer.
      func quotient(_ counts: some Counted, ofAtLeast count: Int) -> MetricQuotient? {
        MetricQuotient(threshold.metric, of: ByTheClock(counts), seconds: 1).map {
          threshold.metric.isRate ? $0.resting(onAtLeast: count) : $0
        }
      }
      if threshold.perShard {
        // Where somebody asks for this, counts per shard come by the second.
        let phases = shards?.phases.filter { windows[position].phases.contains($0.key.clock) } ?? [:]
        let quotients = peaks.indices.map { shard in
          var sum = ShardTraffic()
          for counts in phases.values { if let counts = counts[shard] { sum.add(counts) } }
          let waiting = clock.reduce(0) { $0 + $1.shards[shard].attempted - $1.shards[shard].ended }
          return quotient(sum, ofAtLeast: sum.ended + max(waiting, 0))
        }
        let known = quotients.compactMap { $0 }
        windows[position].push(second: second, known.count == quotients.count ? known : nil)
      } else {
        var sum = RunCounts()
        for (pair, counts) in entry.counts where windows[position].phases.contains(pair.clock) { sum.add(counts) }
        let due = entry.phases.reduce(0) { $0 + (windows[position].phases.contains($1.index) ? $1.planned : 0) }
        let waiting = clock.reduce(0) { $0 + $1.counts.traffic.attempted - $1.counts.traffic.ended }
        windows[position].push(
          second: second, quotient(sum, ofAtLeast: max(due, sum.traffic.ended + waiting)).map { [$0] })
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
