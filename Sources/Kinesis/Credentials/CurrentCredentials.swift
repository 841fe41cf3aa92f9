import Synchronization

/// The credentials that requests are signed with at present: one thread renews them, any number look.
///
/// Lookers compare ``generation`` with the one they saw, which takes no lock, and fetch the value only when it changed.
package final class CurrentCredentials: Sendable {
  private let stored: Mutex<Credentials?>
  private let count = Atomic<Int>(0)

  /// Holds these; nil leaves requests unsigned.
  package init(_ credentials: Credentials?) {
    stored = Mutex(credentials)
  }

  /// Those of emulators, see ``Credentials/loopback``.
  package static var loopback: CurrentCredentials { CurrentCredentials(.loopback) }

  /// Rises with each replacement, from 0.
  package var generation: Int { count.load(ordering: .acquiring) }

  /// The latest.
  package var value: Credentials? { stored.withLock { $0 } }

  /// Signs with other credentials from now on.
  package func replace(with credentials: Credentials) {
    stored.withLock { $0 = credentials }
    count.add(1, ordering: .acquiringAndReleasing)
  }
}
