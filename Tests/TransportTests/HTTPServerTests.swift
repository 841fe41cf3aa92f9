import Measurement
import Synchronization
import Testing
import Transport

@Suite("The server")
struct HTTPServerTests {
  @Test("answers requests one after the other on one connection")
  func keepAlive() throws {
    try withServer { server throws in
      let client = try RawClient(server)
      for body in ["", "a", "bc"] {
        client.send(post(body))
        let text =
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(8 + body.utf8.count)\r\n\r\nPOST /p \(body)"
        #expect(try client.read(until: "POST /p \(body)") == text)
      }
    }
  }

  @Test("answers pipelined requests in order, and ends when told to")
  func pipelining() throws {
    try withServer { server throws in
      let client = try RawClient(server)
      client.send(post("1") + post("22") + post("333", fields: "Connection: close\r\n"))
      let text = try client.read()
      let answers = [("9", "1", ""), ("10", "22", ""), ("11", "333", "Connection: close\r\n")].map {
        length, body, closing in
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: \(length)\r\n\(closing)\r\nPOST /p \(body)"
      }
      #expect(text == answers.joined() + "<end>")
    }
  }

  @Test("takes a request in two pieces, wherever it is cut", arguments: [1, 16, 17, 50, 70])
  func twoPieces(_ cut: Int) throws {
    try withServer { server throws in
      let client = try RawClient(server)
      let request = Array(
        "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n".utf8)
      client.send(String(decoding: request[..<cut], as: UTF8.self))
      client.send(String(decoding: request[cut...], as: UTF8.self))
      #expect(try client.read(until: "\r\n\r\nPOST /p abc").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  @Test("tells a client that waits to go on")
  func expectContinue() throws {
    try withServer { server throws in
      let client = try RawClient(server)
      client.send("POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
      #expect(try client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
      client.send("abc")
      #expect(try client.read(until: "POST /p abc").hasPrefix("HTTP/1.1 200 OK\r\n"))
    }
  }

  @Test(
    "refuses what it does not understand, with a status, and ends the connection",
    arguments: [
      ("garbage\r\n\r\n", "400 Bad Request"),
      ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"),
      ("GET / HTTP/3.0\r\n\r\n", "505 HTTP Version Not Supported"),
      ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented"),
      ("GET /" + String(repeating: "x", count: 20_000) + " HTTP/1.1\r\n\r\n", "431 Request Header Fields Too Large"),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\nabc", "413 Content Too Large"),
    ])
  func refusals(_ request: String, _ status: String) throws {
    try withServer { server throws in
      let client = try RawClient(server)
      client.send(request)
      client.endSending()
      #expect(try client.read() == "HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n<end>")
      // It goes on serving others.
      #expect(try TestClient(server).exchange(post("x")) == "200 POST /p x")
    }
  }

  @Test("stays with a client of HTTP/1.0 that asks for it, and parts from one that does not")
  func version10() throws {
    try withServer { server throws in
      let client = try RawClient(server)
      client.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
      let first =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\nGET /1 "
      #expect(try client.read(until: "GET /1 ") == first)
      client.send("GET /2 HTTP/1.0\r\n\r\n")
      #expect(try client.read().hasSuffix("Connection: close\r\n\r\nGET /2 <end>"))
    }
  }

  @Test("answers HEAD without a body")
  func head() throws {
    try withServer { server throws in
      let client = try RawClient(server)
      client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      #expect(try client.read().hasSuffix("Content-Length: 7\r\nConnection: close\r\n\r\n<end>"))
    }
  }

  @Test("moves the body when the head outgrows its room")
  func longHead() throws {
    let value = String(repeating: "v", count: 3000)
    try withServer(handler: { request, answer in
      answer.append("before ")
      answer.addField("X-Long", value)
      answer.append("after")
    }) { server throws in
      let client = try RawClient(server)
      client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let expected =
        "HTTP/1.1 200 OK\r\nX-Long: \(value)\r\nContent-Length: 12\r\nConnection: close\r\n\r\nbefore after<end>"
      #expect(try client.read() == expected)
    }
  }

  @Test("sends an answer larger than any socket buffer")
  func largeAnswer() throws {
    try withServer(handler: { request, answer in
      let count = 20 << 20
      answer.reserve(count).update(repeating: UInt8(ascii: "z"), count: count)
      answer.commit(count)
    }) { server throws in
      let client = try TestClient(server)
      let answer = try client.exchange(post(""))
      #expect(answer.utf8.count == 4 + 20 << 20)
    }
  }

  @Test("keeps answers back until their time, earliest first, others meanwhile served")
  func delayedAnswers() throws {
    let clock = ManualClock(Instant(nanoseconds: 1_000_000_000))
    try withServer(
      clock: clock,
      handler: { request, answer in
        answer.append(request.target)
        switch String(decoding: request.target, as: UTF8.self) {
        case "/late": answer.notBefore = request.receivedAt + .milliseconds(300)
        case "/soon": answer.notBefore = request.receivedAt + .milliseconds(200)
        case "/advance": clock.advance(by: .milliseconds(250))
        default: clock.advance(by: .seconds(1))
        }
      }
    ) { server throws in
      let (late, soon, other) = (try RawClient(server), try RawClient(server), try RawClient(server))
      let get = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }
      let answered = { (path: String) in "HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)" }
      // The barrier makes sure that both delayed requests have been read, since one thread serves in order.
      late.send(get("/late"))
      soon.send(get("/soon"))
      other.send(get("/advance"))
      #expect(try other.read(until: "/advance") == answered("/advance"))
      other.send(get("/finish"))
      #expect(try other.read(until: "/finish") == answered("/finish"))
      #expect(try soon.read(until: "/soon") == answered("/soon"))
      #expect(try late.read(until: "/late") == answered("/late"))
    }
  }

  @Test("spoils answers as told")
  func faults() throws {
    try withServer(handler: { request, answer in
      answer.append("0123456789")
      switch String(decoding: request.body, as: UTF8.self) {
      case "reset": answer.delivery = .reset(afterBytes: 0)
      case "reset-within": answer.delivery = .reset(afterBytes: 44)
      case "truncate": answer.delivery = .truncate(afterBytes: 44)
      case "close": answer.delivery = .truncate(afterBytes: 0)
      case "whole": answer.delivery = .truncate(afterBytes: 1000)
      default: break
      }
    }) { server throws in
      let client = try TestClient(server)
      #expect(try client.exchange(post("reset")) == "failed reset-before-answer perhaps received")
      #expect(try client.exchange(post("reset-within")) == "failed reset-within-answer perhaps received")
      #expect(try client.exchange(post("truncate")) == "failed closed-within-answer perhaps received")
      #expect(try client.exchange(post("close")) == "failed closed-before-answer perhaps received")
      #expect(try client.exchange(post("")) == "200 0123456789")
    }
  }

  @Test("can leave a request without an answer, and notices that the client has gone")
  func silence() throws {
    try withServer(handler: { request, answer in
      if request.body.count > 0 { answer.delivery = .never }
    }) { server throws in
      let silent = try TestClient(server)
      #expect(try silent.connect() == "connected")
      let bytes = Array(post("x").utf8)
      try bytes.withUnsafeBytes { raw throws in
        guard case .none = silent.connection.send(raw, now: Instant(nanoseconds: 0)) else {
          Issue.record("an answer that must not be")
          return
        }
        // Another connection's answer shows that the server has passed the silent one by.
        #expect(try TestClient(server).exchange(post("")) == "200 ")
        guard case .failed(.timeout, requestMayHaveBeenReceived: true) = silent.connection.timeOut() else {
          Issue.record("a time-out is a failure")
          return
        }
      }
      #expect(try silent.exchange(post("")) == "200 ")
    }
  }

  @Test(
    "gives a connection back at once when its client leaves before a delayed answer, or one that never comes",
    arguments: ["late", "never"], [true, false])
  func leaving(_ kind: String, endsWithTheRequest: Bool) throws {
    var limits = HTTPServerLimits()
    limits.connections = 3
    try withServer(
      limits: limits,
      handler: { request, answer in
        if request.body.elementsEqual("late".utf8) { answer.notBefore = request.receivedAt + .seconds(3600) }
        if request.body.elementsEqual("never".utf8) { answer.delivery = .never }
      }
    ) { server throws in
      // Its answers come after what the others did: one thread serves in the order in which things happened.
      let barrier = try TestClient(server)
      #expect(try barrier.exchange(post("")) == "200 ")
      for _ in 0..<3000 {
        let leaving = try RawClient(server)
        leaving.send(post(kind))
        if endsWithTheRequest { leaving.endSending() } else { #expect(try barrier.exchange(post("")) == "200 ") }
        if endsWithTheRequest { #expect(try leaving.read() == "<end>") }
      }
      #expect(try barrier.exchange(post("")) == "200 ")
      #expect(try TestClient(server).exchange(post("")) == "200 ")
    }
  }

  @Test("still answers a client that only sends no more, but takes others first when there is no room for both")
  func halfClosed() throws {
    var limits = HTTPServerLimits()
    limits.connections = 3
    let clock = ManualClock(Instant(nanoseconds: 1_000_000_000))
    try withServer(
      limits: limits, clock: clock,
      handler: { request, answer in
        if request.body.elementsEqual("soon".utf8) { answer.notBefore = request.receivedAt + .seconds(1) }
        if request.body.elementsEqual("on".utf8) { clock.advance(by: .seconds(1)) }
      }
    ) { server throws in
      let barrier = try TestClient(server)
      let quiet = try RawClient(server)
      quiet.send(post("soon"))
      quiet.endSending()
      #expect(try barrier.exchange(post("")) == "200 ")
      #expect(try barrier.exchange(post("on")) == "200 ")
      #expect(try quiet.read() == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n<end>")
      let leaving = try (0..<2).map { _ in try RawClient(server) }
      for client in leaving {
        client.send(post("soon"))
        client.endSending()
      }
      #expect(try barrier.exchange(post("")) == "200 ")
      #expect(try TestClient(server).exchange(post("")) == "200 ")
      for client in leaving { #expect(try client.read() == "<end>") }
    }
  }

  @Test("tells HTTP/2 apart from garbage")
  func openingHTTP2() throws {
    try withServer { server throws in
      for words in ["PRI * HTTP/3.0\r\n\r\n", "GET * HTTP/2.0\r\n\r\n"] {
        let client = try RawClient(server)
        client.send(words)
        #expect(try client.read().hasPrefix("HTTP/1.1 505 "))
      }
    }
  }

  @Test("refuses connections beyond its limit, and takes new ones when others have gone")
  func connectionLimit() throws {
    var limits = HTTPServerLimits()
    limits.connections = 1
    try withServer(limits: limits) { server throws in
      let first = try TestClient(server)
      #expect(try first.exchange(post("1")) == "200 POST /p 1")
      let second = try RawClient(server)
      #expect(
        try second.read() == "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n<end>")
      #expect(try first.exchange(post("2", fields: "Connection: close\r\n")) == "200 POST /p 2 (closed)")
      var text = ""
      // The slot is free once the server has seen the end, which the client cannot observe otherwise.
      for _ in 0..<1000 {
        text = try TestClient(server).exchange(post("3"))
        if !text.hasPrefix("503") && !text.hasPrefix("failed") { break }
      }
      #expect(text == "200 POST /p 3")
    }
  }

  @Test("refuses large requests that together would take too much memory, and takes them again later")
  func memoryLimit() throws {
    let clock = ManualClock()
    var limits = HTTPServerLimits()
    limits.largeMessageBytes = 1 << 20
    try withServer(
      limits: limits, clock: clock,
      handler: { request, answer in
        answer.append("\(request.body.count)")
        if request.body.isEmpty { clock.advance(by: .seconds(2)) }
      }
    ) { server throws in
      let large = post(String(repeating: "x", count: 900_000))
      let first = try TestClient(server)
      #expect(try first.exchange(large) == "200 900000")
      // The first connection has its room still.
      let refused = try TestClient(server).exchange(large)
      #expect(!refused.hasPrefix("200"), "\(refused)")
      #expect(try first.exchange(large) == "200 900000")
      #expect(try TestClient(server).exchange(post("x")) == "200 1")
      // Two seconds without a request from either, and the sweep after them.
      let other = try TestClient(server)
      for _ in 0..<3 { #expect(try other.exchange(post("")) == "200 0") }
      #expect(try TestClient(server).exchange(large) == "200 900000")
    }
  }

  @Test("ends connections that idle and requests that trickle")
  func timeLimits() throws {
    let clock = ManualClock()
    var limits = HTTPServerLimits()
    limits.idle = .seconds(10)
    limits.requestTime = .seconds(5)
    limits.lingering = .seconds(100)
    try withServer(
      limits: limits, clock: clock,
      handler: { request, answer in clock.advance(by: .seconds(request.body.count > 0 ? 1 : 0)) }
    ) { server throws in
      let (idle, slow, other) = (try RawClient(server), try RawClient(server), try TestClient(server))
      slow.send("POST / HTTP/1.1\r\n")
      // Each request lets a second pass; the sweeps see the limits being crossed one after the other.
      for _ in 0..<8 { #expect(try other.exchange(post("x")) == "200 ") }
      #expect(try slow.read(until: "Timeout\r\n").hasPrefix("HTTP/1.1 408 "))
      for _ in 0..<6 { #expect(try other.exchange(post("x")) == "200 ") }
      #expect(try idle.read() == "<end>")
    }
  }

  @Test("stops when told, finishing the answer under way")
  func stopping() throws {
    let client = try withServer(handler: { request, answer in
      answer.append("late")
      answer.notBefore = request.receivedAt + .milliseconds(20)
    }) { server throws in
      let client = try RawClient(server)
      client.send(post("x"))
      let other = try RawClient(server)
      other.send(post("barrier"))
      _ = try other.read(until: "late")
      client.send("")
      return client
    }
    #expect(try client.read().contains("\r\n\r\nlate<end>"))
  }

  @Test("says so when its port is taken")
  func portTaken() throws {
    try withServer { server throws in
      #expect(throws: HTTPServerFailure.addressInUse(host: "127.0.0.1", port: server.port)) {
        try HTTPServer(host: "127.0.0.1", port: server.port, handler: ClosureHandler(echo))
      }
    }
  }

  @Test("says so when the address is not this machine's")
  func foreignAddress() throws {
    #expect(throws: HTTPServerFailure.addressNotAvailable(host: "192.0.2.1")) {
      try HTTPServer(host: "192.0.2.1", port: 0, handler: ClosureHandler(echo))
    }
  }
}
