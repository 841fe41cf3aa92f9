import Measurement
import Observations
import RunResults

/// The hash-key space: every shard over its true range with its load in the busiest window, and where the heaviest keys
/// fall. With one shard, the ten heaviest keys as bars.
enum HashSection {
  private static let right = 884.0
  private static let bottom = 148.0
  /// Thin bars above so many shards give way to bins.
  private static let bins = 420

  /// What a bar shows, all in records/s of the busiest window, or in MiB/s where bytes bind.
  private struct Bar {
    var first = 0.0
    var attempted = 0.0
    var accepted = 0.0
  }

  /// The section, or nothing without shards or traffic.
  static func markup(_ shards: ShardFacts, _ rows: [KeyRow]) -> Markup {
    if shards.count == 1 { return keyBars(rows) }
    guard shards.count > 1, let window = busiest(shards.heat) else { return "" }
    let bars = shards.rows.indices.map { bar(shards, row: $0, window: window) }
    // Where shards came and went, their ranges overlap: those that were not open in the window are left out.
    let from = shards.heat.frame.span(of: window.lowerBound).from
    let to = shards.heat.frame.span(of: window.upperBound - 1).to
    let shown = shards.rows.indices.filter {
      let row = shards.rows[$0]
      let isOpen = (row.openFromS ?? -.infinity) < to && (row.openToS ?? .infinity) > from
      return row.hashStart != nil && (!shards.changed || (isOpen && bars[$0].attempted > 0))
    }
    guard !shown.isEmpty else { return "" }
    let inBytes = shards.bytesBind
    let limits = shards.rows.compactMap { shard -> Double? in
      inBytes ? shard.limitBytesPerS.map { Double($0) / 1_048_576 } : shard.limitRecordsPerS.map(Double.init)
    }
    let unit = inBytes ? "MiB/s" : "rec/s"
    let limit = limits.count == shards.count && limits.allSatisfy { $0 == limits[0] } ? limits[0] : nil
    let peak = bars.map(\.attempted).max() ?? 0
    let showsLimit = limit.map { $0 <= 4 * peak } ?? false
    let scale = AxisScale.fromZero(
      to: max(peak, showsLimit ? limit ?? 0 : 0) * 1.03, count: 4, start: bottom, end: 14)
    var drawing = Drawing(id: "c-hash", width: TimeFrame.width, height: 256)
    drawing.valueAxis(scale, right: right, label: NumberFormat.compact)
    if shards.count > HeatSection.mostRows {
      paintBins(shards, shown, bars, scale, into: &drawing)
    } else {
      paintBars(shards, shown, bars, scale, into: &drawing)
    }
    if let limit, showsLimit {
      let y = scale(limit)
      drawing.line(.limitLine, from: (TimeFrame.left, y), to: (right, y))
      drawing.text(
        .axis, x: right, y: 9, .end, "dashed: limit of a shard, \(NumberFormat.brief(limit)) \(unit)")
    }
    drawing.line(.axis, from: (TimeFrame.left, bottom), to: (right, bottom))
    let keys = Array(
      rows.sorted { ($0.rank, $0.partitionKey) < ($1.rank, $1.partitionKey) }.prefix(6))
    paintKeys(keys, into: &drawing)
    for (part, label) in ["0", "4000…", "8000…", "c000…", "ffff…"].enumerated() {
      let x = TimeFrame.left + (right - TimeFrame.left) * Double(part) / 4
      drawing.line(.axis, from: (x, 232), to: (x, 236))
      drawing.text(.axis, x: x, y: 248, part == 0 ? .start : part == 4 ? .end : .middle, label)
    }
    drawing.line(.axis, from: (TimeFrame.left, 232), to: (right, 232))

    let said = finding(shards, keys)
    var notes: [Prose] = [
      "Height: mean \(inBytes ? "MiB/s" : "records/s") of \(NumberFormat.fixed(from, 0)) to \(NumberFormat.fixed(to, 0)) s, the busiest time. Blue was accepted, orange is first tries beyond that, the hatched cap is retries."
    ]
    if inBytes { notes.append("Bytes are shared out by records: the files count those of attempts.") }
    if shards.count > HeatSection.mostRows {
      notes.append("\(bins) bins: mean of their shards, tick at the largest.")
    }
    notes.append(
      keys.allSatisfy { $0.hash == nil }
        ? "Width: the shard's range of MD5 values."
        : "Width: the shard's range of MD5 values. Dots: the heaviest keys at theirs, area by share.")
    return PageSection(title: "Hash-key space", findings: [said], notes: notes).markup(
      drawing.element(
        title: "Shards in hash-key order with their load in the busiest time, and the heaviest keys",
        description: said.plain))
  }

