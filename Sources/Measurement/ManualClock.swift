import Synchronization

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
