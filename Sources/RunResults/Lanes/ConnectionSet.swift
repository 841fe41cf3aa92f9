import Measurement

/// The connections of a whole run, those made before its start and in warm-ups included: connections outlive phases.
package struct ConnectionSet: Sendable {
  /// How many were made.
  package private(set) var opened = 0
  /// How many of them took up an earlier one's TLS session.
  package private(set) var resumed = 0
  /// From each attempt's start until a request could be sent, nanoseconds.
  package private(set) var connect = LatencySet.empty
  /// Full handshakes, nanoseconds.
  package private(set) var handshake = LatencySet.empty
  /// Handshakes of resumed sessions, nanoseconds.
  package private(set) var resumedHandshake = LatencySet.empty

  /// Nothing made.
  package init() {}

  mutating func add(_ connection: ConnectionObservation) {
    opened += 1
    connect.record(connection.connect)
    if connection.isResumed { resumed += 1 }
    guard let time = connection.handshake else { return }
    if connection.isResumed { resumedHandshake.record(time) } else { handshake.record(time) }
  }

  mutating func add(_ other: ConnectionSet) {
    opened += other.opened
    resumed += other.resumed
    connect.add(other.connect)
    handshake.add(other.handshake)
    resumedHandshake.add(other.resumedHandshake)
  }
}
