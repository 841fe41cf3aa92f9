import RunResults

/// Lines that GitHub's runner turns into annotations beside a commit.
package enum Annotations {
  /// The most a step may show.
  private static let most = 10

  /// One line per threshold that did not pass, failures first, at most ten.
  package static func lines(_ run: LoadedRun) -> [String] {
    let facts = RunFacts(run)
    return facts.thresholds.filter { !$0.passed }.prefix(most).map { threshold in
      let what =
        threshold.observed == nil
        ? "no data"
        : "\(ThresholdText.observed(threshold)) \(ThresholdText.brokenSign(threshold)) \(ThresholdText.limit(threshold))"
      return "::error title=shardmeter::" + escaped("\(threshold.metric) \(what)")
    }
  }

  /// The runner's own escapes for a message; line ends are gone already.
  private static func escaped(_ text: String) -> String { VisibleText.line(text).replacing("%", with: "%25") }
}
