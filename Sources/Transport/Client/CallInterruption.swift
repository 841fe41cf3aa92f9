import Dispatch
import Synchronization

/// Ends calls that wait for an answer, and the pauses between them, from another thread: for good, those to come included.
///
/// `@unchecked Sendable`: of a loop only `wake()` is called, which is safe from any thread; the rest is.
package final class CallInterruption: @unchecked Sendable {
  /// The code of a call that was ended.
  package static let code = "interrupted"

  private let flag = Atomic<Bool>(false)
  private let pauses = DispatchSemaphore(value: 0)
  private let loops = Mutex<[EventLoop]>([])

  /// Nothing is interrupted yet.
  package init() {}

  /// Whether calls are to end.
  package var isRequested: Bool { flag.load(ordering: .acquiring) }

  /// Ends them.
  package func request() {
    flag.store(true, ordering: .releasing)
    for loop in loops.withLock({ $0 }) { loop.wake() }
    pauses.signal()
  }

  /// Waits, no longer than until calls are to end.
  package func pause(milliseconds: Int) {
    if isRequested { return }
    _ = pauses.wait(timeout: .now() + .milliseconds(milliseconds))
  }

  /// Wakes a loop that calls wait in.
  func watch(_ loop: EventLoop) { loops.withLock { $0.append(loop) } }
}
