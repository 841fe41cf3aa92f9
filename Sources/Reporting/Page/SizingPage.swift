import RunResults

/// The answer of `size` as one page: the decision first, throttling against shards, the sweep, what would help. Everything
/// on it is a model's word, and says so.
package enum SizingPage {
  /// The page.
  ///
  /// - Parameters:
  ///   - document: what was found.
  ///   - version: of the program.
  ///   - made: when, for the corner.
  package static func page(_ document: SizingDocument, version: String, made: String) -> String {
    let word = document.recommended.map { NumberFormat.count($0, "shard") } ?? "no shard count"
    var page = Page(
      title: "\(word) · \(document.scenario)", name: document.scenario,
      about:
        "model, nothing was sent · stream <span class=\"mono\">\(document.stream)</span>, \(NumberFormat.count(document.shardsNow, "shard")) now · limits \(document.limitsProfile)",
      origin: "shardmeter \(version), size<br>\(made)", version: version)
    page.parts = [
      verdict(document, word: word), SizingSection.markup(document), ranges(document), measured(document),
      sweep(document), help(document),
      foot(document),
    ]
    return page.html
  }

  private static func verdict(_ document: SizingDocument, word: String) -> Markup {
    let rest = document.sentences.dropFirst().map { "<p class=\"trust\">\($0)</p>" as Markup }.joined()
    let warnings = document.warnings.map { "<p class=\"trust un\">! \($0)</p>" as Markup }.joined()
    return """
      <div class="verdict \(document.recommended == nil ? "fail" : "done" as Markup)"><div><div class="word">\(word)</div>\
      <p class="why">\(document.sentences.first ?? "")</p></div><div>\(rest)\(warnings)</div></div>

      """
  }

  private static func ranges(_ document: SizingDocument) -> Markup {
    var strips = [
      RangeDrawing.Strip(name: "\(NumberFormat.count(document.shardsNow, "shard")), now", shards: document.rangesNow)
    ]
    if let count = document.recommended, count != document.shardsNow {
      strips.append(.init(name: "\(NumberFormat.count(count, "shard")), enough", shards: document.rangesRecommended))
    }
    let hottest = { (ranges: [SizingDocument.ShardRange]) in
      ranges.map(\.peakUse).max().map { "\(NumberFormat.percentShort($0)) %" } ?? "–"
    }
    let then =
      strips.count > 1 ? ", \(hottest(document.rangesRecommended)) with \(document.rangesRecommended.count)" : ""
    let found = "The fullest shard is at \(hottest(document.rangesNow)) of its limit now\(then)."
    let goal = 1 - document.headroomGoal
    guard let drawing = RangeDrawing(strips, goal: goal).element(id: "c-ranges", description: found) else { return "" }
    return PageSection(
      title: "Hash-key space, before and after", findings: ["A model: \(found)"],
      notes: [
        "Each shard over its range of MD5 values; height: its busiest minute over the nearer limit. Dashed: the limit, orange "
          + "is beyond it; dotted: what headroom leaves."
      ]
    ).markup(drawing)
  }

  private static func measured(_ document: SizingDocument) -> Markup {
    guard let first = document.measurements.first else { return "" }
    let rows = document.measurements.flatMap { measurement in
      measurement.rows.map { row -> Markup in
        let isApart = abs(row.difference) > SizingDocument.Measurement.most
        let mark: Markup = isApart ? "<span class=\"no\">✗ apart</span>" : "<span class=\"ok\">✓ within a point</span>"
        return """
          <tr><th scope="row" class="n">\(count: measurement.shards)</th><td class="n">\(count: row.shard)</td>\
          <td class="n">\(count: row.modelAttempted)</td><td class="n">\(count: row.attempted)</td>\
          <td class="n">\(row.modelRatio.map { NumberFormat.percent($0) } ?? "–")</td>\
          <td class="n">\(row.measuredRatio.map { NumberFormat.percent($0) } ?? "–")</td>\
          <td class="n">\(NumberFormat.fixed(row.difference * 100, 2))</td><td>\(mark)</td></tr>
          """
      }
    }.joined()
    let table: Markup = """
      <table id="t-measured" aria-label="Model against measurement"><thead><tr><th scope="col" class="n">shards</th>\
      <th scope="col" class="n">shard</th><th scope="col" class="n">tries, model</th><th scope="col" class="n">tries, measured</th>\
      <th scope="col" class="n">throttled %, model</th><th scope="col" class="n">throttled %, measured</th>\
      <th scope="col" class="n">points apart</th><th scope="col"></th></tr></thead><tbody>\(rows)</tbody></table>
      """
    let found = document.measurements.map { measurement -> Prose in
      let why = measurement.causes.isEmpty ? "no reason is known" : measurement.causes.joined(separator: "; ")
      let verdict =
        measurement.agrees
        ? "every shard is within a point of the model."
        : "\(NumberFormat.count(measurement.apart.count, "shard")) more than a point apart: \(why)."
      return "\(NumberFormat.count(measurement.shards, "shard")), measured: \(verdict)"
    }
    return PageSection(
      title: "Model against measurement", findings: found,
      notes: ["Runs against \(first.target), with the names of keys as they are."], figureClasses: "tw",
      copies: "t-measured"
    ).markup(table)
  }

  /// The table of the sweep.
  ///
  /// - Parameter only: the counts that are shown; nil for all.
  static func sweep(_ document: SizingDocument, only: Set<Int>? = nil) -> Markup {
    let rows = document.rows.filter { only?.contains($0.shards) ?? true }.map { row -> Markup in
      let marks = [
        row.shards == document.recommended ? "enough" : "", row.isNow ? "now" : "",
        row.shards == document.awsFormulaShards ? "AWS's formula" : "", row.isExact ? "exact" : "",
        row.isOneCall && !row.isNow ? "one call" : "",
      ].filter { !$0.isEmpty }.joined(separator: ", ")
      return """
        <tr><th scope="row" class="n">\(count: row.shards)</th><td class="n">\(NumberFormat.percent(row.throttleRatio))</td>\
        <td class="n">\(NumberFormat.percent(row.throttleWithoutTopRatio))</td>\
        <td class="n">\(row.undeliveredRatio.map { NumberFormat.percent($0) } ?? "–")</td>\
        <td class="n">\(count: row.shardsThrottled)</td><td class="n">\(NumberFormat.percent(row.meanUse))</td>\
        <td class="n">\(NumberFormat.percent(row.peakUse))</td><td>\(row.binding)</td>\
        <td>\(row.meets ? "✓ meets the goals" : "")</td><td class="mu">\(marks)</td></tr>
        """
    }.joined()
    let table: Markup = """
      <table id="t-sweep" aria-label="Sweep of shard counts"><thead><tr><th scope="col" class="n">shards</th>\
      <th scope="col" class="n">throttled %</th><th scope="col" class="n">without the heaviest key %</th>\
      <th scope="col" class="n">lost %</th><th scope="col" class="n">shards that throttle</th>\
      <th scope="col" class="n">mean use %</th><th scope="col" class="n">peak use %</th><th scope="col">binds</th>\
      <th scope="col">goals</th><th scope="col">notes</th></tr></thead><tbody>\(rows)</tbody></table>
      """
    var more: [Prose] =
      document.hasRetries ? ["Rows that are not exact know first tries alone; retries come on top."] : []
    if let draws = document.draws {
      more.append(
        "Rows and ranges are of draw \(draws.deciding + 1) of \(draws.count) of the names, the one that decides.")
    }
    return PageSection(
      title: "The sweep",
      notes: [
        "Of the nearer limit: mean use over the judged time and all shards, peak use in the hottest shard's busiest minute."
      ] + more, figureClasses: "tw", copies: "t-sweep"
    ).markup(table)
  }

  private static func help(_ document: SizingDocument) -> Markup {
    guard !document.help.isEmpty else { return "" }
    let rows = document.help.map { help -> Markup in
      let commands = help.commands.map { "<br><span class=\"mono\">\($0)</span>" as Markup }.joined()
      let cost = help.cost.map { NumberFormat.fixed($0, 2) } ?? "–"
      return """
        <tr><td class="\(help.helps ? "ok" : "no" as Markup)">\(help.helps ? "✓ helps" : "✗ does not help")</td>\
        <th scope="row">\(help.action)</th><td class="w">\(help.text)\(commands)</td>\
        <td class="n">\(help.throttleRatio.map { NumberFormat.percent($0) } ?? "–")</td><td class="n">\(cost)</td></tr>
        """
    }.joined()
    let currency = document.currency.map { " \($0) a month" } ?? ""
    let table: Markup = """
      <table id="t-help" aria-label="What would help"><thead><tr><th scope="col">verdict</th><th scope="col">what</th>\
      <th scope="col">how</th><th scope="col" class="n">throttled %</th><th scope="col" class="n">cost\(currency)</th></tr>\
      </thead><tbody>\(rows)</tbody></table>
      """
    return PageSection(
      title: "What would help", notes: ["The soonest to take effect first. Nothing is carried out."],
      figureClasses: "tw", copies: "t-help"
    ).markup(table)
  }

  private static func foot(_ document: SizingDocument) -> Markup {
    let judged = document.notJudged.map { "Not judged by a model: \($0)." }
    let lines = (document.assumptions + judged).map { "<p>\($0)</p>" as Markup }.joined()
    return PageSection(title: "What was assumed", classes: "end").markup(
      "\(lines)<p class=\"mono\">workload \(document.workloadHash)</p>")
  }
}

