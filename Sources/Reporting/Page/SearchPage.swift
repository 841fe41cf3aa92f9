import RunResults

/// The answer of `search` as one page: the sentence first, what the probes accepted and how long answers took against what
/// was varied, and every probe in order.
package enum SearchPage {
  /// The page.
  ///
  /// - Parameters:
  ///   - document: what was found.
  ///   - version: of the program.
  ///   - made: when, for the corner.
  package static func page(_ document: SearchDocument, version: String, made: String) -> String {
    let word = word(document)
    var page = Page(
      title: "\(word) · \(document.scenario)", name: document.scenario,
      about:
        "search · stream <span class=\"mono\">\(document.stream)</span>, \(NumberFormat.count(document.shards, "shard")) · varied: \(document.vary), \(NumberFormat.seconds(document.probeSeconds)) a probe",
      origin: "shardmeter \(version), search<br>\(made)", version: version)
    page.parts = [verdict(document, word: word), SearchSection.markup(document), probes(document), foot(document)]
    return page.html
  }

  private static func word(_ document: SearchDocument) -> String {
    guard let pass = document.highestPass else { return "nothing passes" }
    let least = document.boundBy == .generator ? "at least " : ""
    return "\(least)\(SearchSection.number(pass)) \(document.unit)"
  }

  private static func verdict(_ document: SearchDocument, word: String) -> Markup {
    let rest = document.sentences.dropFirst().map { "<p class=\"trust\">\($0)</p>" as Markup }.joined()
    let warnings = document.warnings.map { "<p class=\"trust un\">! \($0)</p>" as Markup }.joined()
    let look: Markup =
      document.highestPass == nil
      ? "fail" : document.boundBy == .generator || document.stopped != nil ? "unsure" : "done"
    return """
      <div class="verdict \(look)"><div><div class="word">\(word)</div>\
      <p class="why">\(document.sentences.first ?? "")</p></div><div>\(rest)\(warnings)</div></div>

      """
  }

  private static func probes(_ document: SearchDocument) -> Markup {
    func cell(_ value: Double?) -> Markup { "<td class=\"n\">\(value.map(SearchSection.number) ?? "–")</td>" }
    func ratio(_ value: Double?) -> Markup { "<td class=\"n\">\(value.map { NumberFormat.percent($0) } ?? "–")</td>" }
    let rows = document.probes.map { probe -> Markup in
      let notes = [
        probe.reason, probe.isEmptied ? "shards emptied before" : "",
        probe.inFlightFactor > 1 ? "\(probe.inFlightFactor) times the requests in flight" : "",
      ].filter { !$0.isEmpty }.joined(separator: "; ")
      let look: Markup = probe.verdict == "pass" ? "ok" : probe.verdict == "fail" ? "no" : "un"
      let mark = probe.verdict == "pass" ? "✓" : probe.verdict == "fail" ? "✗" : "?"
      return """
        <tr><th scope="row" class="n">\(count: probe.number)</th>\(cell(probe.value))\
        <td class="\(look)">\(mark) \(probe.verdict)</td><td>\(probe.purpose)</td>\(cell(probe.acceptedPerS))\
        \(ratio(probe.throttleRatio))\(ratio(probe.lostRatio))\(cell(probe.responseP50))\(cell(probe.responseP99))\
        \(cell(probe.responseP999))\(cell(probe.serviceP50))<td class="mu">\(notes)</td></tr>
        """
    }.joined()
    let table: Markup = """
      <table id="t-probes" aria-label="Probes in order"><thead><tr><th scope="col" class="n">probe</th>\
      <th scope="col" class="n">\(document.unit)</th><th scope="col">verdict</th><th scope="col">why it was made</th>\
      <th scope="col" class="n">accepted/s</th><th scope="col" class="n">throttled %</th><th scope="col" class="n">lost %</th>\
      <th scope="col" class="n">p50 ms</th><th scope="col" class="n">p99 ms</th><th scope="col" class="n">p99.9 ms</th>\
      <th scope="col" class="n">service p50 ms</th><th scope="col">notes</th></tr></thead><tbody>\(rows)</tbody></table>
      """
    return PageSection(
      title: "Probes in order",
      notes: [
        "Accepted a second is by the clock over the measured time; throttled is of its attempts, lost of its records; p50, p99 and p99.9 are response times of its records, service those of its requests.",
        "Each has a report of its own under probes/.",
      ], figureClasses: "tw", copies: "t-probes"
    ).markup(table)
  }

  private static func foot(_ document: SearchDocument) -> Markup {
    let goals = document.goals.isEmpty ? "" : "A probe passes with " + document.goals.joined(separator: ", ") + "."
    let lines = [
      goals, "The bracket is closed when its ends lie within \(NumberFormat.percent(document.tolerance)) %.",
      document.knee == nil ? "" : "The knee is \(SearchDocument.Knee.method).",
    ].filter { !$0.isEmpty }.map { "<p>\($0)</p>" as Markup }.joined()
    return PageSection(title: "How it was judged", classes: "end").markup(
      "\(lines)<p class=\"mono\">workload \(document.workloadHash)</p>")
  }
}

/// Two drawings over what was varied: what was accepted beside what was asked for, and response times; the bracket's two
/// ends stand in both.
enum SearchSection {
  private static let (left, right) = (52.0, 884.0)

  /// A value as it stands in a table: whole from 100 on.
  static func number(_ value: Double) -> String {
    value >= 100 ? NumberFormat.fixed(value, 0) : NumberFormat.brief(value)
  }

