import Measurement

/// The answer being written to one request: appended to memory that the connection uses again and again.
package struct HTTPAnswer {
  /// How the answer goes out: whole, or spoilt on purpose.
  package enum Delivery: Hashable, Sendable {
    /// All of it, after which the connection goes on unless `closes`.
    case whole
    /// Not at all: the connection (in HTTP/2 the stream) stays open and silent until the client ends it.
    case never
    /// So many bytes of the message (head included), then a reset (in HTTP/2 RST_STREAM). 0 resets at once.
    case reset(afterBytes: Int)
    /// So many bytes of the message (head included), then an orderly end of the connection (in HTTP/2 END_STREAM before the
    /// length is reached).
    case truncate(afterBytes: Int)
  }

  /// The status code.
  package var status = 200
  /// How it goes out.
  package var delivery = Delivery.whole
  /// When it goes out at the earliest; nil as soon as it is written. Holds for every delivery.
  package var notBefore: Instant?
  /// Whether the connection ends after it, which the answer then says.
  package var closes = false

  /// The body so far.
  package let body: ByteBuffer
  private let fields: ByteBuffer
  /// Room kept before the body for the head; a longer head moves the body.
  private static let headRoom = 1024

  /// An answer begun in these buffers, whose contents are dropped.
  init(body: ByteBuffer, fields: ByteBuffer) {
    self.body = body
    self.fields = fields
    body.count = HTTPAnswer.headRoom
    fields.count = 0
  }

  /// How many bytes the body has so far.
  package var bodyCount: Int { body.count - HTTPAnswer.headRoom }

  /// Where the body lies in `body`.
  var bodyRange: Range<Int> { HTTPAnswer.headRoom..<body.count }

  /// Adds a header field. `Content-Length` and `Connection` are the server's.
  package func addField(_ name: StaticString, _ value: String) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  /// Adds a header field whose value is a literal.
  package func addField(_ name: StaticString, _ value: StaticString) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  /// Adds a header field from bytes; they must not contain line ends.
  package func addField(_ name: StaticString, bytes value: UnsafeRawBufferPointer) {
    fields.append(name)
    fields.append(": ")
    fields.append(value)
    fields.append("\r\n")
  }

  /// Adds bytes to the body.
  package func append(_ bytes: UnsafeRawBufferPointer) { body.append(bytes) }

  /// Adds a text to the body.
  package func append(_ text: String) { body.append(text) }

  /// Adds a literal to the body.
  package func append(_ text: StaticString) { body.append(text) }

  /// Makes room for at most so many further bytes of the body and returns the place they go to; `commit` says how many
  /// were written.
  package func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    body.reserve(count)
    return body.base + body.count
  }

  /// Counts bytes written to the place that `reserve` gave.
  package func commit(_ count: Int) {
    precondition(count >= 0 && count <= body.capacity - body.count, "more was written than there was room for")
    body.count += count
  }

  /// Writes the head of HTTP/1.1 right before the body, so that both go out in one call. Nothing may be added afterwards.
  ///
  /// - Returns: where the message lies in `body`.
  func complete(isVersion10: Bool, isHead: Bool) -> Range<Int> {
    let bodyCount = bodyCount
    let mayHaveBody = status != 204 && status != 304
    if mayHaveBody {
      fields.append("Content-Length: ")
      fields.append(decimal: bodyCount)
      fields.append("\r\n")
    }
    if closes {
      fields.append("Connection: close\r\n")
    } else if isVersion10 {
      fields.append("Connection: keep-alive\r\n")
    }
    fields.append("\r\n")

    let reason = HTTPStatus.reason(status)
    // `HTTP/1.1 200 ` and the line end around the reason.
    let headCount = 15 + reason.utf8CodeUnitCount + fields.count
    var bodyStart = HTTPAnswer.headRoom
    if headCount > bodyStart {
      let missing = headCount - bodyStart
      body.insertGap(missing, at: bodyStart)
      bodyStart += missing
    }
    let start = bodyStart - headCount
    var free = HTTPAnswer.copy("HTTP/1.1 ", to: body.base + start)
    free[0] = UInt8(ascii: "0") + UInt8(status / 100 % 10)
    free[1] = UInt8(ascii: "0") + UInt8(status / 10 % 10)
    free[2] = UInt8(ascii: "0") + UInt8(status % 10)
    free[3] = UInt8(ascii: " ")
    free = HTTPAnswer.copy(reason, to: free + 4)
    free = HTTPAnswer.copy("\r\n", to: free)
    free.update(from: fields.base, count: fields.count)
    return start..<(bodyStart + (mayHaveBody && !isHead ? bodyCount : 0))
  }

  private static func copy(
    _ text: StaticString, to destination: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    destination.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    return destination + text.utf8CodeUnitCount
  }
}

/// The reason phrases of status codes (RFC 9110 section 15), which mean nothing but please readers of traces.
package enum HTTPStatus {
  /// The phrase, or an empty one for a code of no registered name.
  package static func reason(_ status: Int) -> StaticString {
    switch status {
    case 200: "OK"
    case 204: "No Content"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 429: "Too Many Requests"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    case 504: "Gateway Timeout"
    case 505: "HTTP Version Not Supported"
    default: ""
    }
  }

  /// The status a server refuses such a message with.
  static func refusing(_ violation: HTTPViolation) -> Int {
    switch violation {
    case .headTooLarge: 431
    case .bodyTooLarge: 413
    case .unsupportedTransferCoding: 501
    case .unsupportedVersion: 505
    default: 400
    }
  }
}
