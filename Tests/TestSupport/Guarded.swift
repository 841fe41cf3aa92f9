import Foundation

/// A value that several threads of a test take turns with, behind a lock that the thread sanitizer follows.
///
/// Where threads wait for each other, `Mutex` hands itself on inside the kernel: the sanitizer sees no order in that and
/// reports ten correct lines as a race. It knows the locks of pthreads, which `NSLock` is.
///
/// `@unchecked Sendable`: the value is touched with the lock held alone.
package final class Guarded<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) { self.value = value }

  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
