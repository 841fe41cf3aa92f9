import TestSupport
import Testing

@testable import Measurement

@Suite struct MetricTests {
  @Test func everyMetricIsFoundByItsName() {
    for metric in Metric.all { #expect(Metric(name: metric.name) == metric) }
    #expect(Set(Metric.all).count == Metric.all.count)
  }

  /// Name, unit, direction, formula and places of every metric: what scenarios, summaries and comparisons go by.
  @Test func theMetricsAreTheDocumentedOnes() {
    let places: [(MetricPlaces, String)] = [
      (.shard, "shard"), (.window, "window"), (.phase, "phase"), (.driver, "driver"), (.target, "target"),
      (.readBack, "read-back"),
    ]
    let lines = Metric.all.map { metric in
      let known = places.filter { metric.places.contains($0.0) }.map(\.1).joined(separator: ",")
      return "\(metric.name) \(metric.unit.rawValue) \(metric.better) \(formula(metric)) \(known)"
    }
    expectGolden(lines.joined(separator: "\n") + "\n", "metrics.txt")
  }

  private func formula(_ metric: Metric) -> String {
    switch metric.formula {
    case .retryGap(let quantile): return "retry gap \(quantile.label)"
    case .retriesTogether: return "retries together"
    case .quotient(let quotient):
      let parts = quotient.parts.map { "\($0)" }.joined(separator: "+")
      return switch quotient.divisor {
      case .count(let counter): "\(parts)/\(counter)"
      case .seconds: "\(parts)/s"
      case .one: parts
      }
    case .latency(let kind, let statistic): return "\(statistic)(\(kind))"
    case .skew(let counter): return "skew(\(counter))"
    }
  }

  /// Counts by hand, of a side that knows only these.
  private struct Counts: Counted {
    var counts: [Counter: Int]
    subscript(counter: Counter) -> Int? { counts[counter] }
  }

  @Test(
    arguments: [
      (.throttleRatio, [.throttled: 3, .attempted: 20], 0, 0.15),
      (.faultRatio, [.fault: 2, .unknown: 3, .attempted: 20], 0, 0.25),
      (.acceptedRate, [.accepted: 8, .attempted: 20], 2, 4), (.requestsCount, [.requests: 7], 0, 7),
      // Nothing to divide by, no time, a counter that this side does not know, and metrics that are no quotients.
      (.throttleRatio, [.throttled: 0, .attempted: 0], 0, nil),
      (.acceptedRate, [.accepted: 8, .attempted: 20], 0, nil),
      (.faultRatio, [.fault: 2, .attempted: 20], 0, nil), (.lostRatio, [.lost: 2], 0, nil),
      (.skewMax, [.firstTries: 2], 1, nil), (.latency(.response, .p99), [.firstTries: 2], 1, nil),
    ] as [(Metric, [Counter: Int], Double, Double?)])
  func valueOfCounters(metric: Metric, counts: [Counter: Int], seconds: Double, expected: Double?) {
    #expect(metric.value(of: Counts(counts: counts), seconds: seconds) == expected)
  }

  @Test func quotientsAddUpBeforeTheyAreDivided() throws {
    func throttled(_ part: Int, of whole: Int) throws -> MetricQuotient {
      let counts = Counts(counts: [.throttled: part, .attempted: whole])
      return try #require(MetricQuotient(.throttleRatio, of: counts, seconds: 1))
    }
    var sum = try throttled(1, of: 10)
    sum.add(try throttled(3, of: 30))
    sum.add(try throttled(2, of: 4))
    sum.add(try throttled(1, of: 10), sign: -1)
    #expect(sum.value == 5.0 / 34)
    #expect(sum.samples == 34)
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
