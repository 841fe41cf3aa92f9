import Kinesis
import Measurement
import Observations

extension RunCollector {
  /// Ends the collection: writes what is left, judges, and writes `summary.json` last.
  ///
  /// - Parameters:
  ///   - keys: how keys are called; `nil` leaves every column about keys unknown.
  ///   - verification: what reading the stream back found, when it was read.
  ///   - extraFiles: names of files others put into the folder, listed in the summary.
  ///   - observed: what a target saw, where it was the target that saw.
  /// - Returns: the summary as written.
  package func finish(
    keys names: KeyNames?, verification: VerificationCounts? = nil, extraFiles: [String] = [],
    observed: ObservedEnding? = nil
  ) throws -> Summary {
    let ending = try endRows()
    if let seen = observed?.producer, phases.indices.contains(0) {
      // Of different records, and those never accepted: what a plan and its losses are to a driver.
      phases[0].planned = seen.judged.distinct
      phases[0].counts.delivery.gaveUp = seen.judged.lost
    }
    let all = totals(of: layout.phaseIndices(of: nil))
    let heaviest = HeaviestKeys(layout: layout, counts: keys?.counts, names: names)

    let shardRows = shardRows(all, keys: heaviest)
    try write(CSVFile.bytes(shardRows), to: ShardRow.fileName)
    try write(CSVFile.bytes(phaseRows(all, ending)), to: PhaseRow.fileName)
    try write(CSVFile.bytes(latencyRows(all, connections: connections)), to: LatencyRow.fileName)
    let keyRows = heaviest.rows(runID: description.runID, all, seconds: measuredSeconds, limits: layout.limits)
    try write(CSVFile.bytes(keyRows), to: KeyRow.fileName)
    try write(CSVFile.bytes(errorRows(errors)), to: ErrorRow.fileName)
    try writeHistograms(all)

    let judge = ThresholdJudge(collector: self, verification: verification, producer: observed?.producer)
    var summary = summary(
      all, shardRows: shardRows, thresholds: judge.judgeAll(), ending: ending, verification: verification,
      extraFiles: extraFiles)
    if let observed { summary = self.observed(summary, observed, reason: ending.reason) }
    try write(Array(summary.fileText.utf8), to: Summary.fileName)
    return summary
  }

  /// The sum over phases.
  func totals(of indices: Set<Int>) -> PhaseTotals {
    var sum = PhaseTotals(shardCount: layout.shards.count)
    for index in indices.sorted() { sum.add(phases[index]) }
    return sum
  }

  /// What happened while these phases ran, by the clock.
  func clockTotals(of indices: Set<Int>) -> PhaseTotals {
    var sum = PhaseTotals(shardCount: layout.shards.count)
    for index in indices.sorted() { sum.add(clock[index]) }
    return sum
  }

  /// How long these phases ran together, as far as they were final or planned, in seconds.
  func seconds(of indices: Set<Int>) -> Double {
    indices.reduce(0) { sum, index in
      let shape = layout.phases[index]
      let end = min(shape.end.value, stoppedAt ?? .max)
      return sum + Double(max(end - shape.start.value, 0)) / 1e9
    }
  }

  /// The drain: from the plan's end, or a stop, until the last answer came or was given up.
  func drain(_ ending: RunEnding) -> (start: Nanoseconds, seconds: Double) {
    let start = min(layout.end.value, stoppedAt ?? .max)
    return (Nanoseconds(start), Double(max(ending.ended - start, 0)) / 1e9)
  }

  /// How long the measured phases ran together, in seconds.
  var measuredSeconds: Double { seconds(of: layout.phaseIndices(of: nil)) }

  /// Records of a phase that an early stop kept from coming due.
  func notReached(_ phase: Int) -> Int {
    max((layout.phases[phase].records ?? 0) - phases[phase].planned, 0)
  }

  /// When a shard was open, in seconds since the first measured phase; `nil` for the run's start and end.
  private func life(ofShard index: Int) -> (from: Double?, to: Double?) {
    func second(_ noticed: Int64?) -> Double? { noticed.map { Double($0 - layout.origin.value) / 1e9 } }
    return (second(openedAt[index]), second(closedAt[index]))
  }

  /// How long a shard was open while these phases ran, in seconds, as far as they were final or planned; 0 for one that
  /// was never listed.
  func openSeconds(ofShard index: Int, in phases: Set<Int>) -> Double {
    guard !layout.shards.unlisted.contains(index) else { return 0 }
    let from = openedAt[index] ?? .min
    let to = closedAt[index] ?? .max
    return phases.reduce(0) { sum, phase in
      let shape = layout.phases[phase]
      let start = max(shape.start.value, from)
      return sum + Double(max(min(shape.end.value, stoppedAt ?? .max, to) - start, 0)) / 1e9
    }
  }

