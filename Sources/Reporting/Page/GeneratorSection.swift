import RunResults

/// Whether the numbers describe the endpoint or the generator: lateness, processor and requests in flight over time.
enum GeneratorSection {
  /// The section, or nothing when no second was recorded.
  static func markup(_ time: Timeline, _ generator: GeneratorFacts) -> Markup {
    let frame = time.frame
    let columns = time.columns
    guard frame.count > 0, !columns.isEmpty else { return "" }
    var drawing = Drawing(id: "c-gen", width: TimeFrame.width, height: 152)
    let lateness = columns.map(\.lateness)
    let cpu = columns.map(\.cpu)
    let inFlight = columns.map { $0.inFlight.map(Double.init) }
    let latest = lateness.compactMap(\.self).max()
    let busiest = cpu.compactMap(\.self).max()
    let most = inFlight.compactMap(\.self).max()
    let bound = generator.latenessBound
    strip(
      &drawing, time, top: 8, values: lateness, high: max(latest ?? 0, bound) * 1.1, limit: bound,
      name: "lateness p99",
      detail: latest.map {
        "max \(NumberFormat.brief($0)), limit \(NumberFormat.brief(bound)) ms"
      } ?? "not recorded", tick: bound, tickText: NumberFormat.brief(bound))
    strip(
      &drawing, time, top: 52, values: cpu, high: 1, limit: 0.9, name: "busiest worker",
      detail: busiest.map { "max \(NumberFormat.wholePercent($0)) %, limit 90 %" } ?? "not recorded", tick: 1,
      tickText: "100%")
    let cap = generator.health.inFlightCap.map(Double.init)
    let height = max(cap ?? 0, most ?? 0, 1)
    strip(
      &drawing, time, top: 96, values: inFlight, high: height * (cap == nil ? 1.1 : 1), limit: cap, name: "in flight",
      detail: most.map {
        "max \(NumberFormat.fixed($0, 0))" + (cap.map { ", cap \(NumberFormat.fixed($0, 0))" } ?? "")
      } ?? "not recorded", tick: height, tickText: NumberFormat.compact(height))
    var unsent = PathData()
    for (index, column) in columns.enumerated() where column.unsent > 0 {
      let (left, right) = frame.edges(index)
      unsent.move((left + right) / 2, 98)
      unsent.vertical(to: 106)
    }
    drawing.path(.unsentTicks, unsent)
    var capped = PathData()
    for (index, column) in columns.enumerated() where column.capped {
      let (left, right) = frame.edges(index)
      capped.move(left, 97)
      capped.horizontal(to: right)
    }
    drawing.path(.cappedBar, capped)
    drawing.timeAxis(frame, y: 130)

    let said = finding(time, generator)
    var section = PageSection(title: "Generator", findings: [said])
    section.notes = [
      "Hatched, here and above: lateness or worker passed their dashed limit, a worker did not run although something was due, or the host's other guests took over 10 %. What answers took then is the generator's doing."
    ]
    if !capped.isEmpty { section.notes.append("Thick bar: seconds in which a full cap kept batches waiting.") }
    if let sentence = Findings.sendBuffer(generator) { section.notes.append(sentence) }
    if !unsent.isEmpty { section.notes.append("Red ticks: records due by then and not sent.") }
    return section.markup(
      drawing.element(
        title: "Health of the load generator over time: lateness, processor, requests in flight",
        description: said.plain, classes: "tchart", attributes: "data-top=\"8\" data-bottom=\"130\""))
  }

  private static func strip(
    _ drawing: inout Drawing, _ time: Timeline, top: Double, values: [Double?], high: Double, limit: Double?,
    name: String, detail: String, tick: Double, tickText: String
  ) {
    let scale = AxisScale(kind: .linear, low: 0, high: max(high, 1e-9), start: top + 34, end: top, ticks: [])
    drawing.warmUp(time.frame, y: top, height: 34)
    drawing.line(.axis, from: (TimeFrame.left, top + 34), to: (TimeFrame.right, top + 34))
    drawing.area(.mutedArea, from: values.map { $0.map { _ in 0 } }, to: values, time.frame, scale)
    drawing.steps(.mutedLine, values, time.frame, scale)
    if let limit {
      drawing.line(.limitLine, from: (TimeFrame.left, scale(limit)), to: (TimeFrame.right, scale(limit)))
    }
    drawing.boundColumns(time.columns, time.frame, y: top, height: 34)
    drawing.text(.label, x: TimeFrame.margin, y: top + 11, name)
    drawing.text(.mutedLabel, x: TimeFrame.margin, y: top + 25, detail)
    drawing.text(.axis, x: TimeFrame.left - 6, y: top + 34, .end, "0")
    // A limit far below the peak has no room beside the zero: the peak is labelled instead.
    let fits = scale(tick) <= top + 20
    drawing.text(
      .axis, x: TimeFrame.left - 6, y: fits ? max(scale(tick) + 4, top + 6) : top + 8, .end,
      fits ? tickText : NumberFormat.compact(high))
  }

  private static func finding(_ time: Timeline, _ generator: GeneratorFacts) -> Prose {
    let health = generator.health
    let bound = time.columns.filter { $0.measured && $0.generatorBound }.count
    switch generator.validity {
    case .generatorBound:
      return health.wasStopped
        ? "The generator was stopped, or others had its cores, in \(health.boundS) of \(health.seconds) s: the latencies describe that, not the endpoint."
        : "The generator was the bottleneck in \(bound) of \(time.columns.filter(\.measured).count) steps: the latencies describe it, not the endpoint."
    case .capped:
      let lead: Prose =
        "Requests in flight were at their cap in \(health.cappedS) of \(health.seconds) s: \(generator.isFailing ? "requests failed or had no answer" : "the endpoint was slow"), the generator had headroom."
      return lead + (Findings.littlesLaw(generator) ?? Prose())
    case .valid:
      let lead: Prose = "Not the bottleneck: the numbers above describe the endpoint."
      let isSaturated = health.saturatedS > 0 && health.saturatedS * 20 >= health.closedLoopS
      let saturated: Prose =
        isSaturated
        ? "But a worker was saturated in \(health.saturatedS) of \(health.closedLoopS) s of max phases: their rate is the generator's limit."
        : ""
      return (bound == 0 ? lead : lead + "It was bound in \(bound) steps, hatched above.") + saturated
    case nil:
      return "Not judged: the result holds no verdict on the generator."
    }
  }
}
