import Measurement
import Observations
import RunResults

/// What a finished run prints on stdout: its own words in ASCII, never wider than 80 columns, as long at 4,000 shards as at two, the
/// verdict last because logs show their tail.
package enum FinalTable {
  /// How much is printed.
  package enum Detail: Sendable {
    /// Everything.
    case full
    /// Failed thresholds and the last line (`--quiet`).
    case quiet
    /// Nothing; the exit code says it (`--quiet --quiet`).
    case silent
  }

  /// Shards with a line of their own.
  private static let mostShards = 5
  /// Shards of which it is said why they were throttled.
  private static let mostCauses = 3

  /// The text, each line with its end.
  ///
  /// - Parameters:
  ///   - run: the finished run.
  ///   - reportPath: where the page is; nil leaves the line out.
  ///   - colour: whether to write ANSI colours; words stay the same.
  ///   - columns: of the terminal; only narrows.
  ///   - detail: how much.
  ///   - charset: what the terminal shows of foreign text.
  ///   - seenWarnings: left out, since they stand above on the same terminal.
  package static func text(
    _ run: LoadedRun, reportPath: String? = nil, colour: Bool = false, columns: Int = TerminalText.widest,
    detail: Detail = .full, charset: TerminalCharset = .ascii, seenWarnings: Set<String> = []
  ) -> String {
    let facts = RunFacts(run)
    var lines: [TerminalLine] = []
    switch detail {
    case .silent: return ""
    case .quiet:
      lines = facts.thresholds.filter { !$0.passed }.flatMap { threshold($0, charset) }
    case .full:
      lines.append(head(facts, charset))
      let found = facts.summary.verification.map(VerificationText.lines) ?? []
      let warnings = Findings.warnings(facts).filter { !seenWarnings.contains($0) }
      let thresholds = facts.thresholds.flatMap { threshold($0, charset) }
      for block in [
        facts.isObserved ? said(facts, charset) : phases(facts, charset),
        facts.isObserved && facts.attempted > 0 ? ObservedText.block(facts, charset) : [],
        facts.isObserved && facts.attempted == 0 ? [] : shards(facts, charset), found, thresholds,
        facts.summary.comparison.map { ComparisonTable.block($0, charset) } ?? [],
        trailer(facts, reportPath, warnings, charset),
      ]
      where !block.isEmpty {
        lines.append(TerminalLine())
        lines += block
      }
    }
    lines += last(facts, charset)
    let width = max(min(columns, TerminalText.widest), 20)
    return lines.map { $0.text(columns: width, colour: colour) + "\n" }.joined()
  }

  private static func head(_ facts: RunFacts, _ charset: TerminalCharset) -> TerminalLine {
    var line = TerminalLine(VisibleText.cut(charset.shown(facts.name), to: 32), .bold)
    let count = facts.shardCountText
    var parts = ["\(count.text) \(count.isOne ? "shard" : "shards")"]
    var time = NumberFormat.seconds(facts.measuredSeconds)
    if facts.time.warmUpSeconds > 0 { time += " after \(NumberFormat.seconds(facts.time.warmUpSeconds)) warm-up" }
    parts.append(time)
    if let command = facts.summary.observe?.command {
      parts.append(VisibleText.cut(charset.shown(command.line), to: 30))
    }
    if let scenario = facts.summary.scenario { parts.append("seed \(scenario.seed)") }
    line.add(parts.map { "   " + $0 }.joined())
    return line
  }

  /// The verdict on a producer in sentences.
  private static func said(_ facts: RunFacts, _ charset: TerminalCharset) -> [TerminalLine] {
    guard let observe = facts.summary.observe else { return [] }
    let sentences = [Findings.seen(observe)] + ObservedFindings(observe).advice
    return sentences.flatMap { sentence in
      TerminalText.wrapped(charset.shown(sentence.plain), to: TerminalText.widest).map { TerminalLine($0) }
    }
  }

  private static func phases(_ facts: RunFacts, _ charset: TerminalCharset) -> [TerminalLine] {
    let rows = (facts.run.phases ?? []).filter(\.measured)
    guard !rows.isEmpty else { return [] }
    var lines = [
      TerminalLine(
        row("phase", ["planned", "attempted", "accepted", "throttled", "failed", "lost"])
          + TerminalText.right("response ms", 12) + TerminalText.right("delivery", 9), .dim),
      TerminalLine(row("", ["rec/s", "rec/s", "rec/s", "%", "%", "%", "p50", "p99", "p99 ms"]), .dim),
    ]
    // A scenario may have any number of phases; the table keeps its length, phases.csv has them all.
    let shown = rows.count > 13 ? Array(rows.prefix(11)) + rows.suffix(1) : rows
    for phase in shown {
      func rate(_ perSecond: Double?) -> String { perSecond.map { NumberFormat.fixed($0, 0) } ?? "-" }
      func latency(_ value: Double?) -> String { value.map(NumberFormat.significant) ?? "-" }
      let ratio = Metric.throttleRatio.value(of: phase)
      if phase.phase == PhaseRow.allName, shown.count < rows.count {
        lines.append(TerminalLine("\(NumberFormat.count(rows.count - shown.count, "more phase")) in phases.csv", .dim))
      }
      lines.append(
        TerminalLine(
          row(
            VisibleText.cut(charset.shown(phase.phase), to: 9),
            [
              rate(phase.plannedRecordsPerS), rate(phase.attemptedRecordsPerS), rate(phase.acceptedRecordsPerS),
              ratio.map(NumberFormat.percent) ?? "-", phase.failedRatio.map(NumberFormat.percentShort) ?? "-",
              phase.lostShare.map(NumberFormat.percentShort) ?? "-", latency(phase.responseP50Ms),
              latency(phase.responseP99Ms),
              latency(phase.deliveryP99Ms),
            ]), phase.phase == PhaseRow.allName ? .bold : .plain))
    }
    if let drain = facts.drain {
      lines += TerminalText.wrapped(charset.shown(drain.plain), to: TerminalText.widest).map { TerminalLine($0, .dim) }
    }
    return lines
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    let widths = [8, 10, 9, 10, 7, 6, 6, 6, 9]
    return TerminalText.left(name, 9) + zip(cells, widths).map { TerminalText.right($0, $1) }.joined()
  }

  private static func shards(_ facts: RunFacts, _ charset: TerminalCharset) -> [TerminalLine] {
    guard facts.shards.count > 1 else {
      return facts.shards.rows.indices.flatMap { cause(facts, $0, charset) } + credits(facts, charset)
    }
    let refused = facts.shards.worst.prefix {
      facts.shards.rows[$0].traffic.throttled + facts.shards.rows[$0].traffic.failed > 0
    }
    if refused.isEmpty {
      return [
        TerminalLine(
          "\(facts.shards.count) shards, none throttled\(facts.total.traffic.failed > 0 ? "" : ", none failed")")
      ] + credits(facts, charset)
    }
    var lines = [
      TerminalLine(
        TerminalText.right("shard", 5) + TerminalText.right("attempted", 11) + TerminalText.right("accepted", 11)
          + TerminalText.right("throttled", 11) + TerminalText.right("failed", 9)
          + TerminalText.right("peak 1s", 9) + "  " + TerminalText.left("heaviest key", 14)
          + TerminalText.right("share", 7), .dim)
    ]
    for index in refused.prefix(mostShards) {
      let shard = facts.shards.rows[index]
      let key = shard.topKey.map { VisibleText.cut(charset.shown($0), to: 14) } ?? ""
      let share = shard.topKey == nil ? nil : shard.topKeyRatio
      let cells =
        TerminalText.right("\(shard.shardIndex)", 5) + TerminalText.right("\(shard.traffic.attempted)", 11)
        + TerminalText.right("\(shard.traffic.accepted)", 11)
        + TerminalText.right(NumberFormat.percentShort(shard.throttleRatio ?? 0) + " %", 11)
        + TerminalText.right(part(shard.traffic.failed, shard.traffic.attempted), 9)
        + TerminalText.right("\(shard.peak.firstTries)", 9) + "  " + TerminalText.left(key, 14)
        + TerminalText.right(share.map { NumberFormat.wholePercent($0) + " %" } ?? "", 7)
      lines.append(TerminalLine(cells, facts.shards.isHot(shard) ? .bold : .plain))
    }
    let more = facts.shards.count - min(refused.count, mostShards)
    if more > 0 {
      let rest = refused.dropFirst(mostShards)
      let highest = rest.compactMap { Quotient.refusedRatio.value(of: facts.shards.rows[$0]) }.max()
      let most = highest.map { "none above \(NumberFormat.percentCeiling($0)) %" } ?? "none throttled"
      let total =
        facts.shards.count > HeatSection.mostRows
        ? "; \(facts.shards.throttledCount) of \(facts.shards.count) throttled" : ""
      lines.append(TerminalLine("\(NumberFormat.count(more, "more shard")), \(most)\(total)", .dim))
    }
    lines += refused.prefix(mostCauses).flatMap { cause(facts, $0, charset) }
    return lines + credits(facts, charset)
  }

  /// Why a shard was throttled; nothing where it was not.
  private static func cause(_ facts: RunFacts, _ index: Int, _ charset: TerminalCharset) -> [TerminalLine] {
    guard let cause = facts.shards.cause(index) else { return [] }
    let text = charset.shown(cause.plain.replacing("…", with: ".."))
    return TerminalText.wrapped(text, to: TerminalText.widest - 7).enumerated().map { number, part in
      let name = number == 0 ? "\(facts.shards.rows[index].shardIndex)" : ""
      return TerminalLine(TerminalText.right(name, 5) + "  " + part)
    }
  }

  /// The first shard that lived on burst credit, if one did.
  private static func credits(_ facts: RunFacts, _ charset: TerminalCharset) -> [TerminalLine] {
    facts.shards.credits.prefix(1).flatMap { credit in
      TerminalText.wrapped(
        charset.shown(credit.sentence(of: facts.measuredSeconds).plain), to: TerminalText.widest
      ).map { TerminalLine($0) }
    }
  }

  private static func part(_ count: Int, _ whole: Int) -> String {
    Quotient.divide(count, by: whole).map { NumberFormat.percentShort($0) + " %" } ?? "-"
  }

  private static func threshold(_ threshold: SummaryThreshold, _ charset: TerminalCharset) -> [TerminalLine] {
    var line = threshold.passed ? TerminalLine("pass", .green) : TerminalLine("FAIL", .red)
    let scope = charset.shown(ThresholdText.scope(threshold))
    let name = charset.shown(threshold.metric) + (scope.isEmpty ? "" : " (\(scope))")
    let sign = threshold.op == ">=" ? ">=" : "<="
    line.add(
      "  " + TerminalText.left(VisibleText.cut(name, to: 34), 34)
        + TerminalText.right(charset.shown(ThresholdText.observed(threshold)), 14))
    line.add("    limit \(sign) \(charset.shown(ThresholdText.limit(threshold)))", .dim)
    guard let detail = ThresholdText.detail(threshold) else { return [line] }
    return [line, TerminalLine("      " + charset.shown(detail), .dim)]
  }

  private static func trailer(
    _ facts: RunFacts, _ path: String?, _ warnings: [String], _ charset: TerminalCharset
  ) -> [TerminalLine] {
    var lines: [TerminalLine] = []
    if let generator = facts.summary.generator, let validity = facts.generator.validity {
      var line = TerminalLine("generator  ")
      line.add(validity.rawValue.uppercased(), validity == .valid ? .green : validity == .capped ? .yellow : .red)
      var parts: [String] = []
      if let cpu = generator.cpuMaxRatio { parts.append("cpu <= \(NumberFormat.wholePercent(cpu)) %") }
      if let late = generator.latenessP99Ms { parts.append("lateness p99 \(NumberFormat.brief(late)) ms") }
      parts.append("\(generator.unsent) unsent")
      line.add("  " + parts.joined(separator: ", "))
      lines.append(line)
      if validity == .capped {
        let cap: Prose = "Requests in flight were at their cap in \(generator.cappedS) of \(generator.seconds) s."
        let text = (cap + (Findings.littlesLaw(facts.generator) ?? Prose())).plain
        lines += TerminalText.wrapped(charset.shown(text), to: TerminalText.widest - 11).map {
          TerminalLine("           " + $0)
        }
      }
    }
    if let failures = Findings.failures(facts) {
      for (index, part) in TerminalText.wrapped(charset.shown(failures.plain), to: TerminalText.widest - 11)
        .enumerated()
      {
        var line = TerminalLine(index == 0 ? "failures   " : "           ", .red)
        line.add(part)
        lines.append(line)
      }
    }
    for warning in warnings.prefix(5) {
      for (index, part) in TerminalText.wrapped(charset.shown(warning), to: TerminalText.widest - 11).enumerated() {
        var line = TerminalLine(index == 0 ? "warning    " : "           ", .yellow)
        line.add(part)
        lines.append(line)
      }
    }
    if let path {
      for (index, part) in TerminalText.broken(charset.shown(path), to: TerminalText.widest - 11).enumerated() {
        lines.append(TerminalLine((index == 0 ? "report     " : "           ") + part))
      }
    }
    return lines
  }

  private static func last(_ facts: RunFacts, _ charset: TerminalCharset) -> [TerminalLine] {
    let reason: String
    switch facts.verdict {
    case .pass, .none, .fail: reason = whyCompared(facts) ?? plain(whyJudged(facts))
    case .invalid:
      reason = Findings.whyInvalid(facts)
    case .incomplete: reason = Findings.whyIncomplete(facts)
    }
    let style: TerminalLine.Style = facts.verdict == .pass ? .green : facts.verdict == .none ? .bold : .red
    func line(_ text: String) -> TerminalLine {
      var line = TerminalLine(facts.verdict.word, style)
      line.add(": " + charset.shown(text))
      return line
    }
    // Losses stand in the last line of every run that had some, whatever its thresholds say.
    guard let lost = Findings.lost(facts)?.plain else { return [line(reason)] }
    let both = line("\(reason); \(lost)")
    return both.plain.count <= TerminalText.widest ? [both] : [line(reason), line(lost)]
  }

  /// What decided where it was the comparison with a baseline.
  private static func whyCompared(_ facts: RunFacts) -> String? {
    guard let comparison = facts.summary.comparison, facts.summary.exitCode == comparison.exitCode.rawValue,
      comparison.exitCode != .ok
    else { return nil }
    return comparison.comparable ? "worse than the baseline" : "not comparable with the baseline"
  }

  /// What decided: the threshold that stopped the run, the records that are not there, else the thresholds.
  private static func whyJudged(_ facts: RunFacts) -> Prose {
    if let observe = facts.summary.observe, let command = Findings.command(observe) { return "\(command)" }
    if facts.stopping != nil { return "\(Findings.whyIncomplete(facts))" }
    guard let found = facts.summary.verification, !found.passed else { return Findings.thresholds(facts) }
    let missing = Findings.verification(found, isBrief: true)
    return facts.crossed > 0 ? Findings.thresholds(facts) + missing : missing
  }

  private static func plain(_ prose: Prose) -> String {
    let text = prose.plain
    let lower = text.prefix(1).lowercased() + text.dropFirst()
    return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
  }
}
