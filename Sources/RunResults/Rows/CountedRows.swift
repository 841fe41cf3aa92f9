import Measurement
import Observations
import StrictJSON

/// A row of some time and phase of a run of our own. What is read back answers for its counters as what was counted did,
/// so that `Metric` makes the same numbers of it; what has no column is not known.
package protocol CohortRow: Counted {
  /// Records that came due.
  var planned: Int { get set }
  var traffic: Traffic { get set }
  var delivery: Delivery { get set }
}

extension CohortRow {
  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .planned: planned
    case .requestsOnReusedConnections: nil
    default: traffic[counter] ?? delivery[counter]
    }
  }

  /// Adds another time or phase.
  package mutating func add(_ other: some CohortRow) {
    planned += other.planned
    traffic.add(other.traffic)
    delivery.add(other.delivery)
  }
}

extension Optional where Wrapped: CountGroup {
  /// A count of a group that may be absent as a whole. Read back, the group is there as soon as one of its counts is.
  subscript(count path: WritableKeyPath<Wrapped, Int>) -> Int? {
    get { self?[keyPath: path] }
    set {
      guard let newValue else { return }
      var group = self ?? Wrapped()
      group[keyPath: path] = newValue
      self = group
    }
  }
}

extension CSVVisitor {
  /// The columns of a clock's book.
  mutating func clock(_ clock: inout Traffic?) throws(CSVFailure) {
    try column("clock_attempted_records", &clock[count: \.attempted])
    try column("clock_accepted_records", &clock[count: \.accepted])
    try column("clock_throttled_records", &clock[count: \.throttled])
    try column("clock_fault_records", &clock[count: \.failed])
  }
}

extension SummaryVisitor {
  /// The members of a clock's book.
  mutating func clock(_ clock: inout Traffic?) throws(JSONFailure) {
    try member("clock_attempted_records", &clock[count: \.attempted])
    try member("clock_accepted_records", &clock[count: \.accepted])
    try member("clock_throttled_records", &clock[count: \.throttled])
    try member("clock_fault_records", &clock[count: \.failed])
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