  private static func finding(_ shards: ShardFacts, _ keys: [KeyRow]) -> Prose {
    guard let key = keys.first else {
      let all = shards.rows.reduce(0) { $0 + $1.traffic.firstTries }
      guard let hottest = shards.rows.max(by: { $0.traffic.firstTries < $1.traffic.firstTries }),
        let mean = Quotient.divide(all, by: shards.count),
        let factor = Quotient.divide(Double(hottest.traffic.firstTries), by: mean)
      else { return "No shard took a record." }
      return
        "The hottest shard, \(hottest.shardIndex), takes \(NumberFormat.significant(factor)) times the mean."
    }
    return
      "\(key.shareRatio < 0.01 ? NumberFormat.percent(key.shareRatio) : NumberFormat.percentShort(key.shareRatio)) % of all records carry one key, on shard \(key.shardIndex)."
  }

  /// The columns round the peak in which the first tries stay at or above three quarters of it.
  private static func busiest(_ heat: HeatMatrix) -> Range<Int>? {
    let rates = heat.totals.enumerated().map { column, all in
      all.perSecond(.firstTries, over: heat.frame.covered(column)) ?? 0
    }
    let counted = rates.indices.filter { heat.frame.span(of: $0).to > 0 && !heat.frame.isDrain($0) }
    guard let peak = counted.max(by: { rates[$0] < rates[$1] }), rates[peak] > 0 else { return nil }
    var low = peak
    var high = peak
    while low > (counted.first ?? 0), rates[low - 1] >= rates[peak] * 0.75 { low -= 1 }
    while high < (counted.last ?? 0), rates[high + 1] >= rates[peak] * 0.75 { high += 1 }
    return low..<high + 1
  }

  private static func bar(_ shards: ShardFacts, row: Int, window: Range<Int>) -> Bar {
    let heat = shards.heat
    var bar = Bar()
    let seconds = window.reduce(0) { $0 + heat.frame.covered($1) }
    for column in window {
      let cell = heat[row, column]
      var factor = 1 / seconds
      if shards.bytesBind {
        factor *= (Quotient.divide(cell.attemptedBytes, by: cell.attempted) ?? 0) / 1_048_576
      }
      bar.first += Double(cell.firstTries) * factor
      bar.attempted += Double(cell.attempted) * factor
      bar.accepted += Double(cell.accepted) * factor
    }
    return bar
  }

  /// Where a hash value stands in the space, 0 to 1.
  private static func part(_ hash: UInt128) -> Double { Double(hash) / 0x1p128 }

  private static func x(_ hash: UInt128) -> Double { TimeFrame.left + part(hash) * (right - TimeFrame.left) }

  /// Blue up to the accepted, orange to the first tries, hatched to all tries.
  private static func paint(_ bar: Bar, x: Double, width: Double, _ scale: AxisScale, into drawing: inout Drawing) {
    let accepted = min(bar.accepted, bar.first)
    drawing.rectangle(.acceptedBar, x: x, y: scale(accepted), width: width, height: scale(0) - scale(accepted))
    drawing.rectangle(
      .throttledArea, x: x, y: scale(bar.first), width: width, height: scale(accepted) - scale(bar.first))
    if bar.attempted > bar.first {
      let top = scale(bar.attempted)
      drawing.hatch(.retryHatch, x: x, y: top, width: width, height: scale(bar.first) - top, spacing: 3)
    }
  }

  private static func paintBars(
    _ shards: ShardFacts, _ shown: [Int], _ bars: [Bar], _ scale: AxisScale, into drawing: inout Drawing
  ) {
    let few = shards.count <= HeatSection.mostFullRows
    var labelled = -Double.infinity
    let starts = shown.map { ($0, shards.rows[$0].hashStart ?? 0) }.sorted { $0.1 < $1.1 }
    for (index, start) in starts {
      let shard = shards.rows[index]
      let left = x(start)
      let width = max(x(shard.hashEnd ?? start) - left, 0.5)
      let gap = width > 8 ? 2.0 : (width > 3 ? 0.6 : 0)
      let bar = bars[index]
      let tooltip =
        "shard \(shard.shardIndex): \(NumberFormat.brief(bar.first)) first tries, \(NumberFormat.brief(bar.attempted)) attempted, "
        + "\(NumberFormat.brief(bar.accepted)) accepted \(shards.bytesBind ? "MiB/s" : "rec/s"); \(NumberFormat.percentShort(shard.throttleRatio ?? 0)) % throttled over the run"
      let hot = shards.isHot(shard)
      let label = "\(shard.shardIndex)"
      let size = Double(label.count) * LabelStyle.axis.size * 0.62
      let centre = left + width / 2
      // Thin bars carry a number only where throttled, and only where the one before leaves room.
      let shows = (few ? true : hot) && centre - size / 2 >= labelled + 3
      if shows { labelled = centre + size / 2 }
      drawing.group(tooltip: tooltip) { group in
        paint(bar, x: left + gap / 2, width: width - gap, scale, into: &group)
        if shows { group.text(hot ? .axisStrong : .axis, x: centre, y: bottom + 13, .middle, label) }
      }
    }
  }

