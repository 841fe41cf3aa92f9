import Dispatch
import Glibc
import RunResults

/// Listens to SIGINT, SIGTERM and SIGUSR1 while a command runs.
///
/// While it listens, those signals do nothing else to the process. Handlers run on the watch's own queue.
///
/// `@unchecked Sendable`: `state` is touched only on `queue`, everything else is constant.
final class SignalWatch: @unchecked Sendable {
  private let queue: DispatchQueue
  private let handler: @Sendable (StopSignals.Request) -> Void
  private let sources: [any DispatchSourceSignal]
  private var state = StopSignals()

  /// Starts listening and returns once a signal can no longer be lost: a signal raised before Dispatch has registered a
  /// source would vanish.
  ///
  /// - Parameter handler: told what each signal asks for, in order; it must not wait for the thread that made the watch.
  init(handler: @escaping @Sendable (StopSignals.Request) -> Void) {
    let queue = DispatchQueue(label: "shardmeter.signals", target: .global())
    self.queue = queue
    self.handler = handler
    sources = Self.signals.map { DispatchSource.makeSignalSource(signal: $0.number, queue: queue) }
    let registered = DispatchSemaphore(value: 0)
    for (source, signal) in zip(sources, Self.signals) {
      Glibc.signal(signal.number, SIG_IGN)
      source.setRegistrationHandler { @Sendable in registered.signal() }
      source.setEventHandler { @Sendable [weak self] in self?.receive(signal.meaning) }
      source.activate()
    }
    for _ in sources { registered.wait() }
  }

  /// Stops listening; the signals mean again what they mean to any process.
  func cancel() {
    for source in sources { source.cancel() }
    for signal in Self.signals { Glibc.signal(signal.number, SIG_DFL) }
  }

  /// Makes a closed pipe, and a file that reached its limit (`RLIMIT_FSIZE`), errors of write(2) instead of the end of the
  /// process.
  static func ignoreFailedWrites() {
    Glibc.signal(SIGPIPE, SIG_IGN)
    Glibc.signal(SIGXFSZ, SIG_IGN)
  }

  /// Ends the process without unwinding anything: the answer to ``StopSignals/Request/leave``.
  static func leaveAtOnce() -> Never { _exit(Int32(ExitCode.interrupted.rawValue)) }

  private static let signals: [(number: Int32, meaning: StopSignals.Signal)] = [
    (SIGINT, .interrupt), (SIGTERM, .terminate), (SIGUSR1, .user),
  ]

  private func receive(_ signal: StopSignals.Signal) {
    dispatchPrecondition(condition: .onQueue(queue))
    handler(state.receive(signal))
  }
}
