import Measurement

/// How a run in progress shows itself on standard error.
enum ProgressMode: Sendable, Equatable {
  /// Not at all.
  case silent
  /// A few lines redrawn in place.
  case live
  /// One `key=value` line at this interval.
  case log(every: Nanoseconds)

  /// How often the live lines are redrawn.
  static let redrawInterval = Nanoseconds(250_000_000)
  /// How often a log line comes when nobody said.
  static let logInterval = Nanoseconds(10_000_000_000)

  /// Chooses: `--quiet` silences; an interval is a log also on a terminal; else lines are redrawn on a terminal that
  /// can (not `TERM=dumb`, not under `CI`), and logged anywhere else.
  static func choose(
    _ choice: RunOptions.ProgressChoice, isQuiet: Bool, isTerminal: Bool, environment: [String: String]
  ) -> ProgressMode {
    switch choice {
    case .none: return .silent
    case .every(let interval): return isQuiet ? .silent : .log(every: interval)
    case .automatic: break
    }
    if isQuiet { return .silent }
    let canRedraw = isTerminal && environment["TERM"] != "dumb" && (environment["CI"] ?? "").isEmpty
    return canRedraw ? .live : .log(every: logInterval)
  }

  /// The time between two ticks; nil when there is nothing to show.
  var interval: Nanoseconds? {
    switch self {
    case .silent: nil
    case .live: Self.redrawInterval
    case .log(let interval): interval
    }
  }
}
