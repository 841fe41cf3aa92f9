import Measurement
import Observations
import RunResults

/// Throttled and attempted tries of every shard in every column of time.
struct HeatMatrix {
  /// Upper bounds of classes 1 to 6; class 0 is none, class 7 is more than half.
  private static let bounds: [Double] = [0.01, 0.02, 0.05, 0.10, 0.25, 0.50]
  /// The class of a cell without traffic; it has no colour.
  static let empty: UInt8 = 255

  /// Rows, in hash order.
  let rows: Int
  /// The time axis of the columns.
  let frame: TimeFrame
  /// First tries, row by row.
  private(set) var firstTries: [UInt32]
  /// All tries, row by row.
  private(set) var attempted: [UInt32]
  /// Accepted tries, row by row.
  private(set) var accepted: [UInt32]
  /// Throttled tries, row by row.
  private(set) var throttled: [UInt32]
  /// Tries that failed otherwise, row by row.
  private(set) var failed: [UInt32]
  /// Bytes tried, row by row.
  private(set) var bytes: [Int64]

  /// The sums of the lines of `shard_seconds.csv` that lie in the frame.
  init(_ cells: [ShardSecondRow], rows: Int, frame: TimeFrame) {
    self.rows = rows
    self.frame = frame
    firstTries = Array(repeating: 0, count: rows * frame.count)
    attempted = firstTries
    accepted = firstTries
    throttled = firstTries
    failed = firstTries
    bytes = Array(repeating: 0, count: rows * frame.count)
    for row in cells {
      guard let column = frame.column(of: row.tS), row.shardIndex >= 0, row.shardIndex < rows else { continue }
      let cell = row.shardIndex * frame.count + column
      firstTries[cell] &+= UInt32(clamping: row.traffic.firstTries)
      attempted[cell] &+= UInt32(clamping: row.traffic.attempted)
      accepted[cell] &+= UInt32(clamping: row.traffic.accepted)
      throttled[cell] &+= UInt32(clamping: row.traffic.throttled)
      failed[cell] &+= UInt32(clamping: row.traffic.failed)
      bytes[cell] &+= Int64(row.traffic.attemptedBytes)
    }
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
    (0..<frame.count).map { column in
      var all = 0
      var refused = 0
      for row in band {
        let cell = row * frame.count + column
        all += Int(accepted[cell]) + Int(throttled[cell]) + Int(failed[cell])
        refused += Int(throttled[cell])
      }
      return HeatMatrix.classOf(throttled: refused, answered: all)
    }
  }

  /// Where tries of several neighbouring rows failed otherwise than by throttling.
  func failures(band: Range<Int>) -> [Bool] {
    (0..<frame.count).map { column in band.contains { failed[$0 * frame.count + column] > 0 } }
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
