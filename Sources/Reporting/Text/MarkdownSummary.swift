import Measurement
import Observations
import RunResults

/// `summary.md`: what a CI job shows beside its log. At most 32 kB, since a host that caps it drops all of it.
package enum MarkdownSummary {
  /// The most bytes it may have.
  package static let largest = 32_768
  private static let leftOut = "\n\nMore is in summary.json.\n"
  /// Blocks of the line of throttling over time.
  private static let blocks = 60

  /// The text.
  package static func text(_ run: LoadedRun) -> String {
    let facts = RunFacts(run)
    let verdict = facts.verdict
    var text =
      "### \(BannerSection.sign(verdict)) \(verdict.word): \(MarkdownText.escape(VisibleText.cut(facts.name, to: 80, gap: "…")))"
    let count = facts.summary.thresholds.count
    if count > 0 {
      let crossed = facts.crossed
      text +=
        (crossed > 0 ? ", \(crossed) of " : ", ") + NumberFormat.count(count, "threshold")
    }
    if let lost = Findings.lost(facts) { text += ", \(lost.markdown)" }
    text += "\n\n\(Findings.paragraph(facts).markdown)\n"
    let trust = Findings.trust(facts)
    text += "\n\(trust.sign) \(trust.lead)\(trust.rest.markdown)\n"
    if let observe = facts.summary.observe {
      for advice in ObservedFindings(observe).advice { text += "\n- \(advice.markdown)\n" }
    }
    for warning in Findings.warnings(facts).prefix(10) {
      text += "\n> \(MarkdownText.escape(VisibleText.cut(warning, to: 300, gap: "…")))\n"
    }
    // Words from outside can be of any length, and so can a single character of theirs: what does not fit is left out.
    let room = largest - leftOut.utf8.count
    if text.utf8.count > room { return String(decoding: text.utf8.prefix(room - 4), as: UTF8.self) + leftOut }
    for part in [thresholds(facts), ComparisonMarkdown.part(facts.summary.comparison), overTime(facts), details(facts)]
    {
      guard text.utf8.count + part.utf8.count <= room else { return text + leftOut }
      text += part
    }
    return text
  }

  private static func thresholds(_ facts: RunFacts) -> String {
    let list = facts.thresholds
    guard !list.isEmpty else { return "" }
    var text = "\n| | threshold | observed | limit |\n|---|---|--:|--:|\n"
    for threshold in list.prefix(40) {
      let scope = ThresholdText.scope(threshold)
      var name = VisibleText.cut(threshold.metric + (scope.isEmpty ? "" : " (\(scope))"), to: 60, gap: "…")
      if let detail = ThresholdText.detail(threshold) { name += ": \(VisibleText.cut(detail, to: 80, gap: "…"))" }
      text +=
        "| \(threshold.passed ? "✓" : "✗") | \(MarkdownText.escape(name)) | \(MarkdownText.escape(ThresholdText.observed(threshold))) |"
      text += " \(ThresholdText.sign(threshold)) \(MarkdownText.escape(ThresholdText.limit(threshold))) |\n"
    }
    if list.count > 40 { text += "\n\(list.count - 40) more are in summary.json.\n" }
    return text
  }

  /// Throttling of the measured time as one line of blocks; the tallest is the worst share.
  private static func overTime(_ facts: RunFacts) -> String {
    let columns = facts.time.columns.indices.filter { facts.time.columns[$0].measured }
    guard !columns.isEmpty, facts.total.traffic.throttled > 0 else { return "" }
    let slots = min(blocks, columns.count)
    let shares = (0..<slots).map { slot -> Double in
      let part = columns[
        slot * columns.count / slots..<max((slot + 1) * columns.count / slots, slot * columns.count / slots + 1)]
      let tries = part.reduce(into: Traffic()) { $0.add(facts.time.columns[$1].traffic) }
      return Metric.throttleRatio.value(of: ByTheClock(tries)) ?? 0
    }
    guard let most = shares.max(), most > 0 else { return "" }
    let signs = Array(" ▁▂▃▄▅▆▇█")
    let line = String(shares.map { signs[$0 == 0 ? 0 : min(Int(($0 / most * 8).rounded(.up)), 8)] })
    return "\nThrottled over time, to \(NumberFormat.percent(most)) %: `\(line)`\n"
  }

  private static func details(_ facts: RunFacts) -> String {
    var text = ""
    let worst = facts.shards.worst.prefix(5).filter {
      facts.shards.rows[$0].traffic.throttled + facts.shards.rows[$0].traffic.failed > 0
    }
    if !worst.isEmpty {
      text +=
        "\n| shard | attempted | accepted | throttled | failed | heaviest key | share |\n|--:|--:|--:|--:|--:|---|--:|\n"
      for index in worst {
        let shard = facts.shards.rows[index]
        let key = shard.topKey.map { MarkdownText.code(VisibleText.cut($0, to: 40, gap: "…")) } ?? ""
        let share = shard.topKey == nil ? nil : shard.topKeyRatio
        text += "| \(shard.shardIndex) | \(shard.traffic.attempted) | \(shard.traffic.accepted) |"
        text += " \(NumberFormat.percentShort(shard.throttleRatio ?? 0)) % | \(shard.traffic.failed) | \(key) |"
        text += " \(share.map { NumberFormat.wholePercent($0) + " %" } ?? "") |\n"
      }
      let causes = worst.compactMap { index in
        facts.shards.cause(index).map { "- Shard \(facts.shards.rows[index].shardIndex): \($0.markdown)\n" }
      }
      if !causes.isEmpty { text += "\n" + causes.joined() }
    }
    let phases = facts.isObserved ? [] : (facts.run.phases ?? []).filter(\.measured)
    if !phases.isEmpty {
      text +=
        "\n| phase | planned/s | attempted/s | accepted/s | throttled | failed | lost | response p50 | p99 | delivery p99 |\n"
      text += "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
      for phase in phases.count > 24 ? Array(phases.prefix(23)) + phases.suffix(1) : phases {
        func rate(_ perSecond: Double?) -> String { perSecond.map { NumberFormat.fixed($0, 0) } ?? "–" }
        func latency(_ value: Double?) -> String { value.map { NumberFormat.significant($0) + " ms" } ?? "–" }
        let name = MarkdownText.escape(VisibleText.cut(phase.phase, to: 40, gap: "…"))
        text +=
          "| \(name) | \(rate(phase.plannedRecordsPerS)) | \(rate(phase.attemptedRecordsPerS)) |"
        text += " \(rate(phase.acceptedRecordsPerS)) |"
        func part(_ ratio: Double?) -> String { ratio.map { NumberFormat.percent($0) + " %" } ?? "–" }
        text += " \(part(phase.throttleRatio)) | \(part(phase.failedRatio)) | \(part(phase.lostShare)) |"
        text +=
          " \(latency(phase.responseP50Ms)) | \(latency(phase.responseP99Ms)) | \(latency(phase.deliveryP99Ms)) |\n"
      }
    }
    if let drain = facts.drain { text += "\n\(drain.markdown)\n" }
    let summary = facts.summary
    if !summary.runID.isEmpty {
      var parts = ["Run \(MarkdownText.code(summary.runID))"]
      if let scenario = summary.scenario {
        parts += ["seed \(scenario.seed)", "workload \(MarkdownText.code(String(scenario.sha256.prefix(12))))"]
      }
      text += "\n\(parts.joined(separator: ", ")), shardmeter \(MarkdownText.escape(summary.tool.version)).\n"
    }
    guard !text.isEmpty else { return "" }
    return "\n<details><summary>Worst shards, phases, provenance</summary>\n\(text)\n</details>\n"
  }
}

