/// Why bytes are not an acceptable HTTP/1.x message (RFC 9112, RFC 9110).
package enum HTTPViolation: UInt8, Error, CaseIterable, Sendable {
  /// The first line is no status line or request line.
  case malformedStartLine
  /// The version is not 1.0 or 1.1.
  case unsupportedVersion
  /// A header field without a colon, with a name that is no token, or with a control character.
  case malformedField
  /// A header field continued on the next line (obsolete since RFC 7230).
  case foldedField
  /// A length that is no number, too large for one, or contradicted by another.
  case malformedContentLength
  /// A transfer coding other than `chunked`, or one where none may be.
  case unsupportedTransferCoding
  /// A chunk's size or end that is not as it should be.
  case malformedChunk
  /// A change of protocol nobody asked for (status 101).
  case unexpectedUpgrade
  /// A request of HTTP/1.1 without exactly one `Host`.
  case missingHost
  /// The head is longer than allowed.
  case headTooLarge
  /// The body is longer than allowed.
  case bodyTooLarge
  /// The connection ended inside the message.
  case truncated
}
