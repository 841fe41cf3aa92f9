import Measurement

/// What the results need to know of a phase. Times are since the run's start.
package struct PhaseLayout: Sendable, Hashable {
  package var name: String
  package var start: Nanoseconds
  package var duration: Nanoseconds
  /// Whether what comes due in the phase counts for the results.
  package var isMeasured: Bool
  /// A `max` phase: records come due when a slot takes them, so what was taken is what was planned.
  package var isClosedLoop: Bool

  /// A phase of the plan.
  package init(
    name: String, start: Nanoseconds, duration: Nanoseconds, isMeasured: Bool = true, isClosedLoop: Bool = false
  ) {
    self.name = name
    self.start = start
    self.duration = duration
    self.isMeasured = isMeasured
    self.isClosedLoop = isClosedLoop
  }

  /// Where the phase ends.
  package var end: Nanoseconds { start + duration }
}
