/// Gives the sequence numbers of one shard, each greater than the one before.
///
/// Within a second the next number is the last one plus a constant, so that no long division is made per record.
package struct SequenceNumberSource: Sendable {
  private var next: SequenceNumber
  private var digits: SequenceDigits

  /// What one step of the counter adds to the number: 2^80, the counter being above 20 hexadecimal digits.
  private static let step = SequenceDigits(high: 0, low: 1 << 80)

  /// Starts the numbers of a shard.
  ///
  /// - Parameters:
  ///   - shard: the number in the shard's id.
  ///   - created: the shard's creation in seconds since the epoch.
  package init(shard: UInt32, created: Int64) {
    next = SequenceNumber(shardCreated: created, shard: shard, counter: 1, taken: created)
    digits = next.digits
  }

  /// The number for the next record.
  ///
  /// - Parameter second: the time in seconds since the epoch. A clock set back does no harm: the counter decides.
  package mutating func take(at second: Int64) -> SequenceDigits {
    if second != next.taken {
      next.taken = second
      digits = next.digits
    }
    let result = digits
    next.counter += 1
    digits = digits + Self.step
    return result
  }

  /// The last number given, or the shard's `StartingSequenceNumber` (counter 0) when none was.
  package var last: SequenceNumber {
    var last = next
    last.counter -= 1
    return last
  }
}
