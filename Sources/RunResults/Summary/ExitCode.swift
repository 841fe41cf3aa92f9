import Observations

/// How a command ended, as the process tells its parent and `summary.json` its readers. The numbers are a contract with
/// scripts and CI.
package enum ExitCode: Int, Sendable, CaseIterable {
  /// The command did what it was asked, and what it judged passed.
  case ok = 0
  /// A fault of shardmeter itself (its counts do not add up), or of the machine under it (a full disk).
  case internalError = 1
  /// The command line or a scenario is wrong; nothing was sent, or nothing could be compared.
  case usage = 2
  /// A threshold was crossed, a goal cannot be met, or accepted records were missing or altered when the stream was read back.
  case thresholdFailed = 3
  /// A metric got worse, by a test or by more than a tolerance.
  case regression = 4
  /// The run proves nothing: the generator was the bottleneck, nothing was measured, or a part is missing.
  case invalidRun = 5
  /// The target could not be reached, or refused the run.
  case unreachable = 6
  /// The command that was observed failed; its own code is in `summary.json`.
  case commandFailed = 7
  /// Stopped by a signal after the reports were written.
  case interrupted = 130

  /// One line for `shardmeter help` and the README.
  package var meaning: String {
    switch self {
    case .ok: "ok"
    case .internalError: "internal error"
    case .usage: "wrong options or scenario, nothing was sent; or not comparable"
    case .thresholdFailed: "a threshold, goal or expectation is not met, or records are missing"
    case .regression: "regression: a metric is worse than the base's"
    case .invalidRun: "proves nothing: generator-bound, nothing measured, or no end"
    case .unreachable: "target unreachable or refused"
    case .commandFailed: "the observed command failed"
    case .interrupted: "interrupted, reports written"
    }
  }

  /// The order in which several reasons outrank each other; `ok` ends it.
  package static let precedence: [ExitCode] = [
    .interrupted, .usage, .unreachable, .internalError, .commandFailed, .invalidRun, .thresholdFailed, .regression, .ok,
  ]

  /// The one code to leave with when several reasons hold; `ok` when there is none.
  package static func first(of reasons: [ExitCode]) -> ExitCode {
    precedence.first(where: reasons.contains) ?? .ok
  }

  /// The code of a run of which all this may be true at once.
  package static func run(
    _ reason: RunEnding.Reason, identityHolds: Bool, isValid: Bool, thresholdsHold: Bool
  ) -> ExitCode {
    let ending: ExitCode =
      switch reason {
      case .interrupted, .killed: .interrupted
      case .failed: .internalError
      case .completed, .aborted: .ok
      }
    return first(of: [
      ending, identityHolds ? .ok : .internalError, isValid ? .ok : .invalidRun,
      thresholdsHold ? .ok : .thresholdFailed,
    ])
  }
}
