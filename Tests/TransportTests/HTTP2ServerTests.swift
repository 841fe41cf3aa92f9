import Measurement
import Testing

@testable import Transport

@Suite("The server's HTTP/2 without sockets")
struct HTTP2ServerTests {
  /// Requests of every shape, and what each stream gets.
  private static let exchange =
    Frames.opening + Frames.headers(1, Frames.post + [("content-length", "3")], end: false)
    + Frames.data(1, "ab", end: false) + Frames.headers(3, Frames.get) + Frames.ping() + Frames.data(1, "c")
    + Frames.update(0, 1000) + Frames.headers(5, Frames.post, end: false) + Frames.data(5, "xyz", end: false)
    + Frames.headers(5, [("trailer", "t")]) + Frames.frame(4, flags: Frames.ack)
  private static let answers: [Int: [String]] = [
    0: ["PING ACK", "SETTINGS", "SETTINGS ACK", "WINDOW_UPDATE 16711681"],
    1: ["1 HEADERS :status=200 content-type=text/plain content-length=11", "1 DATA 'POST /p abc' END"],
    3: ["3 HEADERS :status=200 content-type=text/plain content-length=7", "3 DATA 'GET /g ' END"],
    5: ["5 HEADERS :status=200 content-type=text/plain content-length=11", "5 DATA 'POST /p xyz' END"],
  ]

  private static func trace(_ server: ScriptedServer, _ slot: Int) -> FrameTrace {
    FrameTrace(server.wires[slot]?.bytes ?? [])
  }

  /// An opened connection to which these frames were sent.
  private static func opened(
    _ server: ScriptedServer, _ frames: [UInt8] = [], isHTTP2Agreed: Bool = false
  ) -> Int {
    let slot = server.connect(isHTTP2Agreed: isHTTP2Agreed)
    server.send(slot, Frames.opening + frames)
    return slot
  }

  @Test(
    "answers an exchange alike wherever it is cut in two, agreed on or opened by its preface", arguments: [false, true])
  func everySplit(isAgreed: Bool) {
    for cut in 0...Self.exchange.count {
      let server = ScriptedServer()
      let slot = server.connect(isHTTP2Agreed: isAgreed)
      server.send(slot, Self.exchange[..<cut])
      server.send(slot, Self.exchange[cut...])
      let trace = Self.trace(server, slot)
      #expect(trace.byStream == Self.answers, "cut at \(cut)")
      #expect(trace.rest.isEmpty)
      server.leave(slot)
      #expect(server.core.isEmpty, "cut at \(cut)")
    }
  }

  @Test("answers it alike however few bytes a read or a write moves", arguments: [1, 2, 3, 7, 64], [1, 5, 33, 10_000])
  func smallTransfers(pieces: Int, room: Int) {
    let server = ScriptedServer()
    let slot = server.connect(pieces: pieces, room: 0)
    server.send(slot, Self.exchange)
    for _ in 0...(1_000 / room) { server.read(slot, room: room) }
    #expect(Self.trace(server, slot).byStream == Self.answers)
  }

  @Test("a request is the same to the handler whichever version carried it")
  func sameRequest() {
    var seen: [[String]] = []
    let server = ScriptedServer { request, _ in
      let fields = request.fields.all.map { "\($0.name.lowercased()): \($0.value)" }.sorted()
      seen.append(
        [request.method, request.target, request.body].map { String(decoding: $0, as: UTF8.self) } + fields
          + ["\(request.ordinal)"])
    }
    server.send(
      server.connect(), "POST /p?q=1 HTTP/1.1\r\nHost: a:1\r\nX-Amz-Target: t\r\nContent-Length: 2\r\n\r\nhi".utf8)
    _ = Self.opened(
      server,
      Frames.headers(
        1,
        [
          (":method", "POST"), (":scheme", "https"), (":path", "/p?q=1"), (":authority", "a:1"),
          ("x-amz-target", "t"), ("content-length", "2"),
        ], end: false) + Frames.data(1, "hi"))
    #expect(seen.count == 2 && seen[0] == seen[1])
    #expect(server.core.counts.http1.requests == 1 && server.core.counts.http2.requests == 1)
  }

  @Test("answers go out at their time, whichever stream was opened first")
  func delays() {
    let server = ScriptedServer { request, answer in
      answer.notBefore = request.receivedAt + .seconds(Double(request.body.count))
    }
    let bodies: [(UInt32, String)] = [(1, "xxx"), (3, "x"), (5, "xx"), (7, "")]
    let slot = Self.opened(
      server, bodies.flatMap { Frames.headers($0.0, Frames.post, end: false) + Frames.data($0.0, $0.1) })
    let answered = { Self.trace(server, slot).told.map { $0.prefix(1) } }
    #expect(answered() == ["7"])
    for expected in ["3", "5", "1"] {
      server.pass(Nanoseconds(999_999_999))
      #expect(answered().last != expected[...])
      server.pass(Nanoseconds(1))
      #expect(answered().last == expected[...])
    }
  }

