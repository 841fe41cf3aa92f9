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

  /// Streams open at a time on one connection of HTTP/2; it is told so, and one more is refused.
  package var streams = 1_000
  /// Streams open at a time on all connections together.
  package var allStreams = 16_384
  /// Bytes of one request's body, and of all those of a connection, that a client of HTTP/2 may send before it is told that
  /// they were read.
  package var streamWindow = 1 << 20
  package var connectionWindow = 16 << 20
  /// Frames of HTTP/2 that ask for nothing (PING, SETTINGS, RST_STREAM, PRIORITY, empty or late DATA) and
  /// refused streams that a connection may have at once, and how many a second in the long run.
  package var strikes = 1_000
  package var strikesPerSecond = 100

  /// The limits above.
  package init() {}
}

/// What a server notices that a person should know; it tells each kind once.
package enum HTTPServerNotice: Hashable, Sendable {
  /// A connection could not be taken: the process has as many descriptors open as it may.
  case outOfDescriptors(limit: Int)
}
