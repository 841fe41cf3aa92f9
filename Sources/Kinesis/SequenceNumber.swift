/// A sequence number of layout version 2, taken apart.
///
/// The decimal number is 47 hexadecimal digits: `2`, nine of the shard's creation in seconds, the low nibble of the
/// shard's number, sixteen of a counter whose first digit is at most 7, `00`, nine of the record's second, eight of the
/// shard's number, `2` (kinesalite `db/index.js`, `incrementSequence`, tested there against production; production
/// numbers of 2025 still parse). The counter rises within a shard, not always by one.
package struct SequenceNumber: Hashable, Sendable {
  /// Seconds since the epoch at which the shard was created; below 2^36.
  package var shardCreated: Int64

  /// The shard's number, that of its id.
  package var shard: UInt32

  /// The counter; below 2^63.
  package var counter: UInt64

  /// Seconds since the epoch at which the record was taken; below 2^36.
  package var taken: Int64

  /// The counter of a closed shard's `EndingSequenceNumber`.
  package static let endingCounter: UInt64 = 0x7FFF_FFFF_FFFF_FFFF

  /// Puts a sequence number together. Times are cut to 36 bits, the counter to 63.
  package init(shardCreated: Int64, shard: UInt32, counter: UInt64, taken: Int64) {
    self.shardCreated = shardCreated & 0xF_FFFF_FFFF
    self.shard = shard
    self.counter = counter & Self.endingCounter
    self.taken = taken & 0xF_FFFF_FFFF
  }

  /// Takes a number apart, or gives `nil` when it is not of version 2.
  package init?(_ digits: SequenceDigits) {
    let (high, low) = digits.binary
    // Bits from below: 4 version, 32 shard, 36 taken, 8 zero, 64 counter, 4 nibble, 36 created, 4 leading 2.
    guard high >> 56 == 2, low & 15 == 2, UInt64(truncatingIfNeeded: low >> 72) & 0xFF == 0 else { return nil }
    shard = UInt32(truncatingIfNeeded: low >> 4)
    taken = Int64(truncatingIfNeeded: low >> 36) & 0xF_FFFF_FFFF
    counter = UInt64(truncatingIfNeeded: low >> 80) | (high & 0xFFFF) << 48
    shardCreated = Int64(truncatingIfNeeded: high >> 20) & 0xF_FFFF_FFFF
    guard counter <= Self.endingCounter, high >> 16 & 15 == UInt64(shard & 15) else { return nil }
  }

  /// Reads a decimal number, or gives `nil` when it is not of version 2.
  package init?(decimal text: String) {
    guard let digits = SequenceDigits(decimal: text) else { return nil }
    self.init(digits)
  }

  /// The number itself, to compare and to write. Of two numbers of a shard the later one is the greater.
  package var digits: SequenceDigits {
    var high: UInt64 = 2 << 56 | UInt64(bitPattern: shardCreated) << 20
    high |= UInt64(shard & 15) << 16 | counter >> 48
    var low = UInt128(counter & 0xFFFF_FFFF_FFFF) << 80
    low |= UInt128(UInt64(bitPattern: taken)) << 36 | UInt128(shard) << 4 | 2
    return SequenceDigits(high: high, low: low)
  }
}
