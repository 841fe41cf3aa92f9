import Measurement
import Observations
import RunResults

/// Throttling of every shard over time: a line for one shard, rows up to 64, thin rows to 240, bands of neighbours above,
/// the latter two with the twelve worst shards as full rows below.
enum HeatSection {
  /// What each class means, for the script's readout.
  static let classNames = [
    "not throttled", "up to 1 %", "1 to 2 %", "2 to 5 %", "5 to 10 %", "10 to 25 %", "25 to 50 %", "over 50 %",
  ]
  /// Above so many bytes a drawing's columns are made twice as wide.
  static let largestDrawing = 250_000
  /// Rows that still carry a label each.
  static let mostFullRows = 64
  /// Rows or bands that a thin map has at most.
  static let mostRows = 240

  /// The section, or nothing when there are no shards or no time.
  static func markup(_ time: Timeline, _ shards: ShardFacts) -> Markup {
    guard shards.heat.frame.count > 0, shards.count > 0 else { return "" }
    if shards.count == 1 { return single(time, shards) }
    var factor = 1
    var result = map(time, shards, factor: factor)
    while result.size > largestDrawing, factor < 64 {
      factor *= 2
      result = map(time, shards, factor: factor)
    }
    let said = finding(shards)
    var section = PageSection(title: "Throttling, every shard", findings: [said], classes: "tl")
    section.findings += Findings.credits(shards)
    section.notes = notes(shards, factor: factor)
    section.legend = legend
    let rows: Markup = shards.count <= mostFullRows ? " data-row=\"13\"" : ""
    return section.markup(
      result.drawing.element(
        title: "Throttled share of attempts of every shard over time", description: said.plain, classes: "tchart heat",
        attributes: "data-top=\"18\" data-bottom=\"\(at: result.bottom)\"\(rows)"))
  }

  private static func notes(_ shards: ShardFacts, factor: Int) -> [Prose] {
    var notes: [Prose] = []
    let count = shards.count
    if count > mostRows {
      let band = (count + mostRows - 1) / mostRows
      notes.append(
        "Bands of \(band) neighbours, coloured by their pooled rate; dark tick: the band's worst shard. Below, the 12 worst shards."
      )
    } else if count > mostFullRows {
      notes.append("One thin row a shard, in hash order. Below, the 12 worst as full rows.")
    }
    let step = NumberFormat.seconds(Double(shards.heat.frame.columnSeconds * factor))
    notes.append("% of the attempts answered in each cell of \(step) that were throttled; no answer, no colour:")
    if shards.failedCount > 0 { notes.append("Purple: attempts that failed for another reason.") }
    if factor > 1 { notes.append("Cells were widened to keep the page small; shard_seconds.csv has every bin.") }
    return notes
  }

  private static let legend: Markup = {
    let swatches = (0..<8).map { "<i class=\"k\($0)\"></i>" as Markup }.joined()
    let numbers = ["0", "1", "2", "5", "10", "25", "50"].map { "<span>\($0)</span>" as Markup }.joined(" ")
    return """
      <p><span class="key" aria-hidden="true">\(swatches)</span><span class="kt" aria-hidden="true">\(numbers)</span></p>
      """
  }()

