import Kinesis
import Measurement
import Observations

extension RunCollector {
  /// `summary.json` of the run as counted.
  func summary(
    _ all: PhaseTotals, shardRows: [ShardRow], thresholds: [SummaryThreshold], ending: RunEnding,
    verification: VerificationCounts?, extraFiles: [String]
  ) -> Summary {
    let measured = layout.phaseIndices(of: nil)
    let rest = Set(layout.phases.indices).subtracting(measured)
    let identityHolds = phases.allSatisfy { $0.counts.isBalanced(planned: $0.planned) }
    // A target of which no record was ever accepted or throttled did not answer as the service does.
    let empty = ending.reason == .completed ? emptyPhases : []
    let isMeasured = all.counts.traffic.accepted + all.counts.traffic.throttled > 0
    let isValid = isMeasured && empty.isEmpty && judge.verdict != .generatorBound
    let thresholdsHold = thresholds.allSatisfy(\.passed)

    var summary = Summary()
    summary.runID = description.runID
    summary.complete = ending.reason == .completed
    summary.validity = judge.verdict.rawValue
    let code = ExitCode.run(
      ending.reason, identityHolds: identityHolds, isValid: isValid, thresholdsHold: thresholdsHold)
    summary.exitCode = code.rawValue
    summary.verdict =
      Self.verdict(ending.reason, isValid: isValid && identityHolds, thresholds)
      .rawValue
    summary.scenario = description.scenario
    summary.tool = description.tool
    summary.target = target
    summary.time = time(ending)
    summary.records = records(all, measured)
    summary.warmupRecords = records(totals(of: rest), rest)
    summary.rates = rates(all)
    summary.latencyMs = SummaryLatencies(all.latencies)
    summary.shards = shards(all, shardRows)
    summary.generator = generator(all, service: summary.latencyMs.service ?? SummaryLatency(), rates: summary.rates)
    summary.thresholds = thresholds
    summary.machine = description.machine
    summary.requests.traffic = all.counts.traffic
    summary.connections = SummaryConnections(connections)
    summary.checks.identityHolds = identityHolds
    summary.checks.sequenceViolations = checks.sequenceViolations
    summary.checks.shardMismatches = checks.shardMismatches
    summary.checks.clampedRecords = checks.clampedRecords
    summary.checks.placedByPrediction = all.shards.reduce(0) { $0 + $1.placedByPrediction }
    summary.warnings = description.warnings + warnings(isMeasured: isMeasured, empty: empty, summary)
    summary.files = files + extraFiles + [Summary.fileName]
    if let verification { summary.take(verification) }
    return summary
  }

  private static func verdict(
    _ reason: RunEnding.Reason, isValid: Bool, _ thresholds: [SummaryThreshold]
  ) -> RunVerdict {
    switch reason {
    case .interrupted, .killed: .incomplete
    case .failed: .invalid
    case .completed, .aborted:
      !isValid ? .invalid : thresholds.isEmpty ? .none : thresholds.allSatisfy(\.passed) ? .pass : .fail
    }
  }

  /// The names of measured phases in which no record came due and none was tried: they prove nothing.
  private var emptyPhases: [String] {
    zip(layout.phases, phases).filter { $0.isMeasured && $1.planned + $1.counts.traffic.attempted == 0 }.map(\.0.name)
  }

  private var target: SummaryTarget {
    var target = description.target
    target.shards = shardsAtStart
    if layout.limits.recordsPerSecond != nil || layout.limits.bytesPerSecond != nil {
      var limits = SummaryLimits()
      limits.recordsPerS = layout.limits.recordsPerSecond
      limits.bytesPerS = layout.limits.bytesPerSecond
      target.limits = limits
    }
    return target
  }

  private func time(_ ending: RunEnding) -> SummaryTime {
    let (sendingEnd, drainSeconds) = drain(ending)
    var time = SummaryTime()
    time.start = description.start.iso8601
    time.end = (description.start + Nanoseconds(ending.ended)).iso8601
    time.warmupS = Double(max(min(layout.origin.value, sendingEnd.value), 0)) / 1e9
    time.measuredS = measuredSeconds
    time.drainS = drainSeconds
    return time
  }

