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

  /// The shards by their ids.
  let ids: ShardIDTable

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

  /// A map with every index as it was written down; `nil` unless ids differ and the open shards, in hash order, cover all
  /// hash keys once.
  package init?(shards: [Shard], open: [Int], unlisted: Set<Int>, revision: Int) {
    var next: UInt128? = 0
    for index in open {
      guard shards.indices.contains(index), let start = next, shards[index].range.start == start else { return nil }
      next = shards[index].range.end == .max ? nil : shards[index].range.end + 1
    }
    guard next == nil, Set(shards.map(\.id)).count == shards.count else { return nil }
    let isPlain = open.elementsEqual(shards.indices)
    self.init(
      checked: shards, open: isPlain ? nil : open.map { UInt32($0) }, unlisted: unlisted, revision: revision)
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

    ids = ShardIDTable(ids: shards.map(\.id))
  }

  /// How many shards the map knows: all open ones, and those that were.
  package var count: Int { shards.count }

  /// The open shard that owns a hash key.
  ///
  /// - Complexity: O(1) for ranges of similar size, one comparison mostly; O(log count) at worst.
  @inlinable public func index(of hash: UInt128) -> Int {
    var position = Int(firstShard[Int(truncatingIfNeeded: hash >> UInt128(shift))])
    for _ in 0..<Self.steps {
      guard position + 1 < starts.count, starts[position + 1] <= hash else { return index(atPosition: position) }
      position += 1
    }
    return index(atPosition: lastPosition(startingBy: hash, from: position))
  }

  /// After so many shards in one cell the ranges are too uneven to go through one by one.
  @usableFromInline static let steps = 4

  @inlinable func index(atPosition position: Int) -> Int {
    guard let open else { return position }
    return Int(open[position])
  }

  /// The last open shard from `position` on, in hash order, that starts at or before a hash key; `position` does. O(log count).
  @usableFromInline func lastPosition(startingBy hash: UInt128, from position: Int) -> Int {
    var (low, high) = (position, starts.count)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if starts[middle] <= hash { low = middle } else { high = middle }
    }
    return low
  }

  /// The shard with the given id, written as the service writes it, or `nil` when the map has none such.
  ///
  /// - Complexity: O(1) for ids as the service gives them.
  package func index(ofID id: UnsafeRawBufferPointer) -> Int? {
    ids.index(of: id)
  }

  /// The shard with the given id, or `nil` when the map has none such.
  package func index(ofID id: String) -> Int? {
    var id = id
    return id.withUTF8 { index(ofID: UnsafeRawBufferPointer($0)) }
  }
}

/// One open shard as the service names it: its id and the hash keys it owns.
package struct Shard: Sendable, Hashable {
  /// The identifier the service uses, usually `shardId-` and twelve digits.
  package let id: String

  /// The hash keys whose records this shard takes.
  package let range: HashKeyRange

  /// Makes a shard.
  package init(id: String, range: HashKeyRange) {
    self.id = id
    self.range = range
  }

  /// The identifier AWS gives to the shard with this number: `shardId-000000000007`.
  package static func id(number: Int) -> String {
    let digits = String(number)
    return "shardId-" + String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
  }
}

/// Why a list of shards is no map of the whole hash key space.
package enum ShardMapFailure: Error, Hashable, CustomStringConvertible {
  /// The list is empty.
  case noShards

  /// Some hash keys belong to no shard: those between two shards, or before the first (`after` nil) or behind the last.
  case gap(after: String?, before: String?)

  /// Some hash keys belong to both shards.
  case overlap(String, String)

  /// Two shards have the same id.
  case duplicateID(String)

  package var description: String {
    switch self {
    case .noShards: "the stream has no open shard"
    case .gap(let lower?, let upper?): "hash keys between \(lower) and \(upper) belong to no open shard"
    case .gap(nil, let upper?): "hash keys below \(upper) belong to no open shard"
    case .gap(let lower, nil): "hash keys above \(lower ?? "0") belong to no open shard"
    case .overlap(let lower, let upper): "the hash key ranges of \(lower) and \(upper) overlap"
    case .duplicateID(let id): "\(id) is listed twice"
    }
  }
}
