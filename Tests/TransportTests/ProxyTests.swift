import Measurement
import Testing

@testable import Transport

@Suite("Proxies")
struct ProxyTests {
  @Test(
    "Which way a request goes",
    arguments: [
      ("https://a.example", ["https_proxy": "http://p:1"], "https_proxy http://p:1"),
      ("https://a.example", ["HTTPS_PROXY": "p:1"], "HTTPS_PROXY http://p:1"),
      ("https://a.example", ["HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2/"], "https_proxy http://q:2"),
      ("https://a.example", ["https_proxy": "", "HTTPS_PROXY": "http://[::1]:3"], "HTTPS_PROXY http://[::1]:3"),
      ("https://a.example", ["http_proxy": "http://p:1"], "straight"),
      ("http://a.example", ["http_proxy": "http://p:1"], "unsupported http_proxy"),
      ("http://a.example", ["HTTP_PROXY": "http://p:1"], "unsupported HTTP_PROXY"),
      ("http://a.example", ["https_proxy": "http://p:1"], "straight"),
      ("http://a.example", ["http_proxy": "http://p:1", "NO_PROXY": "example"], "straight"),
      ("https://localhost", ["https_proxy": "http://p:1"], "straight"),
      ("https://x.localhost:9", ["https_proxy": "http://p:1"], "straight"),
      ("http://127.0.0.1:9", ["http_proxy": "http://p:1"], "straight"),
      ("https://[::1]:9", ["https_proxy": "http://p:1"], "straight"),
      ("https://a.example", [:], "straight"),
      ("https://a.example", ["https_proxy": "https://p:1"], "https_proxy: a proxy that is itself reached by https"),
      ("https://a.example", ["https_proxy": "socks5://p:1"], "https_proxy: expected http://"),
      ("https://a.example", ["https_proxy": "http://user:se%zzcret@p:1"], "https_proxy: user or password have a %"),
      ("https://a.example", ["https_proxy": "http://user:se/cret@p:1"], "https_proxy: expected http://"),
    ] as [(String, [String: String], String)])
  func ways(_ url: String, _ environment: [String: String], _ expected: String) throws {
    let rules = ProxyRules(environment: environment)
    let found: String
    do {
      switch try rules.way(to: try Endpoint(url: url)) {
      case .straight: found = "straight"
      case .tunnel(let proxy, let variable): found = "\(variable) \(proxy)"
      case .unsupported(let variable): found = "unsupported \(variable)"
      }
    } catch let failure as ProxyFailure {
      found = "\(failure)"
    }
    #expect(found.hasPrefix(expected))
    #expect(!found.contains("cret"))
  }

  @Test(
    "What is left out",
    arguments: [
      ("a.example", "*", true), ("a.example", "example", true), ("a.example", ".example", true),
      ("a.example", "a.example", true), ("a.example", "A.EXAMPLE", true), ("a.example", "b.example,a.example", true),
      ("a.example", "b.example, a.example", true), ("a.example", "a.example:443", true),
      ("a.example", "a.example:80", false), ("a.example", "b.example", false), ("aexample", "example", false),
      ("a.example", "", false), ("a.example", ",", false), ("192.0.2.1", "192.0.2.1", true),
      ("192.0.2.1", "2.1", false), ("[2001:db8::1]", "2001:db8:0::1", true), ("[2001:db8::1]", "[2001:db8::1]", true),
      ("[2001:db8::1]", "[2001:db8::1]:443", true), ("[2001:db8::1]", "[2001:db8::1]:80", false),
      ("[2001:db8::1]", "2001:db8::2", false),
    ])
  func exceptions(_ host: String, _ list: String, _ isStraight: Bool) throws {
    let rules = ProxyRules(environment: ["https_proxy": "http://p:1", "no_proxy": list])
    #expect((try rules.way(to: try Endpoint(url: "https://\(host)")) == .straight) == isStraight)
  }

  @Test("What is said to a proxy, and never to a person")
  func request() throws {
    let proxy = try Proxy(url: "http://us%65r:p%40ss:word@p:1")
    let tunnel = ProxyTunnel(to: try Endpoint(url: "https://[2001:db8::1]"), through: proxy)
    #expect(
      String(decoding: tunnel.request, as: UTF8.self)
        == "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nUser-Agent: shardmeter\r\n"
        // Python's base64.b64encode(b"user:p@ss:word").
        + "Proxy-Authorization: Basic dXNlcjpwQHNzOndvcmQ=\r\n\r\n")
    for text in ["\(proxy)", String(reflecting: proxy), "\(tunnel)", String(reflecting: tunnel)] {
      #expect(!text.contains("word") && !text.contains("dXNl"))
    }
  }

  /// A proxy that answers with these pieces, and a client that wants to go through it.
  private func outcome(_ answer: String, ends: Bool = false) throws -> String {
    let address = try #require(SocketAddress(numeric: "127.0.0.1", port: 0))
    let listener = try SystemCalls.listen(on: address)
    defer { SystemCalls.close(listener) }
    let port = try SystemCalls.localAddress(of: listener).port
    let proxy = try Proxy(url: "127.0.0.1:\(port)")
    let endpoint = try Endpoint(url: "https://kinesis.example")
    let loop = try EventLoop()
    let connection = ClientConnection(
      slot: 0, endpoint: endpoint,
      addresses: EndpointAddresses(proxy.endpoint, known: try NameResolution.addresses(of: proxy.endpoint)), loop: loop,
      tunnel: ProxyTunnel(to: endpoint, through: proxy), tls: try TLSClientContext(host: endpoint.host, trust: .system))
    var event = connection.connect()
    var peer: Int32?
    defer { if let peer { SystemCalls.close(peer) } }
    let clock = SystemClock()
    let deadline = clock.now() + .seconds(10)
    while case .none = event, clock.now() < deadline {
      try loop.wait(until: clock.now() + .milliseconds(20))
      if peer == nil, case .bytes(let accepted) = SystemCalls.accept(listener) {
        peer = Int32(accepted)
        _ = Array(answer.utf8).withUnsafeBytes { SystemCalls.send(Int32(accepted), $0) }
        if ends { SystemCalls.shutDownWriting(Int32(accepted)) }
      }
      while case .none = event, let ready = loop.nextEvent() {
        event = connection.handle(ready.readiness, now: clock.now())
      }
    }
    guard case .failed(let failure, let mayHaveBeenReceived) = event else { return "\(event)" }
    #expect(!mayHaveBeenReceived && connection.isClosed)
    return "\(failure.code): \(connection.failureDetail ?? "")"
  }

  @Test(
    "Answers that open no tunnel",
    arguments: [
      ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "the proxy answers 407 Proxy Authentication Required"),
      ("HTTP/1.1 503\r\n\r\n", "the proxy answers 503"),
      ("SSH-2.0-OpenSSH\r\n", "what listens there is no HTTP proxy"),
      ("HTTP/1.1 abc\r\n\r\n", "the proxy's answer has no status"),
      ("HTTP/1.1 200 OK\r\n\r\nmore", "the proxy says more than its answer"),
      ("HTTP/1.1 200 OK\r\nX: y\r\n", "the proxy ended the connection"),
      ("", "the proxy ended the connection"),
    ])
  func refusals(_ answer: String, _ expected: String) throws {
    #expect(try outcome(answer, ends: true) == "proxy-refused: \(expected)")
  }

  @Test("Behind an open tunnel the TLS handshake begins")
  func through() throws {
    #expect(
      try outcome("HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n", ends: true).hasPrefix("tls-handshake: "))
  }
}
