/// The two clocks of one moment: every decision of the service takes them as a parameter, none reads a clock.
package struct ServiceTime: Sendable, Hashable {
  /// The monotonic clock, in nanoseconds: limiters, latencies, transitions.
  package var nanoseconds: Int64
  /// The wall clock, in microseconds since the Unix epoch: timestamps, sequence numbers, expiry.
  package var microseconds: Int64

  /// A moment of both clocks.
  package init(nanoseconds: Int64, microseconds: Int64) {
    self.nanoseconds = nanoseconds
    self.microseconds = microseconds
  }

  /// The wall clock in whole seconds.
  package var seconds: Int64 { microseconds / 1_000_000 }
  /// The wall clock in whole milliseconds.
  package var milliseconds: Int64 { microseconds / 1000 }
}
