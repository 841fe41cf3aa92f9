import Kinesis
import Measurement
import Observations

/// What each of many shard counts would do with a load: the fast model.
///
/// For one draw of key names the records are sorted into the cells of all counts together; a shard's load, half-second by
/// half-second, is then a difference of two prefix sums. Only a shard whose load could outrun its refill is stepped
/// through its records, and that is exact: the answer differs from the engine's in nothing but the retries.
package struct ShardSweep {
  /// How a shard limits.
  let rule: ShardLimiter.Rule
  /// Consumers that share what a shard hands out.
  let sharedConsumers: Int
  private let load: OfferedLoad
  private let limits: AssumedLimits

  /// So many cells times windows are added up at once: 40 MB.
  private static let mostSums = 1 << 22

  /// A sweep over a load under some limits.
  package init(_ load: OfferedLoad, rule: ShardLimiter.Rule, sharedConsumers: Int = 0) {
    self.load = load
    self.rule = rule
    self.sharedConsumers = sharedConsumers
    limits = AssumedLimits(rule)
  }

  /// The rows of even shard counts in one draw.
  ///
  /// - Complexity: O(records + sum of the counts x windows) for each so many cells as fit, and O(records) for each count
  ///   that throttles.
  package func rows(_ counts: [Int], in draw: KeyDraw) -> [SweepRow] {
    let positions = load.positions(in: draw)
    var rows: [SweepRow] = []
    var group: [[UInt128]] = []
    var sums = 0
    func flush() {
      guard !group.isEmpty else { return }
      var pass = SweepPass(load, cells: HashCells(group), positions: positions)
      for starts in group { rows.append(row(of: starts, &pass)) }
      group = []
      sums = 0
    }
    for count in counts {
      group.append(HashKeyRange.even(count: count).map(\.start))
      sums += count * load.windows
      if sums > Self.mostSums { flush() }
    }
    flush()
    return rows
  }

  /// The row of any shards in one draw, and each of them.
  ///
  /// - Parameter starts: the first hash key of each shard, rising from 0.
  package func detail(of starts: [UInt128], in draw: KeyDraw) -> (row: SweepRow, shards: [SweepRow.Shard]) {
    var pass = SweepPass(load, cells: HashCells([starts]), positions: load.positions(in: draw))
    var shards: [SweepRow.Shard] = []
    let row = row(of: starts, &pass) { shards.append($0) }
    return (row, shards)
  }

  private func row(
    of starts: [UInt128], _ pass: inout SweepPass, each: (SweepRow.Shard) -> Void = { _ in }
  ) -> SweepRow {
    let bounds = pass.cells.bounds(of: starts)
    let top = load.heaviest.map { pass.cellOfPlace[$0] }
    var row = SweepRow()
    row.shards = starts.count
    row.records = load.measuredRecords
    row.recordsWithoutTop = load.measuredRecords - (load.heaviest.map { Int(load.weights[$0]) } ?? 0)
    var bytes = 0
    for index in starts.indices {
      let cells = bounds[index]..<bounds[index + 1]
      let loads = pass.loads(of: cells)
      var shard = SweepRow.Shard()
      (shard.records, shard.bytes) = (loads.records, loads.bytes)
      let seconds = loads.peakSeconds
      if seconds > 0 {
        let (records, size) = (Double(loads.peakRecords) / seconds, Double(loads.peakBytes) / seconds)
        shard.recordUse = limits.recordsPerSecond.map { records / Double($0) } ?? 0
        shard.byteUse = limits.bytesPerSecond.map { size / Double($0) } ?? 0
        shard.readUse = size * Double(sharedConsumers) / Double(KinesisLimits.readBytesPerShardSecond)
      }
      if canThrottle(loads) {
        shard.throttled = pass.throttled(cells, rule: rule)
        row.throttled += shard.throttled
        row.shardsThrottled += shard.throttled > 0 ? 1 : 0
        if shard.throttled > 0, let top, cells.contains(top) {
          row.throttledWithoutTop += pass.throttled(cells, rule: rule, without: load.heaviest)
        } else {
          row.throttledWithoutTop += shard.throttled
        }
      }
      bytes += shard.bytes
      if shard.use > row.peakUse { (row.peakUse, row.term, row.hottest) = (shard.use, shard.term, index) }
      each(shard)
    }
    if load.measuredSeconds > 0 {
      let time = load.measuredSeconds * Double(starts.count)
      row.meanUse = max(
        limits.recordsPerSecond.map { Double(load.measuredRecords) / time / Double($0) } ?? 0,
        limits.bytesPerSecond.map { Double(bytes) / time / Double($0) } ?? 0,
        Double(bytes) * Double(sharedConsumers) / time / Double(KinesisLimits.readBytesPerShardSecond))
    }
    return row
  }

  /// Whether a shard could throttle at all. With no half-second above the lesser of its refill and half a bucket, no
  /// stretch of time has more than the bucket and the refill of that time hold: it touches at most two half-seconds more
  /// than it contains.
  private func canThrottle(_ loads: SweepPass.Loads) -> Bool {
    switch rule {
    case .kinesis(let limits):
      let (records, bytes) = (UInt64(loads.mostRecords), UInt64(loads.mostBytes))
      return records > UInt64(min(limits.recordsPerSecond / 2, limits.recordCapacity / 2))
        || bytes > UInt64(min(limits.bytesPerSecond / 2, limits.byteCapacity / 2))
    case .window(let recordsPerSecond, let bytesPerSecond):
      // Two windows make one second of the clock.
      return loads.mostRecords > recordsPerSecond / 2 || loads.mostBytes > bytesPerSecond / 2
    case .sliding(let recordsPerSecond, let bytesPerSecond):
      // Any second touches at most three.
      return loads.mostRecords > recordsPerSecond / 3 || loads.mostBytes > bytesPerSecond / 3
    case .none:
      return false
    }
  }
}
