import Measurement

/// A metric as a numerator and a denominator, so that times, phases and shards add up before anything is divided.
package struct MetricQuotient: Sendable {
  package var numerator = 0.0
  package var denominator = 0.0
  /// What the value rests on: tries for ratios of tries and for rates, records for ratios of records.
  package var samples = 0

  /// Nothing.
  package init() {}

  private init(_ numerator: Int, _ denominator: Double, _ samples: Int) {
    self.numerator = Double(numerator)
    self.denominator = denominator
    self.samples = samples
  }

  /// The value; `nil` without a denominator.
  package var value: Double? { denominator > 0 ? numerator / denominator : nil }

  /// Adds another time, or takes it away again.
  package mutating func add(_ other: MetricQuotient, sign: Double = 1) {
    numerator += sign * other.numerator
    denominator += sign * other.denominator
    samples += Int(sign) * other.samples
  }

  /// The metric over a whole stream; `nil` for latencies, the skew, and what a run does not measure.
  package init?(_ metric: Metric, counts: RunCounts, planned: Int, seconds: Double) {
    switch metric {
    case .throttleRatio: self.init(counts.throttled, Double(counts.attempted), counts.attempted)
    case .faultRatio: self.init(counts.fault + counts.unknown, Double(counts.attempted), counts.attempted)
    case .lostRatio: self.init(counts.lost, Double(planned), planned)
    case .acceptedRate: self.init(counts.accepted, seconds, counts.attempted)
    case .acceptedByteRate: self.init(counts.acceptedBytes, seconds, counts.attempted)
    case .requestsRate: self.init(counts.requests, seconds, counts.requests)
    case .requestsRecords: self.init(counts.attempted, Double(counts.requests), counts.requests)
    case .retryAmplification: self.init(counts.attempted, Double(counts.firstTries), counts.firstTries)
    case .duplicateRatio: self.init(counts.mayBeDuplicates, Double(counts.accepted), counts.accepted)
    case .latency, .skewMax, .reorderRatio: return nil
    }
  }

  /// The metric on one shard; `nil` for what is not known shard by shard.
  package init?(_ metric: Metric, shard: ShardCounts, seconds: Double) {
    let attempted = Int(shard.attempted)
    switch metric {
    case .throttleRatio: self.init(Int(shard.throttled), Double(attempted), attempted)
    case .faultRatio: self.init(Int(shard.fault + shard.unknown), Double(attempted), attempted)
    case .acceptedRate: self.init(Int(shard.accepted), seconds, attempted)
    case .acceptedByteRate: self.init(Int(shard.acceptedBytes), seconds, attempted)
    case .retryAmplification: self.init(attempted, Double(shard.firstTries), Int(shard.firstTries))
    case .lostRatio, .requestsRate, .requestsRecords, .duplicateRatio, .latency, .skewMax, .reorderRatio: return nil
    }
  }
}
