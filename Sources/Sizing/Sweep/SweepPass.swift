import Kinesis
import Measurement

/// The records of a load sorted into cells of the hash-key space for one draw, with the sums that differences are taken of.
struct SweepPass {
  /// The load of one shard.
  struct Loads {
    /// Judged records, their data and keys.
    var records = 0
    var bytes = 0
    /// The most in one window, judged or not.
    var mostRecords: Int64 = 0
    var mostBytes: Int64 = 0
    /// In the busiest minute of the judged time, and how long that minute is: all of it where there is less.
    var peakRecords = 0
    var peakBytes = 0
    var peakSeconds = 0.0
  }

  let cells: HashCells
  private let load: OfferedLoad
  /// By place.
  private(set) var cellOfPlace: [Int]
  /// The records by cell, in order of time within one.
  private var order: [UInt32]
  private var firstOfCell: [Int]
  /// For each cell the records sent in each window in all cells below it, and the same of bytes unless all are alike.
  private var records: [UInt32]
  private var bytes: [UInt64]
  /// For each cell the judged records in all cells below it, and their bytes.
  private var judgedRecords: [Int]
  private var judgedBytes: [Int]
  /// Scratch: records by batch, and one bit a record.
  private var countOfBatch: [UInt32]
  private var isIn: [UInt64]
  /// The windows that are judged, in order.
  private let judged: [Int]

  /// Sorts the records.
  ///
  /// - Parameter positions: by place.
  /// - Complexity: O(records + cells x windows).
  init(_ load: OfferedLoad, cells: HashCells, positions: [UInt128]) {
    self.load = load
    self.cells = cells
    let cellOfPlace = positions.map { cells.cell(of: $0) }
    self.cellOfPlace = cellOfPlace
    let cellCount = cells.starts.count
    let windows = load.windows

    var next = Array(repeating: 0, count: cellCount + 1)
    for place in load.places { next[cellOfPlace[Int(place)] + 1] += 1 }
    for cell in 0..<cellCount { next[cell + 1] += next[cell] }
    firstOfCell = next
    var order = Array(repeating: UInt32(0), count: load.count)
    let needsBytes = load.uniformSize == nil
    var records = Array(repeating: UInt32(0), count: (cellCount + 1) * windows)
    var bytes = Array(repeating: UInt64(0), count: needsBytes ? (cellCount + 1) * windows : 0)
    var judgedRecords = Array(repeating: 0, count: cellCount + 1)
    var judgedBytes = judgedRecords
    for batch in load.batches {
      let window = load.window(at: batch.instant)
      for record in batch.first..<batch.first + batch.count {
        let cell = cellOfPlace[Int(load.places[record])]
        order[next[cell]] = UInt32(record)
        next[cell] += 1
        let sum = (cell + 1) * windows + window
        records[sum] += 1
        if needsBytes { bytes[sum] += UInt64(load.sizes[record]) }
        guard batch.isMeasured else { continue }
        judgedRecords[cell + 1] += 1
        judgedBytes[cell + 1] += Int(load.sizes[record])
      }
    }
    for cell in 0..<cellCount {
      judgedRecords[cell + 1] += judgedRecords[cell]
      judgedBytes[cell + 1] += judgedBytes[cell]
    }
    for sum in windows..<records.count { records[sum] += records[sum - windows] }
    if needsBytes {
      for sum in windows..<bytes.count { bytes[sum] += bytes[sum - windows] }
    }
    self.order = order
    self.records = records
    self.bytes = bytes
    self.judgedRecords = judgedRecords
    self.judgedBytes = judgedBytes
    countOfBatch = Array(repeating: 0, count: load.batches.count)
    isIn = Array(repeating: 0, count: (load.count + 63) / 64)
    judged = (0..<windows).filter { load.isMeasured[$0] }
  }

