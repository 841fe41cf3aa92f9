/// The shards of a stream, with fast look-up by hash key and by id.
///
/// A shard's *index* is its position in `shards`; all per-shard results are kept by index. In a map made anew these are the
/// open shards in the order of their hash key ranges, and for a stream that was never resharded the index equals the
/// number in the shard's id. A map that was `updated` keeps every index: closed shards stay, new ones follow on.
public struct ShardMap: Sendable {
  /// The shards by index.
  package let shards: [Shard]

  /// `starts[i]` is the first hash key of the open shard that is the i-th in hash order.
  @usableFromInline let starts: [UInt128]

  /// The indices of the open shards in hash order; `nil` as long as that is every index in its order.
  @usableFromInline let open: [UInt32]?

  /// Shards of which only the name is known: an answer named them, and no list did.
  package let unlisted: Set<Int>

  /// How often the open shards have changed.
  package let revision: Int

  /// For each value of a hash key's leading bits, which of the open shards owns the lowest such hash key.
  @usableFromInline let firstShard: [UInt32]

  /// How far a hash key is shifted right to leave the leading bits that index `firstShard`.
  @usableFromInline let shift: UInt64

  /// Open-addressing table from the hash of an id to 1 + its shard's index; 0 marks a free place.
  private let idTable: [UInt32]

  /// All ids end to end; id `i` occupies `idOffsets[i] ..< idOffsets[i + 1]`.
  private let idBytes: [UInt8]
  private let idOffsets: [UInt32]

  /// Makes a map from the open shards of a stream, in any order.
  ///
  /// - Throws: ``ShardMapFailure`` when there is none, when two share an id, or when the ranges leave a gap or overlap.
  package init(shards unsorted: [Shard]) throws(ShardMapFailure) {
    let shards = unsorted.sorted { $0.range.start < $1.range.start }
    guard let first = shards.first, let last = shards.last else { throw .noShards }
    guard first.range.start == 0 else { throw .gap(after: nil, before: first.id) }
    for (lower, upper) in zip(shards, shards.dropFirst()) {
      guard upper.range.start > lower.range.end else { throw .overlap(lower.id, upper.id) }
      guard upper.range.start - lower.range.end == 1 else { throw .gap(after: lower.id, before: upper.id) }
    }
    guard last.range.end == .max else { throw .gap(after: last.id, before: nil) }
    var seen = Set<String>()
    for shard in shards where !seen.insert(shard.id).inserted { throw .duplicateID(shard.id) }
    self.init(checked: shards)
  }

  /// The map after the stream was looked at again: indices stay, and hash keys belong to the shards that are open now.
  ///
  /// - Parameter fresh: the open shards, in a map made anew.
  package func updated(to fresh: ShardMap) -> ShardMap {
    var shards = shards
    var unlisted = unlisted
    let open = fresh.shards.map { shard -> UInt32 in
      if let known = index(ofID: shard.id) {
        shards[known] = shard
        unlisted.remove(known)
        return UInt32(known)
      }
      shards.append(shard)
      return UInt32(shards.count - 1)
    }
    return ShardMap(checked: shards, open: open, unlisted: unlisted, revision: revision + 1)
  }

  /// The map with shards of which only the names are known; they own no hash key yet.
  package func adding(_ ids: [String]) -> ShardMap {
    var shards = shards
    var unlisted = unlisted
    for id in ids where index(ofID: id) == nil && !shards.dropFirst(self.shards.count).contains(where: { $0.id == id })
    {
      unlisted.insert(shards.count)
      shards.append(Shard(id: id, range: HashKeyRange(start: 0, end: 0)))
    }
    let open = open ?? self.shards.indices.map { UInt32($0) }
    return ShardMap(checked: shards, open: open, unlisted: unlisted, revision: revision)
  }

  /// The indices of the open shards in hash order.
  package var openIndices: [Int] { open?.map { Int($0) } ?? Array(shards.indices) }

  /// Makes the map of a stream newly created with `count` shards.
  ///
  /// - Precondition: `count >= 1`.
  package init(even count: Int) {
    self.init(
      checked: HashKeyRange.even(count: count).enumerated().map { Shard(id: Shard.id(number: $0), range: $1) })
  }

