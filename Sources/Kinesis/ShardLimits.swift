/// The rates and burst capacities of one shard's two token buckets.
package struct ShardLimits: Hashable, Sendable {
  /// Records added to the first bucket per second.
  package let recordsPerSecond: Int64

  /// Records the first bucket holds when full.
  package let recordCapacity: Int64

  /// Bytes added to the second bucket per second.
  package let bytesPerSecond: Int64

  /// Bytes the second bucket holds when full.
  package let byteCapacity: Int64

  /// The highest rate and capacity allowed, so that a level in billionths fits 64 bits: 2^33.
  package static let highest: Int64 = 1 << 33

  /// Makes limits; a bucket holds one second's rate unless told otherwise.
  ///
  /// - Precondition: all values are in `0...highest`.
  package init(
    recordsPerSecond: Int64 = Int64(KinesisLimits.recordsPerShardSecond), recordCapacity: Int64? = nil,
    bytesPerSecond: Int64 = Int64(KinesisLimits.bytesPerShardSecond), byteCapacity: Int64? = nil
  ) {
    self.recordsPerSecond = recordsPerSecond
    self.recordCapacity = recordCapacity ?? recordsPerSecond
    self.bytesPerSecond = bytesPerSecond
    self.byteCapacity = byteCapacity ?? bytesPerSecond
    for value in [recordsPerSecond, self.recordCapacity, bytesPerSecond, self.byteCapacity] {
      precondition((0...Self.highest).contains(value), "a shard limit is out of range")
    }
  }
}