  /// The load of a shard's cells. O(windows).
  func loads(of shard: Range<Int>) -> Loads {
    var loads = Loads()
    let windows = load.windows
    let (low, high) = (shard.lowerBound * windows, shard.upperBound * windows)
    loads.records = judgedRecords[shard.upperBound] - judgedRecords[shard.lowerBound]
    loads.bytes = judgedBytes[shard.upperBound] - judgedBytes[shard.lowerBound]
    records.withUnsafeBufferPointer { records in
      var most: UInt32 = 0
      for window in 0..<windows { most = max(most, records[high + window] &- records[low + window]) }
      loads.mostRecords = Int64(most)
    }
    if let size = load.uniformSize {
      loads.mostBytes = loads.mostRecords * Int64(size)
    } else {
      bytes.withUnsafeBufferPointer { bytes in
        var most: UInt64 = 0
        for window in 0..<windows { most = max(most, bytes[high + window] &- bytes[low + window]) }
        loads.mostBytes = Int64(most)
      }
    }
    guard judged.count > OfferedLoad.minute else {
      (loads.peakRecords, loads.peakBytes, loads.peakSeconds) = (loads.records, loads.bytes, load.measuredSeconds)
      return loads
    }
    loads.peakSeconds = Double(OfferedLoad.minute) * Double(OfferedLoad.window) / 1e9
    loads.peakRecords = busiestMinute { Int(records[high + $0] &- records[low + $0]) }
    loads.peakBytes =
      load.uniformSize.map { loads.peakRecords * $0 } ?? busiestMinute { Int(bytes[high + $0] &- bytes[low + $0]) }
    return loads
  }

  private func busiestMinute(_ amount: (Int) -> Int) -> Int {
    var sum = 0
    var most = 0
    for place in judged.indices {
      sum += amount(judged[place])
      if place >= OfferedLoad.minute { sum -= amount(judged[place - OfferedLoad.minute]) }
      most = max(most, sum)
    }
    return most
  }

  /// How many judged records of a shard's cells its limits throttle at their first try.
  ///
  /// - Parameter place: records that are taken not to be there.
  /// - Complexity: O(records of the shard + batches), or + records / 64.
  mutating func throttled(_ shard: Range<Int>, rule: ShardLimiter.Rule, without place: Int? = nil) -> Int {
    let own = firstOfCell[shard.lowerBound]..<firstOfCell[shard.upperBound]
    let left = place.map { UInt32($0) } ?? .max
    if let size = load.uniformSize, load.batches.count < load.count / 4 {
      return throttledBatches(own, size: size, rule: rule, without: left)
    }
    return throttledRecords(own, rule: rule, without: left)
  }

  /// Records of one size: how many each batch brings is all that matters.
  private mutating func throttledBatches(
    _ own: Range<Int>, size: Int, rule: ShardLimiter.Rule, without left: UInt32
  ) -> Int {
    var limiter = ShardLimiter(rule: rule)
    var throttled = 0
    order.withUnsafeBufferPointer { order in
      countOfBatch.withUnsafeMutableBufferPointer { counts in
        for index in own where load.places[Int(order[index])] != left {
          counts[Int(load.batchOfRecord[Int(order[index])])] += 1
        }
        for number in counts.indices where counts[number] > 0 {
          let count = Int(counts[number])
          counts[number] = 0
          let batch = load.batches[number]
          let taken = limiter.admit(count, ofBytes: size, at: batch.instant)
          if batch.isMeasured { throttled += count - taken }
        }
      }
    }
    return throttled
  }

  /// Records of any size, one by one in order of time: a bit for each brings them into order.
  private mutating func throttledRecords(_ own: Range<Int>, rule: ShardLimiter.Rule, without left: UInt32) -> Int {
    for index in own where load.places[Int(order[index])] != left {
      isIn[Int(order[index] >> 6)] |= 1 << UInt64(order[index] & 63)
    }
    var limiter = ShardLimiter(rule: rule)
    var throttled = 0
    for word in isIn.indices where isIn[word] != 0 {
      var bits = isIn[word]
      isIn[word] = 0
      while bits != 0 {
        let record = word << 6 + bits.trailingZeroBitCount
        bits &= bits - 1
        let batch = load.batches[Int(load.batchOfRecord[record])]
        let isTaken = limiter.admit(bytes: Int(load.sizes[record]), at: batch.instant)
        if !isTaken, batch.isMeasured { throttled += 1 }
      }
    }
    return throttled
  }
}
