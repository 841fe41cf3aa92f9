import Measurement
import Observations

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
    case .throttleRatio: self.init(counts.traffic.throttled, Double(counts.traffic.attempted), counts.traffic.attempted)
    case .faultRatio:
      self.init(
        counts.traffic.fault + counts.traffic.unknown, Double(counts.traffic.attempted), counts.traffic.attempted)
    case .lostRatio: self.init(counts.delivery.lost, Double(planned), planned)
    case .acceptedRate: self.init(counts.traffic.accepted, seconds, counts.traffic.attempted)
    case .acceptedByteRate: self.init(counts.traffic.acceptedBytes, seconds, counts.traffic.attempted)
    case .requestsRate: self.init(counts.traffic.requests, seconds, counts.traffic.requests)
    case .requestsRecords: self.init(counts.traffic.attempted, Double(counts.traffic.requests), counts.traffic.requests)
    case .retryAmplification:
      self.init(counts.traffic.attempted, Double(counts.traffic.firstTries), counts.traffic.firstTries)
    case .duplicateRatio:
      self.init(counts.delivery.mayBeDuplicates, Double(counts.traffic.accepted), counts.traffic.accepted)
    case .latency, .skewMax, .reorderRatio: return nil
    }
  }

  /// The metric on one shard; `nil` for what is not known shard by shard.
  package init?(_ metric: Metric, shard: ShardTraffic, seconds: Double) {
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