  @Test("spoils one stream's answer as told, and leaves the others whole")
  func faults() {
    let length = "content-length=6"
    let rows: [(HTTPAnswer.Delivery, [String])] = [
      (.reset(afterBytes: 0), ["1 RST_STREAM INTERNAL_ERROR"]),
      (
        .reset(afterBytes: 48),
        ["1 HEADERS :status=200 \(length)", "1 DATA 'bod'", "1 RST_STREAM INTERNAL_ERROR"]
      ),
      (.truncate(afterBytes: 48), ["1 HEADERS :status=200 \(length)", "1 DATA 'bod' END"]),
      (.truncate(afterBytes: 1), ["1 HEADERS :status=200 \(length) END"]),
      (.never, []),
    ]
    for (delivery, expected) in rows {
      let server = ScriptedServer { request, answer in
        answer.append("body!!")
        if request.ordinal == 1 { answer.delivery = delivery }
      }
      let slot = Self.opened(server, Frames.headers(1, Frames.get) + Frames.headers(3, Frames.get))
      let streams = Self.trace(server, slot).byStream
      #expect((streams[1] ?? []) == expected, "\(delivery)")
      #expect(streams[3] == ["3 HEADERS :status=200 \(length)", "3 DATA 'body!!' END"], "\(delivery)")
      // What is answered no more costs nothing once the client has given it up.
      server.send(slot, Frames.reset(1))
      server.leave(slot)
      #expect(server.core.isEmpty)
    }
  }

