import Measurement
import RunResults

/// A comparison in words and digits, the same on every surface.
enum ComparisonText {
  /// What comes before the verdict where colour may not be seen.
  static func sign(_ verdict: ComparisonVerdict) -> String {
    switch verdict {
    case .worse: "▲"
    case .better: "▼"
    case .noChange: "="
    case .inconclusive: "?"
    case .notComparable: "✗"
    }
  }

  /// The sign in a title: whether it may pass.
  static func titleSign(_ verdict: ComparisonVerdict) -> String {
    switch verdict {
    case .worse, .notComparable: "✗"
    case .better, .noChange: "✓"
    case .inconclusive: "?"
    }
  }

  /// The one word of a comparison.
  static func word(_ verdict: ComparisonVerdict) -> String { verdict.rawValue.uppercased() }

  /// The answer, before anything else.
  static func sentence(_ document: ComparisonDocument) -> Prose {
    guard document.comparable else {
      return "Not comparable: \(document.differences.map { VisibleText.line($0) }.joined(separator: "; "))."
    }
    let parts = [findings(document), circumstances(document), quiet(document), repeated(document)]
    let said = Prose(joining: parts.filter { !$0.isEmpty }, with: "; ")
    return Prose(joining: [said, advice(document)], with: "")
  }

  private static func metrics(_ document: ComparisonDocument, _ verdict: ComparisonVerdict) -> [ComparisonMetric] {
    document.metrics.filter { $0.outcome == verdict }
  }

  /// What the verdict rests on.
  private static func findings(_ document: ComparisonDocument) -> Prose {
    let verdict = document.outcome
    let shown = metrics(document, verdict)
    let list = Prose(joining: shown.prefix(3).map { changed($0, verdict) }, with: ", ")
    let more: Prose = shown.count > 3 ? " and \(shown.count - 3) more" : ""
    switch verdict {
    case .worse: return "\(strong: "Worse"): \(list)\(more)"
    case .better: return "\(strong: "Better"): \(list)\(more)"
    case .inconclusive:
      return document.statistical
        ? "\(strong: "Cannot tell"): \(list)\(more)" : "\(strong: "Not judged"): \(list)\(more)"
    case .noChange, .notComparable:
      return "\(strong: "No change"): \(NumberFormat.count(document.metrics.count, "metric")) within what counts as one"
    }
  }

  private static func changed(_ metric: ComparisonMetric, _ verdict: ComparisonVerdict) -> Prose {
    let interval = interval(metric)
    if verdict == .inconclusive, let interval { return "\(code: VisibleText.line(metric.metric)) between \(interval)" }
    let range = interval.map { " (\($0))" } ?? ""
    return "\(code: VisibleText.line(metric.metric)) \(change(metric))\(range)"
  }

  private static func circumstances(_ document: ComparisonDocument) -> Prose {
    let machine = document.base.machine == document.this.machine ? "same machine" : "different machines"
    return document.statistical
      ? "\(NumberFormat.count(document.pairs, "pair")), \(machine)" : "not statistical, \(machine)"
  }

  /// What else was looked at, where the verdict is about something.
  private static func quiet(_ document: ComparisonDocument) -> Prose {
    guard document.outcome != .noChange else { return "" }
    let same = metrics(document, .noChange)
    guard !same.isEmpty else { return "" }
    return "\(Prose(joining: same.prefix(3).map { "\(code: VisibleText.line($0.metric))" }, with: ", ")) unchanged"
  }

  private static func repeated(_ document: ComparisonDocument) -> Prose {
    guard let count = document.roundsRepeated, count > 0 else { return "" }
    return "\(NumberFormat.count(count, "round")) repeated for noise"
  }

  private static func advice(_ document: ComparisonDocument) -> Prose {
    let unsure = metrics(document, .inconclusive)
    guard document.statistical, !unsure.isEmpty else { return "." }
    guard unsure.allSatisfy({ $0.morePairs != nil }), let more = unsure.compactMap(\.morePairs).max() else {
      return ". Longer rounds, or a larger effect, would be needed to tell."
    }
    return "; \(NumberFormat.count(more, "more pair")) would probably tell."
  }

  /// `+5.1 %`, `-0.4 points`, `+3 records`.
  static func change(_ metric: ComparisonMetric) -> String {
    amount(metric.change, of: metric, hasSign: true, hasUnit: true)
  }

  /// `+3.8 to +6.4 %`; `nil` without a test.
  static func interval(_ metric: ComparisonMetric) -> String? {
    let (low, high) = metric.interval
    guard low != nil || high != nil else { return nil }
    let first = low.map { amount($0, of: metric, hasSign: true, hasUnit: false) } ?? "anything"
    let last = high.map { amount($0, of: metric, hasSign: true, hasUnit: true) } ?? "anything"
    return "\(first) to \(last)"
  }

  /// The smallest change that counts: `5 %`, `0.5 points`.
  static func tolerance(_ metric: ComparisonMetric) -> String {
    amount(metric.tolerance, of: metric, hasSign: false, hasUnit: true)
  }

  /// A side's value: `25.3 ms`, `9.32 %`.
  static func value(_ value: Double, of metric: ComparisonMetric) -> String {
    var threshold = SummaryThreshold()
    threshold.unit = metric.unit
    return ThresholdText.value(value, of: threshold)
  }

  private static func amount(_ change: Double, of metric: ComparisonMetric, hasSign: Bool, hasUnit: Bool) -> String {
    let isShare = metric.isRatio || metric.unit == "ratio"
    let digits = isShare ? NumberFormat.fixed(change * 100, abs(change) < 0.0995 ? 1 : 0) : NumberFormat.brief(change)
    let number =
      digits.hasPrefix("-") || !hasSign || !digits.contains(where: { $0 != "0" && $0 != "." }) ? digits : "+" + digits
    guard hasUnit else { return number }
    return number + (metric.isRatio ? " %" : metric.unit == "ratio" ? " points" : " \(VisibleText.line(metric.unit))")
  }

  /// What a metric's line ends with: the verdict, and what would decide it.
  static func verdict(_ metric: ComparisonMetric, isStatistical: Bool) -> String {
    guard metric.outcome == .inconclusive else { return metric.outcome.rawValue }
    guard isStatistical else { return "not judged" }
    return metric.morePairs.map { "inconclusive, \(NumberFormat.count($0, "more pair")) advised" } ?? "inconclusive"
  }
}
