import Measurement
import RunResults

extension Drawing {
  /// Tints the warm-up and the drain, which are drawn but never counted.
  mutating func warmUp(_ frame: TimeFrame, y: Double, height: Double, veil: Bool = false) {
    let style: DrawingStyle = veil ? .warmUpVeil : .warmUp
    if frame.start < 0 {
      let right = frame.x(min(0, frame.end))
      rectangle(style, x: TimeFrame.left, y: y, width: right - TimeFrame.left, height: height)
    }
    if frame.planEnd < frame.end {
      let left = frame.x(frame.planEnd)
      rectangle(style, x: left, y: y, width: TimeFrame.right - left, height: height)
    }
  }

  /// The time axis: base line, ticks and seconds; the unit stands at the last one.
  mutating func timeAxis(_ frame: TimeFrame, y: Double) {
    line(.axis, from: (TimeFrame.left, y), to: (TimeFrame.right, y))
    var marks = PathData()
    let ticks = frame.ticks
    for second in ticks {
      marks.move(frame.x(Double(second)), y)
      marks.vertical(to: y + 4)
    }
    path(.axis, marks)
    for second in ticks {
      let label = (second < 0 ? "−" : "") + String(abs(second)) + (second == ticks.last ? " s" : "")
      text(.axis, x: frame.x(Double(second)), y: y + 15, .middle, label)
    }
  }

  /// Grid lines and values of a vertical axis.
  mutating func valueAxis(_ scale: AxisScale, right: Double = TimeFrame.right, label: (Double) -> String) {
    for tick in scale.ticks {
      let y = scale(tick)
      line(.grid, from: (TimeFrame.left, y), to: (right, y))
      text(.axis, x: TimeFrame.left - 6, y: y + 3.5, .end, label(tick))
    }
  }

  /// Brackets with the names of the phases; a name that has no room is cut, and left out below four letters.
  mutating func phaseBrackets(_ phases: [PhaseSpan], _ frame: TimeFrame, y: Double) {
    var brackets = PathData()
    for phase in phases where phase.end > phase.start {
      let left = frame.x(phase.start) + 1
      let right = frame.x(phase.end) - 1
      guard right - left >= 2 else { continue }
      brackets.move(left, y + 6)
      brackets.vertical(to: y)
      brackets.horizontal(to: right)
      brackets.vertical(to: y + 6)
      let room = Int((right - left - 4) / (LabelStyle.axis.size * 0.62))
      let rate = phase.plannedPerSecond.map { " " + NumberFormat.compact($0) } ?? ""
      let name = VisibleText.line(phase.name)
      let label = name.count + rate.count <= room ? name + rate : VisibleText.cut(name, to: max(room, 5), gap: "…")
      if room >= 4, label.count <= room {
        text(.axis, x: (left + right) / 2, y: y - 5, .middle, label)
      }
    }
    path(.axis, brackets)
  }

  /// Hatches the columns in which the generator was the bottleneck.
  mutating func boundColumns(_ columns: [TimeColumn], _ frame: TimeFrame, y: Double, height: Double) {
    var column = 0
    while column < columns.count {
      guard columns[column].generatorBound else {
        column += 1
        continue
      }
      var last = column
      while last + 1 < columns.count, columns[last + 1].generatorBound { last += 1 }
      let left = frame.edges(column).left
      hatch(x: left, y: y, width: frame.edges(last).right - left, height: height)
      column = last + 1
    }
  }

  /// A line of steps, one per column, broken where nothing is known.
  mutating func steps(_ style: DrawingStyle, _ values: [Double?], _ frame: TimeFrame, _ scale: AxisScale) {
    var data = PathData()
    var drawing = false
    for (column, value) in values.enumerated() {
      guard let value else {
        drawing = false
        continue
      }
      let (left, right) = frame.edges(column)
      if drawing { data.vertical(to: scale(value)) } else { data.move(left, scale(value)) }
      data.horizontal(to: right)
      drawing = true
    }
    path(style, data)
  }

  /// The area between two lines of steps, drawn only where they differ.
  ///
  /// - Parameters:
  ///   - lower: one value per column; nil breaks the area.
  ///   - upper: at or above `lower`.
  mutating func area(
    _ style: DrawingStyle, from lower: [Double?], to upper: [Double?], _ frame: TimeFrame, _ scale: AxisScale
  ) {
    var data = PathData()
    var column = 0
    func isOpen(_ column: Int) -> Bool {
      guard let low = lower[column], let high = upper[column] else { return false }
      return abs(scale(high) - scale(low)) >= 0.05
    }
    while column < upper.count {
      guard isOpen(column) else {
        column += 1
        continue
      }
      var last = column
      while last + 1 < upper.count, isOpen(last + 1) { last += 1 }
      data.move(frame.edges(column).left, scale(lower[column] ?? 0))
      for index in column...last {
        data.vertical(to: scale(upper[index] ?? 0))
        data.horizontal(to: frame.edges(index).right)
      }
      for index in (column...last).reversed() {
        data.vertical(to: scale(lower[index] ?? 0))
        data.horizontal(to: frame.edges(index).left)
      }
      data.close()
      column = last + 1
    }
    path(style, data)
  }

  /// Marks where the stream's shards changed; with a label above where there is room for one.
  mutating func shardMarks(_ changes: [SummaryShardChange], _ frame: TimeFrame, y: Double, height: Double, label: Bool)
  {
    var labelled = -Double.infinity
    for change in changes where change.tS >= frame.start && change.tS <= frame.end {
      let x = frame.x(change.tS)
      line(.limitTick, from: (x, y), to: (x, y + height))
      let text = "\(change.closed.count) closed, \(change.opened.count) opened"
      let half = Double(text.count) * LabelStyle.axis.size * 0.62 / 2
      guard label, x - half > labelled else { continue }
      labelled = x + half
      self.text(.axis, x: min(max(x, TimeFrame.left + half), TimeFrame.right - half), y: y - 4, .middle, text)
    }
  }

  /// Labels in the right margin at their lines, pushed apart.
  ///
  /// - Parameters:
  ///   - labels: each with the height it would like and its one or two lines of text.
  ///   - range: the lowest first and the lowest last baseline.
  mutating func marginLabels(_ labels: [MarginLabel], in range: ClosedRange<Double>) {
    let heights = LabelPush.spread(
      labels.map { $0.y + 4 }, heights: labels.map { $0.detail == nil ? 13 : 26 }, in: range)
    for (label, y) in zip(labels, heights) {
      text(label.style, x: TimeFrame.margin, y: y, label.text)
      if let detail = label.detail { text(.mutedLabel, x: TimeFrame.margin, y: y + 13, detail) }
    }
  }
}
