import Kinesis

/// The hash-key space cut at the starts of the shards of many shard counts at once, so that the loads of all of them come
/// out of one pass over the records.
///
/// The starts of all counts up to 256 are some 20,000 different ones. Each shard of each count is a run of cells.
struct HashCells {
  /// The first hash key of each cell, rising; the first is 0.
  let starts: [UInt128]
  /// By the leading 16 bits of a hash key, the cell of the lowest such hash key.
  private let firstCell: [UInt32]

  /// The cells between the starts of some lists of shards.
  ///
  /// - Complexity: O(starts x log starts).
  init(_ lists: [[UInt128]]) {
    var all: [UInt128] = [0]
    for list in lists { all += list }
    all.sort()
    var starts: [UInt128] = []
    starts.reserveCapacity(all.count)
    for start in all where starts.last != start { starts.append(start) }
    self.starts = starts
    var cells: [UInt32] = []
    cells.reserveCapacity(1 << 16)
    var cell = 0
    for lead in 0..<UInt128(1 << 16) {
      while cell + 1 < starts.count, starts[cell + 1] <= lead << 112 { cell += 1 }
      cells.append(UInt32(cell))
    }
    firstCell = cells
  }

  /// The cell of a hash key.
  func cell(of hash: UInt128) -> Int {
    var cell = Int(firstCell[Int(truncatingIfNeeded: hash >> 112)])
    while cell + 1 < starts.count, starts[cell + 1] <= hash { cell += 1 }
    return cell
  }

  /// The cells at which a list's shards begin, and behind them the end of all.
  ///
  /// - Parameter list: rising, one of those that the cells were made from.
  func bounds(of list: [UInt128]) -> [Int] {
    var bounds: [Int] = []
    bounds.reserveCapacity(list.count + 1)
    for start in list { bounds.append(cell(of: start)) }
    bounds.append(starts.count)
    return bounds
  }
}
