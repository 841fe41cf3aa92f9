import Synchronization

/// The credentials that requests are signed with at present: one thread renews them, any number look.
///
/// Lookers compare ``generation`` with the one they saw, which takes no lock, and fetch the value only when it changed.
package final class CurrentCredentials: Sendable {
  private let stored: Mutex<Credentials?>
  /// Of all that were ever held: an answer may echo what an earlier request was signed with.
  private let secrets: Mutex<SecretMask>
  private let count = Atomic<Int>(0)

  /// Holds these; nil leaves requests unsigned.
  package init(_ credentials: Credentials?) {
    stored = Mutex(credentials)
    var mask = SecretMask()
    if let credentials { mask.add(credentials) }
    secrets = Mutex(mask)
  }

  /// Those of emulators, see ``Credentials/loopback``.
  package static var loopback: CurrentCredentials { CurrentCredentials(.loopback) }

  /// Rises with each replacement, from 0.
  package var generation: Int { count.load(ordering: .acquiring) }

  /// The latest.
  package var value: Credentials? { stored.withLock { $0 } }

  /// Text from outside without what requests were ever signed with.
  package func masked(_ text: String) -> String { secrets.withLock { $0 }.masked(text) }

  /// Signs with other credentials from now on.
  package func replace(with credentials: Credentials) {
    secrets.withLock { $0.add(credentials) }
    stored.withLock { $0 = credentials }
    count.add(1, ordering: .acquiringAndReleasing)
  }
}
