/// A point of one machine's monotonic clock, in nanoseconds since an arbitrary origin.
///
/// Instants of one clock can be compared and subtracted; they say nothing about the time of day (`WallTime` does) and
/// mean nothing on another machine.
public struct Instant: Comparable, Hashable, Sendable {
  /// Nanoseconds since the clock's origin.
  public var nanoseconds: Int64

  /// The instant `nanoseconds` after the clock's origin.
  @inlinable
  public init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Later than every instant a clock can show: the deadline of something that has none.
  public static let distantFuture = Instant(nanoseconds: .max)

  /// The earlier instant first.
  @inlinable
  public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The instant `length` later. `distantFuture` stays where it is, as does anything that would pass it.
  @inlinable
  public static func + (instant: Instant, length: Nanoseconds) -> Instant {
    if instant == .distantFuture { return instant }
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(length.value)
    return overflow && length.value > 0 ? .distantFuture : Instant(nanoseconds: sum)
  }

  /// The instant `length` earlier. `distantFuture` stays where it is.
  @inlinable
  public static func - (instant: Instant, length: Nanoseconds) -> Instant {
    instant == .distantFuture ? instant : Instant(nanoseconds: instant.nanoseconds - length.value)
  }

  /// The time from `right` to `left`, negative when `left` is the earlier one.
  @inlinable
  public static func - (left: Instant, right: Instant) -> Nanoseconds {
    Nanoseconds(left.nanoseconds - right.nanoseconds)
  }
}
