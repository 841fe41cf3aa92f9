/// When a phase ran, for the brackets above a chart.
struct PhaseSpan: Equatable {
  /// The phase's name; foreign text.
  let name: String
  /// Seconds since t = 0.
  let start: Double
  /// Seconds since t = 0.
  let end: Double
  /// Whether it counts.
  let measured: Bool
  /// Mean rate of the plan, records/s; nil for a closed loop.
  let plannedPerSecond: Double?
}
