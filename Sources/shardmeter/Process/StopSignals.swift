/// What a signal means to a run, given the ones before it.
struct StopSignals: Sendable, Equatable {
  /// The signals a run listens to.
  enum Signal: Sendable, CaseIterable {
    /// SIGINT: Ctrl-C.
    case interrupt
    /// SIGTERM: a CI server or a service manager wants it to end.
    case terminate
    /// SIGUSR1: somebody wants to know how far it is.
    case user
  }

  /// What to do.
  enum Request: Sendable, Equatable {
    /// Stop sending, drain, write the reports, leave with 130.
    case drain
    /// Leave at once; what is on disk stays as it is.
    case leave
    /// Print one progress line.
    case progress
  }

  private var isStopping = false

  init() {}

  /// The first stopping signal asks to drain, every later one to leave.
  mutating func receive(_ signal: Signal) -> Request {
    if signal == .user { return .progress }
    defer { isStopping = true }
    return isStopping ? .leave : .drain
  }
}
