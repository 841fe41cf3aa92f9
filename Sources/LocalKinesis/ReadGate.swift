import Kinesis

/// The read side of one shard: five calls a second, and two mebibytes a second on average, where a large answer makes
/// the following calls wait (Amazon Kinesis quotas, GetRecords).
package struct ReadGate: Sendable {
  private var calls = RateGate(perSecond: KinesisLimits.readCallsPerShardSecond)
  private var bytesPaidAt = Int64.min
  /// Set once more than a second's bytes are owed, until all of them are paid.
  private var isOverdrawn = false

  /// A gate that was never used.
  package init() {}

  /// Whether a call may be made now; it counts as made when it may.
  package mutating func admit(at nanoseconds: Int64) -> Bool {
    if bytesPaidAt <= nanoseconds { isOverdrawn = false }
    guard !isOverdrawn else { return false }
    return calls.admit(at: nanoseconds)
  }

  /// Charges an answer of that many bytes: more than a second's worth owed closes the gate until it is paid, so an
  /// answer of 10 MiB closes it for five seconds (botocore, GetRecords).
  package mutating func charge(bytes: Int, at nanoseconds: Int64) {
    let cost = Int64(bytes).multipliedSaturated(by: 1_000_000_000) / Int64(KinesisLimits.readBytesPerShardSecond)
    bytesPaidAt = max(bytesPaidAt, nanoseconds).addingSaturated(cost)
    if bytesPaidAt.subtractingSaturated(nanoseconds) > 1_000_000_000 { isOverdrawn = true }
  }
}

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
