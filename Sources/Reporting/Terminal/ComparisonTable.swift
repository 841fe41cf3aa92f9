import Measurement
import RunResults

/// What a comparison prints on stdout: at most 80 columns, our own words in ASCII, the verdict last.
package enum ComparisonTable {
  /// The text, each line with its end.
  ///
  /// - Parameters:
  ///   - reportPath: where the page is; `nil` where none was written.
  ///   - columns: of the terminal; only narrows.
  ///   - charset: what the terminal shows of foreign text.
  package static func text(
    _ document: ComparisonDocument, reportPath: String? = nil, colour: Bool = false,
    columns: Int = TerminalText.widest, detail: FinalTable.Detail = .full, charset: TerminalCharset = .ascii
  ) -> String {
    var lines: [TerminalLine] = []
    switch detail {
    case .silent: return ""
    case .quiet:
      lines = document.metrics.filter { $0.outcome == .worse }.map { row($0, document, charset) }
    case .full:
      lines += sides(document, charset)
      if !document.metrics.isEmpty { lines += [TerminalLine(), head] }
      lines += document.metrics.map { row($0, document, charset) }
      let rest = trailer(document, reportPath, charset)
      if !rest.isEmpty { lines += [TerminalLine()] + rest }
    }
    let sentence = charset.shown(ComparisonText.sentence(document).plain)
    let style: TerminalLine.Style
    switch document.outcome {
    case .worse, .notComparable: style = .red
    case .inconclusive: style = .yellow
    case .better, .noChange: style = .green
    }
    lines += TerminalText.wrapped(
      "\(ComparisonText.word(document.outcome)): \(sentence)", to: min(columns, TerminalText.widest)
    ).map { TerminalLine($0, style) }
    let width = max(min(columns, TerminalText.widest), 20)
    return lines.map { $0.text(columns: width, colour: colour) + "\n" }.joined()
  }

  /// What a run's own table says of its baseline.
  static func block(_ document: ComparisonDocument, _ charset: TerminalCharset) -> [TerminalLine] {
    let sentence = "against \(document.baselineID): \(ComparisonText.sentence(document).plain)"
    var lines = document.metrics.isEmpty ? [] : [head]
    lines += document.metrics.map { row($0, document, charset) }
    lines += TerminalText.wrapped(charset.shown(sentence), to: TerminalText.widest).map { TerminalLine($0) }
    return lines + trailer(document, nil, charset)
  }

  private static func sides(_ document: ComparisonDocument, _ charset: TerminalCharset) -> [TerminalLine] {
    [("base", document.base), ("new", document.this)].map { label, side in
      TerminalLine(
        TerminalText.left(label, 6) + VisibleText.cut(charset.shown(side.name), to: 46)
          + "   \(NumberFormat.count(side.runs.count, "run"))   "
          + VisibleText.cut(charset.shown(side.version + (side.revision.map { " \($0)" } ?? "")), to: 16))
    }
  }

  private static let widths = [10, 10, 9, 17]

  private static let head = TerminalLine(
    TerminalText.left("metric", 24)
      + zip(["base", "new", "change", "95 %"], widths).map { TerminalText.right($0, $1) }.joined() + "  verdict", .dim)

  private static func row(
    _ metric: ComparisonMetric, _ document: ComparisonDocument, _ charset: TerminalCharset
  ) -> TerminalLine {
    func plain(_ value: Double) -> String {
      metric.unit == "ratio" ? NumberFormat.percent(value) + " %" : NumberFormat.significant(value)
    }
    let unit = metric.unit == "ratio" || metric.unit.isEmpty ? "" : " \(metric.unit)"
    let (low, high) = metric.interval
    let isShare = metric.isRatio || metric.unit == "ratio"
    func end(_ value: Double?) -> String {
      guard let value else { return "?" }
      return isShare ? NumberFormat.fixed(value * 100, 1) : NumberFormat.brief(value)
    }
    let interval = low == nil && high == nil ? "-" : "\(end(low)) .. \(end(high))"
    let change =
      isShare
      ? NumberFormat.fixed(metric.change * 100, 1) + (metric.isRatio ? " %" : " pt") : NumberFormat.brief(metric.change)
    var line = TerminalLine(TerminalText.left(VisibleText.cut(charset.shown(metric.metric + unit), to: 23), 24))
    line.add(
      zip([plain(metric.base), plain(metric.this), change, interval], widths).map { TerminalText.right($0, $1) }
        .joined())
    let style: TerminalLine.Style
    switch metric.outcome {
    case .worse: style = .red
    case .better: style = .green
    case .inconclusive, .notComparable: style = .yellow
    case .noChange: style = .plain
    }
    let word =
      metric.outcome == .inconclusive
      ? (document.statistical ? "unclear" : "-") : metric.outcome == .noChange ? "same" : metric.outcome.rawValue
    line.add("  " + word, style)
    return line
  }

  private static func trailer(
    _ document: ComparisonDocument, _ reportPath: String?, _ charset: TerminalCharset
  ) -> [TerminalLine] {
    let left = document.leftOut.map { "not compared: \($0.metric): \($0.reason)" }
    var lines = (left + document.notes.map { "note: \($0)" }).flatMap {
      TerminalText.wrapped(charset.shown($0), to: TerminalText.widest).map { TerminalLine($0) }
    }
    if let reportPath {
      lines += TerminalText.broken("report " + charset.shown(reportPath), to: TerminalText.widest).map {
        TerminalLine($0)
      }
    }
    return lines
  }
}
