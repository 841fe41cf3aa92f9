import Kinesis

/// A token bucket in whole nanoseconds (the generic cell rate algorithm): for calls, where a token is one call.
package struct RateGate: Sendable {
  private let interval: Int64
  private let burst: Int64
  /// The instant at which the bucket would be full again; `Int64.min` while it never was used.
  private var full = Int64.min

  /// A bucket of `perSecond` tokens, full, refilled at the same rate.
  package init(perSecond: Int) {
    precondition(perSecond > 0, "a gate lets something pass")
    interval = 1_000_000_000 / Int64(perSecond)
    burst = interval * Int64(perSecond)
  }

  /// Takes a token if there is one.
  ///
  /// - Parameter nanoseconds: the monotonic clock.
  package mutating func admit(at nanoseconds: Int64) -> Bool {
    let after = max(full, nanoseconds).addingSaturated(interval)
    guard after.subtractingSaturated(nanoseconds) <= burst else { return false }
    full = after
    return true
  }
}
