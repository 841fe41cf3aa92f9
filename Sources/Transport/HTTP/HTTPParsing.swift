/// What a parser says after it has seen more bytes.
package enum HTTPParsing: Hashable, Sendable {
  /// The message goes on beyond the bytes seen.
  case incomplete
  /// The message is complete; bytes after its end belong to the next one.
  case complete
  /// The bytes are no acceptable message, and nothing after them on the connection can be trusted.
  case failed(HTTPViolation)
}