  private static func map(_ time: Timeline, _ shards: ShardFacts, factor: Int) -> (
    drawing: Drawing, bottom: Double, size: Int
  ) {
    let count = shards.count
    let full = count <= mostFullRows
    let band = full ? 1 : (count + mostRows - 1) / mostRows
    let rows = (count + band - 1) / band
    let pitch = full ? 13.0 : 1.8
    let top = 18.0
    let mapBottom = top + Double(rows) * pitch
    let worst = full ? [] : Array(shards.worst.prefix(12))
    let bottom = mapBottom + (full ? 0 : 40 + Double(worst.count) * 13)
    var drawing = Drawing(id: "c-heat", width: TimeFrame.width, height: bottom + 22)
    let edges = edges(shards.heat.frame, factor: factor)
    let lines = (0..<rows).map { row in
      merged(shards.heat.classes(band: row * band..<min((row + 1) * band, count)), factor: factor)
    }
    HeatMatrix.paint(lines, edges: edges, y: top, pitch: pitch, height: full ? 12 : pitch, into: &drawing)
    let failures = (0..<rows).map { row in
      merged(shards.heat.failures(band: row * band..<min((row + 1) * band, count)), factor: factor)
    }
    paintFailures(
      failures, edges: edges, y: top, pitch: pitch, height: full ? 12 : pitch, into: &drawing)
    if full { paintAbsence(time.frame, shards, top: top, pitch: pitch, into: &drawing) }
    drawing.warmUp(time.frame, y: top, height: mapBottom - top, veil: true)
    drawing.boundColumns(time.columns, time.frame, y: top, height: mapBottom - top)
    drawing.shardMarks(time.shardChanges, time.frame, y: top, height: mapBottom - top, label: false)
    drawing.text(.axis, x: TimeFrame.left - 6, y: 9, .end, "shard")
    drawing.text(.axis, x: TimeFrame.margin, y: 9, full ? "throttled %" : "0 … 100 %")
    if full {
      let most = shards.rows.map(refused).max() ?? 0
      for (row, shard) in shards.rows.enumerated() {
        let y = top + Double(row) * pitch
        drawing.text(
          shards.isHot(shard) ? .axisStrong : .axis, x: TimeFrame.left - 6, y: y + 10, .end, "\(shard.shardIndex)")
        bar(shard, most: most, hot: shards.isHot(shard), y: y, into: &drawing)
      }
    } else {
      thinMargin(shards, band: band, rows: rows, top: top, pitch: pitch, into: &drawing)
      drawing.text(.axis, x: TimeFrame.left - 6, y: mapBottom + 32, .end, "worst")
      let worstTop = mapBottom + 40
      let rowLines = worst.map { merged(shards.heat.classes(row: $0), factor: factor) }
      HeatMatrix.paint(rowLines, edges: edges, y: worstTop, pitch: 13, height: 12, into: &drawing)
      paintFailures(
        worst.map { merged(shards.heat.failures(band: $0..<$0 + 1), factor: factor) }, edges: edges, y: worstTop,
        pitch: 13, height: 12, into: &drawing)
      drawing.warmUp(time.frame, y: worstTop, height: Double(worst.count) * 13, veil: true)
      let most = worst.map { refused(shards.rows[$0]) }.max() ?? 0
      for (row, index) in worst.enumerated() {
        let y = worstTop + Double(row) * 13
        let shard = shards.rows[index]
        drawing.text(
          shards.isHot(shard) ? .axisStrong : .axis, x: TimeFrame.left - 6, y: y + 10, .end, "\(shard.shardIndex)")
        bar(shard, most: most, hot: shards.isHot(shard), y: y, into: &drawing)
      }
    }
    drawing.timeAxis(time.frame, y: bottom)
    if !full { drawing.timeAxis(time.frame, y: mapBottom) }
    return (drawing, bottom, drawing.size)
  }

  private static func bar(_ shard: ShardRow, most: Double, hot: Bool, y: Double, into drawing: inout Drawing) {
    let ratio = shard.throttleRatio ?? 0
    let failed = Metric.faultRatio.value(of: shard) ?? 0
    guard ratio + failed > 0, most > 0 else { return }
    // Both numbers need more room than one.
    let room = failed > 0 ? 44.0 : 66.0
    let width = ratio > 0 ? max(ratio / most * room, 0.8) : 0
    drawing.rectangle(.throttledArea, x: TimeFrame.margin, y: y + 1, width: width, height: 10)
    let more = failed > 0 ? max(failed / most * room, 0.8) : 0
    drawing.rectangle(.faultArea, x: TimeFrame.margin + width, y: y + 1, width: more, height: 10)
    let throttled = NumberFormat.percentShort(ratio)
    let text =
      failed == 0
      ? throttled
      : ratio == 0
        ? "\(NumberFormat.percentShort(failed)) failed" : "\(throttled) + \(NumberFormat.percentShort(failed))"
    drawing.text(hot ? .axisStrong : .axis, x: TimeFrame.margin + width + more + 4, y: y + 10, text)
  }

