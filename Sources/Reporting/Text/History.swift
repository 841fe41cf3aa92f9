import Measurement
import RunResults

/// The finished runs of one scenario in the order they began, as `history.csv` has them, made ready to be drawn.
package struct HistoryFacts: Sendable {
  /// The metrics that a history has, in the order they are shown.
  static let metrics: [(name: String, unit: String, value: @Sendable (HistoryRow) -> Double?)] = [
    ("throttle.ratio", "ratio", { $0.throttleRatio }), ("lost.ratio", "ratio", { $0.lostRatio }),
    ("accepted.rate", "records/s", { $0.acceptedRecordsPerS }), ("response.p50", "ms", { $0.responseP50Ms }),
    ("response.p99", "ms", { $0.responseP99Ms }), ("delivery.p99", "ms", { $0.deliveryP99Ms }),
  ]

  /// The scenario's name.
  package let scenario: String
  /// By their start.
  package let rows: [HistoryRow]

  /// Groups a history by scenario, each name in the order it first appears.
  ///
  /// - Parameter scenario: the only one that is wanted; `nil` for all.
  package static func group(_ rows: [HistoryRow], scenario: String?) -> [HistoryFacts] {
    var names: [String] = []
    for row in rows where !names.contains(row.scenario) { names.append(row.scenario) }
    return names.filter { scenario == nil || $0 == scenario }.map { name in
      HistoryFacts(
        scenario: name,
        rows: rows.filter { $0.scenario == name }.sorted { ($0.timeUTC, $0.runID) < ($1.timeUTC, $1.runID) })
    }
  }

  /// Whether a run may be quoted.
  static func isValid(_ row: HistoryRow) -> Bool { row.complete && row.verdict != RunVerdict.invalid.rawValue }

  /// Whether the workload is another one than that of the run before.
  func isBreak(_ index: Int) -> Bool { index > 0 && rows[index].workloadSHA256 != rows[index - 1].workloadSHA256 }

  /// What the newest valid run has of a metric, and the valid one before it of the same workload.
  func newest(_ value: (HistoryRow) -> Double?) -> (last: Double?, before: Double?) {
    guard let last = rows.last(where: Self.isValid) else { return (nil, nil) }
    let same = rows.filter { Self.isValid($0) && $0.workloadSHA256 == last.workloadSHA256 }
    return (value(last), same.dropLast().last.flatMap(value))
  }

  /// The values of valid runs: what a drawing's height is made of.
  func range(_ value: (HistoryRow) -> Double?) -> ClosedRange<Double>? {
    let values = rows.filter(Self.isValid).compactMap(value)
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  /// What there is, in a sentence.
  var sentence: Prose {
    let invalid = rows.count { !Self.isValid($0) }
    let breaks = rows.indices.count(where: isBreak)
    var parts: [Prose] = ["\(NumberFormat.count(rows.count, "run"))"]
    if invalid > 0 { parts.append("\(invalid) of them invalid or incomplete") }
    if breaks > 0 { parts.append("the workload changed \(breaks == 1 ? "once" : "\(breaks) times")") }
    return "\(Prose(joining: parts, with: ", "))."
  }

  /// A value in its unit.
  static func text(_ value: Double?, unit: String) -> String {
    guard let value else { return "-" }
    var threshold = SummaryThreshold()
    threshold.unit = unit
    return ThresholdText.value(value, of: threshold)
  }
}

/// What `shardmeter history` prints: a line per metric with its last runs as blocks, at most 80 columns.
package enum HistoryTable {
  /// Runs that a line of blocks holds.
  private static let mostRuns = 28

  /// The text, each line with its end.
  package static func text(
    _ histories: [HistoryFacts], colour: Bool = false, columns: Int = TerminalText.widest,
    charset: TerminalCharset = .ascii
  ) -> String {
    var lines: [TerminalLine] = []
    for history in histories {
      if !lines.isEmpty { lines.append(TerminalLine()) }
      var head = TerminalLine(VisibleText.cut(charset.shown(history.scenario), to: 32), .bold)
      head.add("   " + history.sentence.plain)
      lines.append(head)
      let hidden = max(0, history.rows.count - mostRuns)
      if hidden > 0 { lines.append(TerminalLine("the last \(mostRuns) runs are drawn, \(hidden) are older", .dim)) }
      for metric in HistoryFacts.metrics {
        guard let range = history.range(metric.value) else { continue }
        let (last, before) = history.newest(metric.value)
        var line = TerminalLine(TerminalText.left(metric.name, 16))
        line.add(blocks(history, metric.value, range, charset))
        line.add(
          TerminalText.right(HistoryFacts.text(before, unit: metric.unit), 14)
            + TerminalText.right(HistoryFacts.text(last, unit: metric.unit), 14))
        lines.append(line)
      }
    }
    if !lines.isEmpty {
      lines.append(TerminalLine())
      lines.append(TerminalLine("right: the last valid run before of this workload, and the last", .dim))
      lines.append(TerminalLine("| the workload changed   x invalid or incomplete   height from 0 to the most", .dim))
    }
    let width = max(min(columns, TerminalText.widest), 20)
    return lines.map { $0.text(columns: width, colour: colour) + "\n" }.joined()
  }

  private static func blocks(
    _ history: HistoryFacts, _ value: (HistoryRow) -> Double?, _ range: ClosedRange<Double>, _ charset: TerminalCharset
  ) -> String {
    let signs = Array(charset == .ascii ? "_.-:=+*#" : "▁▂▃▄▅▆▇█")
    var text = ""
    for index in history.rows.indices.suffix(mostRuns) {
      if history.isBreak(index), !text.isEmpty { text += "|" }
      let row = history.rows[index]
      guard HistoryFacts.isValid(row) else {
        text += "x"
        continue
      }
      guard let value = value(row) else {
        text += " "
        continue
      }
      let part = range.upperBound > 0 ? min(max(value / range.upperBound, 0), 1) : 0
      text.append(signs[min(Int(part * 8), 7)])
    }
    return TerminalText.left(VisibleText.prefix(text, 34), 34)
  }
}

/// The page of a history.
package enum HistoryPage {
  /// Runs that a drawing shows.
  private static let most = 200

  /// The file's text; a pure function of the rows.
  package static func page(_ histories: [HistoryFacts], version: String) -> String {
    var page = Page(
      title: "history", name: "History", about: "\(NumberFormat.count(histories.count, "scenario"))",
      origin: "shardmeter \(version)", version: version)
    page.parts = histories.enumerated().map { section($0.element, number: $0.offset) }
    if histories.isEmpty {
      page.parts = [PageSection(title: "Runs", findings: ["There is no finished run."]).markup("")]
    }
    return page.html
  }

  private static func section(_ history: HistoryFacts, number: Int) -> Markup {
    var notes: [Prose] = [
      "A dot a run, oldest left, height from 0. Dashed: the workload changed, so no line leads over it. Grey: invalid or "
        + "incomplete."
    ]
    if history.rows.count > most { notes.append("The last \(most) runs are drawn.") }
    let figures = HistoryFacts.metrics.enumerated().compactMap { position, metric -> Markup? in
      guard let range = history.range(metric.value) else { return nil }
      return strip(history, metric, range, id: "c-h\(number)-\(position)")
    }
    return PageSection(title: VisibleText.line(history.scenario), findings: [history.sentence], notes: notes)
      .markup(figures.joined())
  }

  private static func strip(
    _ history: HistoryFacts, _ metric: (name: String, unit: String, value: @Sendable (HistoryRow) -> Double?),
    _ range: ClosedRange<Double>, id: String
  ) -> Markup {
    let shown = Array(history.rows.indices.suffix(most))
    let (left, right, top, bottom) = (130.0, 790.0, 10.0, 58.0)
    let high = range.upperBound > 0 ? range.upperBound : 1
    func x(_ position: Int) -> Double { left + (Double(position) + 0.5) / Double(shown.count) * (right - left) }
    func y(_ value: Double) -> Double { bottom - min(max(value / high, 0), 1) * (bottom - top) }
    var drawing = Drawing(id: id, width: 930, height: 72)
    drawing.text(.label, x: 0, y: 38, metric.name)
    drawing.line(.axis, from: (left, bottom), to: (right, bottom))
    drawing.line(.grid, from: (left, top), to: (right, top))
    drawing.text(.axis, x: left - 6, y: top + 4, .end, NumberFormat.compact(metric.unit == "ratio" ? high * 100 : high))
    drawing.text(.axis, x: left - 6, y: bottom + 4, .end, "0")
    var line = PathData()
    var isOpen = false
    for (position, index) in shown.enumerated() {
      let row = history.rows[index]
      if history.isBreak(index), position > 0 {
        let middle = (x(position - 1) + x(position)) / 2
        drawing.line(.limitLine, from: (middle, top), to: (middle, bottom))
        isOpen = false
      }
      guard HistoryFacts.isValid(row), let value = metric.value(row) else { continue }
      if isOpen { line.line(x(position), y(value)) } else { line.move(x(position), y(value)) }
      isOpen = true
    }
    drawing.path(.middleLine, line)
    for (position, index) in shown.enumerated() {
      let row = history.rows[index]
      guard let value = metric.value(row) else { continue }
      let tooltip = "\(row.runID): \(HistoryFacts.text(value, unit: metric.unit))"
      drawing.group(tooltip: tooltip) { inner in
        inner.circle(HistoryFacts.isValid(row) ? .dot : .keyDot, x: x(position), y: y(value), radius: 2.5)
      }
    }
    let (last, _) = history.newest(metric.value)
    drawing.text(.label, x: right + 10, y: 38, HistoryFacts.text(last, unit: metric.unit))
    return drawing.element(
      title: "\(metric.name) of \(NumberFormat.count(shown.count, "run"))",
      description: "the last valid run: \(HistoryFacts.text(last, unit: metric.unit))")
  }
}
