import Measurement
import RunResults

extension LoadedRun {
  /// The run with what can be summed from the files that are written as it goes, for one that was cut off before the rest
  /// was: its phases from `timeseries.csv`, its shards from `shard_seconds.csv`. Percentiles are not among it: those of
  /// seconds cannot be added.
  func filled() -> LoadedRun {
    var run = self
    if run.phases == nil, let rows = run.timeseries, !rows.isEmpty { run.phases = LoadedRun.phases(of: rows) }
    if run.shards == nil, let cells = run.shardSeconds, !cells.isEmpty { run.shards = LoadedRun.shards(of: cells) }
    return run
  }

  private static func phases(of rows: [TimeseriesRow]) -> [PhaseRow] {
    var phases: [PhaseRow] = []
    for row in rows {
      let index: Int
      if let known = phases.firstIndex(where: { $0.phase == row.phase }) {
        index = known
      } else {
        var phase = PhaseRow()
        (phase.runID, phase.phase, phase.measured) = (row.runID, row.phase, row.measured)
        (phase.startS, phase.durationS) = (Double(row.tS), 0)
        phases.append(phase)
        index = phases.count - 1
      }
      // A phase's answers may come after its end: only seconds in which something was due are its time.
      let end = Double(row.tS + row.binS)
      if row.plannedRecords > 0 { phases[index].durationS = max(phases[index].durationS, end - phases[index].startS) }
      phases[index].add(row)
    }
    // A closed loop plans nothing: its time is that of its traffic.
    for index in phases.indices where phases[index].durationS == 0 {
      let own = rows.filter { $0.phase == phases[index].phase }
      phases[index].durationS = (own.map { Double($0.tS + $0.binS) }.max() ?? 0) - phases[index].startS
    }
    for index in phases.indices {
      phases[index].metrics = MetricValues(of: phases[index], seconds: phases[index].durationS)
    }
    let measured = phases.filter(\.measured)
    guard let first = measured.first else { return phases }
    var all = PhaseRow()
    (all.runID, all.phase, all.measured) = (first.runID, PhaseRow.allName, true)
    all.startS = measured.map(\.startS).min() ?? 0
    all.durationS = measured.reduce(0) { $0 + $1.durationS }
    for row in rows where row.measured { all.add(row) }
    all.metrics = MetricValues(of: all, seconds: all.durationS)
    return phases + [all]
  }

  private static func shards(of cells: [ShardSecondRow]) -> [ShardRow] {
    let count = (cells.map(\.shardIndex).max() ?? -1) + 1
    guard count > 0, count <= 1_000_000 else { return [] }
    var rows = (0..<count).map { index in
      var row = ShardRow()
      row.shardIndex = index
      return row
    }
    for cell in cells where cell.measured && rows.indices.contains(cell.shardIndex) {
      let bin = max(cell.binS, 1)
      rows[cell.shardIndex].firstTryRecords += cell.firstTryRecords
      rows[cell.shardIndex].attemptedRecords += cell.attemptedRecords
      rows[cell.shardIndex].acceptedRecords += cell.acceptedRecords
      rows[cell.shardIndex].throttledRecords += cell.throttledRecords
      rows[cell.shardIndex].faultRecords += cell.faultRecords
      rows[cell.shardIndex].unknownRecords += cell.unknownRecords
      rows[cell.shardIndex].attemptedBytes += cell.attemptedBytes
      rows[cell.shardIndex].secondsThrottled += cell.throttledRecords > 0 ? bin : 0
      // The busiest second is known where a bin is a second.
      guard bin == 1 else { continue }
      rows[cell.shardIndex].peak1sRecords = max(rows[cell.shardIndex].peak1sRecords, cell.attemptedRecords)
      rows[cell.shardIndex].peak1sFirstTryRecords = max(
        rows[cell.shardIndex].peak1sFirstTryRecords, cell.firstTryRecords)
      rows[cell.shardIndex].peak1sBytes = max(rows[cell.shardIndex].peak1sBytes, cell.attemptedBytes)
    }
    for index in rows.indices where rows[index].attemptedRecords > 0 {
      rows[index].throttleRatio = Metric.throttleRatio.value(of: rows[index])
    }
    return rows
  }
}

extension PhaseRow {
  /// Adds the counts of a second.
  fileprivate mutating func add(_ row: TimeseriesRow) {
    plannedRecords += row.plannedRecords
    firstTryRecords += row.firstTryRecords
    attemptedRecords += row.attemptedRecords
    acceptedRecords += row.acceptedRecords
    throttledRecords += row.throttledRecords
    faultRecords += row.faultRecords
    unknownRecords += row.unknownRecords
    gaveUpRecords += row.gaveUpRecords
    expiredRecords += row.expiredRecords
    skippedRecords += row.skippedRecords
    unfinishedRecords += row.unfinishedRecords
    attemptedBytes += row.attemptedBytes
    acceptedBytes += row.acceptedBytes
    requests += row.requests
    requestsPartial += row.requestsPartial
    requestsRefused += row.requestsRefused
    transportErrors += row.transportErrors
    generatorBoundS += row.generatorBound ? row.binS : 0
    throttleRatio = Metric.throttleRatio.value(of: self)
  }
}
