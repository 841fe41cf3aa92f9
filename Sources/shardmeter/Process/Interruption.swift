import Synchronization

/// The one place where a command minds signals: it says, stage by stage, what the first SIGINT or SIGTERM does. The second
/// leaves at once in any stage, and so does the first where nothing is due.
///
/// A signal that came in one stage also counts in the next: a stage that is begun after it is ended at once.
final class Interruption: Sendable {
  private struct State {
    var isRequested = false
    var react: @Sendable () -> Void = {}
    var isAnnounced = false
    var answer: @Sendable () -> Void = {}
  }

  private let state = Mutex(State())

  private let output: any TextOutput

  private init(_ output: any TextOutput) { self.output = output }

  /// Does a command's work with signals minded from before it to behind it.
  ///
  /// - Parameters:
  ///   - context: says whether the process's signals are the command's; else none ever comes.
  ///   - nothing: what is said when the first signal comes before anything is due, as `nothing was sent`.
  static func minding<Result>(
    _ context: Context, nothing: String, _ work: (Interruption) throws -> Result
  ) rethrows -> Result {
    let output = context.standardError
    let interruption = Interruption(output)
    guard context.mindsSignals else { return try work(interruption) }
    interruption.onRequest(isAnnounced: false) {
      output.writeLine("interrupted: \(nothing)")
      SignalWatch.leaveAtOnce()
    }
    let watch = SignalWatch { request in
      switch request {
      case .drain: interruption.request()
      case .leave: SignalWatch.leaveAtOnce()
      case .progress: interruption.state.withLock { $0.answer }()
      }
    }
    defer { watch.cancel() }
    return try work(interruption)
  }

  /// Whether a signal has come.
  var isRequested: Bool { state.withLock { $0.isRequested } }

  /// Begins a stage.
  ///
  /// - Parameters:
  ///   - isAnnounced: whether the first signal is answered by a word that it was heard: what is due may take a while.
  ///   - react: what it does from now on, on the signals' queue; called here when it has come already. It must not wait for
  ///     the stage.
  func onRequest(isAnnounced: Bool = true, _ react: @escaping @Sendable () -> Void) {
    let isRequested = state.withLock { state in
      state.react = react
      state.isAnnounced = isAnnounced
      return state.isRequested
    }
    if isRequested { react() }
  }

  /// Begins a stage that is short and whose end is due whatever comes: the first signal is only remembered.
  func onRequestGoOn() { onRequest {} }

  /// Begins the last stage: everything is written, and showing it is all that is left. A signal that came before is
  /// answered by what was written.
  func onRequestLeave() {
    state.withLock { state in
      state.react = { SignalWatch.leaveAtOnce() }
      state.isAnnounced = false
    }
  }

  /// What SIGUSR1 does from now on; nothing before.
  func onQuestion(_ answer: @escaping @Sendable () -> Void) { state.withLock { $0.answer = answer } }

  private func request() {
    let (react, isAnnounced) = state.withLock { state in
      state.isRequested = true
      return (state.react, state.isAnnounced)
    }
    react()
    // Only offered: a reader who holds the terminal must not hold up the second signal.
    if isAnnounced { output.offer("interrupted: what is there is written; a second signal leaves at once\n") }
  }
}