  private static func paintBins(
    _ shards: ShardFacts, _ shown: [Int], _ bars: [Bar], _ scale: AxisScale, into drawing: inout Drawing
  ) {
    var members = Array(repeating: [Int](), count: bins)
    for index in shown {
      let middle = (part(shards.rows[index].hashStart ?? 0) + part(shards.rows[index].hashEnd ?? 0)) / 2
      members[min(Int(middle * Double(bins)), bins - 1)].append(index)
    }
    var blue = PathData()
    var orange = PathData()
    var ticks = PathData()
    let width = (right - TimeFrame.left) / Double(bins)
    for (bin, list) in members.enumerated() where !list.isEmpty {
      let count = Double(list.count)
      let accepted = list.reduce(0) { $0 + min(bars[$1].accepted, bars[$1].first) } / count
      let first = list.reduce(0) { $0 + bars[$1].first } / count
      let most = list.map { bars[$0].attempted }.max() ?? 0
      let left = TimeFrame.left + Double(bin) * width
      blue.rectangle(x: left, y: scale(accepted), width: width, height: scale(0) - scale(accepted))
      if scale(accepted) - scale(first) > 0.05 {
        orange.rectangle(x: left, y: scale(first), width: width, height: scale(accepted) - scale(first))
      }
      ticks.move(left, scale(most))
      ticks.horizontal(to: left + width)
    }
    drawing.path(.acceptedBar, blue)
    drawing.path(.throttledArea, orange)
    drawing.path(.maximumTicks, ticks)
  }

  /// The six heaviest keys as dots at their hash; names where they do not meet, the heaviest first.
  private static func paintKeys(_ keys: [KeyRow], into drawing: inout Drawing) {
    let axis = 190.0
    let located = keys.compactMap { key in key.hash.map { (key: key, x: x($0)) } }
    let most = keys.map(\.shareRatio).max() ?? 1
    var taken: [ClosedRange<Double>] = []
    for (_, centre) in located { drawing.line(.stem, from: (centre, bottom + 18), to: (centre, axis)) }
    for (key, centre) in located.reversed() {
      let radius = max(9 * (key.shareRatio / max(most, 1e-12)).squareRoot(), 1.5)
      let tooltip =
        "\(name(key)): \(NumberFormat.percentShort(key.shareRatio)) % of all records, shard \(key.shardIndex)"
      drawing.group(tooltip: tooltip) { $0.circle(.keyDot, x: centre, y: axis, radius: radius) }
      drawing.circle(.dot, x: centre, y: axis, radius: 1.5)
    }
    for (rank, (key, spot)) in located.enumerated() {
      var label = VisibleText.cut(name(key), to: 24, gap: "…")
      label += " \(NumberFormat.percentShort(key.shareRatio)) %"
      if rank == 0, let peak = key.peak1sRecords { label += ", peak \(peak) rec/s" }
      let half = Double(label.count) * LabelStyle.label.size * 0.62 / 2
      let centre = min(max(spot, TimeFrame.left + half), TimeFrame.width - half)
      let box = (centre - half - 4)...(centre + half + 4)
      guard !taken.contains(where: { $0.overlaps(box) }) else { continue }
      taken.append(box)
      drawing.text(rank == 0 ? .label : .mutedLabel, x: centre, y: 217, .middle, label)
    }
  }

  private static func name(_ key: KeyRow) -> String {
    guard key.partitionKey.isEmpty else { return VisibleText.line(key.partitionKey) }
    return key.hash.map { "hash " + HexText.leading($0, digits: 8) } ?? "a hidden key"
  }

  private static func keyBars(_ rows: [KeyRow]) -> Markup {
    let keys = Array(rows.sorted { $0.rank < $1.rank }.prefix(10))
    guard let first = keys.first else { return "" }
    let most = max(first.shareRatio, 1e-12)
    let lines = keys.map { key -> Markup in
      var drawing = Drawing(id: "", width: 300, height: 10)
      drawing.rectangle(.acceptedBar, x: 0, y: 2, width: max(key.shareRatio / most * 300, 0.5), height: 6)
      return """
        <tr><th scope="row" class="mono">\(VisibleText.cut(name(key), to: 40, gap: "…"))</th>\
        <td class="n">\(count: key.records)</td><td class="n">\(NumberFormat.percentShort(key.shareRatio))</td>\
        <td>\(drawing.inline())</td></tr>
        """
    }.joined()
    let table: Markup = """
      <table id="t-keys" aria-label="Heaviest keys"><thead><tr><th scope="col">key</th><th scope="col" class="n">records</th>\
      <th scope="col" class="n">% of all</th><th scope="col">share</th></tr></thead><tbody>\(lines)</tbody></table>
      """
    return PageSection(
      title: "Heaviest keys",
      findings: ["The heaviest key carries \(NumberFormat.percentShort(first.shareRatio)) % of all records."],
      notes: ["First tries; one shard takes every key."], figureClasses: "tw", copies: "t-keys"
    ).markup(table)
  }
}