  /// The section.
  static func markup(_ document: SearchDocument) -> Markup {
    // Of several probes of a value the last is drawn.
    var last: [Double: SearchDocument.Probe] = [:]
    for probe in document.probes { last[probe.value] = probe }
    let probes = last.values.sorted { $0.value < $1.value }
    guard let low = probes.first, let high = probes.last, probes.count > 1 else { return "" }
    let across = AxisScale.logarithmic(from: low.value, to: high.value, start: left, end: right)
    let found = document.sentences.first ?? ""
    let rates = rates(document, probes, across)
    let times = times(document, probes, across)
    return PageSection(
      title: document.vary == "rate" ? "Where the knee is" : "What was tried", findings: ["\(found)"],
      notes: [
        "Above: records accepted a second, by the clock; the dashed line is what was asked for, orange what the target throttled a second. Below: response times of the records, p50 solid and p99 dashed, p99.9 grey, on a logarithmic axis.",
        "The two upright lines are the bracket: the highest value that passes and the lowest that fails.",
      ]
    ).markup(
      rates.element(title: "Accepted records a second against \(document.unit)", description: found)
        + times.element(title: "Response times against \(document.unit), milliseconds", description: found))
  }

  private static func rates(
    _ document: SearchDocument, _ probes: [SearchDocument.Probe], _ across: AxisScale
  ) -> Drawing {
    let (top, bottom) = (16.0, 170.0)
    let most = probes.flatMap { [$0.plannedPerS ?? 0, $0.acceptedPerS ?? 0] }.max() ?? 0
    let up = AxisScale.fromZero(to: most, start: bottom, end: top)
    var drawing = Drawing(id: "c-rates", width: 900, height: 206)
    frame(&drawing, across, up, bottom: bottom, top: top, document)
    line(&drawing, .planLine, probes, across, up) { $0.plannedPerS }
    line(&drawing, .throttledLine, probes, across, up) { probe in
      guard let ratio = probe.throttleRatio, ratio > 0, ratio < 1, let accepted = probe.acceptedPerS else { return nil }
      return accepted * ratio / (1 - ratio)
    }
    line(&drawing, .middleLine, probes, across, up) { $0.acceptedPerS }
    dots(&drawing, probes, across, up) { $0.acceptedPerS }
    return drawing
  }

  private static func times(
    _ document: SearchDocument, _ probes: [SearchDocument.Probe], _ across: AxisScale
  ) -> Drawing {
    let (top, bottom) = (16.0, 190.0)
    let all = probes.flatMap { [$0.responseP50, $0.responseP99, $0.responseP999] }.compactMap(\.self).filter { $0 > 0 }
    let up = AxisScale.logarithmic(from: all.min() ?? 1, to: all.max() ?? 10, start: bottom, end: top)
    var drawing = Drawing(id: "c-times", width: 900, height: 232)
    frame(&drawing, across, up, bottom: bottom, top: top, document)
    line(&drawing, .mutedLine, probes, across, up) { $0.responseP999 }
    line(&drawing, .tailLine, probes, across, up) { $0.responseP99 }
    line(&drawing, .middleLine, probes, across, up) { $0.responseP50 }
    dots(&drawing, probes, across, up) { $0.responseP50 }
    drawing.text(.mutedLabel, x: (left + right) / 2, y: bottom + 32, .middle, document.unit)
    return drawing
  }

  private static func frame(
    _ drawing: inout Drawing, _ across: AxisScale, _ up: AxisScale, bottom: Double, top: Double,
    _ document: SearchDocument
  ) {
    for tick in up.ticks {
      drawing.line(.grid, from: (left, up(tick)), to: (right, up(tick)))
      drawing.text(.axis, x: left - 6, y: up(tick) + 3.5, .end, NumberFormat.compact(tick))
    }
    drawing.line(.axis, from: (left, bottom), to: (right, bottom))
    for tick in across.ticks {
      drawing.text(.axis, x: across(tick), y: bottom + 15, .middle, NumberFormat.compact(tick))
    }
    for (value, style) in [(document.highestPass, DrawingStyle.worstTicks), (document.lowestFail, .limitLine)] {
      guard let value else { continue }
      drawing.line(style, from: (across(value), top), to: (across(value), bottom))
    }
  }

  private static func line(
    _ drawing: inout Drawing, _ style: DrawingStyle, _ probes: [SearchDocument.Probe], _ across: AxisScale,
    _ up: AxisScale, _ value: (SearchDocument.Probe) -> Double?
  ) {
    var path = PathData()
    var isFirst = true
    for probe in probes {
      guard let found = value(probe), found > 0 else { continue }
      if isFirst { path.move(across(probe.value), up(found)) } else { path.line(across(probe.value), up(found)) }
      isFirst = false
    }
    if !isFirst { drawing.path(style, path) }
  }

  private static func dots(
    _ drawing: inout Drawing, _ probes: [SearchDocument.Probe], _ across: AxisScale, _ up: AxisScale,
    _ value: (SearchDocument.Probe) -> Double?
  ) {
    for probe in probes {
      guard let found = value(probe), found > 0 else { continue }
      let tooltip = "\(number(probe.value)): \(number(found)), \(probe.verdict)"
      drawing.group(tooltip: tooltip) {
        $0.circle(probe.verdict == "pass" ? .dot : .keyDot, x: across(probe.value), y: up(found), radius: 4)
      }
    }
  }
}
