import Measurement
import Testing
import Transport

@Suite("A client connection")
struct ClientConnectionTests {
  @Test("sends request after request over one connection")
  func manyRequests() throws {
    try withServer(handler: { request, answer in answer.append("\(request.connection).\(request.ordinal)") }) {
      server throws in
      let client = try TestClient(server)
      #expect(try (1...3).map { _ in try client.exchange(post("x")) } == ["200 1.1", "200 1.2", "200 1.3"])
      #expect(client.connection.isReady)
    }
  }

  @Test("sends a request larger than any socket buffer")
  func largeRequest() throws {
    try withServer(handler: { request, answer in answer.append("\(request.body.count)") }) { server throws in
      #expect(try TestClient(server).exchange(post(String(repeating: "x", count: 20 << 20))) == "200 \(20 << 20)")
    }
  }

  @Test("is closed by an answer that says so, and connects anew")
  func serverCloses() throws {
    try withServer(handler: { request, answer in
      answer.append("\(request.connection)")
      answer.closes = true
    }) { server throws in
      let client = try TestClient(server)
      #expect(try client.exchange(post("x")) == "200 1 (closed)")
      #expect(client.connection.isClosed)
      #expect(try client.exchange(post("x")) == "200 2 (closed)")
    }
  }

  @Test("stamps the first byte out and the last byte in")
  func stamps() throws {
    try withServer { server throws in
      let client = try TestClient(server)
      #expect(client.connection.firstByteWritten == nil)
      let before = SystemClock().now()
      _ = try client.exchange(post("x"))
      let after = SystemClock().now()
      let first = try #require(client.connection.firstByteWritten)
      let last = try #require(client.connection.lastByteRead)
      #expect(before <= first && first <= last && last <= after)
    }
  }

  @Test("tells that nobody listens")
  func refused() throws {
    let address = try #require(SocketAddress(numeric: "127.0.0.1", port: 0))
    // The port was free a moment ago, and nothing listens at it once the socket is closed.
    let listener = try SystemCalls.listen(on: address)
    let port = try SystemCalls.localAddress(of: listener).port
    SystemCalls.close(listener)
    #expect(try TestClient(url: "http://127.0.0.1:\(port)").connect() == "failed connect-refused not received")
  }

  @Test("goes through the addresses in turn")
  func addressesInTurn() throws {
    try withServer { server throws in
      let loop = try EventLoop()
      let endpoint = Endpoint(scheme: .http, host: "two", port: server.port)
      let dead = try #require(SocketAddress(numeric: "127.0.0.1", port: 1))
      let live = try #require(SocketAddress(numeric: "127.0.0.1", port: server.port))
      let connection = ClientConnection(
        slot: 0, endpoint: endpoint, addresses: EndpointAddresses(endpoint, known: [dead, live]), loop: loop)
      var outcomes: [String] = []
      for _ in 0..<2 {
        var event = connection.connect()
        while case .none = event {
          try loop.wait(until: SystemClock().now() + .seconds(10))
          while let ready = loop.nextEvent() { event = connection.handle(ready.readiness, now: SystemClock().now()) }
        }
        if case .failed(let failure, _) = event { outcomes.append(failure.code) }
        if case .connected = event { outcomes.append("connected") }
      }
      #expect(outcomes == ["connect-refused", "connected"])
    }
  }

  /// Answers every connection with fixed bytes, cut as told, then ends or resets it.
  private func outcome(
    of pieces: [String], reset: Bool = false, limits: HTTPMessageLimits = .answers
  ) throws -> String {
    let address = try #require(SocketAddress(numeric: "127.0.0.1", port: 0))
    let listener = try SystemCalls.listen(on: address)
    defer { SystemCalls.close(listener) }
    let client = try TestClient(
      url: "http://127.0.0.1:\(try SystemCalls.localAddress(of: listener).port)", limits: limits)
    #expect(try client.connect() == "connected")
    guard case .bytes(let peer) = SystemCalls.accept(listener) else { return "not accepted" }
    let request = Array(post("x").utf8)
    return try request.withUnsafeBytes { raw in
      guard case .none = client.connection.send(raw, now: Instant(nanoseconds: 0)) else { return "too early" }
      for piece in pieces {
        let bytes = Array(piece.utf8)
        _ = bytes.withUnsafeBytes { SystemCalls.send(Int32(peer), $0) }
      }
      if reset { SystemCalls.closeWithReset(Int32(peer)) } else { SystemCalls.shutDownWriting(Int32(peer)) }
      defer { if !reset { SystemCalls.close(Int32(peer)) } }
      return try client.next()
    }
  }

