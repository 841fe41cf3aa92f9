import Observations

/// The exit codes a run can end with, and which of several holds.
package enum RunExit {
  package static let ok = 0
  /// The program's own fault: it failed, or its counts do not add up.
  package static let internalError = 1
  /// Nothing was sent, or nothing could be compared.
  package static let usage = 2
  package static let thresholdFailed = 3
  /// A metric got worse.
  package static let regression = 4
  /// The generator was the bottleneck, or nothing was measured.
  package static let invalidRun = 5
  package static let targetUnreachable = 6
  package static let interrupted = 130

  /// The code of a run of which all this may be true at once: 130 before 6 before 1 before 5 before 3.
  package static func code(
    reason: RunEnding.Reason, identityHolds: Bool, isValid: Bool, thresholdsHold: Bool
  ) -> Int {
    switch reason {
    case .interrupted, .killed: interrupted
    case .unreachable: targetUnreachable
    case .failed: internalError
    case .completed, .aborted:
      !identityHolds ? internalError : !isValid ? invalidRun : thresholdsHold ? ok : thresholdFailed
    }
  }
}