  /// Throttled and failed tries of a shard over all its tries.
  private static func refused(_ shard: ShardRow) -> Double {
    Quotient.refusedRatio.value(of: shard) ?? 0
  }

  /// Marks the foot of the cells in which tries failed otherwise, the whole cell where rows are thin.
  private static func paintFailures(
    _ lines: [[Bool]], edges: [Double], y: Double, pitch: Double, height: Double, into drawing: inout Drawing
  ) {
    let mark = height > 4 ? 4 : height
    var data = PathData()
    for (row, line) in lines.enumerated() {
      let top = y + Double(row) * pitch + height - mark
      var column = 0
      while column < line.count {
        var end = column + 1
        while end < line.count, line[end] == line[column] { end += 1 }
        if line[column] {
          data.rectangle(x: edges[column], y: top, width: edges[end] - edges[column], height: mark)
        }
        column = end
      }
    }
    drawing.path(.faultArea, data)
  }

  /// Strikes out the time in which a shard did not exist yet, or no more.
  private static func paintAbsence(
    _ frame: TimeFrame, _ shards: ShardFacts, top: Double, pitch: Double, into drawing: inout Drawing
  ) {
    var data = PathData()
    for (row, shard) in shards.rows.enumerated() {
      let y = top + Double(row) * pitch + 6
      if let from = shard.openFromS, frame.x(from) > TimeFrame.left {
        data.move(TimeFrame.left, y)
        data.horizontal(to: frame.x(from))
      }
      if let to = shard.openToS, frame.x(to) < TimeFrame.right {
        data.move(frame.x(to), y)
        data.horizontal(to: TimeFrame.right)
      }
    }
    drawing.path(.axis, data)
  }

  /// Labels every 50 shards and, at the right, the ratio of each row; for bands also their worst shard.
  private static func thinMargin(
    _ shards: ShardFacts, band: Int, rows: Int, top: Double, pitch: Double, into drawing: inout Drawing
  ) {
    let count = shards.count
    let step = max(50, Int(AxisScale.niceStep(Double(count) / 6)))
    for index in stride(from: 0, to: count, by: step) {
      let y = top + Double(index / band) * pitch + 3.5
      drawing.text(.axis, x: TimeFrame.left - 6, y: y + 0.5, .end, "\(index)")
    }
    var ticks = PathData()
    var peaks = PathData()
    for row in 0..<rows {
      let members = shards.rows[row * band..<min((row + 1) * band, count)]
      let tries = members.reduce(into: ShardTraffic()) { $0.add($1.traffic) }
      guard tries.throttled > 0, let share = Metric.throttleRatio.value(of: tries) else { continue }
      let y = top + (Double(row) + 0.5) * pitch
      ticks.move(TimeFrame.margin - 2, y)
      ticks.horizontal(to: TimeFrame.margin - 2 + max(share * 66, 0.5))
      if band > 1, let peak = members.compactMap(\.throttleRatio).max() {
        peaks.move(TimeFrame.margin - 2 + peak * 66, y - 0.9)
        peaks.vertical(to: y + 0.9)
      }
    }
    drawing.path(.throttleTicks, ticks)
    drawing.path(.worstTicks, peaks)
  }

  private static func merged(_ classes: [UInt8], factor: Int) -> [UInt8] {
    var classes = classes
    var left = factor
    while left > 1 {
      classes = HeatMatrix.halved(classes)
      left /= 2
    }
    return classes
  }

  private static func merged(_ marks: [Bool], factor: Int) -> [Bool] {
    stride(from: 0, to: marks.count, by: factor).map { marks[$0..<min($0 + factor, marks.count)].contains(true) }
  }

  private static func edges(_ frame: TimeFrame, factor: Int) -> [Double] {
    var edges = stride(from: 0, to: frame.count, by: factor).map { frame.edges($0).left }
    edges.append(frame.edges(frame.count - 1).right)
    return edges
  }

