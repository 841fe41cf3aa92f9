import Measurement

/// A response histogram for each shard, to two significant digits, in memory that follows the traffic: a shard costs 512
/// bytes for each power of two its response times touch.
///
/// The buckets are those of HDR with 2 digits and a unit of 64 ns: 128 of them a power of two, at most 0.8 % wide. 4,000
/// shards over five powers of two take 10 MB, where full arrays would take ten times that.
package final class ShardHistograms: @unchecked Sendable {
  // Sendable by the lane's rule: filled by one worker, then handed over whole at the end.

  private static let unitShift: UInt64 = 6
  private static let perChunk = 128
  /// Enough for every non-negative 64-bit value.
  private static let chunksPerShard = 52
  /// Chunks are carved from blocks this long.
  private static let chunksPerBlock = 128

  private var shardCount: Int
  @exclusivity(unchecked) private var chunks: UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt32>?>
  private var blocks: [UnsafeMutablePointer<UInt32>] = []
  private var freeInBlock = 0
  /// Counts that outgrew 32 bits.
  private var overflows: [Int: Histogram] = [:]

  /// Empty histograms for this many shards.
  package init(shardCount: Int) {
    self.shardCount = shardCount
    chunks = .allocate(capacity: shardCount * Self.chunksPerShard)
    chunks.initialize(repeating: nil)
  }

  deinit {
    for block in blocks { block.deallocate() }
    chunks.deallocate()
  }

  /// An empty histogram with the same buckets.
  package static var empty: Histogram { Histogram(significantDigits: 2, lowestDiscernible: 64) }

  /// Records a response time in nanoseconds; a negative one counts as 0.
  @inline(__always)
  package func record(_ nanoseconds: Int64, shard: Int) {
    let (chunkIndex, bucket) = Self.bucket(of: nanoseconds)
    let slot = shard * Self.chunksPerShard + chunkIndex
    let chunk = chunks[slot] ?? makeChunk(slot)
    if chunk[bucket] == .max { spill(shard) }
    chunk[bucket] &+= 1
  }

  /// The chunk of a shard and the bucket in it that a value belongs to.
  @inline(__always)
  private static func bucket(of nanoseconds: Int64) -> (chunk: Int, bucket: Int) {
    let value = UInt64(max(nanoseconds, 0)) >> unitShift
    let exponent = 63 - (value | 1).leadingZeroBitCount
    let shift = max(exponent - 7, 0)
    return (value < 128 ? 0 : exponent - 6, Int(truncatingIfNeeded: value >> UInt64(shift)) & 127)
  }

  /// Adds a shard's histogram of the same buckets, as read back; the shard must be one that there is room for.
  package func add(_ histogram: Histogram, shard: Int) {
    guard shard < shardCount else { return }
    histogram.forEachBucket { lowest, _, count in
      let (chunkIndex, bucket) = Self.bucket(of: lowest)
      let slot = shard * Self.chunksPerShard + chunkIndex
      let chunk = chunks[slot] ?? makeChunk(slot)
      if let count = UInt32(exactly: count), !chunk[bucket].addingReportingOverflow(count).overflow {
        chunk[bucket] &+= count
      } else {
        overflows[shard, default: Self.empty].record(lowest, count: count)
      }
    }
  }

  /// Whether no shard has values.
  package var isEmpty: Bool { blocks.isEmpty && overflows.isEmpty }

  /// The shards that have values, rising. O(shards).
  package var usedShards: [Int] {
    (0..<shardCount).filter { shard in
      overflows[shard] != nil
        || (shard * Self.chunksPerShard..<(shard + 1) * Self.chunksPerShard).contains { chunks[$0] != nil }
    }
  }

  /// How many shards there is room for.
  package var count: Int { shardCount }

  /// Takes in further shards, with empty histograms.
  package func makeRoom(forShards count: Int) {
    guard count > shardCount else { return }
    let larger = UnsafeMutableBufferPointer<UnsafeMutablePointer<UInt32>?>.allocate(
      capacity: count * Self.chunksPerShard)
    larger.initialize(repeating: nil)
    for slot in chunks.indices { larger[slot] = chunks[slot] }
    chunks.deallocate()
    chunks = larger
    shardCount = count
  }

  /// Adds another lane's counts, which may know fewer shards or more. O(shards × touched powers of two).
  package func add(_ other: ShardHistograms) {
    makeRoom(forShards: other.shardCount)
    for shard in 0..<other.shardCount {
      for chunkIndex in 0..<Self.chunksPerShard {
        let slot = shard * Self.chunksPerShard + chunkIndex
        guard let source = other.chunks[slot] else { continue }
        let target = chunks[slot] ?? makeChunk(slot)
        for bucket in 0..<Self.perChunk {
          if target[bucket].addingReportingOverflow(source[bucket]).overflow { spill(shard) }
          target[bucket] &+= source[bucket]
        }
      }
      if let overflow = other.overflows[shard] { overflows[shard, default: Self.empty].add(overflow) }
    }
  }

  /// A shard's histogram; empty for one that is not known.
  package func histogram(ofShard shard: Int) -> Histogram {
    guard shard < shardCount else { return Self.empty }
    var histogram = overflows[shard] ?? Self.empty
    forEachBucket(ofShard: shard) { histogram.record($0, count: Int64($1)) }
    return histogram
  }

  private func forEachBucket(ofShard shard: Int, _ body: (Int64, UInt32) -> Void) {
    for chunkIndex in 0..<Self.chunksPerShard {
      guard let chunk = chunks[shard * Self.chunksPerShard + chunkIndex] else { continue }
      let shift = UInt64(max(chunkIndex - 1, 0))
      for bucket in 0..<Self.perChunk where chunk[bucket] > 0 {
        let significant = UInt64(bucket) + (chunkIndex == 0 ? 0 : 128)
        body(Int64(truncatingIfNeeded: (significant << shift) << Self.unitShift), chunk[bucket])
      }
    }
  }

  /// Empties a shard's 32-bit counts into a histogram with 64-bit ones.
  private func spill(_ shard: Int) {
    overflows[shard] = histogram(ofShard: shard)
    for chunkIndex in 0..<Self.chunksPerShard {
      chunks[shard * Self.chunksPerShard + chunkIndex]?.update(repeating: 0, count: Self.perChunk)
    }
  }

  @inline(never)
  private func makeChunk(_ slot: Int) -> UnsafeMutablePointer<UInt32> {
    if freeInBlock == 0 {
      let block = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.perChunk * Self.chunksPerBlock)
      block.initialize(repeating: 0, count: Self.perChunk * Self.chunksPerBlock)
      blocks.append(block)
      freeInBlock = Self.chunksPerBlock
    }
    let chunk = blocks[blocks.count - 1] + (Self.chunksPerBlock - freeInBlock) * Self.perChunk
    freeInBlock -= 1
    chunks[slot] = chunk
    return chunk
  }
}
