/// How a run came to its end.
package struct RunEnding: Sendable, Hashable {
  /// Why no more was sent.
  package enum Reason: Sendable, Hashable {
    /// The plan was done.
    case completed
    /// Ctrl-C or SIGTERM.
    case interrupted
    /// A threshold with `abort` was broken.
    case aborted
    /// The target could not be reached or refused to serve at all.
    case unreachable
    /// The program itself failed.
    case failed
  }

  package var reason: Reason
  /// When the last answer came, or the drain was given up; nanoseconds since the run's start.
  package var ended: Int64

  /// An ending.
  package init(_ reason: Reason, ended: Int64) {
    self.reason = reason
    self.ended = ended
  }
}
