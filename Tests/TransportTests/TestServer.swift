import Dispatch
import Measurement
import Testing
import Transport

/// A handler made of a closure.
final class ClosureHandler: HTTPHandler {
  private let body: (HTTPRequestView, inout HTTPAnswer) -> Void

  init(_ body: @escaping (HTTPRequestView, inout HTTPAnswer) -> Void) { self.body = body }

  func respond(to request: HTTPRequestView, into answer: inout HTTPAnswer) { body(request, &answer) }
}

/// Answers with method, target and body of the request.
func echo(_ request: HTTPRequestView, _ answer: inout HTTPAnswer) {
  answer.addField("Content-Type", "text/plain" as StaticString)
  answer.append(request.method)
  answer.append(" ")
  answer.append(request.target)
  answer.append(" ")
  answer.append(request.body)
}

/// Runs a server on a free port of the loopback interface while the body runs, and stops it afterwards.
@discardableResult
func withServer<Result>(
  limits: HTTPServerLimits = HTTPServerLimits(), clock: any MonotonicClock = SystemClock(),
  tls: TLSServerContext? = nil, notice: @escaping @Sendable (HTTPServerNotice) -> Void = { _ in },
  handler: @escaping @Sendable (HTTPRequestView, inout HTTPAnswer) -> Void = echo, _ body: (HTTPServer) throws -> Result
) throws -> Result {
  let server = try HTTPServer(
    host: "127.0.0.1", port: 0, handler: ClosureHandler(handler), limits: limits, tls: tls, clock: clock,
    notice: notice)
  let finished = DispatchSemaphore(value: 0)
  DispatchQueue(label: "test server").async { @Sendable in
    do { try server.run() } catch { Issue.record(error) }
    finished.signal()
  }
  defer {
    server.stop()
    // What a failed test left under way is given up when its time is out, which a clock that stands still never shows.
    while finished.wait(timeout: .now() + .seconds(5)) == .timedOut {
      (clock as? ManualClock)?.advance(by: limits.stopping)
    }
  }
  return try body(server)
}

/// One client connection with its loop, driven until something happens.
final class TestClient {
  let loop: EventLoop
  let connection: ClientConnection
  private let clock = SystemClock()

  init(url: String, limits: HTTPMessageLimits = .answers, tls: TLSClientContext? = nil) throws {
    let endpoint = try Endpoint(url: url)
    loop = try EventLoop()
    connection = ClientConnection(
      slot: 3, endpoint: endpoint,
      addresses: EndpointAddresses(endpoint, known: try NameResolution.addresses(of: endpoint)), loop: loop,
      limits: limits, tls: tls)
  }

  convenience init(_ server: HTTPServer, limits: HTTPMessageLimits = .answers) throws {
    try self.init(url: "http://127.0.0.1:\(server.port)", limits: limits)
  }

  /// The outcome as text: `200 body`, `200 body (closed)`, `failed CODE received?`, `connected`, `disconnected`.
  private static func text(_ event: ClientEvent) -> String? {
    switch event {
    case .none: nil
    case .connected: "connected"
    case .disconnected: "disconnected"
    case .failed(let failure, let received): "failed \(failure.code) \(received ? "perhaps received" : "not received")"
    case .response(let response):
      "\(response.status) \(String(decoding: response.body, as: UTF8.self))\(response.isKeepAlive ? "" : " (closed)")"
    }
  }

  /// Waits until the connection has something to tell, at most ten seconds.
  func next() throws -> String {
    let deadline = clock.now() + .seconds(10)
    while clock.now() < deadline {
      try loop.wait(until: deadline)
      while let event = loop.nextEvent() {
        if let text = TestClient.text(connection.handle(event.readiness, now: clock.now())) { return text }
      }
    }
    throw RawClient.NothingHappened()
  }

  func connect() throws -> String { try TestClient.text(connection.connect()) ?? next() }

  /// Sends a request, over a new connection where there is none, and waits for the outcome.
  func exchange(_ request: String) throws -> String {
    if connection.isClosed {
      let outcome = try connect()
      if outcome != "connected" { return outcome }
    }
    let bytes = Array(request.utf8)
    return try bytes.withUnsafeBytes { raw in
      try TestClient.text(connection.send(raw, now: clock.now())) ?? next()
    }
  }
}

/// A POST with this body.
func post(_ body: String, fields: String = "") -> String {
  "POST /p HTTP/1.1\r\nHost: test\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// A plain socket to a server, for what a proper client never sends.
final class RawClient {
  private let descriptor: Int32
  private let loop: EventLoop

  init(_ server: HTTPServer) throws {
    let address = try #require(SocketAddress(numeric: "127.0.0.1", port: server.port))
    descriptor = try SystemCalls.socket(family: address.family)
    loop = try EventLoop()
    _ = SystemCalls.connect(descriptor, to: address)
    try loop.add(descriptor, interest: [.read, .write, .edge], token: 0)
    try wait(for: .writable)
  }

  deinit {
    loop.remove(descriptor, token: 0)
    SystemCalls.close(descriptor)
  }

  private func wait(for readiness: EventLoop.Readiness) throws {
    let clock = SystemClock()
    let deadline = clock.now() + .seconds(10)
    while clock.now() < deadline {
      try loop.wait(until: deadline)
      while let event = loop.nextEvent() {
        if !event.readiness.isDisjoint(with: [readiness, .broken, .peerEnded]) { return }
      }
    }
    throw NothingHappened()
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { SystemCalls.send(descriptor, $0) } == .bytes(bytes.count))
  }

  func endSending() { SystemCalls.shutDownWriting(descriptor) }

  struct NothingHappened: Error {}

  /// Reads until the server ends the connection (`<end>`), resets it (`<reset>`), or what came ends with the text given.
  func read(until suffix: String? = nil) throws -> String {
    var text = ""
    var room = [UInt8](repeating: 0, count: 65536)
    while suffix.map({ !text.utf8.reversed().starts(with: $0.utf8.reversed()) }) ?? true {
      switch room.withUnsafeMutableBytes({ SystemCalls.receive(descriptor, into: $0) }) {
      case .bytes(0): return text + "<end>"
      case .bytes(let got): text += String(decoding: room[..<got], as: UTF8.self)
      case .wouldBlock: try wait(for: .readable)
      case .failed: return text + "<reset>"
      }
    }
    return text
  }
}
