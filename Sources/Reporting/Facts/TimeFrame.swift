/// The one time axis of all charts over time: the same left and right edge, the same columns.
struct TimeFrame: Equatable {
  /// Left edge of every chart over time.
  static let left = 46.0
  /// Right edge; what follows to 930 belongs to labels and totals.
  static let right = 790.0
  /// Width of every such drawing.
  static let width = 930.0
  /// Where the labels of the right margin begin.
  static let margin = 798.0
  /// The most columns a chart has; more would be thinner than a reader can tell apart.
  static let mostColumns = 180
  /// Widths a column may have, in seconds.
  private static let widths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 86400]

  /// When the run began, in seconds since its first measured phase; negative with a warm-up.
  let start: Double
  /// When its last phase ended, or the drain after it where that is drawn.
  let end: Double
  /// When its last phase ended, at or before `end`.
  let planEnd: Double
  /// Seconds a column stands for.
  let columnSeconds: Int
  /// The second at which the first column begins, a multiple of `columnSeconds`, at or before `start`.
  let firstSecond: Int
  /// How many columns there are; 0 when nothing ran.
  let count: Int

  /// The frame of a run.
  ///
  /// - Parameters:
  ///   - start: seconds since t = 0, at or before `end`.
  ///   - end: seconds since t = 0.
  ///   - planEnd: when the plan ended, where a drain is drawn after it.
  ///   - binSeconds: the width of the rows in the files; a column is a multiple of it.
  init(start: Double, end: Double, planEnd: Double? = nil, binSeconds: Int = 1) {
    self.start = start
    self.end = max(start, end)
    self.planEnd = min(planEnd ?? self.end, self.end)
    let span = self.end - start
    let bin = max(binSeconds, 1)
    var width =
      TimeFrame.widths.first { $0 % bin == 0 && span / Double($0) <= Double(TimeFrame.mostColumns) - 1 } ?? bin
    while span / Double(width) > Double(TimeFrame.mostColumns) - 1 { width *= 2 }
    columnSeconds = width
    let first = Int((start / Double(width)).rounded(.down))
    let last = Int((self.end / Double(width)).rounded(.up))
    firstSecond = first * width
    // A column that the plan covers by less than half tells more about its edges than about the run: dropped.
    let rest = self.end - Double(last - 1) * Double(width)
    let whole = last - first
    count = span <= 0 ? 0 : (whole > 1 && rest < Double(width) / 2 ? whole - 1 : whole)
  }

  /// The column that holds a second, or nil outside the drawn time.
  func column(of second: Int) -> Int? {
    let index = (second - firstSecond) >= 0 ? (second - firstSecond) / columnSeconds : -1
    return index >= 0 && index < count ? index : nil
  }

  /// When a column begins and ends, cut to the run.
  func span(of column: Int) -> (from: Double, to: Double) {
    let from = Double(firstSecond + column * columnSeconds)
    return (max(from, start), min(from + Double(columnSeconds), end))
  }

  /// Whether nothing came due any more in a column.
  func isDrain(_ column: Int) -> Bool { span(of: column).from >= planEnd }

  /// The seconds of the run that a column covers.
  func covered(_ column: Int) -> Double {
    let (from, to) = span(of: column)
    return max(to - from, 0)
  }

  /// Where a moment is drawn.
  func x(_ second: Double) -> Double {
    guard end > start else { return TimeFrame.left }
    let part = (second - start) / (end - start)
    return TimeFrame.left + min(max(part, 0), 1) * (TimeFrame.right - TimeFrame.left)
  }

  /// The left and right edge of a column.
  func edges(_ column: Int) -> (left: Double, right: Double) {
    let (from, to) = span(of: column)
    return (x(from), x(to))
  }

  /// Round seconds for the ticks, about ten.
  var ticks: [Int] {
    guard end > start else { return [] }
    let span = end - start
    let steps = [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400]
    let step = steps.first { span / Double($0) <= 14 } ?? Int(span / 10)
    let first = Int((start / Double(step)).rounded(.up))
    let last = Int((end / Double(step)).rounded(.down))
    return first <= last ? (first...last).map { $0 * step } : []
  }

  /// What one step of a chart stands for, in words.
  var stepText: String { columnSeconds == 1 ? "one second" : NumberFormat.seconds(Double(columnSeconds)) }
}
