import Testing
import Transport

@Suite("HTTP answers")
struct HTTPResponseParserTests {
  struct Good: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var status = 200
    var body = "hello"
    var keepAlive = true
    var ends = false
    var testDescription: String { name }
  }

  static let good: [Good] = [
    Good(name: "with a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    Good(name: "length zero", text: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", body: ""),
    Good(name: "no reason", text: "HTTP/1.1 500\r\nContent-Length: 5\r\n\r\nhello", status: 500),
    Good(name: "empty reason", text: "HTTP/1.1 503 \r\nContent-Length: 5\r\n\r\nhello", status: 503),
    Good(name: "bare line feeds", text: "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
    Good(name: "length said twice", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5, 5\r\n\r\nhello"),
    Good(name: "white space round a length", text: "HTTP/1.1 200 OK\r\nContent-Length: \t 5 \t\r\n\r\nhello"),
    Good(name: "empty field", text: "HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello"),
    Good(name: "one chunk", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
    Good(
      name: "many chunks",
      text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nh\r\n3\r\nell\r\n01\r\no\r\n000\r\n\r\n"),
    Good(
      name: "chunk extensions and trailer",
      text:
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3 ; c=\"d\"\r\nllo\r\n0;x\r\nX-Sum: 1\r\nY: 2\r\n\r\n"
    ),
    Good(
      name: "no chunk but the last", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", body: ""),
    Good(
      name: "chunks and a length at once",
      text: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
      keepAlive: false),
    Good(name: "no length, until the end", text: "HTTP/1.1 200 OK\r\n\r\nhello", keepAlive: false, ends: true),
    Good(name: "no length, no body", text: "HTTP/1.1 200 OK\r\n\r\n", body: "", keepAlive: false, ends: true),
    Good(name: "no content", text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, body: ""),
    Good(name: "not modified", text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", status: 304, body: ""),
    Good(name: "interim first", text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
    Good(
      name: "two interims with fields",
      text: "HTTP/1.1 102 Processing\r\nContent-Length: 7\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + "HTTP/1.1 400 Bad\r\nContent-Length: 5\r\n\r\nhello", status: 400),
    Good(
      name: "close", text: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", keepAlive: false),
    Good(
      name: "close in a list", text: "HTTP/1.1 200 OK\r\nConnection: x, CLOSE\r\nContent-Length: 5\r\n\r\nhello",
      keepAlive: false),
    Good(name: "1.0", text: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", keepAlive: false),
    Good(name: "1.0 that stays", text: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello"),
  ]

  @Test("is read the same however it is cut", arguments: good)
  func anySplit(_ answer: Good) {
    let expected = ParsedAnswer(
      outcome: .complete, status: answer.status, body: answer.body, isKeepAlive: answer.keepAlive)
    for pieces in everySplit(answer.text) {
      var found = parseAnswer(pieces, ends: answer.ends)
      found.fields = ""
      #expect(found == expected, "cut at \(pieces.first?.count ?? 0)")
    }
  }

  @Test("leaves what follows it", arguments: good.filter { !$0.ends })
  func keepsTheRest(_ answer: Good) {
    let found = parseAnswer([Array((answer.text + "HTTP/1.1 2").utf8)])
    #expect(found.rest == "HTTP/1.1 2")
  }

  @Test("is incomplete until its last byte", arguments: good.filter { !$0.ends })
  func needsEveryByte(_ answer: Good) {
    let bytes = Array(answer.text.utf8)
    for count in 0..<bytes.count {
      #expect(parseAnswer([Array(bytes[..<count])]).outcome == .incomplete)
      #expect(parseAnswer([Array(bytes[..<count])], ends: true).outcome == .failed(.truncated))
    }
  }

  struct Bad: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    var violation: HTTPViolation
    var testDescription: String { name }
  }

  static let bad: [Bad] = [
    Bad(name: "garbage", text: "SSH-2.0-OpenSSH_9.2\r\n", violation: .malformedStartLine),
    Bad(name: "a TLS alert", text: "\u{15}\u{3}\u{1}\0\u{2}\u{2}F\n", violation: .malformedStartLine),
    Bad(name: "an empty line first", text: "\r\n", violation: .malformedStartLine),
    Bad(name: "HTTP/2", text: "HTTP/2 200\r\n\r\n", violation: .unsupportedVersion),
    Bad(name: "HTTP/2.0 at length", text: "HTTP/2.0 200 OK\r\n\r\n", violation: .unsupportedVersion),
    Bad(name: "status of two digits", text: "HTTP/1.1 20 OK\r\n\r\n", violation: .malformedStartLine),
    Bad(name: "status of four digits", text: "HTTP/1.1 2000\r\n\r\n", violation: .malformedStartLine),
    Bad(name: "status with a letter", text: "HTTP/1.1 2x0 OK\r\n\r\n", violation: .malformedStartLine),
    Bad(name: "status below 100", text: "HTTP/1.1 099 OK\r\n\r\n", violation: .malformedStartLine),
    Bad(
      name: "another protocol", text: "HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n", violation: .unexpectedUpgrade),
    Bad(name: "no colon", text: "HTTP/1.1 200 OK\r\nfield\r\n\r\n", violation: .malformedField),
    Bad(name: "space before colon", text: "HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n", violation: .malformedField),
    Bad(name: "no name", text: "HTTP/1.1 200 OK\r\n: 5\r\n\r\n", violation: .malformedField),
    Bad(name: "NUL in a field", text: "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", violation: .malformedField),
    Bad(name: "CR in a field", text: "HTTP/1.1 200 OK\r\nA: b\rC: d\r\n\r\n", violation: .malformedField),
    Bad(name: "folded", text: "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", violation: .foldedField),
    Bad(name: "folded with a tab", text: "HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\n\r\n", violation: .foldedField),
    Bad(
      name: "length with sign", text: "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n",
      violation: .malformedContentLength),
    Bad(
      name: "length of nothing", text: "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", violation: .malformedContentLength),
    Bad(
      name: "negative length", text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", violation: .malformedContentLength
    ),
    Bad(
      name: "length beyond 64 bits", text: "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n",
      violation: .malformedContentLength),
    Bad(
      name: "two lengths", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
      violation: .malformedContentLength),
    Bad(
      name: "two lengths in a list", text: "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\n",
      violation: .malformedContentLength),
    Bad(
      name: "gzip", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      violation: .unsupportedTransferCoding),
    Bad(
      name: "chunked twice",
      text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      violation: .unsupportedTransferCoding),
    Bad(
      name: "chunks in 1.0", text: "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      violation: .unsupportedTransferCoding),
    Bad(
      name: "chunk size missing", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
      violation: .malformedChunk),
    Bad(
      name: "chunk size not hexadecimal", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n",
      violation: .malformedChunk),
    Bad(
      name: "chunk size too long", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
      violation: .malformedChunk),
    Bad(
      name: "chunk longer than said", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
      violation: .malformedChunk),
    Bad(
      name: "chunk end half right", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\rx",
      violation: .malformedChunk),
    Bad(
      name: "folded trailer", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n a\r\n\r\n",
      violation: .foldedField),
  ]

  @Test("that is wrong is refused the same however it is cut", arguments: bad)
  func anySplitOfBad(_ answer: Bad) {
    for pieces in everySplit(answer.text) {
      #expect(parseAnswer(pieces).outcome == .failed(answer.violation), "cut at \(pieces.first?.count ?? 0)")
    }
  }

  @Test("has a bounded head", arguments: [(38, true), (37, false)])
  func boundedHead(_ limit: Int, _ fits: Bool) {
    // 17 bytes of status line, 19 of a field, 2 of the empty line: 38.
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    #expect(text.utf8.count == 38)
    for pieces in everySplit(text) {
      let found = parseAnswer(pieces, limits: HTTPMessageLimits(headBytes: limit, bodyBytes: 10))
      #expect(found.outcome == (fits ? .complete : .failed(.headTooLarge)))
    }
  }

  @Test("without a line end is refused as soon as it is too long")
  func endlessLine() {
    let limits = HTTPMessageLimits(headBytes: 100, bodyBytes: 10)
    #expect(parseAnswer([Array(repeating: 65, count: 100)], limits: limits).outcome == .incomplete)
    #expect(parseAnswer([Array(repeating: 65, count: 101)], limits: limits).outcome == .failed(.headTooLarge))
  }

  @Test("that goes on with interim answers for ever is refused")
  func endlessInterims() {
    let limits = HTTPMessageLimits(headBytes: 1000, bodyBytes: 10)
    let text = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 50)
    #expect(parseAnswer([Array(text.utf8)], limits: limits).outcome == .failed(.headTooLarge))
  }

  @Test(
    "has a bounded body",
    arguments: [
      ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n", false),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n", false),
      ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\n", false),
      ("HTTP/1.1 200 OK\r\n\r\nabcdef", true),
    ])
  func boundedBody(_ text: String, _ ends: Bool) {
    let limits = HTTPMessageLimits(headBytes: 1000, bodyBytes: 5)
    for pieces in everySplit(text) {
      #expect(parseAnswer(pieces, ends: ends, limits: limits).outcome == .failed(.bodyTooLarge))
    }
  }

  @Test("of one-byte chunks needs no more room than its body and the last read")
  func tinyChunksAreTakenOut() {
    var parser = HTTPResponseParser()
    var bytes = Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
    let head = bytes.count
    var largest = 0
    for _ in 0..<1000 {
      bytes += Array("1;extension=of-some-length\r\nx\r\n".utf8)
      var count = bytes.count
      let outcome = bytes.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return HTTPParsing.incomplete }
        return parser.consume(base, count: &count)
      }
      #expect(outcome == .incomplete)
      bytes.removeLast(bytes.count - count)
      largest = max(largest, count)
    }
    #expect(parser.body.count == 1000)
    // The first chunk stays behind its own head of 28 bytes; all later heads are gone.
    #expect(largest == head + 28 + 1000)
  }

  @Test("says how large it will be, once it knows")
  func expectedCount() {
    var parser = HTTPResponseParser()
    var bytes = Array("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nabc".utf8)
    var count = bytes.count
    #expect(parser.expectedCount == nil)
    bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      #expect(parser.consume(base, count: &count) == .incomplete)
    }
    #expect(parser.expectedCount == bytes.count - 3 + 1000)
  }
}
