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
