import Measurement
import RunResults

/// The parts of a page about a comparison: the changes on a common axis, the rounds in their order, both spectra, what was not
/// compared, and who the sides are.
enum ComparisonSection {
  private static let labelWidth = 210.0
  private static let right = 760.0
  private static let width = 930.0
  /// Metrics whose rounds are drawn.
  private static let mostDrawn = 12

  // MARK: Changes

  /// Every metric's change with its interval and the band of what does not count, and the same as a table.
  static func changes(_ document: ComparisonDocument, title: String = "What changed") -> Markup {
    let metrics = document.metrics
    guard !metrics.isEmpty else { return "" }
    var notes: [Prose] = []
    if document.statistical {
      notes.append("Dot: median over the pairs. Whisker: 95 % interval of that metric alone. Band: too small to count.")
      notes.append("p is of joint sign-flips of whole pairs, adjusted for the number of metrics.")
    } else {
      notes.append("Not statistical: without enough rounds there is no interval, and noise passes for change.")
    }
    return PageSection(
      title: title, findings: [ComparisonText.sentence(document)], notes: notes, figureClasses: "tw", copies: "t-cmp"
    ).markup(whiskers(document) + table(document))
  }

  /// A change on the common axis, in per cent; `nil` where the base is 0 and a share of it says nothing.
  private static func percent(_ value: Double, _ metric: ComparisonMetric) -> Double? {
    if metric.isRatio || metric.unit == "ratio" { return value * 100 }
    return metric.base > 0 ? value / metric.base * 100 : nil
  }

  private static func whiskers(_ document: ComparisonDocument) -> Markup {
    let rows = document.metrics
    let ends = rows.flatMap { row in
      [row.change, row.interval.low, row.interval.high, row.tolerance].compactMap { $0.flatMap { percent($0, row) } }
    }
    // Beyond ten times the base a whisker says no more by its length.
    let reach = min(max((ends.map(abs).max() ?? 1) * 1.1, 1), 1_000)
    let step = AxisScale.niceStep(reach / 4)
    let top = (reach / step).rounded(.up) * step
    func x(_ value: Double) -> Double {
      labelWidth + (min(max(value, -top), top) + top) / (2 * top) * (right - labelWidth)
    }
    let height = 26.0
    let bottom = Double(rows.count) * height + 6
    var drawing = Drawing(id: "c-cmp", width: width, height: bottom + 36)
    var tick = -top
    while tick <= top * 1.000_001 {
      drawing.line(abs(tick) < step / 2 ? .axis : .grid, from: (x(tick), 0), to: (x(tick), bottom))
      let digits = NumberFormat.brief(abs(tick) < step / 2 ? 0 : tick)
      drawing.text(.axis, x: x(tick), y: bottom + 14, .middle, tick > step / 2 ? "+\(digits)" : digits)
      tick += step
    }
    drawing.text(
      .axis, x: (labelWidth + right) / 2, y: bottom + 30, .middle, "change in % of the base; ratios: in points")
    for (index, row) in rows.enumerated() {
      let y = Double(index) * height + height / 2 + 3
      drawing.text(.label, x: 0, y: y + 4, VisibleText.cut(VisibleText.line(row.metric), to: 33, gap: "…"))
      if let tolerance = percent(row.tolerance, row), tolerance > 0 {
        drawing.rectangle(.bandMiddle, x: x(-tolerance), y: y - 9, width: x(tolerance) - x(-tolerance), height: 18)
      }
      let isBad = row.outcome == .worse
      if let change = percent(row.change, row) {
        if document.statistical {
          let low = row.interval.low.flatMap { percent($0, row) } ?? -top
          let high = row.interval.high.flatMap { percent($0, row) } ?? top
          drawing.line(.worstTicks, from: (x(low), y), to: (x(high), y))
          drawing.line(.worstTicks, from: (x(low), y - 4), to: (x(low), y + 4))
          drawing.line(.worstTicks, from: (x(high), y - 4), to: (x(high), y + 4))
        }
        drawing.circle(isBad ? .failedBar : .dot, x: x(change), y: y, radius: 3.5)
      } else {
        drawing.text(.note, x: x(0) + 6, y: y + 4, "the base is 0: see the table")
      }
      drawing.text(
        .label, x: right + 12, y: y + 4,
        "\(ComparisonText.sign(row.outcome)) \(row.outcome == .inconclusive && !document.statistical ? "not judged" : row.outcome.rawValue)"
      )
    }
    return drawing.element(
      title: "Change of each metric with its interval", description: ComparisonText.sentence(document).plain)
  }

