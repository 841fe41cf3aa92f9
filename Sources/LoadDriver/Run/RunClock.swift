import Measurement

/// Time as a run counts it: nanoseconds since the run's start on the monotonic clock, negative before it.
package struct RunClock: Sendable {
  private let clock: any MonotonicClock
  /// The run's start on the monotonic clock.
  package let start: Instant
  /// The wall time at the run's start: for labels and signatures only.
  package let wallStart: WallTime

  /// A clock of a run that starts at `start`.
  ///
  /// - Parameters:
  ///   - clock: the source of time, manual in tests.
  ///   - start: the run's start on it.
  ///   - wallStart: the wall time at that instant.
  package init(clock: any MonotonicClock, start: Instant, wallStart: WallTime) {
    self.clock = clock
    self.start = start
    self.wallStart = wallStart
  }

  /// Nanoseconds since the run's start.
  package func now() -> Int64 { (clock.now() - start).value }

  /// Whole seconds since the epoch, for signatures: the wall time at the start plus what the monotonic clock counted.
  package func wallSeconds() -> Int64 { (wallStart.microsecondsSinceEpoch + now() / 1_000) / 1_000_000 }

  /// Nanoseconds since the run's start of an instant on the monotonic clock.
  package func time(of instant: Instant) -> Int64 { (instant - start).value }

  /// The instant on the monotonic clock of a time in the run.
  package func instant(at time: Int64) -> Instant { start + Nanoseconds(time) }
}
