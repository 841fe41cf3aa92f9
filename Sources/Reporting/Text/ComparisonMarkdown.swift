import Measurement
import RunResults

/// `summary.md` and the lines for CI of a comparison: each stands alone as a comment or an annotation.
package enum ComparisonMarkdown {
  /// Rows of the table that stand outside its details.
  private static let mostRows = 5
  private static let most = 40

  /// The text: the sentence, the metrics that matter most, what was left out. At most 32 kB.
  package static func text(_ document: ComparisonDocument) -> String {
    let verdict = document.outcome
    var text = "### \(ComparisonText.titleSign(verdict)) \(ComparisonText.word(verdict))\n\n"
    let sentence = ComparisonText.sentence(document).markdown
    text += (sentence.utf8.count > 8_000 ? VisibleText.prefix(sentence, 2_000) + " …" : sentence) + "\n"
    let order: [ComparisonVerdict] = [.worse, .inconclusive, .better, .noChange, .notComparable]
    let metrics = order.flatMap { verdict in document.metrics.filter { $0.outcome == verdict } }
    text += table(metrics.prefix(mostRows), document)
    var details = ""
    if metrics.count > mostRows { details += table(metrics.dropFirst(mostRows).prefix(most), document) }
    if metrics.count > mostRows + most { details += "\n\(metrics.count - mostRows - most) more are in summary.json.\n" }
    for left in document.leftOut.prefix(most) {
      details += "\n- not compared: \(code(left.metric)): \(escape(left.reason))"
    }
    for note in document.notes.prefix(most) { details += "\n- \(escape(note))" }
    for (label, side) in [("base", document.base), ("new", document.this)] {
      details +=
        "\n- \(label): \(code(side.name)), \(NumberFormat.count(side.runs.count, "run")), "
        + "shardmeter \(escape(side.version))\(side.revision.map { " \(code($0))" } ?? "")"
    }
    details = "\n<details><summary>Everything compared, and what was not</summary>\n\(details)\n\n</details>\n"
    return text.utf8.count + details.utf8.count <= MarkdownSummary.largest
      ? text + details : text + "\nMore is in summary.json.\n"
  }

  /// What a run's own summary says of its baseline; nothing without one.
  static func part(_ document: ComparisonDocument?) -> String {
    guard let document else { return "" }
    return "\nAgainst \(code(document.baselineID)): \(ComparisonText.sentence(document).markdown)\n"
      + table(document.metrics.prefix(most), document)
  }

  private static func table(_ metrics: some Sequence<ComparisonMetric>, _ document: ComparisonDocument) -> String {
    let rows = metrics.map { metric in
      "| \(code(metric.metric)) | \(escape(ComparisonText.value(metric.base, of: metric))) |"
        + " \(escape(ComparisonText.value(metric.this, of: metric))) | \(escape(ComparisonText.change(metric))) |"
        + " \(escape(ComparisonText.interval(metric) ?? "")) |"
        + " \(ComparisonText.sign(metric.outcome)) \(ComparisonText.verdict(metric, isStatistical: document.statistical)) |\n"
    }
    guard !rows.isEmpty else { return "" }
    return "\n| metric | base | new | change | 95 % interval | |\n|---|--:|--:|--:|--:|---|\n" + rows.joined()
  }

  private static func code(_ text: String) -> String { MarkdownText.code(VisibleText.cut(text, to: 80, gap: "…")) }
  private static func escape(_ text: String) -> String { MarkdownText.escape(VisibleText.cut(text, to: 200, gap: "…")) }

  /// Lines that GitHub's runner turns into annotations: one per metric that got worse, or why nothing could be compared; a
  /// warning where it cannot be told. At most ten.
  package static func annotations(_ document: ComparisonDocument) -> [String] {
    guard document.comparable else {
      return document.differences.prefix(Annotations.most).map { Annotations.line(.error, "not comparable: \($0)") }
    }
    func lines(_ verdict: ComparisonVerdict, _ level: Annotations.Level) -> [String] {
      document.metrics.filter { $0.outcome == verdict }.map { metric in
        let range = ComparisonText.interval(metric).map { " (\($0))" } ?? ""
        let what = verdict == .worse ? "worse" : "cannot tell"
        return Annotations.line(level, "\(metric.metric) \(what): \(ComparisonText.change(metric))\(range)")
      }
    }
    let unsure = document.statistical ? lines(.inconclusive, document.inconclusiveFails ? .error : .warning) : []
    return Array((lines(.worse, .error) + unsure).prefix(Annotations.most))
  }
}
