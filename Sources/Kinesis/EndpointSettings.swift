import Glibc
import Measurement

/// How an endpoint behaves, as plain data: what the options of `target` and a scenario's `embedded` say.
package struct EndpointSettings: Hashable, Sendable {
  /// The limits of shards and requests.
  package var limits: LimitsProfile = .kinesis

  /// How long an answer takes; `nil` answers at once.
  package var latency: LatencyModel?

  /// Latencies of single shards by index, in place of `latency`. A request takes as long as its slowest shard.
  package var shardLatency: [Int: LatencyModel] = [:]

  /// What goes wrong on purpose. Each rule acts by itself.
  package var faults: [FaultRule] = []

  /// What happens to the shards of each stream while the endpoint serves, in the order of `at`.
  package var reshards: [ReshardRule] = []

  /// Bytes of records kept for GetRecords; 0 keeps none.
  package var retainedBytes: Int = 0

  /// Records per second of the first-in-first-out server in front of the latency; `nil` for no such server.
  package var capacityRecordsPerSecond: Double?

  /// An endpoint with the usual limits that answers at once.
  package init() {}
}

/// The distribution of an endpoint's answer time, all times in nanoseconds. Plain data: whoever owns random numbers draws.
package enum LatencyModel: Hashable, Sendable {
  /// Always the same.
  case fixed(Int64)

  /// Even between two bounds, both included.
  case uniform(min: Int64, max: Int64)

  /// Log-normal by two of its quantiles, cut off at `max` when given.
  case lognormal(median: Int64, p99: Int64, max: Int64?)

  /// Normal, moved to the nearer bound where it leaves `min...max`.
  case normal(mean: Int64, standardDeviation: Int64, min: Int64, max: Int64)
}

extension LatencyModel {
  /// The quantile of the standard normal distribution at 0.99.
  private static let normalAt99 = 2.326347874040841

  /// Draws one latency in nanoseconds, never negative.
  ///
  /// - Parameters:
  ///   - random: the family of numbers to draw from.
  ///   - index: the request.
  ///   - draw: tells several latencies of one request apart.
  package func sample(_ random: CounterRandom, _ index: UInt64, draw: UInt64) -> Int64 {
    switch self {
    case .fixed(let value):
      return max(0, value)
    case .uniform(let low, let high):
      guard high > low else { return max(0, low) }
      let span = UInt64(clamping: high.subtractingSaturated(low))
      let drawn = random.below(span.addingSaturated(1), index, draw: draw)
      return max(0, low.addingSaturated(Int64(clamping: drawn)))
    case .lognormal(let median, let p99, let bound):
      guard median > 0, p99 > median else { return max(0, median) }
      let sigma = log(Double(p99) / Double(median)) / Self.normalAt99
      let value = Double(median) * exp(sigma * Self.normal(random, index, draw: draw))
      return Self.clamped(value, from: 0, to: bound ?? .max)
    case .normal(let mean, let deviation, let low, let high):
      let value = Double(mean) + Double(deviation) * Self.normal(random, index, draw: draw)
      return Self.clamped(value, from: max(0, low), to: high)
    }
  }

  /// A standard normal number (Box and Muller 1958, doi:10.1214/aoms/1177706645).
  private static func normal(_ random: CounterRandom, _ index: UInt64, draw: UInt64) -> Double {
    let (first, second) = random.bits(index, draw: draw)
    return (-2 * log(CounterRandom.openUnit(first))).squareRoot() * cos(2 * .pi * CounterRandom.unit(second))
  }

  private static func clamped(_ value: Double, from low: Int64, to high: Int64) -> Int64 {
    max(low, min(high, Int64(saturating: value)))
  }
}
