import Testing
import Transport

@Suite("HTTP requests")
struct HTTPRequestParserTests {
  struct Parsed: Equatable {
    var method: String
    var target: String
    var body: String
    var keepAlive = true
    var expectsContinue = false
  }

  /// Reads all requests in the bytes, given in pieces to one buffer after the manner of a server.
  private func parse(_ pieces: [[UInt8]], limits: HTTPMessageLimits = .requests) -> ([Parsed], HTTPParsing) {
    var found: [Parsed] = []
    var parser = HTTPRequestParser(limits: limits)
    var bytes: [UInt8] = []
    var last = HTTPParsing.incomplete
    for piece in pieces {
      bytes += piece
      while !bytes.isEmpty {
        var count = bytes.count
        last = bytes.withUnsafeMutableBufferPointer { buffer in
          guard let base = buffer.baseAddress else { return .incomplete }
          return parser.consume(base, count: &count)
        }
        bytes.removeLast(bytes.count - count)
        if case .failed = last { return (found, last) }
        if last == .incomplete { break }
        found.append(
          Parsed(
            method: String(decoding: bytes[parser.method], as: UTF8.self),
            target: String(decoding: bytes[parser.target], as: UTF8.self),
            body: String(decoding: bytes[parser.body], as: UTF8.self), keepAlive: parser.isKeepAlive,
            expectsContinue: parser.expectsContinue))
        bytes.removeFirst(parser.end)
        parser = HTTPRequestParser(limits: limits)
      }
    }
    return (found, last)
  }

  static let good: [(String, [Parsed])] = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", [Parsed(method: "GET", target: "/", body: "")]),
    (
      "POST /?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
      [Parsed(method: "POST", target: "/?a=b", body: "abc")]
    ),
    ("\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n", [Parsed(method: "GET", target: "/", body: "")]),
    ("GET / HTTP/1.0\r\n\r\n", [Parsed(method: "GET", target: "/", body: "", keepAlive: false)]),
    ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", [Parsed(method: "GET", target: "/", body: "")]),
    (
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      [Parsed(method: "GET", target: "/", body: "", keepAlive: false)]
    ),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\n"
        + "Content-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
      [
        Parsed(method: "POST", target: "/", body: "abc"), Parsed(method: "POST", target: "/2", body: "x"),
        Parsed(method: "GET", target: "/3", body: ""),
      ]
    ),
    (
      "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
      [Parsed(method: "PUT", target: "/", body: "x", expectsContinue: true)]
    ),
  ]

  @Test("are read the same however they are cut", arguments: good)
  func anySplit(_ text: String, _ expected: [Parsed]) {
    for pieces in everySplit(text) {
      #expect(parse(pieces).0 == expected, "cut at \(pieces.first?.count ?? 0)")
    }
  }

  static let bad: [(String, HTTPViolation)] = [
    ("hello\r\n", .malformedStartLine),
    ("GET /\r\n", .malformedStartLine),
    ("GET  HTTP/1.1\r\n", .malformedStartLine),
    ("GET / HTTP/1.1 \r\n", .malformedStartLine),
    ("GET /a b HTTP/1.1\r\n", .malformedStartLine),
    ("G@T / HTTP/1.1\r\n", .malformedStartLine),
    (" / HTTP/1.1\r\n", .malformedStartLine),
    ("GET / FTTP/1.1\r\n", .malformedStartLine),
    ("PRI * HTTP/2.0\r\n", .unsupportedVersion),
    ("GET / HTTP/1.1\r\n\r\n", .missingHost),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .missingHost),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", .malformedContentLength),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", .unsupportedTransferCoding),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 33554433\r\n\r\n", .bodyTooLarge),
    ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\n", .malformedStartLine),
  ]

  @Test("that are wrong are refused the same however they are cut", arguments: bad)
  func anySplitOfBad(_ text: String, _ violation: HTTPViolation) {
    for pieces in everySplit(text) {
      #expect(parse(pieces).1 == .failed(violation), "cut at \(pieces.first?.count ?? 0)")
    }
  }

  @Test("survive any single byte being changed", arguments: [UInt8(0), 10, 13, 32, 58, 255])
  func anyByteChanged(_ value: UInt8) {
    let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    for index in 0..<text.utf8.count {
      var bytes = Array(text.utf8)
      bytes[index] = value
      let whole = parse([bytes])
      // Whatever it is taken for, it is the same byte by byte.
      let single = parse(bytes.map { [$0] })
      #expect(whole.0 == single.0 && whole.1 == single.1, "byte \(index)")
    }
  }
}
