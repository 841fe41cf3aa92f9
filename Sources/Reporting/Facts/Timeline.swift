import Observations
import RunResults

/// What the charts over time share: one axis, what happened in each of its columns, and the marks above them.
struct Timeline {
  /// The axis.
  let frame: TimeFrame
  /// One entry per column of `frame`.
  let columns: [TimeColumn]
  /// Every phase in order.
  let phases: [PhaseSpan]
  /// How the stream's shards changed, in order.
  let shardChanges: [SummaryShardChange]

  /// The time line of the rows of `timeseries.csv` and of `phases.csv` without its line `all`.
  init(_ rows: [TimeseriesRow], phases lines: [PhaseRow], shardChanges: [SummaryShardChange]) {
    // A drain too short for half a step is not drawn.
    phases = lines.filter { $0.phase != PhaseRow.drainName || $0.durationS >= 0.5 }.map {
      PhaseSpan(
        name: $0.phase, start: $0.startS, end: $0.startS + $0.durationS, measured: $0.measured,
        plannedPerSecond: $0.plannedRecordsPerS)
    }
    let start = phases.map(\.start).min() ?? rows.map { Double($0.tS) }.min() ?? 0
    let planEnd = phases.filter { $0.name != PhaseRow.drainName }.map(\.end).max()
    let end = phases.map(\.end).max() ?? rows.map { Double($0.tS + $0.binS) }.max() ?? 0
    frame = TimeFrame(start: start, end: end, planEnd: planEnd, binSeconds: rows.map(\.binS).max() ?? 1)
    columns = Timeline.columns(rows, frame)
    self.shardChanges = shardChanges
  }

  /// How long the warm-up before t = 0 took, in seconds.
  var warmUpSeconds: Double { max(0, -frame.start) }

  /// Sums the rows into columns; percentiles take the worst second, or the middle one for p50 and p90.
  private static func columns(_ rows: [TimeseriesRow], _ frame: TimeFrame) -> [TimeColumn] {
    var columns = Array(repeating: TimeColumn(), count: frame.count)
    var middles = Array(repeating: (p50: [Double](), p90: [Double]()), count: frame.count)
    func larger(_ left: Double?, _ right: Double?) -> Double? {
      guard let left, let right else { return left ?? right }
      return max(left, right)
    }
    for row in rows {
      guard let index = frame.column(of: row.tS) else { continue }
      columns[index].planned += row.planned
      columns[index].traffic.add(row.traffic)
      columns[index].delivery.add(row.delivery)
      columns[index].unsent += row.unsentRecords ?? 0
      columns[index].generatorBound = columns[index].generatorBound || row.generatorBound
      columns[index].capped = columns[index].capped || row.capped
      columns[index].measured = columns[index].measured || row.measured
      columns[index].cpu = larger(columns[index].cpu, row.cpuRatio)
      columns[index].lateness = larger(columns[index].lateness, row.latenessP99Ms)
      columns[index].p99 = larger(columns[index].p99, row.responseP99Ms)
      columns[index].p999 = larger(columns[index].p999, row.responseP999Ms)
      columns[index].maximum = larger(columns[index].maximum, row.responseMaxMs)
      if let most = row.inFlightMax { columns[index].inFlight = max(columns[index].inFlight ?? 0, most) }
      if let p50 = row.responseP50Ms { middles[index].p50.append(p50) }
      if let p90 = row.responseP90Ms { middles[index].p90.append(p90) }
    }
    for index in columns.indices {
      columns[index].p50 = middle(middles[index].p50)
      columns[index].p90 = middle(middles[index].p90)
    }
    return columns
  }

  /// The middle value, the upper one of two.
  private static func middle(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }
}

/// When a phase ran, for the brackets above a chart.
struct PhaseSpan: Equatable {
  /// The phase's name; foreign text.
  let name: String
  /// Seconds since t = 0.
  let start: Double
  /// Seconds since t = 0.
  let end: Double
  /// Whether it counts.
  let measured: Bool
  /// Mean rate of the plan, records/s; nil for a closed loop.
  let plannedPerSecond: Double?
}

/// What happened in one column of the time axis: sums of its seconds, and for percentiles the worst or the middle second,
/// since percentiles of several seconds cannot be averaged.
struct TimeColumn: Equatable {
  /// Records due.
  var planned: Int = 0
  /// Requests and tries.
  var traffic = Traffic()
  /// How records ended here.
  var delivery = Delivery()
  /// Median response of the middle second, ms.
  var p50: Double?
  /// 90th percentile of the middle second, ms.
  var p90: Double?
  /// 99th percentile of the worst second, ms.
  var p99: Double?
  /// 99.9th percentile of the worst second, ms.
  var p999: Double?
  /// Longest response, ms.
  var maximum: Double?
  /// 99th percentile of the lateness in the worst second, ms.
  var lateness: Double?
  /// Busiest worker's share of its core in the worst second.
  var cpu: Double?
  /// Most requests in flight.
  var inFlight: Int?
  /// Records due that were never sent.
  var unsent: Int = 0
  /// Whether the generator was the bottleneck in one of the seconds.
  var generatorBound = false
  /// Whether the cap on requests in flight held the load back in one of the seconds.
  var capped = false
  /// Whether one of the seconds counts.
  var measured = false
}
