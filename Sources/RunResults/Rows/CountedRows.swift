import Measurement
import Observations
import StrictJSON

/// What is read back from a folder answers for its counters as what was counted did, so that `Metric` makes the same
/// numbers of it.
extension PhaseRow: Counted {
  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .planned: plannedRecords
    case .firstTries: firstTryRecords
    case .retries: attemptedRecords - firstTryRecords
    case .attempted: attemptedRecords
    case .accepted: acceptedRecords
    case .throttled: throttledRecords
    case .fault: faultRecords
    case .unknown: unknownRecords
    case .attemptedBytes: attemptedBytes
    case .acceptedBytes: acceptedBytes
    case .requests: requests
    case .lost: gaveUpRecords + expiredRecords + skippedRecords + unfinishedRecords
    default: nil
    }
  }
}

extension ShardRow: Counted {
  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .firstTries: firstTryRecords
    case .retries: attemptedRecords - firstTryRecords
    case .attempted: attemptedRecords
    case .accepted: acceptedRecords
    case .throttled: throttledRecords
    case .fault: faultRecords
    case .unknown: unknownRecords
    case .attemptedBytes: attemptedBytes
    case .acceptedBytes: acceptedBytes
    default: nil
    }
  }
}

extension Summary: Counted {
  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .planned: records.planned
    case .firstTries: records.firstTry
    case .retries: records.firstTry.map { records.attempted - $0 }
    case .attempted: records.attempted
    case .accepted: records.accepted
    case .throttled: records.throttled
    case .fault: records.fault
    case .unknown: records.unknown
    case .attemptedBytes: records.attemptedBytes
    case .acceptedBytes: records.acceptedBytes
    case .requests: requests.total
    case .lost: records.lost ?? lostByTheirEnds
    default: verification?[counter]
    }
  }

  /// Records without acceptance by how they ended, which only the driver knows.
  private var lostByTheirEnds: Int? {
    let ends = [records.gaveUp, records.expired, records.skipped, records.unfinished]
    return ends.contains(nil) ? nil : ends.reduce(0) { $0 + ($1 ?? 0) }
  }
}

/// The metrics that are shown by the table alone, by their column; those without a value are missing.
package struct MetricValues: Sendable, Equatable {
  private var values: [Metric: Double] = [:]

  /// No values.
  package init() {}

  /// What some time of so many seconds comes to.
  package init(of counts: some Counted, seconds: Double) {
    for (_, metric) in Metric.columns { values[metric] = metric.value(of: counts, seconds: seconds) }
  }

  /// The value; `nil` for an unknown one.
  package subscript(metric: Metric) -> Double? {
    get { values[metric] }
    set { values[metric] = newValue }
  }

  /// Shows every column to the visitor, in the table's order.
  mutating func columns(_ visitor: inout some CSVVisitor) throws(CSVFailure) {
    for (name, metric) in Metric.columns { try visitor.ratio(name, &self[metric]) }
  }

  /// Shows every member to the visitor, in the table's order.
  mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    for (name, metric) in Metric.columns { try visitor.member(name, &self[metric], decimals: 6) }
  }
}
