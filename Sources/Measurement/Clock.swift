import Glibc
import Synchronization

/// A source of instants that never goes back: the one clock every latency is measured with.
package protocol MonotonicClock: Sendable {
  /// The present instant.
  func now() -> Instant
}

/// The kernel's monotonic clock, which neither steps nor stops for time-of-day corrections.
///
/// `CLOCK_MONOTONIC` (clock_gettime(2)), read through the vDSO: about 20 ns a call. It is also the clock that absolute
/// deadlines of `epoll_pwait2`'s callers and of timerfd are computed against.
package struct SystemClock: MonotonicClock {
  /// The machine's clock; all values of this type are the same clock.
  package init() {}

  /// The present instant.
  package func now() -> Instant {
    var time = timespec()
    let status = clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(status == 0, "CLOCK_MONOTONIC exists on every Linux")
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// A clock that stands still until it is moved: the double for everything that takes a `MonotonicClock`.
package final class ManualClock: MonotonicClock {
  private let nanoseconds: Atomic<Int64>

  /// A clock that shows `start`.
  package init(_ start: Instant = Instant(nanoseconds: 0)) {
    nanoseconds = Atomic(start.nanoseconds)
  }

  /// The instant the clock was last moved to.
  package func now() -> Instant {
    Instant(nanoseconds: nanoseconds.load(ordering: .acquiring))
  }

  /// Moves the clock by `length`, which may not be negative: the clock is monotonic.
  package func advance(by length: Nanoseconds) {
    precondition(length >= .zero, "a monotonic clock does not go back")
    nanoseconds.add(length.value, ordering: .acquiringAndReleasing)
  }

  /// Moves the clock to `instant`, which may not be before the one it shows.
  package func set(to instant: Instant) {
    let before = nanoseconds.exchange(instant.nanoseconds, ordering: .acquiringAndReleasing)
    precondition(before <= instant.nanoseconds, "a monotonic clock does not go back")
  }
}
