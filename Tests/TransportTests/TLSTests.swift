import Foundation
import Testing
import Transport

@Suite("Encrypted connections")
struct TLSTests {
  /// A server with a certificate of its own for these names, and a file that makes clients trust it.
  private func withEncryptedServer(
    names: [String] = ["localhost", "127.0.0.1"], limits: HTTPServerLimits = HTTPServerLimits(),
    handler: @escaping @Sendable (HTTPRequestView, inout HTTPAnswer) -> Void = echo,
    _ body: (HTTPServer, _ authority: String) throws -> Void
  ) throws {
    let certificate = try SelfSignedCertificate(names: names)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
    try Data(certificate.certificatePEM().utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let context = try TLSServerContext(certificate)
    try withServer(limits: limits, tls: context, handler: handler) { server throws in try body(server, file.path) }
  }

  private func client(
    _ server: HTTPServer, host: String = "127.0.0.1", trust: TLSClientContext.Trust
  ) throws -> TestClient {
    try TestClient(
      url: "https://127.0.0.1:\(server.port)", tls: try TLSClientContext(host: host, trust: trust))
  }

  @Test("carry request after request")
  func exchange() throws {
    try withEncryptedServer { server, authority throws in
      let client = try client(server, trust: .file(authority))
      #expect(
        try (1...3).map { try client.exchange(post("\($0)")) } == ["200 POST /p 1", "200 POST /p 2", "200 POST /p 3"])
    }
  }

  @Test("carry messages of many records both ways")
  func largeMessages() throws {
    try withEncryptedServer { server, authority throws in
      let client = try client(server, trust: .file(authority))
      let body = String(repeating: "0123456789", count: 500_000)
      #expect(try client.exchange(post(body)) == "200 POST /p \(body)")
    }
  }

  @Test("check whom they talk to", arguments: ["localhost", "127.0.0.1"])
  func rightName(_ host: String) throws {
    try withEncryptedServer { server, authority throws in
      #expect(try client(server, host: host, trust: .file(authority)).exchange(post("x")) == "200 POST /p x")
    }
  }

  @Test("are refused when the certificate names another", arguments: ["other.example", "127.0.0.2"])
  func wrongName(_ host: String) throws {
    try withEncryptedServer { server, authority throws in
      let client = try client(server, host: host, trust: .file(authority))
      #expect(try client.connect() == "failed tls-certificate not received")
      #expect(client.connection.failureDetail?.contains("mismatch") == true)
    }
  }

  @Test("are refused when nobody vouches for the certificate, unless that does not matter")
  func unknownIssuer() throws {
    try withEncryptedServer { server, authority throws in
      let strict = try client(server, trust: .system)
      #expect(try strict.connect() == "failed tls-certificate not received")
      #expect(strict.connection.failureDetail?.contains("self-signed") == true)
      #expect(try client(server, host: "other.example", trust: .anyone).exchange(post("x")) == "200 POST /p x")
    }
  }

  @Test("resume the session when made anew")
  func resumption() throws {
    try withEncryptedServer(handler: { request, answer in
      answer.append("\(request.connection)")
      answer.closes = true
    }) { server, authority throws in
      let client = try client(server, trust: .file(authority))
      #expect(try client.exchange(post("x")) == "200 1 (closed)")
      #expect(!client.connection.isSessionResumed)
      #expect(try client.exchange(post("x")) == "200 2 (closed)")
      #expect(client.connection.isSessionResumed)
    }
  }

  @Test("report what a faulty server does as plain ones do")
  func faults() throws {
    try withEncryptedServer(handler: { request, answer in
      answer.append("0123456789")
      switch String(decoding: request.body, as: UTF8.self) {
      case "reset": answer.delivery = .reset(afterBytes: 0)
      case "truncate": answer.delivery = .truncate(afterBytes: 44)
      default: break
      }
    }) { server, authority throws in
      let client = try client(server, trust: .file(authority))
      #expect(try client.exchange(post("reset")) == "failed reset-before-answer perhaps received")
      #expect(try client.exchange(post("truncate")) == "failed closed-within-answer perhaps received")
      #expect(try client.exchange(post("")) == "200 0123456789")
    }
  }

  @Test("are no connections to a server that speaks in the clear")
  func plainServer() throws {
    try withServer { server throws in
      #expect(try client(server, trust: .anyone).connect() == "failed tls-handshake not received")
    }
  }

  @Test("leave the server unimpressed by clients that speak in the clear")
  func plainClient() throws {
    try withEncryptedServer { server, authority throws in
      #expect(try TestClient(server).exchange(post("x")).hasPrefix("failed "))
      #expect(try client(server, trust: .file(authority)).exchange(post("x")) == "200 POST /p x")
    }
  }

  @Test("need files that exist and hold what they should")
  func badFiles() {
    #expect(throws: TLSFailure.self) { try TLSClientContext(host: "a", trust: .file("/nonexistent.pem")) }
    #expect(throws: TLSFailure.self) {
      try TLSServerContext(certificateFile: "/nonexistent.pem", keyFile: "/nonexistent.pem")
    }
  }
}
