import Measurement
import Observations

extension RunCollector {
  /// The rows of `phases.csv`: each phase, the drain if there was one, then everything measured.
  func phaseRows(_ all: PhaseTotals, _ ending: RunEnding) -> [PhaseRow] {
    var rows: [PhaseRow] = []
    for (index, shape) in layout.phases.enumerated() {
      var row = phaseRow(phases[index], clock[index], seconds: seconds(of: [index]))
      row.phase = shape.name
      row.measured = shape.isMeasured
      row.startS = (shape.start - layout.origin).seconds
      rows.append(row)
    }
    let (drainStart, drainSeconds) = drain(ending)
    if drainSeconds > 0 || !clock[layout.phases.count].counts.traffic.isEmpty {
      // How long and how many: rates over the last answer's few milliseconds would say nothing.
      var row = phaseRow(PhaseTotals(shardCount: 0), clock[layout.phases.count], seconds: 0)
      row.phase = PhaseRow.drainName
      row.durationS = drainSeconds
      row.startS = (drainStart - layout.origin).seconds
      rows.append(row)
    }
    var row = phaseRow(all, clockTotals(of: layout.phaseIndices(of: nil)), seconds: measuredSeconds)
    row.phase = PhaseRow.allName
    row.measured = true
    rows.append(row)
    return rows
  }

  /// A row of a phase's records, with what happened while it ran by the clock, of which rates are made.
  private func phaseRow(_ totals: PhaseTotals, _ clock: PhaseTotals, seconds: Double) -> PhaseRow {
    var row = PhaseRow()
    row.runID = description.runID
    row.durationS = seconds
    row.planned = totals.planned
    (row.traffic, row.delivery, row.clock) = (totals.counts.traffic, totals.counts.delivery, clock.counts.traffic)
    row.plannedRecordsPerS = clock.perSecond(.planned, over: seconds)
    row.firstTryRecordsPerS = clock.perSecond(.firstTries, over: seconds)
    row.attemptedRecordsPerS = clock.perSecond(.attempted, over: seconds)
    row.acceptedRecordsPerS = Metric.acceptedRate.value(of: clock, seconds: seconds)
    row.acceptedBytesPerS = Metric.acceptedByteRate.value(of: clock, seconds: seconds)
    row.throttleRatio = Metric.throttleRatio.value(of: totals)
    row.faultRatio = Metric.faultRatio.value(of: totals)
    row.lostRatio = Metric.lostRatio.value(of: totals)
    row.retryRatio = Quotient.retryRatio.value(of: totals)
    row.shardsThrottled = totals.shards.count { $0.throttled > 0 }
    let response = totals.latencies.response
    row.responseP50Ms = response.milliseconds(at: .p50)
    row.responseP99Ms = response.milliseconds(at: .p99)
    let delivery = totals.latencies.delivery
    row.deliveryP50Ms = delivery.milliseconds(at: .p50)
    row.deliveryP99Ms = delivery.milliseconds(at: .p99)
    row.serviceP99Ms = totals.latencies.serviceTimes.all.milliseconds(at: .p99)
    row.latenessP99Ms = totals.latencies.deliveryTimes.lateness.milliseconds(at: .p99)
    row.generatorBoundS = totals.generatorBoundSeconds
    row.metrics = MetricValues(of: totals, seconds: seconds)
    return row
  }

  /// The rows of `latency.csv`: every measured phase, then everything measured; empty distributions have none.
  func latencyRows(_ all: PhaseTotals, connections: ConnectionSet) -> [LatencyRow] {
    var rows: [LatencyRow] = []
    for (index, shape) in layout.phases.enumerated() where shape.isMeasured {
      append(phases[index].latencies, phase: shape.name, percentiles: LatencyRow.fewPercentiles, to: &rows)
    }
    append(all.latencies, phase: PhaseRow.allName, percentiles: LatencyRow.manyPercentiles, to: &rows)
    // Connections belong to no phase: these rows are of the whole run, its warm-up and the time before it included.
    let made: [(metric: String, outcome: String, Histogram)] = [
      ("connect", "all", connections.connect), ("handshake", "full", connections.handshake),
      ("handshake", "resumed", connections.resumedHandshake),
    ]
    for (metric, outcome, histogram) in made {
      append(
        histogram, metric: metric, outcome: outcome, phase: PhaseRow.allName, percentiles: LatencyRow.fewPercentiles,
        to: &rows)
    }
    return rows
  }

  private func append(_ set: LatencySet, phase: String, percentiles: [Double], to rows: inout [LatencyRow]) {
    let distributions: [(LatencyKind, String, Histogram)] = [
      (.response, "accepted", set.response), (.response, "throttled", set.deliveryTimes.throttled),
      (.response, "refused", set.deliveryTimes.refused), (.delivery, "all", set.delivery),
      (.queue, "all", set.deliveryTimes.queue),
      (.service, "accepted", set.serviceTimes.accepted), (.service, "partial", set.serviceTimes.partial),
      (.service, "refused", set.serviceTimes.refused), (.service, "all", set.serviceTimes.all),
      (.lateness, "all", set.deliveryTimes.lateness),
    ]
    for (kind, outcome, histogram) in distributions {
      append(
        histogram, metric: kind.rawValue, outcome: outcome, phase: phase, percentiles: percentiles, to: &rows)
    }
  }

  /// A line for each percentile; none for an empty distribution.
  private func append(
    _ histogram: Histogram, metric: String, outcome: String, phase: String, percentiles: [Double],
    to rows: inout [LatencyRow]
  ) {
    if histogram.isEmpty { return }
    for percentile in percentiles {
      var row = LatencyRow()
      row.runID = description.runID
      row.metric = metric
      row.outcome = outcome
      row.phase = phase
      row.percentile = percentile
      row.valueMs = Double(histogram.value(atQuantile: percentile / 100)) / 1e6
      row.samples = Int(histogram.count)
      row.samplesBeyond = Int(histogram.samplesBeyond(percentile / 100))
      row.supported = percentile == 0 || percentile == 100 || row.samplesBeyond >= LatencyRow.supportingSamples
      rows.append(row)
    }
  }
}

extension LatencyRow {
  /// Fewer samples beyond a percentile than this leave it unsupported.
  static let supportingSamples = 10

  /// The percentiles of a single phase.
  static let fewPercentiles: [Double] = [0, 50, 75, 90, 95, 99, 99.9, 99.99, 100]

  /// The percentiles of the whole run, dense enough to draw: every tenth of each decade of the tail.
  static let manyPercentiles: [Double] = {
    let body = [0.0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90]
    let tails = [(90.0, 1.0), (99.0, 10.0), (99.9, 100.0), (99.99, 1_000.0)]
    // Division of whole numbers: 99.9 must be the number that reads 99.9.
    let tail = tails.flatMap { start, parts in
      (1...9).map { ((start * parts).rounded() + Double($0)) / parts }
    }
    return body + tail + [100]
  }()
}
