/// A length of time in whole nanoseconds, signed, ±292 years.
///
/// The factories from floating point round to the nearest nanosecond and trap when the result does not fit: a duration
/// that long is a bug of the caller, which reads durations with bounds of its own.
public struct Nanoseconds: Comparable, Hashable, Sendable, AdditiveArithmetic {
  /// The length in nanoseconds.
  public var value: Int64

  /// A length of `value` nanoseconds.
  @inlinable
  public init(_ value: Int64) {
    self.value = value
  }

  /// No time at all.
  public static let zero = Nanoseconds(0)

  /// `count` seconds, rounded to the nearest nanosecond.
  package static func seconds(_ count: Double) -> Nanoseconds { Nanoseconds(rounding: count * 1e9) }

  /// `count` milliseconds, rounded to the nearest nanosecond.
  package static func milliseconds(_ count: Double) -> Nanoseconds { Nanoseconds(rounding: count * 1e6) }

  /// `count` microseconds, rounded to the nearest nanosecond.
  package static func microseconds(_ count: Double) -> Nanoseconds { Nanoseconds(rounding: count * 1e3) }

  private init(rounding nanoseconds: Double) {
    self.init(Int64(nanoseconds.rounded()))
  }

  /// The length in seconds.
  package var seconds: Double { Double(value) / 1e9 }

  /// The length in milliseconds.
  package var milliseconds: Double { Double(value) / 1e6 }

  /// The length in microseconds.
  package var microseconds: Double { Double(value) / 1e3 }

  /// The shorter of two lengths first; a negative one is before zero.
  @inlinable
  public static func < (left: Nanoseconds, right: Nanoseconds) -> Bool { left.value < right.value }

  /// The two lengths one after the other.
  @inlinable
  public static func + (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
    Nanoseconds(left.value + right.value)
  }

  /// What `left` has more than `right`, negative when it has less.
  @inlinable
  public static func - (left: Nanoseconds, right: Nanoseconds) -> Nanoseconds {
    Nanoseconds(left.value - right.value)
  }

  /// The length `count` times over.
  @inlinable
  public static func * (length: Nanoseconds, count: Int64) -> Nanoseconds {
    Nanoseconds(length.value * count)
  }
}
