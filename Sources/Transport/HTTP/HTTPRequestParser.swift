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
