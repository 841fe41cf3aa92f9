import Observations
import RunResults

/// `junit.xml`: one suite per scenario, one case per threshold. A case has the threshold's name, with neither its limit nor what was
/// seen in it, so that a history of cases lines up.
package enum JUnitReport {
  /// The document.
  package static func document(_ run: LoadedRun) -> String {
    let facts = RunFacts(run)
    let summary = facts.summary
    let seconds = facts.time.warmUpSeconds + facts.measuredSeconds + summary.time.drainS
    let time = NumberFormat.fixed(seconds, 3)
    let thresholds = summary.thresholds
    let found = summary.verification
    let failed =
      thresholds.count { !$0.passed && $0.observed != nil } + (found.map { !$0.passed && $0.complete } == true ? 1 : 0)
    let missing = thresholds.count { !$0.passed && $0.observed == nil }
    let trouble = trouble(facts)
    let errors = missing + (trouble == nil ? 0 : 1) + (found?.complete == false ? 1 : 0)
    let name = facts.name
    let compared = summary.comparison.map { ComparisonJUnit.cases($0, suite: name) }
    let stamp =
      summary.time.start.isEmpty ? Markup() : " timestamp=\"\(String(summary.time.start.prefix(19)))\"" as Markup
    var cases: Markup
    if let trouble {
      cases = """
         <testcase classname="shardmeter.\(name)" name="run is valid" time="\(time)">
          <error type="run" message="\(trouble)">\(trouble + (losses(facts).isEmpty ? "" : "." + losses(facts)))</error></testcase>

        """
    } else {
      let trust = Findings.trust(facts)
      cases = """
         <testcase classname="shardmeter.\(name)" name="run is valid" time="\(time)">
          <system-out>\(trust.lead)\(trust.rest.plain)\(facts.isObserved ? " " + Findings.paragraph(facts).plain : losses(facts))</system-out></testcase>

        """
    }
    if let found { cases += testCase(found, facts) }
    for threshold in thresholds { cases += testCase(threshold, facts) }
    if let compared { cases += compared.markup }
    let warnings = Findings.warnings(facts)
    if !warnings.isEmpty {
      let lines = warnings.map { "warning: \($0)\n" }.joined()
      cases += " <system-err>\(lines)</system-err>\n"
    }
    let document: Markup = """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites><testsuite name="\(name)" tests="\(thresholds.count + (found == nil ? 1 : 2) + (compared?.count ?? 0))" \
      failures="\(failed + (compared?.failed ?? 0))" errors="\(errors + (compared?.errors ?? 0))" \
      skipped="\(compared?.skipped ?? 0)" time="\(time)"\(stamp)>
      \(cases)</testsuite></testsuites>

      """
    return document.text
  }

  private static func testCase(_ found: VerificationCounts, _ facts: RunFacts) -> Markup {
    let head: Markup =
      " <testcase classname=\"shardmeter.\(facts.name)\" name=\"accepted records are read back\" time=\"0\""
    if found.passed { return "\(head)/>\n" }
    let text = Findings.verification(found).plain
    guard found.complete else {
      return "\(head)>\n  <error type=\"verification\" message=\"\(text)\">\(text)</error></testcase>\n"
    }
    return "\(head)>\n  <failure type=\"verification\" message=\"\(text)\">\(text)</failure></testcase>\n"
  }

  private static func testCase(_ threshold: SummaryThreshold, _ facts: RunFacts) -> Markup {
    let head: Markup = " <testcase classname=\"shardmeter.\(facts.name)\" name=\"\(threshold.id)\" time=\"0\""
    if threshold.passed { return "\(head)/>\n" }
    guard threshold.observed != nil else {
      let reason = threshold.reason ?? "no data"
      return "\(head)>\n  <error type=\"threshold\" message=\"\(reason)\">\(reason)</error></testcase>\n"
    }
    let observed = ThresholdText.observed(threshold)
    let limit = ThresholdText.limit(threshold)
    var detail = "observed \(observed), limit \(limit)"
    if let more = ThresholdText.detail(threshold) { detail += "; \(more)" }
    if threshold.metric.hasPrefix("throttle") || threshold.metric.hasPrefix("lost"),
      let concentration = facts.concentration
    {
      detail +=
        "; shard \(concentration.shard.shardIndex) has \(NumberFormat.wholePercent(concentration.share)) % of the throttling"
      if let key = concentration.key { detail += ", key \(key)" }
    }
    let message = "\(observed) \(ThresholdText.brokenSign(threshold)) \(limit)"
    return "\(head)>\n  <failure type=\"threshold\" message=\"\(message)\">\(detail)</failure></testcase>\n"
  }

  /// What failed and what was lost, after a space; empty where nothing was.
  private static func losses(_ facts: RunFacts) -> String {
    var text = Findings.failures(facts).map { " " + $0.plain } ?? ""
    if let lost = Findings.lost(facts) { text += " \(lost.plain)." }
    return text
  }

  /// Why the run as a whole may not be quoted; nil when it may.
  private static func trouble(_ facts: RunFacts) -> String? {
    // A command that failed is no threshold's failure.
    if facts.verdict == .fail, let command = facts.summary.observe.flatMap(Findings.command) { return command }
    switch facts.verdict {
    case .pass, .none, .fail: return nil
    case .incomplete: return "the run was \(Findings.whyIncomplete(facts))"
    case .invalid:
      return Findings.whyInvalid(facts)
    }
  }
}
