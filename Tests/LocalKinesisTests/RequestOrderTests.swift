import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// The order of checks before an operation is looked at, and what each of them answers.
@Suite struct RequestOrderTests {
  static let accessDenied = """
    <AccessDeniedException>
      <Message>Unable to determine service/operation name to be authorized</Message>
    </AccessDeniedException>

    """

  @Test(arguments: ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"]) func methodIsNotPost(_ method: String) throws {
    let reply = Reply(try Harness().send(Array("{}".utf8)) { $0.method = method })
    #expect(reply.status == 403)
    #expect(reply.text == Self.accessDenied)
    #expect(reply.header("Content-Type") == nil)
    #expect(reply.header("x-amz-id-2") != nil)
  }

  @Test(arguments: [
    (Harness.json, "Kinesis_20131202.PutRecords", #"{"__type":"SerializationException"}"#),
    (Harness.json, "Kinesis_20131202.Nothing", #"{"__type":"UnknownOperationException"}"#),
    (Harness.json, "DynamoDB_20120810.PutRecords", #"{"__type":"UnknownOperationException"}"#),
  ])
  func emptyBodyInJSON(_ type: String, _ target: String, _ body: String) throws {
    let reply = Reply(
      try Harness().send([]) {
        $0.contentType = type
        $0.target = target
      })
    #expect(reply.status == 400)
    #expect(reply.text == body)
  }

  @Test(arguments: [nil, Harness.cbor, "application/json", "text/plain"])
  func emptyBodyOfAnyOtherTypeIsAnsweredInCBOR(_ type: String?) throws {
    let reply = Reply(try Harness().send([]) { $0.contentType = type })
    #expect(reply.status == 400)
    #expect(reply.header("Content-Type") == Harness.cbor)
    let value = reply.answer.body.withUnsafeBytes { CBORServiceCodec.decode($0) }
    #expect(value == .members(("__type", .text("SerializationException"))))
  }

  @Test(arguments: [nil, "text/plain", "application/x-amz-json-1.0", "application/x-amz-json-1.1x"])
  func foreignContentType(_ type: String?) throws {
    let harness = try Harness()
    let named = Reply(harness.send(Array("{}".utf8)) { $0.contentType = type })
    #expect(named.status == 404)
    #expect(named.text == "<UnknownOperationException/>\n")
    #expect(named.header("Content-Type") == nil)
    let unnamed = Reply(
      harness.send(Array("{}".utf8)) {
        $0.contentType = type
        $0.target = nil
      })
    #expect(unnamed.status == 403)
    #expect(unnamed.text == Self.accessDenied)
  }

  @Test(arguments: ["application/x-amz-json-1.1; charset=utf-8", " application/x-amz-json-1.1 ;x"])
  func parametersOfTheContentTypeDoNotMatter(_ type: String) throws {
    let reply = Reply(try Harness().send(Array(Harness.records(["a"]).utf8)) { $0.contentType = type })
    #expect(reply.status == 200)
    #expect(reply.header("Content-Type") == Harness.json)
  }

  @Test(arguments: ["", "{", "hello", "3", "\"a\"", "null", "true", "{} {}", "{\"a\":}"])
  func malformedBodyComesBeforeTargetAndAuthorization(_ body: String) throws {
    guard !body.isEmpty else { return }
    for target in ["Kinesis_20131202.PutRecords", "Kinesis_20131202.ListStreams", "Foo.Bar", nil] {
      let reply = Reply(
        try Harness().send(Array(body.utf8)) {
          $0.target = target
          $0.authorization = nil
        })
      #expect(reply.status == 400)
      #expect(reply.text == #"{"__type":"SerializationException"}"#, "\(body) to \(target ?? "none")")
    }
  }

  @Test func plainJSONIsReadButNeverServed() throws {
    let harness = try Harness()
    let malformed = Reply(harness.send(Array("{".utf8)) { $0.contentType = "application/json" })
    #expect(malformed.status == 400)
    #expect(
      malformed.text == #"{"Output":{"__type":"com.amazon.coral.service#SerializationException"},"Version":"1.0"}"#)
    let formed = Reply(harness.send(Array("{}".utf8)) { $0.contentType = "application/json" })
    #expect(formed.status == 404)
    #expect(
      formed.text == #"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#)
    #expect(formed.header("Content-Type") == "application/json")
  }

  @Test(arguments: [nil, "", "Kinesis_20131202", "Kinesis_20131202.", "Kinesis_20131202.putRecords", "X.PutRecords"])
  func unknownTargetComesBeforeAuthorization(_ target: String?) throws {
    let reply = Reply(
      try Harness().send(Array("{}".utf8)) {
        $0.target = target
        $0.authorization = nil
      })
    #expect(reply.status == 400)
    #expect(reply.text == #"{"__type":"UnknownOperationException"}"#)
  }

  @Test func authorizationComesBeforeTypesAndConstraints() throws {
    for body in [#"{"Records":3}"#, "{}", Harness.records(["a"], stream: "nobody")] {
      let reply = Reply(try Harness().send(Array(body.utf8)) { $0.authorization = nil })
      #expect(reply.code == "MissingAuthenticationTokenException")
      #expect(reply.message == "Missing Authentication Token")
      #expect(reply.status == 400)
    }
  }

  @Test func typesComeBeforeConstraints() throws {
    let reply = try Harness().call("PutRecords", #"{"StreamName":"","Records":[{"PartitionKey":7}]}"#)
    #expect(reply.code == "SerializationException")
  }

  @Test func identifiersDifferFromRequestToRequest() throws {
    let harness = try Harness()
    var seen: Set<String> = []
    for _ in 0..<100 {
      let reply = harness.call("ListStreams", "{}")
      let id = try #require(reply.header("x-amzn-RequestId"))
      #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
      seen.insert(id)
      let extended = try #require(reply.header("x-amz-id-2"))
      #expect((64...80).contains(Base64.decoded(extended).count))
      seen.insert(extended)
    }
    #expect(seen.count == 200)
  }

  @Test func preflight() throws {
    let reply = Reply(
      try Harness { $0.allowedOrigins = ["https://example.org"] }.send([]) {
        $0.method = "OPTIONS"
        $0.origin = "https://example.org"
        $0.accessControlRequestHeaders = "x-amz-target"
        $0.accessControlRequestMethod = "POST"
      })
    #expect(reply.status == 200)
    #expect(reply.text == "")
    #expect(reply.header("Access-Control-Allow-Origin") == "https://example.org")
    #expect(reply.header("Access-Control-Allow-Headers") == "x-amz-target")
    #expect(reply.header("Access-Control-Allow-Methods") == "POST")
    #expect(reply.header("Access-Control-Max-Age") == "172800")
    #expect(reply.header("x-amzn-RequestId") != nil)
    #expect(reply.header("x-amz-id-2") == nil)
  }

  @Test func originOfAnOrdinaryRequest() throws {
    let reply = Reply(
      try Harness { $0.allowedOrigins = ["http://localhost:3000"] }.send(Array(Harness.records(["a"]).utf8)) {
        $0.origin = "http://localhost:3000"
      })
    #expect(reply.status == 200)
    #expect(reply.header("Access-Control-Allow-Origin") == "http://localhost:3000")
    #expect(reply.header("Vary") == "Origin")
    #expect(
      reply.header("Access-Control-Expose-Headers")
        == "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date")
  }
}