  private func records(_ totals: PhaseTotals, _ indices: Set<Int>) -> SummaryRecords {
    var records = SummaryRecords()
    records.planned = totals.planned
    (records.traffic, records.delivery) = (totals.counts.traffic, totals.counts.delivery)
    records.notReached = indices.reduce(0) { $0 + notReached($1) }
    records.clock = clockTotals(of: indices).counts.traffic
    return records
  }

  /// Ratios are of the measured cohort, rates by the clock.
  private func rates(_ all: PhaseTotals) -> SummaryRates {
    let clock = clockTotals(of: layout.phaseIndices(of: nil))
    let seconds = measuredSeconds
    var rates = SummaryRates()
    rates.throttleRatio = Metric.throttleRatio.value(of: all)
    rates.lostRatio = Metric.lostRatio.value(of: all)
    rates.retryRatio = Quotient.retryRatio.value(of: all)
    rates.faultRatio = Metric.faultRatio.value(of: all)
    rates.plannedRecordsPerS = clock.perSecond(.planned, over: seconds)
    rates.attemptedRecordsPerS = clock.perSecond(.attempted, over: seconds)
    rates.acceptedRecordsPerS = Metric.acceptedRate.value(of: clock, seconds: seconds)
    rates.acceptedBytesPerS = Metric.acceptedByteRate.value(of: clock, seconds: seconds)
    rates.requestsPerS = Metric.requestsRate.value(of: clock, seconds: seconds)
    rates.recordsPerRequest = Metric.requestsRecords.value(of: all)
    rates.metrics = MetricValues(of: all, seconds: seconds)
    rates.skewMax = skew(of: layout.phaseIndices(of: nil))?.value
    return rates
  }

  private func shards(_ all: PhaseTotals, _ rows: [ShardRow]) -> SummaryShards {
    var shards = SummaryShards()
    shards.atEnd = layout.shards.openIndices.count
    shards.changes = shardChanges.map { change in
      var row = SummaryShardChange()
      row.tS = Double(change.noticed - layout.origin.value) / 1e9
      row.listedTS = Double(change.listed - layout.origin.value) / 1e9
      row.opened = change.opened.map { layout.shards.shards[$0].id }
      row.closed = change.closed.map { layout.shards.shards[$0].id }
      return row
    }
    shards.unlisted = layout.shards.unlisted.sorted().map { layout.shards.shards[$0].id }
    shards.throttled = rows.count { $0.traffic.throttled > 0 }
    shards.throttledRecordsUnplaced = all.counts.traffic.throttledUnplaced
    let worst = rows.filter { $0.traffic.throttled > 0 }.sorted {
      ($1.traffic.throttled, $0.shardIndex) < ($0.traffic.throttled, $1.shardIndex)
    }
    shards.worst = worst.prefix(10).map { row in
      var shard = SummaryShard()
      shard.index = row.shardIndex
      shard.id = row.shardID
      shard.throttleRatio = row.throttleRatio
      shard.topKey = row.topKey
      shard.topKeyRatio = row.topKeyRatio
      shard.throttledRecords = row.traffic.throttled
      return shard
    }
    return shards
  }

  private func generator(_ all: PhaseTotals, service: SummaryLatency, rates: SummaryRates) -> SummaryGenerator {
    var generator = SummaryGenerator()
    generator.verdict = judge.verdict.rawValue
    generator.cpuMaxRatio = cpuMax
    generator.stealMaxRatio = stealMax
    generator.latenessP99Ms = all.latencies.deliveryTimes.lateness.milliseconds(at: .p99)
    generator.inFlightMax = inFlightMax
    generator.inFlightCap = layout.inFlightCap
    generator.unsent = max(all.planned - all.counts.traffic.firstTries, 0)
    generator.boundS = judge.boundSeconds
    generator.stoppedS = judge.stoppedSeconds
    generator.cappedS = judge.cappedSeconds
    generator.seconds = judge.seconds
    generator.workers = layout.workers
    generator.latenessBoundMs = layout.latenessBound.milliseconds
    generator.connections = layout.connections
    generator.sendBufferFullRequests = sendBufferFull
    generator.saturatedS = judge.saturatedSeconds
    generator.closedLoopS = judge.closedLoopSeconds
    if judge.verdict == .capped, let atOnce = [layout.connections, layout.inFlightCap].compactMap(\.self).min() {
      generator.littlesLaw = SummaryLittlesLaw(
        atOnce: atOnce, serviceMeanMs: service.mean ?? 0, recordsPerRequest: rates.recordsPerRequest ?? 0,
        busiestPlannedRecords: busiestPlanned)
    }
    return generator
  }

