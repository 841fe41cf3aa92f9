/// How one worker fared in one second, whatever phases it served.
package struct HealthSecond: Sendable, Equatable {
  /// Counted from the first measured phase.
  package var second: Int
  /// The most requests on the wire or waiting for a connection at any moment.
  package var inFlightMax = 0
  /// How long the worker was busy, in nanoseconds.
  package var busy: Int64 = 0
  /// Whether the cap on requests in flight held it back.
  package var isCapped = false
  /// Records due and not yet sent for the first time, as last noted.
  package var unsent = 0
  /// Requests whose bytes the kernel did not take at once.
  package var sendBufferFull = 0
  /// Connections made.
  package var connections = 0
  /// The longest time one of them took, in nanoseconds.
  package var connectMax: Int64 = 0
  /// The longest TLS handshake among them, in nanoseconds; `nil` without one.
  package var handshakeMax: Int64?

  /// A second of which nothing is known yet.
  package init(second: Int) { self.second = second }
}
