import Measurement
import Observations
import RunResults

/// The head of the page: what was run, the verdict, the thresholds and six numbers.
enum BannerSection {
  /// The sign before the verdict, in the title and the banner.
  static func sign(_ verdict: RunVerdict) -> String { verdict == .pass ? "✓" : verdict == .none ? "•" : "✗" }

  /// Stream, shards, endpoint and length.
  static func about(_ facts: RunFacts) -> Markup {
    let summary = facts.summary
    let count = facts.shardCountText
    let shards = "\(count.text) \(count.isOne ? "shard" : "shards")"
    var what: Markup = "stream <span class=\"mono\">\(summary.target.stream)</span>, \(shards)"
    if !summary.target.endpoint.isEmpty { what += " at <span class=\"mono\">\(summary.target.endpoint)</span>" }
    var length =
      facts.measuredSeconds > 0 ? NumberFormat.seconds(facts.measuredSeconds) + " measured" : "nothing measured"
    if facts.time.warmUpSeconds > 0 { length += " after \(NumberFormat.seconds(facts.time.warmUpSeconds)) of warm-up" }
    return what + (" · \(length)" as Markup)
  }

  /// The program, the run and its time.
  static func origin(_ facts: RunFacts) -> Markup {
    let summary = facts.summary
    let runID = summary.runID.isEmpty ? facts.name : summary.runID
    return "shardmeter \(summary.tool.version), run <span class=\"mono\">\(runID)</span><br>\(times(summary.time))"
  }

  /// Verdict, paragraph, trust, thresholds.
  static func verdict(_ facts: RunFacts) -> Markup {
    let verdict = facts.verdict
    let kind: Markup
    switch verdict {
    case .pass: kind = "pass"
    case .none: kind = "done"
    case .fail: kind = "fail"
    case .invalid, .incomplete: kind = "unsure"
    }
    let trust = Findings.trust(facts)
    let warnings = Findings.warnings(facts).prefix(6).map { "<br><span class=\"un\">! \($0)</span>" as Markup }.joined()
    return """
      <div class="verdict \(kind)"><div><div class="word">\(sign(verdict)) \(verdict.word)</div>\
      <p class="why">\(Findings.paragraph(facts).html)</p>
      <p class="trust"><span class="\(trust.style)">\(trust.sign) \(trust.lead)</span>\(trust.rest.html)\(warnings)</p></div>
      <div>\(thresholds(facts))</div></div>

      """
  }

  private static func thresholds(_ facts: RunFacts) -> Markup {
    let list = facts.thresholds
    guard !list.isEmpty else {
      return facts.isObserved
        ? "<p class=\"mu\">No gate was given.</p>" : "<p class=\"mu\">No thresholds in the scenario.</p>"
    }
    let rows = list.map { threshold -> Markup in
      let word = ThresholdText.word(threshold)
      let scope = [ThresholdText.scope(threshold), ThresholdText.detail(threshold) ?? ""].filter { !$0.isEmpty }
        .joined(separator: "; ")
      let note: Markup = scope.isEmpty ? "" : " <span class=\"mu\">\(scope)</span>"
      return """
        <tr><td class="\(threshold.passed ? "ok" : "no")">\(threshold.passed ? "✓" : "✗") \(word)</td>\
        <th scope="row"><span class="mono">\(threshold.metric)</span>\(note)</th>\
        <td class="n"><b>\(ThresholdText.observed(threshold))</b></td>\
        <td class="n mu">\(ThresholdText.sign(threshold)) \(ThresholdText.limit(threshold))</td>\
        <td>\(bar(threshold))</td></tr>
        """
    }.joined()
    return """
      <table class="thr" aria-label="Thresholds"><thead><tr><th scope="col">verdict</th><th scope="col">threshold</th>\
      <th scope="col" class="n">observed</th><th scope="col" class="n">limit</th><th scope="col">against limit</th></tr>\
      </thead><tbody>\(rows)</tbody></table>
      """
  }

  /// A bar against its limit, whose tick stands at 70 % of the width; clipped at 1.4 times the limit.
  private static func bar(_ threshold: SummaryThreshold) -> Markup {
    guard let use = ThresholdText.use(threshold) else { return "<span class=\"mu\">–</span>" }
    var drawing = Drawing(id: "", width: 110, height: 10)
    let style: DrawingStyle = threshold.passed ? .acceptedBar : .failedBar
    drawing.rectangle(style, x: 0, y: 3, width: min(use, 1.4) * 77, height: 4)
    drawing.line(.limitTick, from: (77, 0), to: (77, 10))
    let factor = use.isFinite ? NumberFormat.fixed(use, use < 9.995 ? 2 : use < 99.95 ? 1 : 0) + " ×" : "over 0"
    return "\(drawing.inline())<span class=\"mu\"> \(factor)</span>"
  }