  @Test(
    "makes of what comes back what it is",
    arguments: [
      ("", "failed closed-before-answer perhaps received", "failed reset-before-answer perhaps received"),
      (
        "HTTP/1.1 200 OK\r\n", "failed closed-within-answer perhaps received",
        "failed reset-within-answer perhaps received"
      ),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "failed closed-within-answer perhaps received",
        "failed reset-within-answer perhaps received"
      ),
      ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello (closed)", "200 hello (closed)"),
      ("HTTP/1.1 200 OK\r\n\r\nhello", "200 hello (closed)", "failed reset-within-answer perhaps received"),
      (
        "HTTP/1.1 100 Continue\r\n\r\n", "failed closed-within-answer perhaps received",
        "failed reset-within-answer perhaps received"
      ),
      ("SSH-2.0\r\n", "failed malformed-http perhaps received", "failed malformed-http perhaps received"),
      (
        "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n", "failed answer-too-large perhaps received",
        "failed answer-too-large perhaps received"
      ),
    ])
  func outcomes(_ answer: String, _ ended: String, _ reset: String) throws {
    let limits = HTTPMessageLimits(headBytes: 1000, bodyBytes: 1000)
    #expect(try outcome(of: [answer], limits: limits) == ended)
    #expect(try outcome(of: [answer], reset: true, limits: limits) == reset)
  }

  @Test("takes bytes behind an answer for the end of trust")
  func bytesBehindTheAnswer() throws {
    try withServer { server throws in
      let client = try TestClient(server)
      #expect(try client.connect() == "connected")
      // Two requests sent as one bring two answers, of which nobody asked for the second.
      let text = try client.exchange(post("1") + post("2"))
      #expect(text == "200 POST /p 1 (closed)" || text == "200 POST /p 1")
      if !client.connection.isClosed { #expect(try client.next() == "disconnected") }
      #expect(client.connection.isClosed)
    }
  }

  @Test("notices the end of an idle connection without blaming a request")
  func idleEnd() throws {
    var limits = HTTPServerLimits()
    limits.idle = .milliseconds(4)
    try withServer(limits: limits) { server throws in
      let client = try TestClient(server)
      #expect(try client.exchange(post("x")) == "200 POST /p x")
      #expect(try client.next() == "disconnected")
      #expect(try client.exchange(post("y")) == "200 POST /p y")
    }
  }

  @Test("that is idle does not time out, and one that is closed neither")
  func idleTimeOut() throws {
    try withServer { server throws in
      let client = try TestClient(server)
      guard case .none = client.connection.timeOut() else { throw Unexpected() }
      #expect(try client.connect() == "connected")
      guard case .none = client.connection.timeOut() else { throw Unexpected() }
      #expect(client.connection.isReady)
    }
  }

  @Test("gives up connecting when told that its time is over")
  func connectTimeOut() throws {
    let address = try #require(SocketAddress(numeric: "127.0.0.1", port: 0))
    // A queue of one that nobody empties: the kernel drops further connection attempts.
    let listener = try SystemCalls.listen(on: address, backlog: 0)
    defer { SystemCalls.close(listener) }
    let url = "http://127.0.0.1:\(try SystemCalls.localAddress(of: listener).port)"
    let first = try TestClient(url: url)
    #expect(try first.connect() == "connected")
    let second = try TestClient(url: url)
    guard case .none = second.connection.connect() else { return }
    guard case .failed(.connectTimeout, requestMayHaveBeenReceived: false) = second.connection.timeOut() else {
      throw Unexpected()
    }
    #expect(second.connection.isClosed)
  }

  @Test("has a code for each failure, and no code twice")
  func codes() {
    #expect(Set(TransportFailure.allCases.map(\.code)).count == TransportFailure.allCases.count)
    for failure in TransportFailure.allCases { #expect(TransportFailure(code: failure.code) == failure) }
    #expect(TransportFailure(code: "other") == nil)
  }

  struct Unexpected: Error {}
}
