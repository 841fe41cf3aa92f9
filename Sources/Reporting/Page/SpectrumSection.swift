import Glibc
import Observations
import RunResults

/// The latency spectrum: percentiles up to the last that samples support, response and delivery, and their table.
enum SpectrumSection {
  /// One distribution of the whole run.
  struct Curve {
    /// What a reader calls it.
    let name: String
    /// Percentiles in ascending order, the minimum and the maximum among them.
    let rows: [LatencyRow]
    /// Samples it rests on.
    var samples: Int { rows.first?.samples ?? 0 }

    /// The value at a percentile, if the files hold it.
    func value(at percentile: Double) -> LatencyRow? { rows.first { abs($0.percentile - percentile) < 1e-6 } }
  }

  private static let tableRows: [(String, Double)] = [
    ("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99), ("max", 100),
  ]

  /// A distribution out of `latency.csv`, or nil when it is empty.
  static func curve(_ rows: [LatencyRow], _ name: String, metric: String, outcome: String) -> Curve? {
    let rows = rows.filter {
      $0.metric == metric && $0.outcome == outcome && $0.phase == PhaseRow.allName && $0.samples > 0
    }.sorted { $0.percentile < $1.percentile }
    return rows.isEmpty ? nil : Curve(name: name, rows: rows)
  }

  /// The section, or nothing when nothing was answered.
  ///
  /// - Parameter total: the line over all measured phases.
  static func markup(
    _ rows: [LatencyRow], means: SummaryLatencies, total: PhaseRow, _ bounds: [ThresholdText.ResponseLimit]
  ) -> Markup {
    let response = curve(rows, "response", metric: "response", outcome: "accepted")
    let delivery = curve(rows, "delivery", metric: "delivery", outcome: "all")
    let main = [response, delivery].compactMap(\.self)
    guard !main.isEmpty else { return "" }
    let more = [
      curve(rows, "service", metric: "service", outcome: "all"),
      curve(rows, "queue", metric: "queue", outcome: "all"),
      curve(rows, "lateness", metric: "lateness", outcome: "all"),
      curve(rows, "response, throttled", metric: "response", outcome: "throttled"),
      curve(rows, "response, refused", metric: "response", outcome: "refused"),
    ].compactMap(\.self)
    let said = finding(response, delivery, total)
    var section = PageSection(title: "Latency spectrum", findings: [said], figureClasses: "two", copies: "t-lat")
    section.notes =
      response == nil
      ? ["Of the records that were accepted, from their first sight to their acceptance, retries included."]
      : [
        "Of the records that came due in the measured phases, whenever they ended.",
        "Response: due time of a record to the last byte of its first answer. Delivery: due time to acceptance, retries included.",
      ]
    section.notes.append("Dotted and italic: fewer than ten samples lie beyond.")
    let rest: Markup =
      more.isEmpty
      ? "" : "<details><summary>more distributions</summary>\(table(more, id: "t-lat2", means: nil))</details>"
    let drawn = drawing(main, bounds, said)
    return section.markup("<div>\(drawn)</div><div>\(table(main, id: "t-lat", means: means))\(rest)</div>")
  }

  private static func finding(_ response: Curve?, _ delivery: Curve?, _ total: PhaseRow) -> Prose {
    guard let p99 = response?.value(at: 99)?.valueMs else {
      guard let late = delivery?.value(at: 99)?.valueMs else { return "Only delivery is known." }
      return "Delivery p99, from a record's first sight to its acceptance, is \(NumberFormat.significant(late)) ms."
    }
    guard let late = delivery?.value(at: 99)?.valueMs, p99 > 0 else {
      return "Response p99 is \(NumberFormat.significant(p99)) ms."
    }
    let factor = late / p99
    let retries = total.traffic.attempted - total.traffic.firstTries
    let both: Prose =
      "delivery p99 is \(NumberFormat.significant(late)) ms, response p99 \(NumberFormat.significant(p99)) ms."
    guard retries > 0 else { return "Nothing was sent twice: \(both)" }
    guard factor >= 1.5 else { return "Retries add little: \(both)" }
    let times: Prose = "delivery p99 is \(NumberFormat.significant(factor)) times response p99"
    // A hundredth of the records must have been sent again to make a p99, and throttling be why.
    let refused = total.traffic.throttled + total.traffic.failed
    guard retries * 100 >= total.traffic.firstTries, total.traffic.failed * 10 <= refused else {
      let failed: Prose =
        total.traffic.failed > 0
        ? "; \(NumberFormat.count(total.traffic.failed, "attempt")) failed or had no answer before they were sent again"
        : ""
      return "The tail is \(NumberFormat.significant(late)) ms: \(times)\(failed)."
    }
    return "Retries, not the endpoint, make the tail: \(times)."
  }

  private static func drawing(
    _ curves: [Curve], _ bounds: [ThresholdText.ResponseLimit], _ said: Prose
  ) -> Markup {
    let (left, right, top, bottom) = (TimeFrame.left, 546.0, 26.0, 262.0)
    // The maximum has no place on this axis; the curve ends at the last percentile below 100.
    let points = curves.map { curve in curve.rows.filter { $0.percentile < 100 && $0.valueMs > 0 } }
    let values = points.flatMap { $0.filter { $0.percentile >= 1 } }.map(\.valueMs)
    guard let low = values.min(), let high = values.max() else { return "" }
    let deepest = points.flatMap { $0.map { depth($0.percentile) } }.max() ?? 2
    let end = max(2, min(deepest, 6))
    func x(_ percentile: Double) -> Double { left + min(depth(percentile), end) / end * (right - left) }
    let limits = bounds.filter { $0.limit <= high * 10 && $0.limit >= low / 10 }
    let scale = AxisScale.logarithmic(
      from: min(low, limits.map(\.limit).min() ?? low), to: max(high, limits.map(\.limit).max() ?? 0), start: bottom,
      end: top)
    var drawing = Drawing(id: "c-hdr", width: 572, height: 300)
    drawing.valueAxis(scale, right: right, label: NumberFormat.compact)
    for (percentile, label) in [
      (0.0, "0"), (50, "50"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99"), (99.999, "99.999"),
    ]
    where depth(percentile) <= end + 1e-9 {
      drawing.line(.grid, from: (x(percentile), top), to: (x(percentile), bottom))
      drawing.text(.axis, x: x(percentile), y: bottom + 15, .middle, label)
    }
    drawing.line(.axis, from: (left, bottom), to: (right, bottom))
    drawing.text(
      .axis, x: (left + right) / 2, y: bottom + 32, .middle, "percentile, log scale; milliseconds, log scale")
    for limit in limits {
      guard let percentile = Double(limit.name.dropFirst().replacing("999", with: "99.9")), percentile < 100 else {
        continue
      }
      drawing.line(
        .limitLine, from: (x(percentile) - 20, scale(limit.limit)), to: (x(percentile) + 20, scale(limit.limit)))
      drawing.line(
        .limitTick, from: (x(percentile), scale(limit.limit) - 5), to: (x(percentile), scale(limit.limit) + 5))
      // Left of its line, or right of it where the axis is too near.
      let hasRoom = x(percentile) - 24 - Double("threshold".count) * LabelStyle.axis.size * 0.62 > left
      drawing.text(
        .axis, x: x(percentile) + (hasRoom ? -24 : 24), y: scale(limit.limit) - 4, hasRoom ? .end : .start, "threshold")
    }
    var ends: [Double] = []
    for (index, rows) in points.enumerated() {
      let style: DrawingStyle = curves[index].name == "response" ? .middleLine : .deliveryLine
      paint(rows, style, x: x, scale, into: &drawing)
      ends.append(rows.last.map { scale($0.valueMs) } ?? bottom)
    }
    // Each label stands above its curve, but the lower of two that end together below it.
    if ends.count == 2, abs(ends[0] - ends[1]) < 13 {
      let lower = ends[1] >= ends[0] ? 1 : 0
      ends[lower] = max(ends[0], ends[1]) + 14
      ends[1 - lower] -= 6
    } else {
      ends = ends.map { $0 - 6 }
    }
    for (index, y) in LabelPush.spread(ends, heights: ends.map { _ in 13 }, in: (top - 6)...(bottom - 4)).enumerated() {
      let isResponse = curves[index].name == "response"
      drawing.text(
        isResponse ? .accepted : .label, x: right - 4, y: y, .end,
        isResponse ? "response" : "delivery, with retries")
    }
    return drawing.element(
      title: "Percentile spectrum of latency, both axes logarithmic, milliseconds", description: said.plain)
  }

  /// A solid line as far as samples support it, dotted beyond.
  private static func paint(
    _ rows: [LatencyRow], _ style: DrawingStyle, x: (Double) -> Double, _ scale: AxisScale, into drawing: inout Drawing
  ) {
    var solid = PathData()
    var dotted = PathData()
    var last: LatencyRow?
    for row in rows {
      let point = (x(row.percentile), scale(row.valueMs))
      if row.supported || last == nil {
        if solid.isEmpty { solid.move(point.0, point.1) } else { solid.line(point.0, point.1) }
      } else {
        if dotted.isEmpty, let last { dotted.move(x(last.percentile), scale(last.valueMs)) }
        dotted.line(point.0, point.1)
      }
      last = row
    }
    drawing.path(style, solid)
    drawing.path(style == .middleLine ? .middleDotted : .deliveryDotted, dotted)
  }

  /// How many nines: −log10(1 − p).
  private static func depth(_ percentile: Double) -> Double {
    percentile >= 100 ? .infinity : -log10(1 - percentile / 100)
  }

  private static func table(_ curves: [Curve], id: String, means: SummaryLatencies?) -> Markup {
    let heads = curves.map { "<th scope=\"col\" class=\"n w\">\($0.name)</th>" as Markup }.joined()
    var rows = tableRows.map { name, percentile -> Markup in
      let cells = curves.map { curve -> Markup in
        guard let row = curve.value(at: percentile) else { return "<td class=\"n\">–</td>" }
        let few: Markup = row.supported ? "" : " few"
        return "<td class=\"n\(few)\">\(grouped: NumberFormat.significant(row.valueMs))</td>"
      }.joined()
      return "<tr><th scope=\"row\">\(name)</th>\(cells)</tr>"
    }.joined()
    if let means {
      let cells = curves.map { curve -> Markup in
        let mean = curve.name == "response" ? means.response?.mean : means.delivery?.mean
        return "<td class=\"n\">\(grouped: mean.map(NumberFormat.significant) ?? "–")</td>"
      }.joined()
      rows += "<tr><th scope=\"row\">mean</th>\(cells)</tr>"
    }
    let counts = curves.map { "<td class=\"n\">\(count: $0.samples)</td>" as Markup }.joined()
    return """
      <table id="\(id)" aria-label="Latency in milliseconds"><thead><tr><th scope="col">ms</th>\(heads)</tr></thead>\
      <tbody>\(rows)<tr><th scope="row">count</th>\(counts)</tr></tbody></table>
      """
  }
}
