import TestSupport
import Testing

@testable import Measurement

@Suite struct MetricTests {
  @Test func everyMetricIsFoundByItsName() {
    for metric in Metric.all { #expect(Metric(name: metric.name) == metric) }
    #expect(Set(Metric.all).count == Metric.all.count)
  }

  /// Name, unit and direction of every metric: what scenarios, summaries and comparisons go by.
  @Test func theMetricsAreTheDocumentedOnes() {
    let lines = Metric.all.map { "\($0.name) \($0.unit.rawValue) \($0.better)\($0.isRatioOrRate ? " windowed" : "")" }
    expectGolden(lines.joined(separator: "\n") + "\n", "metrics.txt")
  }

  @Test(arguments: [
    "", "p99", "response", "response.", "response.p42", "Response.p99", "throttle_ratio", "throttle.p99",
  ])
  func otherNamesAreNoMetrics(name: String) {
    #expect(Metric(name: name) == nil)
  }

  @Test func statisticsKnowTheirQuantiles() {
    #expect(LatencyStatistic.p999.quantile?.fraction == 0.999)
    #expect(LatencyStatistic.max.quantile?.fraction == 1)
    #expect(LatencyStatistic.mean.quantile == nil)
  }

  @Test func quantileTitles() {
    #expect(Quantile.reported.map(\.title) == ["50 %", "90 %", "95 %", "99 %", "99.9 %", "99.99 %", "max"])
    #expect(Quantile.reported.map(\.fraction) == [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 1])
    #expect(Quantile(label: "p97") == nil)
  }

  @Test(
    arguments: [
      (nil, 5, 5, true), (nil, 5, 5.1, false), (3, nil, 3, true), (3, nil, 2.9, false), (3, 5, 4, true),
      (3, 5, 2, false),
      (3, 5, 6, false), (nil, nil, 1e9, true), (nil, 5, .nan, false), (3, nil, .infinity, true),
    ] as [(Double?, Double?, Double, Bool)])
  func boundsThemselvesPass(min: Double?, max: Double?, value: Double, isKept: Bool) {
    #expect(Threshold(metric: .throttleRatio, min: min, max: max).isKept(by: value) == isKept)
  }
}
