import Measurement
import Observations

/// What a target's folder ends with, beside the traffic: what was seen of the producer, and what was asked of it.
package struct ObservedEnding: Sendable {
  package var producer: ProducerObservation
  /// The command that was observed; nil for a target that ran by itself.
  package var command: SummaryCommand?
  /// How many different records must be delivered, where somebody said so.
  package var expectedCount: Int?

  /// An ending of what was seen.
  package init(_ producer: ProducerObservation, command: SummaryCommand? = nil, expectedCount: Int? = nil) {
    self.producer = producer
    self.command = command
    self.expectedCount = expectedCount
  }

  /// Whether as many records were delivered as were expected, as a threshold; nil where nothing was expected.
  var expectation: SummaryThreshold? {
    let delivered = producer.expected == nil ? producer.judged.delivered : producer.expectedDelivered
    guard let wanted = producer.expected ?? expectedCount else { return nil }
    var result = SummaryThreshold()
    result.id = "expected records at least"
    result.metric = producer.expected == nil ? "delivered" : "delivered of the expected"
    result.unit = MetricUnit.records.rawValue
    result.op = ">="
    result.limit = Double(wanted)
    result.observed = Double(delivered)
    result.samples = delivered
    result.passed = delivered >= wanted
    result.status = (result.passed ? ThresholdJudge.Status.pass : .fail).rawValue
    return result
  }

  /// Whether the command's end makes the whole fail: it failed by itself.
  var commandFailed: Bool {
    guard let command else { return false }
    return command.endedBy == SummaryCommand.Ending.itself.rawValue && command.exitCode != 0
  }

  /// Whether it had to be ended because its time was over.
  var didNotEnd: Bool { command?.endedBy == SummaryCommand.Ending.timeout.rawValue }
}

extension RunCollector {
  /// Turns the summary of a run into that of what a target saw: what only a generator knows goes.
  func observed(_ summary: Summary, _ ending: ObservedEnding, reason: RunEnding.Reason) -> Summary {
    var summary = summary
    let seen = ending.producer
    summary.kind = ResultKind.observe.rawValue
    summary.side = ResultSide.target.rawValue
    summary.validity = nil
    summary.generator = nil
    summary.warmupRecords = nil
    summary.observe = SummaryObserve(seen)
    summary.observe?.command = ending.command
    if summary.observe?.expected == nil { summary.observe?.expected = ending.expectedCount }
    summary.records.planned = nil
    summary.records.delivery = nil
    summary.records.notReached = nil
    summary.records.distinct = seen.records.distinct
    summary.records.delivered = seen.records.delivered
    summary.records.lost = seen.records.lost
    summary.records.duplicates = seen.records.duplicates
    summary.connections.opened = seen.connections
    summary.rates.plannedRecordsPerS = nil
    summary.latencyMs.response = nil
    summary.latencyMs.queue = nil
    summary.latencyMs.lateness = nil
    let holds = seen.records.isBalanced && seen.userRecords?.isBalanced != false
    summary.checks.identityHolds = holds
    if let expectation = ending.expectation {
      summary.thresholds.insert(expectation, at: expectation.passed ? summary.thresholds.count : 0)
    }
    let isMeasured = seen.records.attempted > 0
    let isValid = isMeasured && !ending.didNotEnd
    let thresholdsHold = summary.thresholds.allSatisfy(\.passed)
    summary.warnings = description.warnings + warnings(seen, ending)
    let code = ExitCode.run(reason, identityHolds: holds, isValid: isValid, thresholdsHold: thresholdsHold)
    summary.exitCode = ExitCode.first(of: [code, ending.commandFailed ? .commandFailed : .ok]).rawValue
    let verdict: RunVerdict =
      switch reason {
      case .interrupted, .killed: .incomplete
      case .failed: .invalid
      case .completed, .aborted:
        !isValid || !holds
          ? .invalid
          : !thresholdsHold || ending.commandFailed ? .fail : summary.thresholds.isEmpty ? .none : .pass
      }
    summary.verdict = verdict.rawValue
    return summary
  }

  private func warnings(_ seen: ProducerObservation, _ ending: ObservedEnding) -> [String] {
    var warnings: [String] = []
    let judged = seen.judged
    if judged.forgotten > 0 {
      warnings.append(
        "\(judged.forgotten) records were forgotten to bound memory: distinct and lost are at most, duplicates and retries at "
          + "least what is told")
    }
    if judged.unwatched > 0 {
      warnings.append(
        "of \(judged.unwatched) refused records neither the wait before their retry nor their order is known")
    }
    if seen.brokenAggregates > 0 {
      warnings.append(
        "\(seen.brokenAggregates) records begin as the producer library's aggregates do and are none: they count as they are"
      )
    }
    if seen.withoutIdentifier > 0 {
      warnings.append("\(seen.withoutIdentifier) records have no field of --record-id: their content identifies them")
    }
    for stream in seen.elsewhere {
      warnings.append("\(stream.count) requests or records went to the stream \(stream.name), which is not observed")
    }
    if let command = ending.command, ending.didNotEnd {
      warnings.append("the command did not end within its time and was ended after \(Int(command.seconds)) s")
    }
    if layout.binSeconds > 1, !windows.isEmpty {
      warnings.append("windows are judged in steps of \(layout.binSeconds) s, since the observation was long")
    }
    return warnings
  }
}
