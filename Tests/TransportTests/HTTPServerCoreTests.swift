import Measurement
import Testing

@testable import Transport

/// An answer of `echo`, or another one with this body.
private func answer(_ body: String, closing: Bool = false, type: Bool = true) -> String {
  "HTTP/1.1 200 OK\r\n\(type ? "Content-Type: text/plain\r\n" : "")Content-Length: \(body.utf8.count)\r\n"
    + "\(closing ? "Connection: close\r\n" : "")\r\n\(body)"
}

private func refusal(_ status: String) -> String {
  "HTTP/1.1 \(status)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n<end>"
}

@Suite("The server without sockets")
struct HTTPServerCoreTests {
  /// Requests of every framing, one after the other, and what they are answered with.
  private static let pipeline =
    post("first") + "\r\n"
    + "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: t\r\n\r\n"
    + "GET /g HTTP/1.1\r\nHost: a\r\n\r\n" + post("last", fields: "Connection: close\r\n") + post("never read")
  private static let pipelineAnswers =
    answer("POST /p first") + answer("POST /c abc") + answer("GET /g ") + answer("POST /p last", closing: true)
    + "<end>"

  @Test("answers a stream of requests alike wherever it is cut in two")
  func everySplit() {
    let bytes = Array(Self.pipeline.utf8)
    for cut in 0...bytes.count {
      let server = ScriptedServer()
      let slot = server.connect()
      server.send(slot, bytes[..<cut])
      server.send(slot, bytes[cut...])
      #expect(server.got(slot) == Self.pipelineAnswers, "cut at \(cut)")
      server.leave(slot)
      #expect(server.got(slot) == Self.pipelineAnswers + "<closed>", "cut at \(cut)")
    }
  }

  @Test("answers it alike however few bytes a read or a write moves", arguments: [1, 2, 3, 7, 64], [1, 5, 33, 10_000])
  func smallTransfers(pieces: Int, room: Int) {
    let server = ScriptedServer()
    let slot = server.connect(pieces: pieces, room: 0)
    server.send(slot, Self.pipeline.utf8)
    for _ in 0...(Self.pipelineAnswers.utf8.count / room) { server.read(slot, room: room) }
    #expect(server.got(slot) == Self.pipelineAnswers)
  }

  @Test("asks for a body when the client waits for that, at every split, and before the answer when the socket is full")
  func interimAnswer() {
    let head = Array("POST /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n".utf8)
    let interim = "HTTP/1.1 100 Continue\r\n\r\n"
    for cut in 0..<head.count {
      let server = ScriptedServer()
      let slot = server.connect()
      server.send(slot, head[..<cut])
      #expect(server.got(slot) == "")
      server.send(slot, head[cut...])
      #expect(server.got(slot) == interim)
      server.send(slot, "abc".utf8)
      #expect(server.got(slot) == interim + answer("POST /p abc"))
    }
    let full = ScriptedServer()
    let slot = full.connect(room: 10)
    full.send(slot, head)
    full.send(slot, "abc".utf8)
    #expect(full.got(slot) == "HTTP/1.1 1")
    full.read(slot, room: .max)
    #expect(full.got(slot) == interim + answer("POST /p abc"))
    // Whoever sends the body along did not wait.
    let hasty = ScriptedServer()
    let other = hasty.connect()
    hasty.send(other, head + Array("abc".utf8))
    #expect(hasty.got(other) == answer("POST /p abc"))
  }

  @Test("a request that trickles is refused when its time is out, counted from its first byte")
  func slowBody() {
    var limits = HTTPServerLimits()
    limits.requestTime = .seconds(8)
    limits.lingering = .seconds(4)
    let server = ScriptedServer(limits: limits)
    let slot = server.connect()
    server.send(slot, post("x").utf8)
    server.pass(.seconds(100))
    for byte in post("xxxxxxxxx").utf8.prefix(8) {
      server.send(slot, [byte])
      server.pass(.seconds(1))
    }
    #expect(server.got(slot) == answer("POST /p x"))
    // Looked at each second, a quarter of the shortest limit.
    server.pass(.seconds(1))
    #expect(server.got(slot) == answer("POST /p x") + refusal("408 Request Timeout"))
    // What comes afterwards is dropped, and the end is not waited for without end.
    server.send(slot, post("more").utf8)
    server.pass(.seconds(6))
    #expect(server.got(slot) == answer("POST /p x") + refusal("408 Request Timeout") + "<reset>")
    #expect(server.core.isEmpty)
  }

