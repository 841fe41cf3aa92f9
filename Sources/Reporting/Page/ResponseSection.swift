/// Response time over time on a logarithmic axis: lines of p50 and p99, bands between the percentiles, the longest
/// answer of each second, and the thresholds.
enum ResponseSection {
  /// The section, or nothing when nothing was answered.
  static func markup(_ time: Timeline, _ bounds: [ThresholdText.ResponseLimit]) -> Markup {
    let frame = time.frame
    let columns = time.columns
    let lows = columns.compactMap(\.p50).filter { $0 > 0 }
    guard frame.count > 0, let low = lows.min() else { return "" }
    let highest = columns.compactMap { $0.maximum ?? $0.p999 ?? $0.p99 }.max() ?? low
    let limits = bounds.filter { $0.limit <= highest * 20 }
    let top = max(highest, limits.map(\.limit).max() ?? 0)
    let scale = AxisScale.logarithmic(from: low * 0.8, to: top, start: 182, end: 10)
    var drawing = Drawing(id: "c-lat", width: TimeFrame.width, height: 206)
    drawing.warmUp(frame, y: 10, height: 172)
    drawing.area(.bandOuter, from: columns.map { $0.p99 }, to: columns.map { $0.p999 }, frame, scale)
    drawing.area(.bandMiddle, from: columns.map { $0.p90 }, to: columns.map { $0.p99 }, frame, scale)
    drawing.area(.bandInner, from: columns.map { $0.p50 }, to: columns.map { $0.p90 }, frame, scale)
    drawing.valueAxis(scale, label: NumberFormat.compact)
    drawing.steps(.tailLine, columns.map(\.p99), frame, scale)
    drawing.steps(.middleLine, columns.map(\.p50), frame, scale)
    var ticks = PathData()
    for (index, column) in columns.enumerated() {
      guard let maximum = column.maximum else { continue }
      let (left, right) = frame.edges(index)
      let inset = (right - left) * 0.2
      ticks.move(left + inset, scale(maximum))
      ticks.horizontal(to: right - inset)
    }
    drawing.path(.maximumTicks, ticks)
    drawing.boundColumns(columns, frame, y: 10, height: 172)
    var labels: [MarginLabel] = []
    for limit in limits {
      let y = scale(limit.limit)
      drawing.line(.limitLine, from: (TimeFrame.left, y), to: (TimeFrame.right, y))
      labels.append(MarginLabel(y, .label, "\(limit.name) ≤ \(NumberFormat.brief(limit.limit)) ms"))
    }
    if let last = columns.last(where: { $0.p50 != nil }) {
      if let maximum = last.maximum { labels.append(MarginLabel(scale(maximum), .mutedLabel, "– max of a step")) }
      if let p999 = last.p999 { labels.append(MarginLabel(scale(p999), .mutedLabel, "shade: to p99.9")) }
      if let p99 = last.p99 { labels.append(MarginLabel(scale(p99), .tail, "p99")) }
      if let p90 = last.p90 { labels.append(MarginLabel(scale(p90), .mutedLabel, "p90")) }
      labels.append(MarginLabel(scale(last.p50 ?? low), .accepted, "p50"))
    }
    drawing.marginLabels(labels, in: 14...186)
    drawing.timeAxis(frame, y: 182)

    let said = finding(time, bounds)
    var section = PageSection(title: "Response time", findings: [said], classes: "tl")
    var note: Prose =
      "Milliseconds, log scale, from a record's due time to the last byte of its answer. A step is of the answers that came in it; the tables are of the records that came due."
    if frame.columnSeconds > 1 {
      note = note + "A step shows its worst second, for p50 and p90 its middle one: percentiles are never averaged."
    }
    section.notes = [note]
    return section.markup(
      drawing.element(
        title: "Response time over time, logarithmic scale, milliseconds", description: said.plain, classes: "tchart",
        attributes: "data-top=\"10\" data-bottom=\"182\""))
  }

  /// What was seen of the endpoint: steps in which the generator was at fault are its own doing.
  private static func finding(_ time: Timeline, _ bounds: [ThresholdText.ResponseLimit]) -> Prose {
    // What is answered in the drain came due in the measured time.
    let answered = time.columns.enumerated().filter {
      ($0.element.measured || time.frame.isDrain($0.offset)) && $0.element.p99 != nil
    }
    let own = answered.filter { !$0.element.generatorBound }
    let measured = own.isEmpty ? answered : own
    let unit = time.frame.columnSeconds == 1 ? "s" : "steps"
    let left = answered.count - measured.count
    let rest: Prose =
      left == 0 ? "" : " Left out: \(left) of \(answered.count) \(unit) in which the generator was at fault."
    guard let worst = measured.max(by: { ($0.element.p99 ?? 0) < ($1.element.p99 ?? 0) }) else {
      return "No answer in the measured time."
    }
    let when = NumberFormat.fixed(time.frame.span(of: worst.offset).from, 0)
    let peak = NumberFormat.brief(worst.element.p99 ?? 0)
    guard let limit = bounds.first(where: { $0.name == "p99" })?.limit else {
      let calm = measured.compactMap(\.element.p99).min() ?? 0
      return "p99 between \(NumberFormat.brief(calm)) and \(peak) ms, worst at \(when) s.\(rest)"
    }
    let over = measured.filter { ($0.element.p99 ?? 0) > limit }.count
    if over == 0 { return "p99 stayed under \(NumberFormat.brief(limit)) ms; worst \(peak) ms at \(when) s.\(rest)" }
    return
      "p99 passed \(NumberFormat.brief(limit)) ms in \(over) of \(measured.count) \(unit), worst \(peak) ms at \(when) s.\(rest)"
  }
}
