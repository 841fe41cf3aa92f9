import Dispatch
import Measurement

/// Calls a handler at absolute deadlines that are an interval apart; a tick that cannot be kept is left out.
final class Ticker: Sendable {
  private let queue = DispatchQueue(label: "shardmeter.ticks", target: .global())
  /// `nonisolated(unsafe)`: Dispatch sources may be cancelled from any thread; nothing else is done with it.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer

  /// Starts ticking, the first time after one interval.
  ///
  /// - Parameter handler: runs on the ticker's own queue.
  init(every interval: Nanoseconds, handler: @escaping @Sendable () -> Void) {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    self.timer = timer
    let step = DispatchTimeInterval.nanoseconds(Int(interval.value))
    timer.schedule(deadline: .now() + step, repeating: step, leeway: .milliseconds(10))
    timer.setEventHandler { @Sendable in handler() }
    timer.activate()
  }

  /// Stops; when this returns no handler runs any more. Not to be called from the handler.
  func cancel() {
    timer.cancel()
    queue.sync {}
  }
}
