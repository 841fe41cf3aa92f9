import Testing
import Transport

@Suite("An endpoint")
struct EndpointTests {
  static let good: [(String, String, UInt16, String, Bool)] = [
    ("http://127.0.0.1:4567", "127.0.0.1", 4567, "127.0.0.1:4567", true),
    ("http://127.0.0.1:4567/", "127.0.0.1", 4567, "127.0.0.1:4567", true),
    ("http://localhost", "localhost", 80, "localhost", true),
    ("http://a.localhost:80", "a.localhost", 80, "a.localhost", true),
    ("http://[::1]:4567", "::1", 4567, "[::1]:4567", true),
    ("http://[::1]", "::1", 80, "[::1]", true),
    ("http://[::FFFF:127.0.0.1]:1", "::ffff:127.0.0.1", 1, "[::ffff:127.0.0.1]:1", true),
    ("http://[2001:db8::1]:65535", "2001:db8::1", 65535, "[2001:db8::1]:65535", false),
    ("http://127.1:4567", "127.1", 4567, "127.1:4567", false),
    ("http://0.0.0.0:1", "0.0.0.0", 1, "0.0.0.0:1", true), ("http://[::]:1", "::", 1, "[::]:1", true),
    (
      "https://Kinesis.EU-West-1.amazonaws.com", "kinesis.eu-west-1.amazonaws.com", 443,
      "kinesis.eu-west-1.amazonaws.com", false
    ),
    ("HTTPS://my_service.:8443", "my_service.", 8443, "my_service.:8443", false),
    ("http://localhost.example.com", "localhost.example.com", 80, "localhost.example.com", false),
  ]

  @Test("is read from a URL", arguments: good)
  func isRead(_ url: String, _ host: String, _ port: UInt16, _ hostHeader: String, _ isLoopback: Bool) throws {
    let endpoint = try Endpoint(url: url)
    #expect(endpoint.host == host)
    #expect(endpoint.port == port)
    #expect(endpoint.hostHeader == hostHeader)
    #expect(endpoint.isLoopback == isLoopback)
    #expect(try Endpoint(url: endpoint.url) == endpoint)
  }

  static let bad: [(String, EndpointFailure.Reason)] = [
    ("", .scheme), ("localhost:4567", .scheme), ("ftp://a", .scheme), ("http:/a", .scheme), ("://a", .scheme),
    ("http://", .host), ("http:///", .host), ("http://:80", .host), ("http://a..b", .host), ("http://.", .host),
    ("http://a b", .host), ("http://é", .host), ("http://[::1", .host), ("http://[127.0.0.1]", .host),
    ("http://[::1%25lo]", .host), ("http://[::g]", .host), ("http://" + String(repeating: "a", count: 64), .host),
    ("http://a:", .port), ("http://a:0", .port), ("http://a:65536", .port), ("http://a:-1", .port),
    ("http://a:+1", .port), ("http://a:1x", .port), ("http://[::1]4567", .port), ("http://::1", .host),
    ("http://a/b", .path), ("http://a?b", .path), ("http://a#b", .path), ("http://a//", .path),
    ("http://user:secret@a", .userInformation), ("ftp://user:secret@a", .scheme), ("http://user:secret@a/b", .path),
    ("http://user:secret/more@a", .path), ("user:secret@a", .scheme),
  ]

  @Test("refuses what is none, and says which part is wrong", arguments: bad)
  func isRefused(_ url: String, _ reason: EndpointFailure.Reason) {
    #expect(throws: EndpointFailure(text: url, reason: reason)) { try Endpoint(url: url) }
    #expect(!EndpointFailure(text: url, reason: reason).description.contains("secret"))
  }

  @Test("in numbers needs no name server")
  func numericAddresses() throws {
    let four = try NameResolution.addresses(of: Endpoint(url: "http://127.0.0.1:81"))
    #expect(four.map(\.description) == ["127.0.0.1:81"])
    let six = try NameResolution.addresses(of: Endpoint(url: "http://[::1]:82"))
    #expect(six.map(\.description) == ["[::1]:82"])
  }

  @Test("on this machine resolves to it")
  func localhost() throws {
    let addresses = try NameResolution.addresses(of: Endpoint(url: "http://localhost:83"))
    #expect(!addresses.isEmpty)
    #expect(addresses.allSatisfy { $0.isLoopback && $0.port == 83 })
    #expect(Set(addresses).count == addresses.count)
  }

  @Test("with a name that has no address says so")
  func unknownName() {
    // A label this long is no legal name, so no name server is asked.
    let host = String(repeating: "a", count: 64) + ".invalid"
    #expect(throws: NameResolution.Failure.self) {
      try NameResolution.addresses(of: Endpoint(scheme: .http, host: host, port: 1))
    }
  }
}
