import Measurement
import Observations
import RunResults

/// The table of shards: the ten worst with their bars and sparklines, the rest folded away, deciles when there are many.
enum ShardsSection {
  /// Rows of the main table.
  static let mostWorst = 10
  /// Rows of both tables together.
  static let mostRows = 200

  /// The section, or nothing without shards.
  ///
  /// - Parameters:
  ///   - frame: the time that the last column draws.
  ///   - seconds: of the measured phases.
  static func markup(_ frame: TimeFrame, _ shards: ShardFacts, seconds: Double) -> Markup {
    let count = shards.count
    guard count > 0 else { return "" }
    let top = shards.worst.prefix(mostWorst)
    let rest = shards.worst.dropFirst(mostWorst).prefix(mostRows - mostWorst)
    let hasKeys = shards.rows.contains { $0.topKey != nil }
    let keyHead: Markup = hasKeys ? "<th scope=\"col\">heaviest key, of shard</th>" : ""
    // A column for what failed otherwise, where anything did.
    let failed: Markup = shards.failedCount > 0 ? head("failed") : ""
    let body = top.map { row(shards, $0, seconds, hasKeys: hasKeys) }.joined()
    let start = NumberFormat.fixed(frame.start, 0).replacing("-", with: "−")
    let span = "\(start) … \(NumberFormat.fixed(frame.end, 0)) s"
    var figure: Markup = """
      <table id="t-shards" aria-label="Shards, worst first" class="sort"><thead><tr>\
      \(head("shard"))<th scope="col">hash</th>\(head("attempted"))\(head("accepted"))\
      <th scope="col" class="n" data-k="1" aria-sort="descending">throttled</th>\(head("%"))\(failed)\(head("for s"))\
      \(head("peak rec/s"))<th scope="col">against limit</th>\(head("MiB/s"))\(keyHead)<th scope="col">\(span)</th>\
      </tr></thead><tbody>\(body)</tbody></table>
      """
    figure += causes(shards)
    if count > HeatSection.mostRows { figure += deciles(shards.rows) }
    if !rest.isEmpty { figure += details(shards, Array(rest), seconds) }
    var section = PageSection(title: "Shards", figureClasses: "tw", copies: "t-shards")
    if let first = shards.worst.first, shards.rows[first].traffic.throttled + shards.rows[first].traffic.failed > 0 {
      let what = shards.failedCount > 0 ? "attempts throttled or failed" : "attempts throttled"
      section.findings = [
        count > mostWorst ? "The ten worst of \(count), by \(what)." : "By \(what)."
      ]
    } else {
      section.findings = ["None throttled; the busiest second decides the order."]
    }
    section.notes = [
      "Bar: \(shards.bytesBind ? "bytes of all tries" : "first tries") in the busiest second against the limit. Counts and shares are of the records that came due in the measured phases, peaks and MiB/s of what was sent while they ran. Last column: accepted and throttled over time."
    ]
    return section.markup(figure)
  }