  /// The hottest shard's rate of first tries over the mean of all, each over the time it was open.
  func skew(of phases: Set<Int>) -> (value: Double, samples: Int)? {
    let open = layout.shards.shards.indices.map { openSeconds(ofShard: $0, in: phases) }
    let loads = layout.shards.shards.indices.map { shard in
      phases.reduce(0) { $0 + self.phases[$1].shards[shard].firstTries }
    }
    let total = zip(loads, open).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) }
    let rates = zip(loads, open).compactMap { Quotient.divide($0, by: $1) }
    guard let hottest = rates.max(), let mean = Quotient.divide(total, by: open.reduce(0, +)) else { return nil }
    return Quotient.divide(hottest, by: mean).map { ($0, total) }
  }

  private func shardRows(_ all: PhaseTotals, keys: HeaviestKeys) -> [ShardRow] {
    let clock = clockTotals(of: layout.phaseIndices(of: nil))
    return layout.shards.shards.enumerated().map { index, shard in
      let seconds = openSeconds(ofShard: index, in: layout.phaseIndices(of: nil))
      let counts = all.shards[index]
      let peak = peaks[index]
      let response = responses.histogram(ofShard: index)
      var row = ShardRow()
      row.runID = description.runID
      row.shardIndex = index
      row.shardID = shard.id
      if !layout.shards.unlisted.contains(index) {
        row.hashStart = shard.range.start
        row.hashEnd = shard.range.end
      }
      let life = life(ofShard: index)
      row.openFromS = life.from
      row.openToS = life.to
      row.limitRecordsPerS = layout.limits.recordsPerSecond
      row.limitBytesPerS = layout.limits.bytesPerSecond
      row.traffic = counts
      row.throttleRatio = Metric.throttleRatio.value(of: counts)
      row.peak = peak
      if let records = clock.shards[index].perSecond(.attempted, over: seconds),
        let bytes = clock.shards[index].perSecond(.attemptedBytes, over: seconds)
      {
        row.meanUseRatio = layout.limits.use(records: records, bytes: bytes)
        row.peakUseRatio = layout.limits.use(records: Double(peak.records), bytes: Double(peak.bytes))
      }
      row.responseP50Ms = response.milliseconds(at: .p50)
      row.responseP99Ms = response.milliseconds(at: .p99)
      row.responseSamples = Int(response.count)
      row.clock = Traffic(clock.shards[index])
      keys.fill(&row)
      return row
    }
  }

  private func errorRows(_ errors: ErrorTable) -> [ErrorRow] {
    let entries = errors.entries.filter { $0.count > 0 }
    let rows = entries.map { entry in
      var row = ErrorRow()
      row.runID = description.runID
      row.level = entry.level.rawValue
      row.code = entry.code
      row.httpStatus = entry.status == 0 ? nil : Int(entry.status)
      row.count = entry.count
      row.firstTS = entry.firstSecond
      row.lastTS = entry.lastSecond
      row.shards = entry.shards.isEmpty ? nil : entry.shardCount
      row.sampleMessage = entry.message
      row.measured = entry.isMeasured
      return row
    }
    // Lanes meet kinds in any order; the file does not depend on it.
    return rows.sorted {
      ($0.measured ? 0 : 1, $0.level, $0.code, $0.httpStatus ?? 0)
        < ($1.measured ? 0 : 1, $1.level, $1.code, $1.httpStatus ?? 0)
    }
  }

  private func writeHistograms(_ all: PhaseTotals) throws {
    var log = HistogramLog(
      start: description.start + layout.origin, end: description.start + layout.origin + .seconds(measuredSeconds))
    for kind in LatencyKind.allCases { log.append(all.latencies.histogram(of: kind), tag: kind.rawValue) }
    try write(log.takeBytes(), to: HistogramLog.fileName)
    for (index, shard) in layout.shards.shards.enumerated() {
      log.append(responses.histogram(ofShard: index), tag: shard.id)
      // A shard's line is about a kilobyte; thousands of them are not gathered first.
      if index % 64 == 63 { try sink.append(log.takeBytes(), to: HistogramLog.fileName) }
    }
    try sink.append(log.takeBytes(), to: HistogramLog.fileName)
  }
}