/// Lines that GitHub's runner turns into annotations beside a commit.
package enum Annotations {
  /// The most a step may show.
  static let most = 10

  enum Level: String { case error, warning }

  /// One annotation.
  static func line(_ level: Level, _ text: String) -> String {
    "::\(level.rawValue) title=shardmeter::" + escaped(text)
  }

  /// A line for a run that proves nothing, then one per threshold that did not pass, failures first; at most ten.
  package static func lines(_ run: LoadedRun) -> [String] {
    let facts = RunFacts(run)
    let isInvalid = facts.summary.verdict == RunVerdict.invalid.rawValue
    let invalid = isInvalid ? [line(.error, "invalid: \(Findings.whyInvalid(facts))")] : []
    let failed = facts.thresholds.filter { !$0.passed }.map { threshold in
      let what =
        threshold.observed == nil
        ? "no data" + (threshold.reason.map { ": \($0)" } ?? "")
        : "\(ThresholdText.observed(threshold)) \(ThresholdText.brokenSign(threshold)) \(ThresholdText.limit(threshold))"
      return line(.error, "\(threshold.metric) \(what)")
    }
    return Array((invalid + failed).prefix(most))
  }

  /// The runner's own escapes for a message; line ends are gone already.
  private static func escaped(_ text: String) -> String { VisibleText.line(text).replacing("%", with: "%25") }
}
