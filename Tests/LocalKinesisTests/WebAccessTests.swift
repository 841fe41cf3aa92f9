import LocalKinesis
import StrictJSON
import Testing

/// Which web pages are answered, and under which names of the host.
@Suite struct WebAccessTests {
  @Test(arguments: [
    ("http://localhost:3000", "http://localhost:3000"), ("https://Example.ORG", "https://example.org"),
    ("http://example.org:80/", "http://example.org"), ("https://example.org:443", "https://example.org"),
    ("https://example.org:80", "https://example.org:80"), ("http://[::1]:8080", "http://[::1]:8080"),
    ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ("*", nil), ("null", nil), ("", nil), ("localhost", nil), ("http://", nil), ("http://a b", nil),
    ("http://a/path", nil), ("http://user@a", nil), ("http://a:99999", nil), ("http://a:-1", nil), ("http://*.a", nil),
    ("http://[::1", nil), ("1http://a", nil),
  ])
  func origins(url: String, origin: String?) {
    #expect(WebAccess.origin(of: url) == origin)
  }

  @Test(arguments: [
    ("kinesis", "kinesis"), ("Kinesis.Local", "kinesis.local"), ("a.", "a"), ("10.0.0.7", "10.0.0.7"), ("::1", "::1"),
    ("[FE80::1]", "fe80::1"), ("a:80", nil), ("", nil), ("*", nil), ("http://a", nil), ("a b", nil), ("[a]", nil),
  ])
  func hostNames(text: String, name: String?) {
    #expect(WebAccess.name(ofHost: text) == name)
  }

  static let hosts: [(String?, Bool)] = [
    (nil, true), ("127.0.0.1:4567", true), ("127.9.9.9", true), ("localhost", true), ("LocalHost.:4567", true),
    ("[::1]:4567", true), ("[::ffff:127.0.0.1]", true), ("10.0.0.7:4567", false), ("attacker.example", false),
    ("localhost.attacker.example", false), ("127.0.0.1.attacker.example", false), ("127.0.0.1@attacker.example", false),
    ("", false), ("localhost:x", false), ("localhost:", false), ("[::1", false), ("0.0.0.0", false),
    ("2130706433", false),
  ]

  @Test(arguments: hosts)
  func hostsOnALoopbackAddress(host: String?, isAdmitted: Bool) {
    let access = WebAccess(EmbeddedTargetConfiguration(), isLoopback: true)
    #expect(access.admits(host: host) == isAdmitted)
    #expect(WebAccess(adminAllowing: []).admits(host: host) == isAdmitted)
  }

  @Test(arguments: [
    // Listening elsewhere, any name is taken, until some are named.
    (false, [], "kinesis:4567", true), (false, ["stream"], "kinesis:4567", false), (false, ["stream"], "stream", true),
    (false, ["stream"], "127.0.0.1:4567", true), (true, ["kinesis"], "KINESIS:4567", true),
    (true, ["kinesis"], "other", false), (true, ["fe80::1"], "[fe80::1]:80", true), (false, [], "", true),
  ])
  func allowedHosts(isLoopback: Bool, names: [String], host: String, isAdmitted: Bool) {
    var configuration = EmbeddedTargetConfiguration()
    configuration.allowedHosts = names
    #expect(WebAccess(configuration, isLoopback: isLoopback).admits(host: host) == isAdmitted)
  }

  @Test func theNameListenedAtIsItsOwn() {
    var configuration = EmbeddedTargetConfiguration()
    configuration.host = "Devbox"
    let access = WebAccess(configuration, isLoopback: true)
    #expect(access.admits(host: "devbox:4567") && !access.admits(host: "other"))
  }

  @Test(arguments: [
    ("http://127.0.0.1:4568", "127.0.0.1:4568", true), ("http://LOCALHOST:4568", "localhost:4568", true),
    ("http://localhost", "localhost:80", true), ("http://localhost:3000", "localhost:4568", false),
    ("https://localhost:4568", "localhost:4568", false), ("null", "localhost:4568", false), ("", "", false),
  ])
  func sameOrigins(origin: String, host: String, isSame: Bool) {
    #expect(WebAccess.isSame(origin: origin, host: host) == isSame)
  }

  /// In both encodings and for every method, in the service's own form of an error.
  @Test(arguments: ["POST", "OPTIONS", "GET"], [Harness.json, Harness.cbor])
  func pagesAreRefused(method: String, type: String) throws {
    let harness = try Harness()
    for (host, origin) in [("attacker.example", nil), ("127.0.0.1", "https://attacker.example"), (nil, "null")] {
      let answer = harness.send(Array(Harness.records(["a"]).utf8)) {
        ($0.method, $0.contentType, $0.host, $0.origin) = (method, type, host, origin)
      }
      #expect(answer.status == 403)
      let body = answer.withBody { type == Harness.cbor ? CBORServiceCodec.decode($0) : JSONServiceCodec.decode($0) }
      #expect(body?["__type"]?.text == "AccessDeniedException")
      #expect(body?["message"]?.text?.contains(origin == nil ? "--allow-host" : "--allow-origin") ?? false)
      #expect(!answer.headers.contains { "\($0.name)".hasPrefix("Access-Control") })
    }
  }
}