  @Test("ends connections that idle and answers that nobody takes")
  func idle() {
    var limits = HTTPServerLimits()
    limits.idle = .seconds(20)
    limits.lingering = .seconds(4)
    let server = ScriptedServer(limits: limits)
    let (idle, full) = (server.connect(), server.connect(room: 9))
    server.send(full, post("x").utf8)
    server.pass(.seconds(20))
    #expect(server.got(idle) == "")
    server.pass(.seconds(1))
    #expect(server.got(idle) == "<closed>")
    #expect(server.got(full) == "HTTP/1.1 <reset>")
  }

  @Test(
    "refuses what is too large or no request, and reads no further",
    arguments: [
      ("GET /" + String(repeating: "x", count: 20_000), "431 Request Header Fields Too Large"),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40000000\r\n\r\n", "413 Content Too Large"),
      ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", "413 Content Too Large"),
      ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "400 Bad Request"),
      ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"),
      ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented"),
      ("GET / HTTP/2.1\r\n\r\n", "505 HTTP Version Not Supported"), ("garbage\r\n\r\n", "400 Bad Request"),
    ])
  func refusals(_ request: String, _ status: String) {
    for pieces in [1, Int.max] {
      let server = ScriptedServer()
      let slot = server.connect(pieces: pieces)
      server.send(slot, (post("x") + request).utf8)
      server.send(slot, post("dropped").utf8)
      #expect(server.got(slot) == answer("POST /p x") + refusal(status))
    }
  }

  @Test("refuses large messages beyond what all may hold together, and takes them again when memory was given back")
  func memory() {
    var limits = HTTPServerLimits()
    limits.largeMessageBytes = 1 << 20
    let server = ScriptedServer(limits: limits) { request, answer in answer.append("\(request.body.count)") }
    let large = post(String(repeating: "x", count: 900_000))
    let (first, second) = (server.connect(), server.connect())
    server.send(first, large.utf8)
    #expect(server.got(first) == answer("900000", type: false))
    server.send(second, large.utf8)
    #expect(server.got(second) == refusal("503 Service Unavailable"))
    server.pass(.seconds(2))
    let third = server.connect()
    server.send(third, large.utf8)
    #expect(server.got(third) == answer("900000", type: false))
  }

  @Test("sends answers at their time, to the nanosecond and earliest first")
  func delays() {
    let server = ScriptedServer { request, answer in
      answer.notBefore = request.receivedAt + Nanoseconds(Int64(request.body.count) * 1_000)
    }
    let late = answer("", type: false)
    let slots = [3, 1, 2].map { length in
      let slot = server.connect()
      server.send(slot, post(String(repeating: "x", count: length)).utf8)
      return slot
    }
    for (time, expected) in [(999, []), (1, [1]), (1_000, [1, 2]), (999, [1, 2]), (1, [1, 2, 3])] {
      server.pass(Nanoseconds(Int64(time)))
      let answered = zip([3, 1, 2], slots).filter { server.got($0.1) == late }.map(\.0).sorted()
      #expect(answered == expected)
    }
    // The second of two requests waits for the first one's answer, and then its own time.
    let slot = server.connect()
    server.send(slot, (post("xxxxx") + post("x")).utf8)
    server.pass(Nanoseconds(5_000))
    #expect(server.got(slot) == late)
    server.pass(Nanoseconds(1_000))
    #expect(server.got(slot) == late + late)
  }

  @Test("a client that has gone during a delay costs nothing, one that only sends no more gets what is due soon")
  func leaving() {
    let server = ScriptedServer { request, answer in
      answer.notBefore = request.receivedAt + .seconds(Double(request.body.count))
    }
    let answered = answer("", type: false)
    let (gone, soon, late, along) = (server.connect(), server.connect(), server.connect(), server.connect())
    server.send(gone, post("x").utf8)
    server.leave(gone, isGone: true)
    #expect(server.got(gone) == "<closed>")
    server.send(soon, post("x").utf8)
    server.leave(soon)
    server.send(late, post("xxx").utf8)
    server.leave(late)
    #expect(server.got(late) == "<closed>")
    server.send(along, post("xx").utf8, end: true)
    server.pass(.seconds(1))
    #expect(server.got(soon) == answered + "<closed>")
    #expect(server.got(along) == "")
    server.pass(.seconds(1))
    #expect(server.got(along) == answered + "<closed>")
    #expect(server.core.isEmpty)
  }

  @Test("closes clients that sent no more first when a connection finds no room, and nobody else")
  func leaversMakeRoom() {
    var limits = HTTPServerLimits()
    limits.connections = 3
    let server = ScriptedServer(limits: limits) { request, answer in answer.notBefore = request.receivedAt + .seconds(1)
    }
    let (staying, first, second) = (server.connect(), server.connect(), server.connect())
    server.send(staying, post("").utf8)
    #expect(server.core.isFull)
    #expect(!server.core.dismissLeavers())
    for slot in [first, second] { server.send(slot, post("").utf8, end: true) }
    #expect(server.core.dismissLeavers())
    server.serveReady()
    #expect([first, second].map(server.got) == ["<closed>", "<closed>"])
    #expect(!server.core.isFull)
    // Their slots serve others, whom the former ones' times do not concern.
    let next = server.connect()
    server.pass(.milliseconds(500))
    server.send(next, post("").utf8)
    server.pass(.milliseconds(500))
    #expect(server.got(staying) == answer("", type: false))
    #expect(server.got(next) == "")
    server.pass(.milliseconds(500))
    #expect(server.got(next) == answer("", type: false))
  }

  @Test("crowds that come and go leave nothing behind in the timer")
  func forgottenTimes() {
    let server = ScriptedServer { request, answer in answer.notBefore = request.receivedAt + .seconds(3600) }
    for _ in 0..<5_000 {
      let slot = server.connect()
      server.send(slot, post("").utf8)
      server.leave(slot, isGone: true)
    }
    #expect(server.core.isEmpty)
    #expect(server.core.waitingAnswers < 2_500)
  }

  @Test("spoils answers as told, at any byte", arguments: [0, 1, 40, 10_000])
  func faults(_ count: Int) {
    let whole = answer("body", type: false)
    let cut = String(decoding: whole.utf8.prefix(count), as: UTF8.self)
    for (delivery, expected) in [
      (HTTPAnswer.Delivery.reset(afterBytes: count), cut + "<reset>"), (.truncate(afterBytes: count), cut + "<end>"),
      (.never, ""), (.whole, whole),
    ] {
      let server = ScriptedServer { _, answer in
        answer.append("body")
        answer.delivery = delivery
      }
      let slot = server.connect()
      server.send(slot, post("").utf8)
      #expect(server.got(slot) == expected)
      server.leave(slot)
      #expect(server.got(slot).hasPrefix(expected) && server.core.isEmpty)
    }
  }

  @Test("stops with the answers under way, and closes all others at once")
  func stopping() {
    let server = ScriptedServer { request, answer in answer.notBefore = request.receivedAt + .seconds(1) }
    let (idle, delayed, reading) = (server.connect(), server.connect(), server.connect())
    server.send(delayed, (post("") + post("not any more")).utf8)
    server.send(reading, post("").utf8.prefix(9))
    server.core.stop()
    server.serveReady()
    #expect([idle, reading].map(server.got) == ["<closed>", "<closed>"])
    #expect(!server.core.isEmpty)
    server.pass(.seconds(1))
    #expect(server.got(delayed) == answer("", type: false) + "<end>")
    server.leave(delayed)
    #expect(server.core.isEmpty)
  }

  @Test("a handshake that fails or lasts too long is closed without a word")
  func handshakes() {
    var limits = HTTPServerLimits()
    limits.requestTime = .seconds(4)
    let server = ScriptedServer(limits: limits)
    let core = server.core
    let failing = core.accept(isDrainedByShortTransfer: false, server.clock.now())
    core.shookHands(failing, isDone: false, server.clock.now())
    guard case .close(reset: false) = core.next(failing, server.clock.now()) else {
      Issue.record("a failed handshake is the connection's end")
      return
    }
    let slow = core.accept(isDrainedByShortTransfer: false, server.clock.now())
    #expect(slow == failing)
    server.clock.advance(by: .seconds(5))
    _ = core.tick(server.clock.now())
    #expect(core.takeReady() == slow)
    guard case .close(reset: false) = core.next(slow, server.clock.now()) else {
      Issue.record("a slow handshake is the connection's end")
      return
    }
    #expect(core.isEmpty)
  }
}
