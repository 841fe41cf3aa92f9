/// `phases[].rate`. Rates are records/s, or bytes/s as the phase's `isInBytes` says.
package enum RateRule: Hashable, Sendable {
  case constant(Double)
  case line(from: Double, to: Double)
  case steps(values: [Double], each: Int64)
  case sine(mean: Double, amplitude: Double, period: Int64)
  case square(low: Double, high: Double, period: Int64, duty: Double)
  /// Closed loop: as fast as the target answers.
  case max
  /// As recorded.
  case trace(TraceWindow)
}

/// `phases[].arrivals`: how due times are spread over the rate.
package enum ArrivalRule: String, Hashable, Sendable {
  /// Record i is due where the integrated rate reaches i + 1/2.
  case uniform
  /// N points thrown at random into the integrated rate.
  case poisson
  /// Each record at the start of the phase's second that `uniform` puts it in.
  case bursts
}

/// `phases[]`.
package struct PhaseRule: Hashable, Sendable {
  /// Unique in the scenario.
  package let name: String
  /// Nanoseconds.
  package let duration: Int64
  /// Records or bytes per second.
  package let rate: RateRule
  /// Whether the numbers of `rate` are bytes per second.
  package let isInBytes: Bool
  /// How due times are spread over the rate.
  package let arrivals: ArrivalRule
  /// False for warm-ups.
  package let isMeasured: Bool
  /// What the records look like, overrides applied.
  package let kinds: [RecordKind]
}