  /// The six numbers, each with its unit and a line of context.
  static func numbers(_ facts: RunFacts) -> Markup {
    let total = facts.total
    func rate(_ perSecond: Double?) -> String { perSecond.map { NumberFormat.fixed($0, 0) } ?? "–" }
    func cell(_ value: Markup, _ unit: String, _ context: Markup) -> Markup {
      "<div><b>\(value)</b> <span>\(unit)</span> <span>\(context)</span></div>"
    }
    func pair(_ low: Double?, _ high: Double?) -> Markup {
      guard let low, let high else { return "–" }
      return "\(NumberFormat.significant(low)) <small>/</small> \(NumberFormat.significant(high)) <small>ms</small>"
    }
    let bytes = facts.attemptedBytesPerS.map { NumberFormat.mebibytes($0) + " MiB/s" } ?? "–"
    let byteUse = facts.byteUse.map { ", \(NumberFormat.wholePercent($0)) % of byte limit" } ?? ""
    let recordUse = facts.acceptedUse.map { "\(NumberFormat.wholePercent($0)) % of record limit" } ?? "no limit assumed"
    let throttled = facts.throttleRatio.map(NumberFormat.percent) ?? "–"
    let failed = total.failedRatio.map(NumberFormat.percent) ?? "–"
    let observed = facts.summary.observe?.judged.counts
    let delivered =
      observed.map { Quotient.divide($0.delivered, by: $0.distinct) } ?? Quotient.deliveredRatio.value(of: total)
    let lost = total.delivery.lost
    let throttledCell: Markup = total.traffic.throttled > 0 ? "<span class=\"th\">\(throttled)</span>" : "\(throttled)"
    let failedCell: Markup = total.traffic.failed > 0 ? "<span class=\"ft\">\(failed)</span>" : "\(failed)"
    let spread =
      facts.shards.count < 2
      ? "\(total.traffic.throttled) and \(total.traffic.failed) attempts"
      : "on \(facts.shards.throttledCount) and \(facts.shards.failedCount) of \(facts.shards.count) shards"
    let response = facts.summary.latencyMs.response ?? SummaryLatency()
    let delivery = facts.summary.latencyMs.delivery ?? SummaryLatency()
    let service = facts.summary.latencyMs.service ?? SummaryLatency()
    let times =
      facts.isObserved
      ? cell(pair(service.p50, service.p99), "service p50 / p99", "request read to answer")
      : cell(
        pair(total.responseP50Ms ?? response.p50, total.responseP99Ms ?? response.p99), "response p50 / p99",
        "due time to answer, first try")
    return """
      <div class="nums">\
      \(cell("\(grouped: rate(total.attemptedRecordsPerS)) <small>rec/s</small>", "attempted, retries included", "\(bytes + byteUse)"))\
      \(cell("\(grouped: rate(total.acceptedRecordsPerS)) <small>rec/s</small>", "accepted", "\(recordUse)"))\
      \(cell("\(throttledCell) <small>/</small> \(failedCell) <small>%</small>", "of attempts throttled / failed", "\(spread)"))\
      \(cell("\(delivered.map { NumberFormat.percent($0) + " %" } ?? "–")", "delivered", lost == 1 ? "1 record lost" : "\(count: lost) records lost"))\
      \(times)\
      \(cell(pair(total.deliveryP50Ms ?? delivery.p50, total.deliveryP99Ms ?? delivery.p99), "delivery p50 / p99", "\(facts.isObserved ? "first sight" : "due time") to acceptance"))\
      </div>

      """
  }

  /// `2026-03-14, 09:15:02 to 09:17:12 UTC`, from the times in the summary.
  private static func times(_ time: SummaryTime) -> String {
    func parts(_ text: String) -> (day: String, clock: String)? {
      guard text.count >= 19, text.dropFirst(10).first == "T" else { return nil }
      return (String(text.prefix(10)), String(text.dropFirst(11).prefix(8)))
    }
    guard let start = parts(time.start) else { return "" }
    guard let end = time.end.flatMap(parts) else { return "\(start.day), \(start.clock) UTC" }
    let until = end.day == start.day ? end.clock : "\(end.day) \(end.clock)"
    return "\(start.day), \(start.clock) to \(until) UTC"
  }
}