  private func warnings(isMeasured: Bool, empty: [String], _ summary: Summary) -> [String] {
    var warnings: [String] = []
    for (index, totals) in phases.enumerated() where !totals.counts.isBalanced(planned: totals.planned) {
      let counts = totals.counts
      warnings.append(
        "phase \(layout.phases[index].name): the records do not add up: planned \(totals.planned), first tries "
          + "\(counts.traffic.firstTries), never tried \(counts.delivery.untried), attempted \(counts.traffic.attempted) = accepted "
          + "\(counts.traffic.accepted) + throttled \(counts.traffic.throttled) + fault \(counts.traffic.fault) + unknown \(counts.traffic.unknown); ends: "
          + "gave up \(counts.delivery.gaveUp), expired \(counts.delivery.expired), skipped \(counts.delivery.skipped), unfinished "
          + "\(counts.delivery.unfinished)")
    }
    if !isMeasured {
      warnings.append(
        summary.records.traffic.attempted > 0
          ? "nothing was measured: no record was accepted or throttled, see errors.csv" : "nothing was measured")
    }
    if isMeasured { warnings += empty.map { "nothing was measured in phase \($0): it had no records" } }
    if judge.verdict == .generatorBound {
      warnings.append(
        "the generator was \(summary.generator?.wasStopped == true ? "stopped or starved" : "the bottleneck") in "
          + "\(judge.boundSeconds) of \(judge.seconds) seconds: its numbers are not the target's")
    }
    if judge.isSaturated {
      warnings.append(
        "a worker was saturated in \(judge.saturatedSeconds) of \(judge.closedLoopSeconds) seconds of max phases: their rate "
          + "is the generator's limit, not the target's")
    }
    if summary.checks.sequenceViolations > 0 {
      warnings.append("\(summary.checks.sequenceViolations) sequence numbers did not rise on their shard")
    }
    if summary.checks.clampedRecords > 0 {
      warnings.append("\(summary.checks.clampedRecords) records were cut to the stream's limit for one record")
    }
    if summary.checks.shardMismatches > 0 {
      warnings.append("\(summary.checks.shardMismatches) records were accepted on another shard than the map predicts")
    }
    return warnings
  }
}

extension SummaryConnections {
  /// The counts, and the distributions in milliseconds.
  fileprivate init(_ set: ConnectionSet) {
    self.init()
    opened = set.opened
    resumed = set.resumed
    connectMs = SummaryLatency(set.connect)
    handshakeMs = SummaryLatency(set.handshake)
    resumedHandshakeMs = SummaryLatency(set.resumedHandshake)
  }
}

extension SummaryLatencies {
  /// The distributions in milliseconds.
  fileprivate init(_ set: LatencySet) {
    self.init()
    response = SummaryLatency(set.response)
    service = SummaryLatency(set.serviceTimes.all)
    delivery = SummaryLatency(set.delivery)
    queue = SummaryLatency(set.deliveryTimes.queue)
    lateness = SummaryLatency(set.deliveryTimes.lateness)
  }
}

extension SummaryLatency {
  /// One distribution in milliseconds.
  init(_ histogram: Histogram) {
    self.init()
    count = Int(histogram.count)
    guard !histogram.isEmpty else { return }
    p50 = histogram.milliseconds(at: .p50)
    p90 = histogram.milliseconds(at: .p90)
    p95 = histogram.milliseconds(at: .p95)
    p99 = histogram.milliseconds(at: .p99)
    p999 = histogram.milliseconds(at: .p999)
    max = histogram.milliseconds(at: .max)
    mean = histogram.mean / 1e6
  }
}