  @Test("says 100 to whoever waits for it, answers HEAD without a body, and takes no notice of an upgrade to h2c")
  func kinds() {
    let server = ScriptedServer()
    let slot = Self.opened(server, Frames.headers(1, Frames.post + [("expect", "100-continue")], end: false))
    #expect(Self.trace(server, slot).told == ["1 HEADERS :status=100"])
    server.send(slot, Frames.data(1, "x"))
    #expect(Self.trace(server, slot).told.contains("1 DATA 'POST /p x' END"))
    server.send(slot, Frames.headers(3, [(":method", "HEAD")] + Frames.get.dropFirst()))
    #expect(
      Self.trace(server, slot).told.last == "3 HEADERS :status=200 content-type=text/plain content-length=8 END")
    let upgrading = server.connect()
    server.send(
      upgrading,
      "GET /g HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
        .utf8)
    #expect(server.got(upgrading).hasPrefix("HTTP/1.1 200 OK\r\n") && server.got(upgrading).hasSuffix("GET /g "))
  }

  /// Something that no client should send, and the last word that it gets.
  struct BadInput: CustomTestStringConvertible {
    let name: String
    let frames: [UInt8]
    let answer: String
    var refusedStreams = 0
    var refusedSessions = 0
    var testDescription: String { name }

    static func session(_ name: String, _ frames: [UInt8], _ code: String, last: Int = 0) -> BadInput {
      BadInput(name: name, frames: frames, answer: "GOAWAY \(last) \(code)", refusedSessions: 1)
    }
    static func stream(_ name: String, _ frames: [UInt8], _ code: String = "PROTOCOL_ERROR") -> BadInput {
      BadInput(name: name, frames: frames, answer: "1 RST_STREAM \(code)", refusedStreams: 1)
    }
  }

  private static let long = String(repeating: "x", count: 4_000)
  private static let badInput: [BadInput] = [
    .session("data of a stream that was never opened", Frames.data(1, "x"), "PROTOCOL_ERROR"),
    .session("a continuation of nothing", Frames.frame(9, flags: 4, stream: 1), "PROTOCOL_ERROR"),
    .session(
      "another frame inside a head", Frames.frame(1, stream: 1, Frames.block(Frames.get)) + Frames.ping(),
      "PROTOCOL_ERROR", last: 1),
    .session("a stream of an even number", Frames.headers(2, Frames.get), "PROTOCOL_ERROR"),
    .session("a stream of number 0", Frames.headers(0, Frames.get), "PROTOCOL_ERROR"),
    .session("a promise from a client", Frames.frame(5, flags: 4, stream: 1, [0, 0, 0, 2]), "PROTOCOL_ERROR"),
    .session("a window opened by nothing", Frames.update(0, 0), "PROTOCOL_ERROR"),
    .session("a window opened too far", Frames.update(0, 0x7FFF_FFFF), "FLOW_CONTROL_ERROR"),
    .session("a reset of a stream that was never opened", Frames.reset(1), "PROTOCOL_ERROR"),
    .session("settings of a length that is no multiple of six", Frames.frame(4, [0, 3, 0]), "FRAME_SIZE_ERROR"),
    .session("a setting out of its range", Frames.setting(4, 0x8000_0000), "FLOW_CONTROL_ERROR"),
    .session("a frame beyond 16 KiB", [0, 64, 1, 0, 0, 0, 0, 0, 1], "FRAME_SIZE_ERROR"),
    .session("a ping of a stream", Frames.frame(6, stream: 1, [0, 1, 2, 3, 4, 5, 6, 7]), "PROTOCOL_ERROR"),
    .session(
      "a head that is no head", Frames.frame(1, flags: 5, stream: 1, [0xFF, 0xFF]), "COMPRESSION_ERROR", last: 1),
    .stream(
      "a body longer than its length",
      Frames.headers(1, Frames.post + [("content-length", "1")], end: false)
        + Frames.data(1, "xx")),
    .stream(
      "a body shorter than its length",
      Frames.headers(1, Frames.post + [("content-length", "3")], end: false)
        + Frames.data(1, "xx")),
    .stream("a name in capital letters", Frames.headers(1, Frames.get + [("X-A", "b")])),
    .stream("a field of the connection", Frames.headers(1, Frames.get + [("connection", "close")])),
    .stream("no path", Frames.headers(1, Array(Frames.get.dropLast()))),
    .stream("two hosts", Frames.headers(1, Frames.get + [("host", "b")])),
    .stream("a pseudo field behind a field", Frames.headers(1, [("a", "b")] + Frames.get)),
    BadInput(
      name: "a tunnel", frames: Frames.headers(1, [(":method", "CONNECT"), (":authority", "a:1")], end: false),
      answer: "1 HEADERS :status=405 content-length=0 END"),
    BadInput(
      name: "a body announced as too long",
      frames: Frames.headers(1, Frames.post + [("content-length", "99999999999999999999")], end: false),
      answer: "1 RST_STREAM PROTOCOL_ERROR", refusedStreams: 1),
    BadInput(
      name: "a body announced as longer than is taken",
      frames: Frames.headers(1, Frames.post + [("content-length", "40000000")], end: false),
      answer: "1 HEADERS :status=413 content-length=0 END"),
    BadInput(
      name: "a head beyond 16 KiB",
      frames: Frames.frame(
        1, flags: Frames.endStream, stream: 1, Frames.block(Frames.get + (0..<4).map { ("a\($0)", long) }))
        + Frames.frame(9, flags: Frames.endHeaders, stream: 1, Frames.block([("b", long)])),
      answer: "1 HEADERS :status=431 content-length=0 END"),
    .session(
      "a head without end",
      Frames.frame(1, stream: 1, Frames.block(Frames.get))
        + (0..<20).flatMap { Frames.frame(9, stream: 1, Frames.block([("a\($0)", long)])) }, "ENHANCE_YOUR_CALM",
      last: 1),
    .session("pings without end", Array(repeating: Frames.ping(), count: 1_001).flatMap { $0 }, "ENHANCE_YOUR_CALM"),
    .session(
      "settings without end", Array(repeating: Frames.frame(4), count: 1_001).flatMap { $0 }, "ENHANCE_YOUR_CALM"),
    .session(
      "windows opened without end", Array(repeating: Frames.update(0, 1), count: 1_020).flatMap { $0 },
      "ENHANCE_YOUR_CALM"),
    .session(
      "data without content",
      Frames.headers(1, Frames.post, end: false)
        + Array(repeating: Frames.data(1, "", end: false), count: 1_001).flatMap { $0 }, "ENHANCE_YOUR_CALM", last: 1),
  ]

  @Test("refuses what breaks the rules by the right word, counts it, and serves others meanwhile", arguments: badInput)
  func refusals(_ bad: BadInput) {
    for pieces in [7, Int.max] {
      let server = ScriptedServer()
      let (other, slot) = (Self.opened(server), server.connect(pieces: pieces))
      server.send(slot, Frames.opening + bad.frames)
      let told = Self.trace(server, slot).told
      #expect(told.contains(bad.answer), "\(told.suffix(5))")
      #expect(server.core.counts.refusedStreams == bad.refusedStreams)
      #expect(server.core.counts.refusedSessions == bad.refusedSessions)
      #expect(server.core.counts.http2.requests == 0)
      #expect(server.got(slot).hasSuffix("<end>") == (bad.refusedSessions > 0))
      server.send(other, Frames.headers(1, Frames.get))
      #expect(Self.trace(server, other).told.contains("1 DATA 'GET /g ' END"))
    }
  }

  @Test("a preface cut in half and a connection that says nothing more run out of time")
  func cutPreface() {
    var limits = HTTPServerLimits()
    limits.requestTime = .seconds(8)
    limits.lingering = .seconds(4)
    for (count, isAgreed, last) in [
      (10, false, "HTTP/1.1 408 Request Timeout"), (18, false, "SETTINGS_TIMEOUT"), (24, false, "SETTINGS_TIMEOUT"),
      (10, true, "SETTINGS_TIMEOUT"), (0, true, "SETTINGS_TIMEOUT"),
    ] {
      let server = ScriptedServer(limits: limits)
      let slot = server.connect(isHTTP2Agreed: isAgreed)
      server.send(slot, Frames.preface.prefix(count))
      server.pass(.seconds(8))
      #expect(!server.got(slot).contains("<end>"))
      server.pass(.seconds(2))
      #expect(server.got(slot).contains("<end>"))
      if last.hasPrefix("HTTP") {
        #expect(server.got(slot).hasPrefix(last))
      } else {
        #expect(Self.trace(server, slot).told == ["GOAWAY 0 \(last)"])
      }
      server.pass(.seconds(6))
      #expect(server.got(slot).hasSuffix("<reset>") && server.core.isEmpty)
    }
  }

  @Test("bytes that are no preface are refused, whatever was agreed")
  func wrongPreface() {
    for (isAgreed, bytes) in [
      (true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), (false, "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"),
    ] {
      let server = ScriptedServer()
      let slot = server.connect(isHTTP2Agreed: isAgreed)
      server.send(slot, bytes.utf8)
      #expect(Self.trace(server, slot).told == ["GOAWAY 0 PROTOCOL_ERROR"])
      #expect(server.got(slot).hasSuffix("<end>"))
    }
  }

  @Test("a client that opens and resets streams without end is stopped, and one that does so now and then is not")
  func rapidReset() {
    let pair = { (stream: UInt32) in Frames.headers(stream, Frames.get) + Frames.reset(stream) }
    var server = ScriptedServer { _, answer in answer.delivery = .never }
    var slot = Self.opened(server, (0..<1_001).flatMap { pair(UInt32(2 * $0 + 1)) })
    #expect(Self.trace(server, slot).told.last?.hasSuffix("ENHANCE_YOUR_CALM") == true)
    #expect(server.got(slot).hasSuffix("<end>"))
    server = ScriptedServer { _, answer in answer.delivery = .never }
    slot = Self.opened(server)
    for second in 0..<20 {
      server.send(slot, (0..<90).flatMap { pair(UInt32(2 * (90 * second + $0) + 1)) })
      server.pass(.seconds(1))
    }
    #expect(Self.trace(server, slot).told == [])
    #expect(server.core.counts.cancelledStreams == 1_800)
  }

  @Test("a window that never opens ends its stream and no other, and a socket that takes nothing its connection")
  func closedWindow() {
    var limits = HTTPServerLimits()
    limits.idle = .seconds(20)
    limits.lingering = .seconds(4)
    let server = ScriptedServer(limits: limits)
    let closed = Self.opened(server, Frames.setting(4, 0) + Frames.headers(1, Frames.get))
    let full = server.connect(room: 9)
    server.send(full, Frames.opening + Frames.headers(1, Frames.get))
    for _ in 0..<20 {
      server.pass(.seconds(1))
      // A sign of life is no window.
      for slot in [closed, full] { server.send(slot, Frames.ping()) }
    }
    #expect(Self.trace(server, closed).told.filter { $0 != "PING ACK" }.count == 1)
    server.pass(.seconds(2))
    #expect(Self.trace(server, closed).told.last == "1 RST_STREAM CANCEL")
    #expect(server.got(full).hasSuffix("<reset>"))
    server.send(closed, Frames.setting(4, 100) + Frames.headers(3, Frames.get))
    #expect(Self.trace(server, closed).told.contains("3 DATA 'GET /g ' END"))
  }

  @Test("a request that trickles is refused alone, and a connection that idles is ended by a word")
  func times() {
    var limits = HTTPServerLimits()
    limits.requestTime = .seconds(8)
    limits.idle = .seconds(20)
    limits.lingering = .seconds(4)
    let server = ScriptedServer(limits: limits)
    let slot = Self.opened(server, Frames.headers(1, Frames.post, end: false))
    for _ in 0..<8 {
      server.pass(.seconds(1))
      server.send(slot, Frames.data(1, "x", end: false))
    }
    server.pass(.seconds(1))
    #expect(
      Self.trace(server, slot).told == ["1 HEADERS :status=408 content-length=0 END", "1 RST_STREAM NO_ERROR"])
    server.pass(.seconds(19))
    #expect(!server.got(slot).contains("<end>"))
    server.pass(.seconds(3))
    #expect(Self.trace(server, slot).told.last == "GOAWAY 1 NO_ERROR")
    #expect(server.got(slot).hasSuffix("<end>"))
  }

  @Test("bounds streams of one connection and of all, bodies, and what bodies hold together")
  func bounds() {
    var limits = HTTPServerLimits()
    (limits.streams, limits.allStreams) = (2, 3)
    limits.message.bodyBytes = 100_000
    limits.largeMessageBytes = 200_000
    let server = ScriptedServer(limits: limits)
    let open = { (stream: UInt32) in Frames.headers(stream, Frames.post, end: false) }
    let slot = Self.opened(server, open(1) + open(3) + open(5))
    #expect(Self.trace(server, slot).told == ["5 RST_STREAM REFUSED_STREAM"])
    // Whoever has acknowledged the limit knows better, and ends the session.
    let knowing = Self.opened(server, Frames.frame(4, flags: Frames.ack) + open(1) + open(3) + open(5))
    #expect(Self.trace(server, knowing).told == ["GOAWAY 3 PROTOCOL_ERROR"])
    server.leave(knowing)
    let other = Self.opened(server, open(1) + open(3))
    #expect(Self.trace(server, other).told == ["3 RST_STREAM REFUSED_STREAM"])
    let part = String(repeating: "x", count: 10_000)
    let body = (0..<9).flatMap { _ in Frames.data(1, part, end: false) }
    server.send(slot, body)
    #expect(Self.trace(server, slot).told.count == 1)
    server.send(other, body)
    #expect(Self.trace(server, other).told.dropFirst().first == "1 HEADERS :status=503 content-length=0 END")
    server.send(slot, Frames.data(1, part, end: false) + Frames.data(1, part, end: false))
    #expect(Self.trace(server, slot).told.dropFirst().first == "1 HEADERS :status=413 content-length=0 END")
    #expect(server.core.counts.mostOpenStreams == 2)
  }

  @Test("stops with the answers under way, and refuses what is not whole")
  func stopping() {
    let server = ScriptedServer { request, answer in answer.notBefore = request.receivedAt + .seconds(1) }
    let slot = Self.opened(server, Frames.headers(1, Frames.get) + Frames.headers(3, Frames.post, end: false))
    let idle = Self.opened(server)
    server.core.stop()
    server.serveReady()
    #expect(server.got(idle).hasSuffix("<end>"))
    #expect(Self.trace(server, slot).told == ["GOAWAY 3 NO_ERROR", "3 RST_STREAM REFUSED_STREAM"])
    server.send(slot, Frames.headers(5, Frames.get))
    server.pass(.seconds(1))
    #expect(Self.trace(server, slot).told.last == "1 HEADERS :status=200 content-length=0 END")
    #expect(server.got(slot).hasSuffix("<end>"))
  }

  @Test("counts what each version carried, of open connections and ended ones")
  func counts() {
    let server = ScriptedServer()
    server.send(server.connect(), (post("x") + post("y")).utf8)
    let slot = Self.opened(server, Frames.headers(1, Frames.get) + Frames.headers(3, Frames.get))
    let open = server.core.counts
    server.leave(slot)
    #expect(server.core.counts == open)
    #expect(open.http1.requests == 2 && open.http1.connections == 1 && open.http1.mostRequests == 2)
    #expect(open.http2.requests == 2 && open.http2.connections == 1)
    #expect(open.mostOpenStreams >= 1)
    #expect(
      open.description.hasPrefix("HTTP/1.1: 2 requests on 1 connections, at most 2 on one; HTTP/2: 2 requests in 1"))
  }

  @Test("answers that wait and were given up leave nothing behind")
  func givenUp() {
    var limits = HTTPServerLimits()
    limits.strikes = 1_000_000
    let server = ScriptedServer(limits: limits) { request, answer in
      answer.notBefore = request.receivedAt + .seconds(3600)
    }
    let slot = Self.opened(server)
    for number in 0..<5_000 {
      let stream = UInt32(2 * number + 1)
      server.send(slot, Frames.headers(stream, Frames.get) + Frames.reset(stream))
    }
    #expect(server.core.counts.http2.requests == 5_000)
    server.leave(slot)
    #expect(server.core.isEmpty && server.core.waitingAnswers <= 2)
  }
}
