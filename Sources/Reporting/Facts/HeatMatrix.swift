import Measurement
import Observations
import RunResults

/// What every shard got in every column of time. Only cells with traffic are kept: 80 bytes for each, of which there are no
/// more than lines of `shard_seconds.csv`, whatever shards times columns come to.
struct HeatMatrix {
  /// Upper bounds of classes 1 to 6; class 0 is none, class 7 is more than half.
  private static let bounds: [Double] = [0.01, 0.02, 0.05, 0.10, 0.25, 0.50]
  /// The class of a cell without traffic; it has no colour.
  static let empty: UInt8 = 255

  /// Rows, in hash order.
  let rows: Int
  /// The time axis of the columns.
  let frame: TimeFrame
  /// All rows together, by column.
  let totals: [ShardTraffic]
  /// The cells, row by row and by column in each, and where each row begins; one more than there are rows.
  private let cells: [(column: Int, traffic: ShardTraffic)]
  private let starts: [Int]

  /// The sums of the lines of `shard_seconds.csv` that lie in the frame. O(lines log lines).
  init(_ lines: [ShardSecondRow], rows: Int, frame: TimeFrame) {
    self.rows = rows
    self.frame = frame
    var inOrder: [(row: Int, column: Int, line: Int)] = []
    for (index, line) in lines.enumerated() {
      guard let column = frame.column(of: line.tS), line.shardIndex >= 0, line.shardIndex < rows else { continue }
      inOrder.append((line.shardIndex, column, index))
    }
    inOrder.sort { ($0.row, $0.column) < ($1.row, $1.column) }
    var totals = Array(repeating: ShardTraffic(), count: frame.count)
    var cells: [(column: Int, traffic: ShardTraffic)] = []
    var starts: [Int] = []
    for (row, column, line) in inOrder {
      let isNewRow = starts.count <= row
      while starts.count <= row { starts.append(cells.count) }
      if isNewRow || cells[cells.count - 1].column != column { cells.append((column, ShardTraffic())) }
      cells[cells.count - 1].traffic.add(lines[line].traffic)
      totals[column].add(lines[line].traffic)
    }
    while starts.count <= rows { starts.append(cells.count) }
    self.totals = totals
    self.cells = cells
    self.starts = starts
  }

  /// The cells of a row that have traffic, by column.
  func cells(row: Int) -> ArraySlice<(column: Int, traffic: ShardTraffic)> { cells[starts[row]..<starts[row + 1]] }

  /// One cell. O(log cells of the row).
  subscript(row: Int, column: Int) -> ShardTraffic {
    var (low, high) = (starts[row], starts[row + 1])
    while low < high {
      let middle = low + (high - low) / 2
      if cells[middle].column < column { low = middle + 1 } else { high = middle }
    }
    return low < starts[row + 1] && cells[low].column == column ? cells[low].traffic : ShardTraffic()
  }

  /// The class of a ratio of tries that were answered.
  static func classOf(throttled: Int, answered: Int) -> UInt8 {
    let tries = ShardTraffic(attempted: answered, throttled: throttled)
    guard let ratio = Metric.throttleRatio.value(of: tries) else { return empty }
    if throttled == 0 { return 0 }
    return UInt8(1 + (bounds.firstIndex { ratio <= $0 } ?? bounds.count))
  }

  /// The classes of one row.
  func classes(row: Int) -> [UInt8] { classes(band: row..<row + 1) }

  /// The classes of several neighbouring rows pooled: all their throttled tries over all that had their
  /// outcome then: those attempted in the same column are others, since an answer takes its time.
  func classes(band: Range<Int>) -> [UInt8] {
    pooled(band).map {
      HeatMatrix.classOf(throttled: $0.throttled, answered: $0.accepted + $0.throttled + $0.failed)
    }
  }

  /// Where tries of several neighbouring rows failed otherwise than by throttling.
  func failures(band: Range<Int>) -> [Bool] { pooled(band).map { $0.failed > 0 } }

  /// Several neighbouring rows together, by column.
  private func pooled(_ band: Range<Int>) -> [ShardTraffic] {
    var sum = Array(repeating: ShardTraffic(), count: frame.count)
    for (column, traffic) in cells[starts[band.lowerBound]..<starts[band.upperBound]] { sum[column].add(traffic) }
    return sum
  }

  /// The same with every two columns made one, for drawings that came out too large.
  static func halved(_ classes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: classes.count, by: 2).map { index in
      let pair = classes[index..<min(index + 2, classes.count)].filter { $0 != empty }
      return pair.max() ?? empty
    }
  }

  /// Draws rows of classes: one path per class, cells merged along time, and where rows touch also across rows.
  ///
  /// - Parameters:
  ///   - lines: the classes of each row, top to bottom, all of one length.
  ///   - edges: the left edge of each column and the right edge of the last.
  ///   - y: where the first row begins.
  ///   - pitch: distance from row to row.
  ///   - height: of a row; less than `pitch` leaves a gap.
  static func paint(
    _ lines: [[UInt8]], edges: [Double], y: Double, pitch: Double, height: Double, into drawing: inout Drawing
  ) {
    struct Run: Hashable {
      let from: Int
      let to: Int
      let kind: UInt8
    }
    var paths = Array(repeating: PathData(), count: 8)
    var open: [Run: Int] = [:]
    func close(_ run: Run, from first: Int, before row: Int) {
      let bottom = y + Double(row - 1) * pitch + height
      let top = y + Double(first) * pitch
      paths[Int(run.kind)].rectangle(
        x: edges[run.from], y: top, width: edges[run.to] - edges[run.from], height: bottom - top)
    }
    let touching = height >= pitch
    for (row, line) in lines.enumerated() {
      var current: [Run] = []
      var column = 0
      while column < line.count {
        var end = column + 1
        while end < line.count, line[end] == line[column] { end += 1 }
        if line[column] != empty { current.append(Run(from: column, to: end, kind: line[column])) }
        column = end
      }
      var next: [Run: Int] = [:]
      for run in current { next[run] = touching ? open.removeValue(forKey: run) ?? row : row }
      // Sorted, because a dictionary's order changes from process to process and the page must not.
      for (run, first) in open.sorted(by: { ($0.value, $0.key.from) < ($1.value, $1.key.from) }) {
        close(run, from: first, before: row)
      }
      open = next
    }
    for (run, first) in open.sorted(by: { ($0.value, $0.key.from) < ($1.value, $1.key.from) }) {
      close(run, from: first, before: lines.count)
    }
    for (kind, data) in paths.enumerated() { drawing.path(DrawingStyle.heat[kind], data) }
  }
}
