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
