import Measurement
import Observations
import RunResults

extension LoadedRun {
  /// The run with what can be summed from the files that are written as it goes, for one that was cut off before the rest
  /// was: its phases from `timeseries.csv`, its shards from `shard_seconds.csv`, both by the clock. Percentiles are not among
  /// it: those of seconds cannot be added.
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
      if row.planned > 0 { phases[index].durationS = max(phases[index].durationS, end - phases[index].startS) }
      phases[index].add(row)
      phases[index].generatorBoundS += row.generatorBound ? row.binS : 0
    }
    // A closed loop plans nothing: its time is that of its traffic.
    for index in phases.indices where phases[index].durationS == 0 {
      let own = rows.filter { $0.phase == phases[index].phase }
      phases[index].durationS = (own.map { Double($0.tS + $0.binS) }.max() ?? 0) - phases[index].startS
    }
    let measured = phases.filter(\.measured)
    if let first = measured.first {
      var all = PhaseRow()
      (all.runID, all.phase, all.measured) = (first.runID, PhaseRow.allName, true)
      all.startS = measured.map(\.startS).min() ?? 0
      for phase in measured {
        all.durationS += phase.durationS
        all.generatorBoundS += phase.generatorBoundS
        all.add(phase)
      }
      phases.append(all)
    }
    for index in phases.indices {
      let (row, seconds) = (phases[index], phases[index].durationS)
      phases[index].throttleRatio = Metric.throttleRatio.value(of: ByTheClock(row))
      phases[index].metrics = MetricValues(of: row, seconds: seconds)
      phases[index].clock = row.traffic
      phases[index].plannedRecordsPerS = row.perSecond(.planned, over: seconds)
      phases[index].firstTryRecordsPerS = row.perSecond(.firstTries, over: seconds)
      phases[index].attemptedRecordsPerS = row.perSecond(.attempted, over: seconds)
      phases[index].acceptedRecordsPerS = Metric.acceptedRate.value(of: row, seconds: seconds)
      phases[index].acceptedBytesPerS = Metric.acceptedByteRate.value(of: row, seconds: seconds)
    }
    return phases
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
      rows[cell.shardIndex].traffic.add(cell.traffic)
      // The busiest second is known where a bin is a second.
      if bin == 1 {
        rows[cell.shardIndex].peak.note(cell.traffic)
      } else {
        rows[cell.shardIndex].peak.secondsThrottled += cell.traffic.throttled > 0 ? bin : 0
      }
    }
    for index in rows.indices where rows[index].traffic.attempted > 0 {
      rows[index].throttleRatio = Metric.throttleRatio.value(of: ByTheClock(rows[index]))
      rows[index].clock = Traffic(rows[index].traffic)
    }
    return rows
  }
}
