import Foundation
import Glibc
import Kinesis
import LocalKinesis
import Testing

/// The endpoint over real sockets on the loopback interface.
@Suite struct ServerTests {
  /// Runs a server on a free port while `body` talks to it.
  func serving(
    _ change: (inout EmbeddedTargetConfiguration) -> Void = { _ in }, _ body: (UInt16) throws -> Void
  ) throws {
    var configuration = EmbeddedTargetConfiguration()
    configuration.port = 0
    change(&configuration)
    let server = try EmbeddedServer(configuration)
    #expect(server.readyLine == "listening on http://127.0.0.1:\(server.port)")
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do { try server.run() } catch { Issue.record(error) }
      ended.signal()
    }
    defer {
      server.stop()
      ended.wait()
    }
    try body(server.port)
  }

  /// Sends bytes on a connection of their own and reads until the server ends it; nil when it is reset.
  func exchange(_ port: UInt16, _ text: String) throws -> String? {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(connected == 0)
    let bytes = Array(text.utf8)
    try #require(Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &chunk, chunk.count, 0)
      if count < 0 { return errno == ECONNRESET ? nil : String(decoding: received, as: UTF8.self) }
      if count == 0 { return String(decoding: received, as: UTF8.self) }
      received += chunk[..<count]
    }
  }

  func request(_ operation: String, _ body: String, isLast: Bool = true) -> String {
    """
    POST / HTTP/1.1\r
    Host: localhost\r
    Content-Type: application/x-amz-json-1.1\r
    X-Amz-Target: Kinesis_20131202.\(operation)\r
    X-Amz-Date: 20260314T091512Z\r
    Authorization: \(Harness.authorization)\r
    Content-Length: \(body.utf8.count)\r
    \(isLast ? "Connection: close\r\n" : "")\r
    \(body)
    """
  }

  @Test func answersPipelinedRequestsInTurn() throws {
    try serving { port in
      let answer = try exchange(
        port,
        request("PutRecords", Harness.records(["a"]), isLast: false)
          + request("PutRecords", Harness.records(["a"], stream: "nobody")))
      let text = try #require(answer)
      let answers = text.components(separatedBy: "HTTP/1.1 ").dropFirst()
      #expect(answers.count == 2)
      #expect(answers.first?.hasPrefix("200 ") == true)
      #expect(answers.first?.contains("Content-Type: application/x-amz-json-1.1\r\n") == true)
      #expect(answers.first?.contains("x-amzn-RequestId: ") == true)
      #expect(answers.first?.contains(#"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"#) == true)
      #expect(answers.last?.hasPrefix("400 ") == true)
      #expect(answers.last?.contains(#""__type":"ResourceNotFoundException""#) == true)
    }
  }

  @Test func refusesUnsignedRequests() throws {
    try serving { port in
      let unsigned = request("ListStreams", "{}").replacingOccurrences(of: "Authorization:", with: "X-Other:")
      let answer = try exchange(port, unsigned)
      #expect(answer?.contains("MissingAuthenticationTokenException") == true)
    }
  }

  @Test func nullTargetAnswersWithoutReading() throws {
    try serving({ $0.nullRecords = 3 }) { port in
      let answer = try exchange(port, request("PutRecords", "no JSON at all"))
      let text = try #require(answer)
      let body = try #require(text.components(separatedBy: "\r\n\r\n").last)
      #expect(body.hasPrefix(#"{"FailedRecordCount":0,"Records":["#))
      #expect(body.components(separatedBy: #""ShardId":"#).count == 4)
    }
  }

  @Test func nullTargetTellsItsShards() throws {
    try serving({ $0.nullRecords = 3 }) { port in
      let answer = try exchange(port, request("ListShards", #"{"StreamName":"orders"}"#))
      let text = try #require(answer)
      #expect(text.contains(#""EndingHashKey":"340282366920938463463374607431768211455""#))
      #expect(text.components(separatedBy: #""ShardId":"#).count == 2)
    }
  }

  @Test func faultsReachTheSocket() throws {
    let call = request("PutRecords", Harness.records(["a", "b", "c", "d"]))
    for kind in [FaultRule.Kind.reset, .resetWithin] {
      try serving({ $0.settings.faults = [FaultRule(kind: kind, occasion: .probability(1))] }) { port in
        let answer = try exchange(port, call)
        #expect(answer == nil, "\(kind)")
      }
    }
    try serving({ $0.settings.faults = [FaultRule(kind: .truncate, occasion: .probability(1))] }) { port in
      let answer = try exchange(port, call)
      let text = try #require(answer)
      #expect(text.contains("\r\n\r\n{"))
      #expect(!text.hasSuffix("]}"))
    }
  }

  @Test func portInUseIsSaidSo() throws {
    try serving { port in
      var configuration = EmbeddedTargetConfiguration()
      configuration.port = port
      #expect(throws: (any Error).self) { try EmbeddedServer(configuration) }
    }
  }
}
