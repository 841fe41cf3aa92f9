/// A metric as a numerator and a denominator, so that times, phases and shards add up before anything is divided.
package struct MetricQuotient: Sendable {
  package private(set) var numerator = 0.0
  package private(set) var denominator = 0.0
  /// What the value rests on: tries for ratios of tries and for rates, records for ratios of records.
  package private(set) var samples = 0

  /// Nothing.
  package init() {}

  /// A quotient over some time of so many seconds; `nil` where one of its counters is not known.
  package init?(_ quotient: Quotient, of counts: some Counted, seconds: Double) {
    for part in quotient.parts {
      guard let count = counts[part] else { return nil }
      numerator += Double(count)
    }
    switch quotient.divisor {
    case .count(let counter):
      guard let count = counts[counter] else { return nil }
      denominator = Double(count)
    case .seconds: denominator = seconds
    case .one: denominator = 1
    }
    guard let samples = counts[quotient.samples] else { return nil }
    self.samples = samples
  }

  /// A metric over some time of so many seconds; `nil` for one that is no quotient, or whose counters are not known.
  package init?(_ metric: Metric, of counts: some Counted, seconds: Double) {
    guard case .quotient(let quotient) = metric.formula else { return nil }
    self.init(quotient, of: counts, seconds: seconds)
  }

  /// The same, resting on at least so many samples: a rate of nothing rests on what should have been there.
  package func resting(onAtLeast count: Int) -> MetricQuotient {
    var quotient = self
    quotient.samples = max(samples, count)
    return quotient
  }

  /// The value; `nil` without a denominator.
  package var value: Double? { Quotient.divide(numerator, by: denominator) }

  /// Adds another time, or takes it away again.
  package mutating func add(_ other: MetricQuotient, sign: Double = 1) {
    numerator += sign * other.numerator
    denominator += sign * other.denominator
    samples += Int(sign) * other.samples
  }
}
