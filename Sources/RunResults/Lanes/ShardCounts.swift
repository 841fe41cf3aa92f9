/// What one shard got in some time.
package struct ShardCounts: Sendable, Equatable {
  package var firstTries: UInt64 = 0
  package var attempted: UInt64 = 0
  package var accepted: UInt64 = 0
  package var throttled: UInt64 = 0
  package var fault: UInt64 = 0
  package var unknown: UInt64 = 0
  package var attemptedBytes: UInt64 = 0
  package var acceptedBytes: UInt64 = 0
  package var placedByPrediction: UInt64 = 0

  /// Nothing.
  package init() {}

  /// Counts a record of so many bytes that was accepted at its first try. The sums cannot overflow in the life of a machine.
  @inline(__always)
  mutating func countPlainSuccess(bytes: UInt64) {
    attempted &+= 1
    firstTries &+= 1
    accepted &+= 1
    attemptedBytes &+= bytes
    acceptedBytes &+= bytes
  }

  /// Adds another time or another lane.
  package mutating func add(_ other: ShardCounts) {
    firstTries += other.firstTries
    attempted += other.attempted
    accepted += other.accepted
    throttled += other.throttled
    fault += other.fault
    unknown += other.unknown
    attemptedBytes += other.attemptedBytes
    acceptedBytes += other.acceptedBytes
    placedByPrediction += other.placedByPrediction
  }
}