  private static func table(_ document: ComparisonDocument) -> Markup {
    let rows = document.metrics.map { row -> Markup in
      let p = row.pValue.map { NumberFormat.fixed($0, 4) } ?? "–"
      let kind: Markup = row.outcome == .worse ? "no" : row.outcome == .better ? "ok" : "mu"
      return """
        <tr><th scope="row"><span class="mono">\(row.metric)</span></th>\
        <td class="n">\(ComparisonText.value(row.base, of: row))</td><td class="n">\(ComparisonText.value(row.this, of: row))</td>\
        <td class="n"><b>\(ComparisonText.change(row))</b></td><td class="n">\(ComparisonText.interval(row) ?? "–")</td>\
        <td class="n mu">\(ComparisonText.tolerance(row))</td><td class="n">\(p)</td>\
        <td class="\(kind)">\(ComparisonText.sign(row.outcome)) \(ComparisonText.verdict(row, isStatistical: document.statistical))</td></tr>
        """
    }.joined()
    return """
      <table id="t-cmp" aria-label="Change of each metric"><thead><tr><th scope="col">metric</th>\
      <th scope="col" class="n">base</th><th scope="col" class="n">new</th><th scope="col" class="n">change</th>\
      <th scope="col" class="n">95 % interval</th><th scope="col" class="n">counts from</th><th scope="col" class="n">p</th>\
      <th scope="col">verdict</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  /// What a run's own page says of its baseline; nothing without one.
  static func againstBaseline(_ document: ComparisonDocument?) -> Markup {
    guard let document else { return "" }
    return changes(document, title: "Against the baseline") + notCompared(document)
  }

  // MARK: Rounds

  /// Each side's value round by round, so that drift can be seen; nothing for a single round.
  static func rounds(_ metrics: [ComparisonMetric], isInterleaved: Bool) -> Markup {
    let drawn = metrics.filter { $0.baseValues.count > 1 || $0.thisValues.count > 1 }.prefix(mostDrawn)
    guard !drawn.isEmpty else { return "" }
    var notes: [Prose] = [
      isInterleaved
        ? "The two rounds of a pair followed each other, so drift hits both alike."
        : "The rounds of the two sides were not interleaved: a drift looks like a change."
    ]
    if metrics.count > drawn.count { notes.append("The first \(drawn.count) of \(metrics.count) metrics.") }
    let figure = drawn.enumerated().map { strip($0.element, id: "c-rnd-\($0.offset)") }.joined()
    return PageSection(
      title: "Round by round", findings: ["Each pair from base (grey) to new (ink), in the order they ran."],
      notes: notes
    ).markup(figure)
  }

  private static func strip(_ metric: ComparisonMetric, id: String) -> Markup {
    let count = max(metric.baseValues.count, metric.thisValues.count)
    let values = metric.baseValues + metric.thisValues
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    let span = high > low ? high - low : 1
    let (top, bottom) = (12.0, 62.0)
    func y(_ value: Double) -> Double { bottom - (high > low ? (value - low) / span : 0.5) * (bottom - top) }
    func x(_ round: Int) -> Double { labelWidth + (Double(round) + 0.5) / Double(count) * (right - labelWidth) }
    var drawing = Drawing(id: id, width: width, height: 76)
    drawing.text(.label, x: 0, y: 40, VisibleText.cut(VisibleText.line(metric.metric), to: 33, gap: "…"))
    drawing.line(.grid, from: (labelWidth, bottom), to: (right, bottom))
    drawing.line(.grid, from: (labelWidth, top), to: (right, top))
    drawing.text(.axis, x: right + 8, y: top + 4, ComparisonText.value(high, of: metric))
    if high > low { drawing.text(.axis, x: right + 8, y: bottom + 4, ComparisonText.value(low, of: metric)) }
    for round in 0..<count {
      let before = metric.baseValues.indices.contains(round) ? metric.baseValues[round] : nil
      let after = metric.thisValues.indices.contains(round) ? metric.thisValues[round] : nil
      if let before, let after {
        drawing.line(.mutedLine, from: (x(round) - 4, y(before)), to: (x(round) + 4, y(after)))
      }
      if let before { drawing.circle(.keyDot, x: x(round) - 4, y: y(before), radius: 3) }
      if let after { drawing.circle(.dot, x: x(round) + 4, y: y(after), radius: 3) }
    }
    return drawing.element(
      title: "\(metric.metric) round by round",
      description:
        "base from \(ComparisonText.value(metric.base, of: metric)), new \(ComparisonText.value(metric.this, of: metric)) in the median"
    )
  }

  // MARK: Spectra

  /// Both sides' response times by percentile; nothing where one of them has none.
  static func spectra(_ points: [ComparisonPercentile]) -> Markup {
    guard points.count > 1 else { return "" }
    let all = points.flatMap { [$0.base, $0.this] }.filter { $0 > 0 }
    let (left, right, top, bottom) = (40.0, 540.0, 14.0, 246.0)
    let scale = AxisScale.logarithmic(from: all.min() ?? 1, to: all.max() ?? 1, start: bottom, end: top)
    func x(_ index: Int) -> Double { left + Double(index) / Double(points.count - 1) * (right - left - 60) + 20 }
    var drawing = Drawing(id: "c-spc", width: 572, height: 270)
    for tick in scale.ticks {
      drawing.line(.grid, from: (left, scale(tick)), to: (right, scale(tick)))
      drawing.text(.axis, x: left - 6, y: scale(tick) + 4, .end, NumberFormat.compact(tick))
    }
    for (index, point) in points.enumerated() {
      drawing.text(.axis, x: x(index), y: bottom + 16, .middle, VisibleText.line(point.percentile))
    }
    let curves: [(DrawingStyle, String, (ComparisonPercentile) -> Double)] = [
      (.mutedLine, "base", { $0.base }), (.middleLine, "new", { $0.this }),
    ]
    var ends: [Double] = []
    for (style, _, value) in curves {
      var path = PathData()
      for (index, point) in points.enumerated() {
        let y = scale(value(point))
        if index == 0 { path.move(x(index), y) } else { path.line(x(index), y) }
      }
      drawing.path(style, path)
      ends.append(points.last.map { scale(value($0)) } ?? bottom)
    }
    for (index, y) in LabelPush.spread(ends, heights: [13, 13], in: top...bottom).enumerated() {
      drawing.text(index == 0 ? .mutedLabel : .accepted, x: x(points.count - 1) + 6, y: y + 4, curves[index].1)
    }
    let rows = points.map { point -> Markup in
      "<tr><th scope=\"row\">\(point.percentile)</th><td class=\"n\">\(NumberFormat.significant(point.base))</td><td class=\"n\">\(NumberFormat.significant(point.this))</td></tr>"
    }.joined()
    let table: Markup = """
      <table aria-label="Response time of both sides in milliseconds"><thead><tr><th scope="col">ms</th>\
      <th scope="col" class="n">base</th><th scope="col" class="n">new</th></tr></thead><tbody>\(rows)</tbody></table>
      """
    let drawn = drawing.element(
      title: "Response time of both sides by percentile, milliseconds, log scale",
      description:
        "p50 \(NumberFormat.significant(points[0].base)) against \(NumberFormat.significant(points[0].this)) ms")
    return PageSection(
      title: "Response time of both sides", notes: ["The median over each side's rounds, milliseconds, log scale."],
      figureClasses: "two"
    ).markup("<div>\(drawn)</div><div>\(table)</div>")
  }

  // MARK: What was not compared, and by whom

  /// What was not compared and why, and what else a reader must know; nothing where there is nothing.
  static func notCompared(_ document: ComparisonDocument) -> Markup {
    let left = document.leftOut.map { "<dt class=\"mono\">\($0.metric)</dt><dd>\($0.reason)</dd>" as Markup }
    let reasons = document.differences.map { "<dt>sides</dt><dd>\($0)</dd>" as Markup }
    let notes = document.notes.map { "<dt>note</dt><dd>\($0)</dd>" as Markup }
    let all = reasons + left + notes
    guard !all.isEmpty else { return "" }
    let said: Prose =
      left.isEmpty && reasons.isEmpty
      ? "Everything was compared."
      : reasons.isEmpty ? "\(NumberFormat.count(left.count, "metric")) left out." : "The sides cannot be compared."
    return PageSection(title: "What was not compared", findings: [said]).markup("<dl>\(all.joined())</dl>")
  }

  /// Where the two sides come from.
  static func sides(_ base: ComparisonSideFacts, _ this: ComparisonSideFacts) -> Markup {
    let lists = [("base", base), ("new", this)].map { label, side -> Markup in
      let runs = side.runs.map { "<span class=\"mono\">\($0)</span>" as Markup }.joined("<br>")
      let revision: Markup = side.revision.map { " <span class=\"mono\">\($0)</span>" } ?? ""
      return """
        <dl><dt>\(label)</dt><dd><span class="mono">\(side.name)</span></dd><dt>scenario</dt><dd>\(side.scenario)</dd>\
        <dt>shardmeter</dt><dd>\(side.version)\(revision)</dd><dt>shards</dt><dd>\(side.shards)</dd>\
        <dt>endpoint</dt><dd>\(side.endpointKind)</dd><dt>machine</dt><dd>\(side.machine)</dd><dt>runs</dt><dd>\(runs)</dd></dl>
        """
    }
    return PageSection(title: "Sides", classes: "end", figureClasses: "prov").markup(lists.joined())
  }
}

/// The page of a comparison.
package enum ComparisonPage {
  /// The file's text; a pure function of the summary. A summary without a comparison says that there is none.
  package static func page(_ summary: Summary) -> String {
    let document = summary.comparison ?? ComparisonDocument()
    let verdict = document.outcome
    let kind: Markup
    switch verdict {
    case .worse, .notComparable: kind = "fail"
    case .inconclusive: kind = "unsure"
    case .better, .noChange: kind = "pass"
    }
    let name = document.this.scenario.isEmpty ? "comparison" : document.this.scenario
    let sign = ComparisonText.titleSign(verdict)
    var page = Page(
      title: "\(sign) \(ComparisonText.word(verdict)) · \(name)", name: name,
      about:
        "<span class=\"mono\">\(document.this.name)</span> against <span class=\"mono\">\(document.base.name)</span>",
      origin: "shardmeter \(summary.tool.version), comparison <span class=\"mono\">\(summary.runID)</span>",
      version: summary.tool.version)
    page.parts = [
      """
      <div class="verdict \(kind)"><div><div class="word">\(sign) \(ComparisonText.word(verdict))</div>\
      <p class="why">\(ComparisonText.sentence(document).html)</p></div></div>

      """,
      ComparisonSection.changes(document),
      ComparisonSection.rounds(document.metrics, isInterleaved: document.interleaved),
      ComparisonSection.spectra(document.response),
      ComparisonSection.notCompared(document),
      ComparisonSection.sides(document.base, document.this),
    ]
    return page.html
  }
}
