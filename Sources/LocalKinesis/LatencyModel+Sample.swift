import Glibc
import Kinesis
import Measurement

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
      let span = UInt64(high - low)
      let drawn = span == .max ? random.bits(index, draw: draw).0 : random.below(span + 1, index, draw: draw)
      return max(0, low + Int64(drawn))
    case .lognormal(let median, let p99, let bound):
      guard median > 0, p99 > median else { return max(0, median) }
      let sigma = log(Double(p99) / Double(median)) / Self.normalAt99
      let value = Double(median) * exp(sigma * Self.normal(random, index, draw: draw))
      return Self.clamped(value, to: 0...(bound ?? .max))
    case .normal(let mean, let deviation, let low, let high):
      let value = Double(mean) + Double(deviation) * Self.normal(random, index, draw: draw)
      return Self.clamped(value, to: max(0, low)...max(0, low, high))
    }
  }

  /// A standard normal number (Box and Muller 1958, doi:10.1214/aoms/1177706645).
  private static func normal(_ random: CounterRandom, _ index: UInt64, draw: UInt64) -> Double {
    let (first, second) = random.bits(index, draw: draw)
    return (-2 * log(CounterRandom.openUnit(first))).squareRoot() * cos(2 * .pi * CounterRandom.unit(second))
  }

  private static func clamped(_ value: Double, to range: ClosedRange<Int64>) -> Int64 {
    guard value < Double(range.upperBound) else { return range.upperBound }
    return max(range.lowerBound, Int64(value.rounded()))
  }
}
