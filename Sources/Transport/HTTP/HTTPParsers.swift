/// Reads one request (RFC 9112) out of a buffer that grows; what follows its end is the next, pipelined one.
///
/// Pure: it sees bytes and says what they are; the socket is somebody else's.
package struct HTTPRequestParser {
  private var message: HTTPMessageParser

  /// A parser for the next request on a connection.
  package init(limits: HTTPMessageLimits = .requests) {
    message = HTTPMessageParser(role: .request, limits: limits)
  }

  /// Looks at the bytes added since the last call; the parameters are those of `HTTPResponseParser.consume`.
  package mutating func consume(_ base: UnsafeMutablePointer<UInt8>, count: inout Int) -> HTTPParsing {
    message.consume(base, count: &count)
  }

  /// Whether the head has been read and only (part of) the body is missing.
  package var isHeadComplete: Bool { message.isHeadComplete }

  /// Whether the client waits for a word before it sends the body (RFC 9110 section 10.1.1); HTTP/1.0 knows no such thing.
  package var expectsContinue: Bool {
    message.isHeadComplete && message.framing.expectsContinue && message.minorVersion >= 1
  }

  /// Whether the client means to send another request after this one.
  package var isKeepAlive: Bool { message.isKeepAlive }

  /// Whether the client speaks HTTP/1.0 and must be told that the connection stays.
  package var isVersion10: Bool { message.minorVersion == 0 }

  /// Where the method lies, relative to `base`.
  package var method: Range<Int> { message.method }

  /// Where the target (path and query) lies, relative to `base`.
  package var target: Range<Int> { message.target }

  /// Where the header lines lie, relative to `base`.
  package var fields: Range<Int> { message.fields }

  /// Where the body lies, relative to `base`; final once complete.
  package var body: Range<Int> { message.body }

  /// The first byte after the complete request.
  package var end: Int { message.end }

  /// The size of the whole request when it is known ahead, to make room once.
  package var expectedCount: Int? { message.expectedCount }
}

/// Reads one answer (RFC 9112) out of a buffer that grows: status, fields, and a contiguous body however it was framed.
///
/// Interim answers (1xx) are passed over. Pure: it sees bytes and says what they are; the socket is somebody else's.
package struct HTTPResponseParser {
  private var message: HTTPMessageParser

  /// A parser for the next answer on a connection. Answers to HEAD and CONNECT, which bend the rules, are not foreseen.
  package init(limits: HTTPMessageLimits = .answers) {
    message = HTTPMessageParser(role: .response, limits: limits)
  }

  /// Looks at the bytes added since the last call.
  ///
  /// - Parameters:
  ///   - base: the answer from its first byte on: all bytes of earlier calls as they were left, then the new ones. May be
  ///     another address than before.
  ///   - count: how many bytes there are; lowered when chunk heads are taken out of the middle.
  /// - Complexity: O(new bytes).
  package mutating func consume(_ base: UnsafeMutablePointer<UInt8>, count: inout Int) -> HTTPParsing {
    message.consume(base, count: &count)
  }

  /// Says that the peer has ended its side: the proper end of an answer without a length, the breaking-off of any other.
  package mutating func finish() -> HTTPParsing { message.finish() }

  /// The status, 200...999 once `isHeadComplete`.
  package var status: Int { message.status }

  /// Whether status and fields are known.
  package var isHeadComplete: Bool { message.isHeadComplete }

  /// Whether another request may follow on the connection after this answer.
  package var isKeepAlive: Bool { message.isKeepAlive }

  /// Where the header lines lie, relative to `base`.
  package var fields: Range<Int> { message.fields }

  /// Where the body lies, relative to `base`; final once complete.
  package var body: Range<Int> { message.body }

  /// The first byte after the complete answer.
  package var end: Int { message.end }

  /// The size of the whole answer when it is known ahead, to make room once.
  package var expectedCount: Int? { message.expectedCount }
}

/// What a parser says after it has seen more bytes.
package enum HTTPParsing: Hashable, Sendable {
  /// The message goes on beyond the bytes seen.
  case incomplete
  /// The message is complete; bytes after its end belong to the next one.
  case complete
  /// The bytes are no acceptable message, and nothing after them on the connection can be trusted.
  case failed(HTTPViolation)
}

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

/// How much of a message is accepted before it is refused.
package struct HTTPMessageLimits: Hashable, Sendable {
  /// Bytes of start line and header fields together (and of a chunked body's trailer fields and chunk extensions).
  package var headBytes: Int
  /// Bytes of the body after transfer coding is taken off.
  package var bodyBytes: Int

  /// Limits with these sizes in bytes.
  package init(headBytes: Int, bodyBytes: Int) {
    self.headBytes = headBytes
    self.bodyBytes = bodyBytes
  }

  /// For answers: 64 KiB of head, 64 MiB of body (a GetRecords answer holds 10 MiB of data, a third more in base64).
  package static let answers = HTTPMessageLimits(headBytes: 64 << 10, bodyBytes: 64 << 20)
  /// For requests: 16 KiB of head, 32 MiB of body (the largest PutRecords has 10 MiB of data, a third more in base64).
  package static let requests = HTTPMessageLimits(headBytes: 16 << 10, bodyBytes: 32 << 20)
}
