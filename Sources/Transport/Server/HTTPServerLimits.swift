import Measurement

/// What clients may ask of a server before it refuses.
package struct HTTPServerLimits: Sendable {
  /// Sizes of one request.
  package var message = HTTPMessageLimits.requests
  /// Connections at a time; a further one is told so and closed.
  package var connections = 10_000
  /// Bytes that requests and answers of more than 256 KiB may hold at a time, all connections together; one that finds no
  /// room is refused with 503.
  package var largeMessageBytes = 1 << 30
  /// How long a connection may stay without a request, or an answer without being taken.
  package var idle = Nanoseconds.seconds(120)
  /// How long a request may take from its first byte to its last.
  package var requestTime = Nanoseconds.seconds(30)
  /// How long a connection that this side has ended waits for the other.
  package var lingering = Nanoseconds.seconds(2)
  /// How long answers under way may take once the server is to stop.
  package var stopping = Nanoseconds.seconds(2)

  /// The limits above.
  package init() {}
}

/// What a server notices that a person should know; it tells each kind once.
package enum HTTPServerNotice: Hashable, Sendable {
  /// A connection could not be taken: the process has as many descriptors open as it may.
  case outOfDescriptors(limit: Int)
  /// A client opened HTTP/2, by its first words or by offering nothing else while encryption was agreed.
  case clientOfHTTP2
}
