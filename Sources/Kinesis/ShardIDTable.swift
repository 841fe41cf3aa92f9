/// The shards of a map by their ids, for one look-up per record of an answer.
///
/// Ids of 8 to 24 letters, digits and `-_.`, as all of the service's are, lie in an open-addressing table that holds each
/// as three words, so that a look-up is one multiplication and three comparisons. Others are found by bisection.
final class ShardIDTable: Sendable {
  /// An id as three words that overlap where it is shorter than 24 bytes; a length of 0 marks a free place.
  struct Entry: Sendable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var last: UInt64 = 0
    var length: Int32 = 0
    var index: Int32 = 0
  }

  /// The table without its owner, who must outlive it: a loop that uses this counts no references.
  ///
  /// `@unchecked Sendable`: nothing writes to the entries once the table is made.
  struct View: @unchecked Sendable {
    fileprivate let entries: UnsafePointer<Entry>
    fileprivate let mask: Int

    /// The shard whose id is the 8 to 24 bytes at `id`, or `nil` when the table has none such.
    @inline(__always)
    func index(of id: UnsafeRawPointer, length: Int) -> Int32? {
      let wanted = Entry(id: id, length: length)
      var position = ShardIDTable.hash(wanted) & mask
      while entries[position].length != 0 {
        let entry = entries[position]
        if entry.last == wanted.last, entry.first == wanted.first, entry.second == wanted.second,
          entry.length == wanted.length
        {
          return entry.index
        }
        position = (position &+ 1) & mask
      }
      return nil
    }
  }

  /// Lengths of the ids in the table.
  static let lengths = 8...24

  let view: View
  private let others: [(id: [UInt8], index: Int)]

  /// Makes the table of so many ids, all different.
  init(ids: [String]) {
    var size = 4
    while size < 2 * ids.count { size *= 2 }
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: size)
    entries.initialize(repeating: Entry(), count: size)
    var others: [(id: [UInt8], index: Int)] = []
    for (index, id) in ids.enumerated() {
      let bytes = Array(id.utf8)
      guard Self.lengths.contains(bytes.count), bytes.allSatisfy(Self.isPlain(_:)) else {
        others.append((bytes, index))
        continue
      }
      bytes.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        var entry = Entry(id: start, length: bytes.count)
        entry.index = Int32(index)
        var position = Self.hash(entry) & (size - 1)
        while entries[position].length != 0 { position = (position + 1) & (size - 1) }
        entries[position] = entry
      }
    }
    view = View(entries: entries, mask: size - 1)
    self.others = others.sorted { $0.id.lexicographicallyPrecedes($1.id) }
  }

  deinit { view.entries.deallocate() }

  /// The shard with an id, or `nil` when there is none such.
  ///
  /// - Complexity: O(1) for ids in the table, O(log(others) x length) for the rest.
  func index(of id: UnsafeRawBufferPointer) -> Int? {
    guard let start = id.baseAddress else { return nil }
    if Self.lengths.contains(id.count), let index = view.index(of: start, length: id.count) { return Int(index) }
    var low = 0
    var high = others.count
    while low < high {
      let middle = (low + high) / 2
      if others[middle].id.lexicographicallyPrecedes(id) { low = middle + 1 } else { high = middle }
    }
    return low < others.count && others[low].id.elementsEqual(id) ? others[low].index : nil
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  /// Mixes the id's last eight bytes, where ids differ, with its length.
  @inline(__always)
  private static func hash(_ entry: Entry) -> Int {
    let word = (entry.last ^ UInt64(truncatingIfNeeded: entry.length)) &* 0x9E37_79B9_7F4A_7C15  // 2^64 / golden ratio
    return Int(truncatingIfNeeded: word >> 32)
  }
}

extension ShardIDTable.Entry {
  /// The id in 8 to 24 bytes, of no shard yet.
  @inline(__always)
  init(id: UnsafeRawPointer, length count: Int) {
    first = id.loadUnaligned(as: UInt64.self)
    second = id.loadUnaligned(fromByteOffset: min(8, count &- 8), as: UInt64.self)
    last = id.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    length = Int32(truncatingIfNeeded: count)
    index = 0
  }
}