  private init(checked shards: [Shard], open: [UInt32]? = nil, unlisted: Set<Int> = [], revision: Int = 0) {
    self.shards = shards
    self.open = open
    self.unlisted = unlisted
    self.revision = revision
    let openShards = open?.map { shards[Int($0)] } ?? shards
    starts = openShards.map(\.range.start)

    // Four cells a shard make most look-ups end at the first comparison; 2^16 cells bound the memory at 256 KiB.
    var bits: UInt64 = 2
    while bits < 16, 1 << bits < 4 * openShards.count { bits += 1 }
    shift = 128 - bits
    var cells: [UInt32] = []
    cells.reserveCapacity(1 << Int(bits))
    var shard = 0
    for cell in 0..<UInt128(1 << bits) {
      let lowest = cell << shift
      while shard + 1 < openShards.count, starts[shard + 1] <= lowest { shard += 1 }
      cells.append(UInt32(shard))
    }
    firstShard = cells

    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    for shard in shards {
      bytes.append(contentsOf: shard.id.utf8)
      offsets.append(UInt32(bytes.count))
    }
    idBytes = bytes
    idOffsets = offsets
    var size = 4
    while size < 4 * shards.count { size *= 2 }
    var table = [UInt32](repeating: 0, count: size)
    bytes.withUnsafeBytes { all in
      for index in shards.indices {
        let id = UnsafeRawBufferPointer(rebasing: all[Int(offsets[index])..<Int(offsets[index + 1])])
        var place = Int(truncatingIfNeeded: Self.hash(ofID: id)) & (size - 1)
        while table[place] != 0 { place = (place + 1) & (size - 1) }
        table[place] = UInt32(index + 1)
      }
    }
    idTable = table
  }

  /// How many shards the map knows: all open ones, and those that were.
  package var count: Int { shards.count }

  /// The open shard that owns a hash key.
  ///
  /// - Complexity: O(1) for ranges of similar size, one comparison mostly; O(count) at worst.
  @inlinable public func index(of hash: UInt128) -> Int {
    var place = Int(firstShard[Int(truncatingIfNeeded: hash >> UInt128(shift))])
    while place + 1 < starts.count, starts[place + 1] <= hash { place += 1 }
    guard let open else { return place }
    return Int(open[place])
  }

  /// The shard with the given id, written as the service writes it, or `nil` when the map has none such.
  ///
  /// - Complexity: O(length of the id).
  package func index(ofID id: UnsafeRawBufferPointer) -> Int? {
    guard !id.isEmpty else { return nil }
    let mask = idTable.count - 1
    var place = Int(truncatingIfNeeded: Self.hash(ofID: id)) & mask
    while idTable[place] != 0 {
      let index = Int(idTable[place] - 1)
      let start = Int(idOffsets[index])
      if Int(idOffsets[index + 1]) - start == id.count, isEqual(id, toIDAt: start) { return index }
      place = (place + 1) & mask
    }
    return nil
  }

  @inline(__always)
  private func isEqual(_ id: UnsafeRawBufferPointer, toIDAt start: Int) -> Bool {
    idBytes.withUnsafeBytes { all in
      var offset = 0
      while offset + 8 <= id.count {
        let left = all.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self)
        guard left == id.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
        offset += 8
      }
      if offset < id.count, id.count >= 8 {
        // The last eight bytes, some of which have been compared already.
        let left = all.loadUnaligned(fromByteOffset: start + id.count - 8, as: UInt64.self)
        return left == id.loadUnaligned(fromByteOffset: id.count - 8, as: UInt64.self)
      }
      while offset < id.count {
        guard all[start + offset] == id[offset] else { return false }
        offset += 1
      }
      return true
    }
  }

  /// The shard with the given id, or `nil` when the map has none such.
  package func index(ofID id: String) -> Int? {
    var id = id
    return id.withUTF8 { index(ofID: UnsafeRawBufferPointer($0)) }
  }

  /// Mixes the id's last eight bytes, where ids differ, with its length.
  private static func hash(ofID id: UnsafeRawBufferPointer) -> UInt64 {
    var word: UInt64 = 0
    if id.count >= 8 {
      word = id.loadUnaligned(fromByteOffset: id.count - 8, as: UInt64.self)
    } else {
      for byte in id { word = word << 8 | UInt64(byte) }
    }
    word = (word ^ UInt64(id.count)) &* 0x9E37_79B9_7F4A_7C15  // 2^64 / golden ratio
    return word ^ word >> 32
  }
}
