import Measurement
import RunResults

/// `junit.xml` of a comparison: a case says whether the sides could be compared, then one for each metric by its name alone,
/// so that a history of cases lines up.
package enum ComparisonJUnit {
  /// Cases of a suite, and how they came out.
  struct Cases {
    var markup = Markup()
    var count = 0
    var failed = 0
    var errors = 0
    var skipped = 0
  }

  /// The document.
  package static func document(_ document: ComparisonDocument) -> String {
    let name = "compare \(document.this.scenario)"
    let time = NumberFormat.fixed(document.base.measuredS + document.this.measuredS, 3)
    let cases = cases(document, suite: name, time: time)
    let whole: Markup = """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites><testsuite name="\(name)" tests="\(cases.count)" failures="\(cases.failed)" errors="\(cases.errors)" \
      skipped="\(cases.skipped)" time="\(time)">
      \(cases.markup)</testsuite></testsuites>

      """
    return whole.text
  }

  /// A case that says whether the sides could be compared, and one for each metric.
  ///
  /// - Parameter time: the seconds that the first case takes; the others take none, so that a suite's cases add up.
  static func cases(_ document: ComparisonDocument, suite: String, time: String = "0") -> Cases {
    let sentence = ComparisonText.sentence(document).plain
    let head: Markup = " <testcase classname=\"shardmeter.\(suite)\" name="
    var cases = Cases()
    cases.count = document.metrics.count + document.leftOut.count + 1
    cases.errors = document.comparable ? 0 : 1
    cases.skipped = document.leftOut.count
    cases.markup += "\(head)\"sides are comparable\" time=\"\(time)\">"
    cases.markup +=
      document.comparable
      ? "\n  <system-out>\(sentence)</system-out></testcase>\n"
      : "\n  <error type=\"comparison\" message=\"\(sentence)\">\(sentence)</error></testcase>\n"
    for metric in document.metrics {
      let text = words(metric, isStatistical: document.statistical)
      cases.markup += "\(head)\"\(metric.metric), compared\" time=\"0\""
      let isUnsure = metric.outcome == .inconclusive
      if metric.outcome == .worse || (isUnsure && document.inconclusiveFails) {
        let type = isUnsure ? "inconclusive" : "regression"
        cases.failed += 1
        cases.markup += ">\n  <failure type=\"\(type)\" message=\"\(text)\">\(text)</failure></testcase>\n"
      } else if isUnsure {
        cases.skipped += 1
        cases.markup += ">\n  <skipped message=\"\(text)\"/></testcase>\n"
      } else {
        cases.markup += "/>\n"
      }
    }
    for left in document.leftOut {
      cases.markup +=
        "\(head)\"\(left.metric), compared\" time=\"0\">\n  <skipped message=\"not compared: \(left.reason)\"/></testcase>\n"
    }
    return cases
  }

  private static func words(_ metric: ComparisonMetric, isStatistical: Bool) -> String {
    let range = ComparisonText.interval(metric).map { ", 95 % interval \($0)" } ?? ""
    return "\(ComparisonText.verdict(metric, isStatistical: isStatistical)): \(ComparisonText.change(metric))\(range); "
      + "base \(ComparisonText.value(metric.base, of: metric)), new \(ComparisonText.value(metric.this, of: metric)), "
      + "\(ComparisonText.tolerance(metric)) counts"
  }
}
