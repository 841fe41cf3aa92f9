import Kinesis

/// The read side of one shard: five calls a second, and two mebibytes a second on average, where a large answer makes
/// the following calls wait (Amazon Kinesis quotas, GetRecords).
package struct ReadGate: Sendable {
  /// Calls a second and shard.
  package static let callsPerSecond = 5
  /// Bytes a second and shard.
  package static let bytesPerSecond: Int64 = 2 * 1_048_576

  private var calls = RateGate(perSecond: callsPerSecond)
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
    let cost = Int64(bytes).multipliedSaturated(by: 1_000_000_000) / Self.bytesPerSecond
    bytesPaidAt = max(bytesPaidAt, nanoseconds).addingSaturated(cost)
    if bytesPaidAt.subtractingSaturated(nanoseconds) > 1_000_000_000 { isOverdrawn = true }
  }
}