  private static func finding(_ shards: ShardFacts) -> Prose {
    guard let index = shards.mostThrottled else {
      return shards.failedCount == 0
        ? "No shard was throttled."
        : "No shard was throttled; on \(shards.failedCount) of \(shards.count), attempts failed for another reason."
    }
    let shard = shards.rows[index]
    let others = shards.throttledCount - 1
    let seconds = shards.secondsThrottled(index)
    let time = "\(seconds.throttled) of \(seconds.of) s"
    let least = shards.rows.map(\.traffic.throttled).min() ?? 0
    if others == shards.count - 1, Double(least) >= 0.8 * Double(shard.traffic.throttled) {
      return "All \(shards.count) shards were throttled alike, each in up to \(time)."
    }
    let lead: Prose = "\(strong: "Shard \(shard.shardIndex)") was throttled in \(time)"
    if others == 0 { return "\(lead); no other shard was." }
    return "\(lead); \(others) of \(shards.count - 1) others were throttled too."
  }

  /// One shard: its throttled share as a line of its own, 60 px high.
  private static func single(_ time: Timeline, _ shards: ShardFacts) -> Markup {
    let frame = shards.heat.frame
    let ratios: [Double?] = (0..<frame.count).map { column in
      Metric.throttleRatio.value(of: ByTheClock(shards.heat[0, column])).map { $0 * 100 }
    }
    let failing = (0..<frame.count).map { column in
      (Metric.faultRatio.value(of: ByTheClock(shards.heat[0, column])) ?? 0) * 100
    }
    let highest = max(ratios.compactMap(\.self).max() ?? 0, failing.max() ?? 0)
    let limit = shards.throttleLimit.map { $0 * 100 }
    let showsLimit = limit.map { $0 <= max(highest, 1) * 4 } ?? false
    let scale = AxisScale.exact(
      to: max(highest, showsLimit ? limit ?? 0 : 0, 1) * 1.1, count: 2, start: 70, end: 10)
    var drawing = Drawing(id: "c-heat", width: TimeFrame.width, height: 94)
    drawing.warmUp(frame, y: 10, height: 60)
    drawing.valueAxis(scale, label: NumberFormat.compact)
    drawing.area(.throttledArea, from: ratios.map { $0.map { _ in 0 } }, to: ratios, frame, scale)
    drawing.steps(.throttledLine, ratios, frame, scale)
    if shards.failedCount > 0 {
      drawing.steps(.faultLine, zip(ratios, failing).map { $0 == nil ? nil : $1 }, frame, scale)
    }
    drawing.boundColumns(time.columns, time.frame, y: 10, height: 60)
    var labels: [MarginLabel] = []
    if let limit, showsLimit {
      drawing.line(.limitLine, from: (TimeFrame.left, scale(limit)), to: (TimeFrame.right, scale(limit)))
      labels.append(MarginLabel(scale(limit), .label, "limit \(NumberFormat.percentLimit(limit / 100)) %"))
    }
    labels.append(MarginLabel(scale(ratios.last.flatMap(\.self) ?? 0), .throttled, "throttled %"))
    if shards.failedCount > 0 { labels.append(MarginLabel(scale(failing.last ?? 0), .fault, "failed %")) }
    drawing.marginLabels(labels, in: 14...74)
    drawing.timeAxis(frame, y: 70)
    let shard = shards.rows[0]
    let seconds = shards.secondsThrottled(0)
    let said: Prose =
      shard.traffic.throttled == 0
      ? "The one shard was never throttled."
      : "The one shard was throttled in \(seconds.throttled) of \(seconds.of) s."
    return PageSection(
      title: "Throttling", findings: [said] + Findings.credits(shards),
      notes: ["% of attempts throttled; one step is \(frame.stepText)."],
      classes: "tl"
    ).markup(
      drawing.element(
        title: "Throttled share of attempts over time", description: said.plain, classes: "tchart",
        attributes: "data-top=\"10\" data-bottom=\"70\""))
  }
}
