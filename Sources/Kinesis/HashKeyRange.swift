/// The part of the 128-bit hash key space that one shard owns, both ends included.
package struct HashKeyRange: Sendable, Hashable {
  /// The lowest hash key of the range (`StartingHashKey`).
  package let start: UInt128

  /// The highest hash key of the range (`EndingHashKey`), itself part of it.
  package let end: UInt128

  /// Makes a range.
  ///
  /// - Precondition: `start <= end`.
  package init(start: UInt128, end: UInt128) {
    precondition(start <= end, "a hash key range ends before it starts")
    self.start = start
    self.end = end
  }

  /// Every hash key there is: 0 to 2^128 - 1.
  package static let all = HashKeyRange(start: 0, end: .max)

  /// Whether a hash key belongs to this range.
  package func contains(_ hash: UInt128) -> Bool {
    start <= hash && hash <= end
  }

  /// The fraction of the hash key space the range covers, in (0, 1].
  package var share: Double {
    (Double(end - start) + 1) / 0x1p128
  }

  /// The ranges of a stream newly created with `count` shards.
  ///
  /// Every range is `floor(2^128 / count)` long but the last, which also takes the remainder (kinesalite
  /// `createStream`, verified there against production).
  ///
  /// - Precondition: `count >= 1`.
  package static func even(count: Int) -> [HashKeyRange] {
    precondition(count >= 1, "a stream has at least one shard")
    // 2^128 does not fit: floor((2^128 - 1) / n) differs from floor(2^128 / n) only when n divides 2^128.
    let divisor = UInt128(count)
    let (quotient, remainder) = UInt128.max.quotientAndRemainder(dividingBy: divisor)
    guard count > 1 else { return [.all] }
    let step = remainder == divisor - 1 ? quotient + 1 : quotient
    return (0..<count).map { index in
      let start = UInt128(index) * step
      return HashKeyRange(start: start, end: index == count - 1 ? .max : start + step - 1)
    }
  }
}

/// The hash key of a partition key: MD5 of its UTF-8 bytes, read as an unsigned big-endian number
/// (kinesalite `partitionKeyToHashKey`, verified there against production; the producer library does the same).
package enum PartitionKeyHash {
  /// The hash key of a partition key given as UTF-8.
  package static func md5(_ key: UnsafeRawBufferPointer) -> UInt128 {
    MD5.digest(key)
  }

  /// The hash key of a partition key.
  package static func md5(of key: String) -> UInt128 {
    var key = key
    return key.withUTF8 { MD5.digest(UnsafeRawBufferPointer($0)) }
  }
}