/// Throttling against shards on logarithmic axes: with and without the heaviest key, the goal dashed, the present count
/// ringed, and what one call of UpdateShardCount reaches marked below.
enum SizingSection {
  private static let (left, right, top, bottom) = (52.0, 884.0, 16.0, 214.0)
  /// Less than this cannot be shown apart from nothing.
  private static let least = 1e-4

  /// The section of a run's report: the chart, and the counts around the answer and the present one.
  static func inReport(_ run: LoadedRun) -> Markup {
    guard let rows = run.sizing, let sizing = run.summary?.sizing else { return "" }
    let document = SizingRow.document(of: rows, sizing)
    var only: Set<Int> = [1, document.shardsNow, document.shardsNow * 2, document.shardsNow * 4]
    if let answer = document.recommended { only.formUnion([answer - 1, answer, answer + 1]) }
    return markup(document) + SizingPage.sweep(document, only: only)
  }

  /// The section.
  static func markup(_ document: SizingDocument) -> Markup {
    let rows = document.rows
    guard rows.count > 1, let last = rows.last else { return "" }
    let most = max(rows.map(\.throttleRatio).max() ?? 0, document.throttleGoal, 0.01)
    let across = AxisScale.logarithmic(from: 1, to: Double(last.shards), start: left, end: right)
    let up = AxisScale.logarithmic(from: least, to: most, start: bottom, end: top)
    var drawing = Drawing(id: "c-size", width: 900, height: 262)
    for tick in up.ticks {
      drawing.line(.grid, from: (left, up(tick)), to: (right, up(tick)))
      drawing.text(.axis, x: left - 6, y: up(tick) + 3.5, .end, NumberFormat.percent(tick) + " %")
    }
    drawing.line(.axis, from: (left, bottom), to: (right, bottom))
    for tick in across.ticks where tick >= 1 {
      drawing.text(.axis, x: across(tick), y: bottom + 15, .middle, NumberFormat.compact(tick))
    }
    drawing.text(.mutedLabel, x: (left + right) / 2, y: bottom + 42, .middle, "shards")
    if document.throttleGoal >= least {
      drawing.line(.limitLine, from: (left, up(document.throttleGoal)), to: (right, up(document.throttleGoal)))
    }
    var (with, without) = (PathData(), PathData())
    for (position, row) in rows.enumerated() {
      let x = across(Double(row.shards))
      if position == 0 {
        with.move(x, up(row.throttleRatio))
        without.move(x, up(row.throttleWithoutTopRatio))
      } else {
        with.line(x, up(row.throttleRatio))
        without.line(x, up(row.throttleWithoutTopRatio))
      }
    }
    drawing.path(.mutedLine, without)
    drawing.path(.throttledLine, with)
    let reach = rows.filter(\.isOneCall).map { across(Double($0.shards)) }
    if let low = reach.min(), let high = reach.max() {
      drawing.line(.worstTicks, from: (low, bottom + 22), to: (high, bottom + 22))
    }
    for row in rows where row.isNow || row.shards == document.recommended {
      let what = row.isNow ? "now" : "enough"
      drawing.group(tooltip: "\(row.shards) shards, \(what): \(NumberFormat.percent(row.throttleRatio)) % throttled") {
        $0.circle(row.isNow ? .keyDot : .dot, x: across(Double(row.shards)), y: up(row.throttleRatio), radius: 4)
      }
    }
    for measurement in document.measurements {
      guard let ratio = measurement.measuredRatio else { continue }
      drawing.group(tooltip: "\(measurement.shards) shards, measured: \(NumberFormat.percent(ratio)) % throttled") {
        $0.circle(.ring, x: across(Double(measurement.shards)), y: up(ratio), radius: 7)
      }
    }
    let found = document.sentences.first ?? ""
    let ring: [Prose] = document.measurements.isEmpty ? [] : ["A ring is a count that was measured."]
    return PageSection(
      title: "Throttling against shards", findings: ["A model: \(found)"],
      notes: [
        "Both axes are logarithmic; the orange line is all records, the grey one those without the heaviest key, the dashed "
          + "one the goal. Open dot: the present shards; full dot: enough; the bar below: what one call of UpdateShardCount "
          + "reaches."
      ] + ring
    ).markup(
      drawing.element(
        title: "Throttled records against the number of shards, both axes logarithmic, per cent", description: found))
  }
}