  /// Why each of the worst was throttled.
  private static func causes(_ shards: ShardFacts) -> Markup {
    let rows = shards.worst.prefix(mostWorst).compactMap { index -> Markup? in
      shards.cause(index).map {
        "<tr><th scope=\"row\" class=\"n\"><b>\(shards.rows[index].shardIndex)</b></th><td class=\"w\">\($0.html)</td></tr>"
      }
    }.joined()
    guard !rows.isEmpty else { return "" }
    return """
      <table id="t-why" aria-label="Why shards were throttled"><thead><tr><th scope="col" class="n">shard</th>\
      <th scope="col">why it was throttled</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  private static func head(_ text: String) -> Markup { "<th scope=\"col\" class=\"n\" data-k=\"1\">\(text)</th>" }

  private static func row(_ shards: ShardFacts, _ index: Int, _ seconds: Double, hasKeys: Bool) -> Markup {
    let shard = shards.rows[index]
    let bad: Markup = shards.isHot(shard) ? " bad" : ""
    let failed: Markup =
      shards.failedCount == 0
      ? "" : "<td class=\"n\(shard.traffic.failed > 0 ? " ft" as Markup : "")\">\(count: shard.traffic.failed)</td>"
    var key: Markup = ""
    if hasKeys {
      let share =
        shard.topKeyRatio.map { " <span class=\"mu\">\(NumberFormat.wholePercent($0)) %</span>" as Markup } ?? ""
      key =
        shard.topKey.map {
          "<td class=\"mono\">\(VisibleText.cut(VisibleText.line($0), to: 20, gap: "…"))\(share)</td>"
        }
        ?? "<td class=\"mu\">–</td>"
    }
    return """
      <tr><th scope="row" class="n"><b>\(shard.shardIndex)</b></th><td class="mono mu">\(range(shard, of: shards.count))</td>\
      <td class="n">\(count: shard.traffic.attempted)</td><td class="n">\(count: shard.traffic.accepted)</td>\
      <td class="n">\(count: shard.traffic.throttled)</td>\
      <td class="n\(bad)">\(NumberFormat.percentShort(shard.throttleRatio ?? 0))</td>\
      \(failed)<td class="n">\(shards.secondsThrottled(index).throttled)</td><td class="n">\(count: shard.peak.firstTries)</td>\
      <td>\(bullet(shard, inBytes: shards.bytesBind))</td><td class="n">\(bytes(shards, index, seconds))</td>\(key)<td>\(spark(shards, index))</td></tr>
      """
  }

  private static func range(_ shard: ShardRow, of count: Int) -> String {
    // Two digits tell 256 shards apart.
    let digits = count > 128 ? 4 : 2
    guard let start = shard.hashStart, let end = shard.hashEnd else { return "unknown" }
    var text = "\(HexText.leading(start, digits: digits))…\(HexText.leading(end, digits: digits))"
    if let from = shard.openFromS { text += ", from \(NumberFormat.fixed(from, 1)) s" }
    if let to = shard.openToS { text += ", to \(NumberFormat.fixed(to, 1)) s" }
    return text
  }

  private static func bytes(_ shards: ShardFacts, _ index: Int, _ seconds: Double) -> String {
    Quotient.divide(shards.measuredBytes[index], by: seconds).map(NumberFormat.mebibytes) ?? "–"
  }

  /// The busiest second against the limit: first tries, or the bytes of all tries where bytes bind.
  private static func bullet(_ shard: ShardRow, inBytes: Bool) -> Markup {
    guard let limit = inBytes ? shard.limitBytesPerS : shard.limitRecordsPerS, limit > 0 else { return "–" }
    var drawing = Drawing(id: "", width: 84, height: 10)
    let peak = Double(inBytes ? shard.peak.bytes : shard.peak.firstTries)
    let scale = 82 / max(peak, Double(limit) * 1.05)
    drawing.rectangle(.acceptedBar, x: 0, y: 2, width: min(peak, Double(limit)) * scale, height: 6)
    if peak > Double(limit) {
      drawing.rectangle(
        .throttledArea, x: Double(limit) * scale, y: 2, width: (peak - Double(limit)) * scale, height: 6)
    }
    drawing.line(.limitTick, from: (Double(limit) * scale, 0), to: (Double(limit) * scale, 10))
    return drawing.inline()
  }

  /// Accepted and throttled tries over time, on a scale of the shard's own; at most 60 steps.
  private static func spark(_ shards: ShardFacts, _ index: Int) -> Markup {
    let heat = shards.heat
    guard heat.frame.count > 0 else { return "" }
    let group = (heat.frame.count + 59) / 60
    var accepted: [Double] = []
    var attempted: [Double] = []
    for start in stride(from: 0, to: heat.frame.count, by: group) {
      let columns = start..<min(start + group, heat.frame.count)
      let seconds = max(columns.reduce(0) { $0 + heat.frame.covered($1) }, 1e-9)
      let sum = columns.reduce(into: ShardTraffic()) { $0.add(heat[index, $1]) }
      accepted.append(Double(sum.accepted) / seconds)
      attempted.append(Double(sum.accepted) / seconds + Double(sum.throttled) / seconds)
    }
    let limit = shards.bytesBind ? nil : shards.rows[index].limitRecordsPerS.map(Double.init)
    let peak = attempted.max() ?? 0
    let high = max(peak, limit.map { $0 <= peak * 2 ? $0 : 0 } ?? 0, 1e-9)
    var drawing = Drawing(id: "", width: 130, height: 16)
    let step = 130 / Double(accepted.count)
    func y(_ value: Double) -> Double { 16 - value / high * 15 }
    var blue = PathData()
    blue.move(0, 16)
    for (slot, value) in accepted.enumerated() {
      blue.vertical(to: y(value))
      blue.horizontal(to: Double(slot + 1) * step)
    }
    blue.vertical(to: 16)
    blue.close()
    drawing.path(.acceptedArea, blue)
    var orange = PathData()
    for (slot, value) in attempted.enumerated() where y(accepted[slot]) - y(value) >= 0.1 {
      orange.rectangle(
        x: Double(slot) * step, y: y(value), width: step, height: y(accepted[slot]) - y(value))
    }
    drawing.path(.throttledArea, orange)
    if let limit, limit <= high {
      // Only for as long as the shard was open.
      func x(_ second: Double?, _ otherwise: Double) -> Double {
        guard let second else { return otherwise }
        let (left, right) = (TimeFrame.left, TimeFrame.right)
        return (heat.frame.x(second) - left) / (right - left) * 130
      }
      let row = shards.rows[index]
      drawing.line(.limitLine, from: (x(row.openFromS, 0), y(limit)), to: (x(row.openToS, 130), y(limit)))
    }
    return drawing.inline()
  }

  private static func details(_ shards: ShardFacts, _ rest: [Int], _ seconds: Double) -> Markup {
    let hidden = shards.count - mostWorst
    let hot = rest.count { shards.rows[$0].traffic.throttled > 0 }
    let state =
      hot == 0 ? "none throttled" : "\(shards.throttledCount - min(mostWorst, shards.throttledCount)) throttled"
    let rows = rest.map { index -> Markup in
      let shard = shards.rows[index]
      return """
        <tr><td class="n">\(shard.shardIndex)</td><td class="mono mu">\(range(shard, of: shards.count))</td>\
        <td class="n">\(count: shard.traffic.attempted)</td><td class="n">\(count: shard.traffic.accepted)</td>\
        <td class="n">\(count: shard.traffic.throttled)</td>\
        <td class="n">\(NumberFormat.percentShort(shard.throttleRatio ?? 0))</td>\
        <td class="n">\(count: shard.peak.firstTries)</td><td class="n">\(bytes(shards, index, seconds))</td></tr>
        """
    }.joined()
    let more = hidden - rest.count
    let note: Markup =
      more > 0
      ? "<p>\(more) more are in <a href=\"shards.csv\">shards.csv</a>.</p>" : ""
    return """
      <details><summary>\(NumberFormat.count(hidden, "more shard")), \(state)</summary><table aria-label="More shards"><thead><tr>\
      <th scope="col" class="n">shard</th><th scope="col">hash</th><th scope="col" class="n">attempted</th>\
      <th scope="col" class="n">accepted</th><th scope="col" class="n">throttled</th><th scope="col" class="n">%</th>\
      <th scope="col" class="n">peak rec/s</th><th scope="col" class="n">MiB/s</th></tr></thead><tbody>\(rows)</tbody></table>\(note)</details>
      """
  }

  /// Deciles over all shards, each column sorted by itself.
  private static func deciles(_ shards: [ShardRow]) -> Markup {
    func line(_ name: String, _ values: [Double], _ format: (Double) -> String) -> Markup {
      let sorted = values.sorted()
      let cells = (0...10).map { decile -> Markup in
        "<td class=\"n\">\(grouped: format(sorted[(sorted.count - 1) * decile / 10]))</td>"
      }.joined()
      return "<tr><th scope=\"row\">\(name)</th>\(cells)</tr>"
    }
    let heads = (0...10).map { decile -> Markup in
      let name = decile == 0 ? "least" : decile == 10 ? "most" : "\(decile * 10) %"
      return "<th scope=\"col\" class=\"n\">\(name)</th>"
    }.joined()
    return """
      <table id="t-deciles" aria-label="Deciles over all shards"><thead><tr><th scope="col">deciles of all \
      \(shards.count)</th>\(heads)</tr></thead><tbody>\
      \(line("attempted", shards.map { Double($0.traffic.attempted) }) { NumberFormat.fixed($0, 0) })\
      \(line("throttled %", shards.map { $0.throttleRatio ?? 0 }, NumberFormat.percentShort))\
      \(line("peak rec/s", shards.map { Double($0.peak.firstTries) }) { NumberFormat.fixed($0, 0) })\
      </tbody></table>
      """
  }
}
