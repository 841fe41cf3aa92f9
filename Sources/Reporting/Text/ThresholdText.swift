import Measurement
import RunResults

/// A threshold in words and digits, the same on every surface.
enum ThresholdText {
  /// A value in the metric's unit: `9.32 %`, `25.3 ms`, `12767 rec/s`.
  static func value(_ value: Double, of threshold: SummaryThreshold) -> String {
    switch threshold.unit {
    case "ms": return NumberFormat.significant(value) + " ms"
    case "ratio": return NumberFormat.percent(value) + " %"
    case "records/s": return NumberFormat.fixed(value, value < 100 ? 1 : 0) + " rec/s"
    case "bytes/s": return NumberFormat.mebibytes(value) + " MiB/s"
    case "", "1", "x", "factor": return NumberFormat.significant(value) + " x"
    default: return NumberFormat.significant(value) + " " + VisibleText.line(threshold.unit)
    }
  }

  /// What was seen, or why nothing was.
  static func observed(_ threshold: SummaryThreshold) -> String {
    threshold.observed.map { value($0, of: threshold) } ?? "no data"
  }

  /// The limit without its sign.
  static func limit(_ threshold: SummaryThreshold) -> String {
    switch threshold.unit {
    case "ms": NumberFormat.brief(threshold.limit) + " ms"
    case "ratio": NumberFormat.percentLimit(threshold.limit) + " %"
    default: value(threshold.limit, of: threshold)
    }
  }

  /// Where the threshold holds beyond the whole run: `burst, per shard`; empty for all of it.
  static func scope(_ threshold: SummaryThreshold) -> String {
    var parts: [String] = []
    if let phase = threshold.phase { parts.append(VisibleText.line(phase)) }
    if let per = threshold.per { parts.append("per \(VisibleText.line(per))") }
    if let shard = threshold.shard { parts.append("worst \(shard)") }
    if let second = threshold.tS { parts.append("at \(second) s") }
    return parts.joined(separator: ", ")
  }

  /// What a reader needs besides: why there is no value, that it stopped the run, or which shards fail; `nil` for nothing.
  static func detail(_ threshold: SummaryThreshold) -> String? {
    if threshold.observed == nil { return threshold.reason.map(VisibleText.line) }
    var parts: [String] = []
    if let stopped = threshold.abortedAtS { parts.append("stopped the run at \(NumberFormat.fixed(stopped, 1)) s") }
    if let count = threshold.failingShards, count > 1 {
      let worst = threshold.worstShards.map { "\($0.shard) at \(value($0.observed, of: threshold))" }
      parts.append("\(count) shards fail, worst \(worst.joined(separator: ", "))")
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// The sign of the bound, as printed on the page and in Markdown.
  static func sign(_ threshold: SummaryThreshold) -> String { threshold.op == ">=" ? "≥" : "≤" }

  /// The sign between an observed value and the limit it broke.
  static func brokenSign(_ threshold: SummaryThreshold) -> String { threshold.op == ">=" ? "<" : ">" }

  /// How much of its limit a value takes: 1 is the limit, more is worse; nil without data or with a limit of 0 that is
  /// kept. For a lower bound it is the limit over the value.
  static func use(_ threshold: SummaryThreshold) -> Double? {
    guard let observed = threshold.observed else { return nil }
    let (top, bottom) = threshold.op == ">=" ? (threshold.limit, observed) : (observed, threshold.limit)
    if bottom == 0 { return top == 0 ? nil : .infinity }
    return top / bottom
  }

  /// The one word before it: `pass`, `FAIL` or `FAIL` for missing data too, since no data cannot be a pass.
  static func word(_ threshold: SummaryThreshold) -> String {
    if threshold.passed { return "pass" }
    return threshold.observed == nil ? "error" : "fail"
  }

  /// A bound on a percentile of the response time, for the charts.
  struct ResponseLimit {
    /// `p50`, `p99` and so on.
    let name: String
    /// In ms.
    let limit: Double
  }

  /// Upper bounds on response percentiles of the whole run, each percentile's first.
  static func responseLimits(_ thresholds: [SummaryThreshold]) -> [ResponseLimit] {
    var limits: [ResponseLimit] = []
    for threshold in thresholds where threshold.op == "<=" && threshold.per == nil {
      guard threshold.metric.hasPrefix("response.p") else { continue }
      let name = String(threshold.metric.dropFirst("response.".count))
      if !limits.contains(where: { $0.name == name }) {
        limits.append(ResponseLimit(name: name, limit: threshold.limit))
      }
    }
    return limits
  }

  /// The bound on the throttle ratio, the one per shard first.
  static func throttleLimit(_ thresholds: [SummaryThreshold]) -> Double? {
    let bounds = thresholds.filter { $0.metric == "throttle.ratio" && $0.op == "<=" }
    return (bounds.first { $0.per == "shard" } ?? bounds.first)?.limit
  }
}
