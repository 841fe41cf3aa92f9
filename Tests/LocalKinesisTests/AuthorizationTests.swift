import Kinesis
import LocalKinesis
import Testing

@Suite struct AuthorizationTests {
  static let incomplete = "IncompleteSignatureException"

  @Test(arguments: [
    ("AWS4-HMAC-SHA256 Signature=a, SignedHeaders=b", true, ["Credential"]),
    ("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b", true, ["Signature"]),
    ("AWS4-HMAC-SHA256 Credential=a,Signature=b", true, ["SignedHeaders"]),
    ("AWS4-HMAC-SHA256 Credential=,Signature=b", true, ["Credential", "SignedHeaders"]),
    ("a", true, ["Credential", "Signature", "SignedHeaders"]),
    ("AWS4-HMAC-SHA256 Credential=a, Signature=b, SignedHeaders=c", false, []),
    ("a b c", false, ["Credential", "Signature", "SignedHeaders"]),
  ])
  func headerLacksParts(_ header: String, _ hasDate: Bool, _ missing: [String]) throws {
    let failure = try #require(AuthorizationCheck.failure(authorization: header, query: "", hasDate: hasDate))
    #expect(failure.code == Self.incomplete)
    var expected = missing.map { "Authorization header requires '\($0)' parameter. " }.joined()
    if !hasDate {
      expected += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
    }
    #expect(failure.message == expected + "Authorization=\(header)")
  }

  @Test(arguments: [
    ("X-Amz-Algorithm=a", ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"]),
    (
      "X-Amz-Algorithm",
      [
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date",
      ]
    ),
    ("X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Date=c", ["X-Amz-Signature", "X-Amz-SignedHeaders"]),
  ])
  func queryLacksParts(_ query: String, _ missing: [String]) throws {
    let failure = try #require(AuthorizationCheck.failure(authorization: nil, query: query, hasDate: false))
    #expect(failure.code == Self.incomplete)
    let expected = missing.map { "AWS query-string parameters must include '\($0)'. " }.joined()
    #expect(failure.message == expected + "Re-examine the query-string parameters.")
  }

  @Test func bothHeaderAndQuery() throws {
    let failure = try #require(
      AuthorizationCheck.failure(authorization: "a", query: "X-Amz-Algorithm=a", hasDate: true))
    #expect(failure.code == "InvalidSignatureException")
    #expect(
      failure.message
        == "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
  }

  @Test func neitherIsRefusedUnlessAllowed() throws {
    #expect(
      try Harness { $0.allowsUnsigned = true }.send(Array(Harness.records(["a"]).utf8)) { $0.authorization = nil }
        .status == 200)
    #expect(
      AuthorizationCheck.failure(authorization: "", query: "", hasDate: true)?.code
        == "MissingAuthenticationTokenException")
    #expect(
      AuthorizationCheck.failure(authorization: nil, query: "X-Amz=1", hasDate: true)?.code
        == "MissingAuthenticationTokenException")
  }

  // MARK: Verification

  static let credentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG")

  /// A request signed for `region` at `seconds` after the harness's clock.
  func signed(
    _ harness: Harness, _ change: (inout ServiceRequest) -> Void = { _ in }, region: String = "us-east-1",
    key: String = "AKIDEXAMPLE", skew: Int64 = 0, token: String? = nil
  ) -> Reply {
    let body = Array(Harness.records(["a"]).utf8)
    let date = String(decoding: WallSeconds(harness.time.seconds + skew).basic, as: UTF8.self)
    let scope = SigV4.Scope(date: String(date.prefix(8)), region: region)
    var headers = [
      (name: "Host", value: "localhost:4567"), (name: "Content-Type", value: Harness.json),
      (name: "X-Amz-Date", value: date), (name: "X-Amz-Target", value: "Kinesis_20131202.PutRecords"),
    ]
    if let token { headers.append((name: "X-Amz-Security-Token", value: token)) }
    let signature = body.withUnsafeBytes { bytes in
      SigV4.signature(
        method: "POST", path: "/", query: "", headers: headers, payloadHash: SHA256.digest(bytes), date: date,
        scope: scope, secret: Self.credentials.secretAccessKey)
    }
    let names = headers.map { $0.name.lowercased() }.sorted().joined(separator: ";")
    return Reply(
      harness.send(body) {
        $0.authorization =
          "AWS4-HMAC-SHA256 Credential=\(key)/\(scope), SignedHeaders=\(names), Signature=\(signature.hex)"
        $0.headers = headers
        change(&$0)
      })
  }

  func verifying(token: String? = nil) throws -> Harness {
    try Harness {
      $0.credentials = Self.credentials
      $0.credentials?.sessionToken = token
    }
  }

  @Test func correctSignature() throws {
    #expect(signed(try verifying()).status == 200)
    #expect(signed(try verifying(token: "TOKEN"), token: "TOKEN").status == 200)
  }

  @Test func unknownKeyRegionOrToken() throws {
    for reply in [
      signed(try verifying(), key: "AKIDOTHER"), signed(try verifying(), region: "eu-west-1"),
      signed(try verifying(), token: "TOKEN"), signed(try verifying(token: "TOKEN")),
    ] {
      #expect(reply.status == 400)
      #expect(reply.code == "UnrecognizedClientException")
      #expect(reply.message == "The security token included in the request is invalid.")
    }
  }

  @Test func changedRequest() throws {
    let reply = signed(try verifying()) { $0.path = "/x" }
    #expect(reply.status == 400)
    #expect(reply.code == "InvalidSignatureException")
  }

  @Test(arguments: [(-301, false), (-300, true), (0, true), (300, true), (301, false)])
  func skewedClock(_ skew: Int64, _ isAccepted: Bool) throws {
    let reply = signed(try verifying(), skew: skew)
    #expect(reply.status == (isAccepted ? 200 : 400))
    guard !isAccepted else { return }
    #expect(reply.code == "InvalidSignatureException")
    let message =
      skew < 0
      ? "Signature expired: 20260314T091011Z is now earlier than 20260314T091012Z (20260314T091512Z - 5 min.)"
      : "Signature not yet current: 20260314T092013Z is still later than 20260314T092012Z (20260314T091512Z + 5 min.)"
    #expect(reply.message == message)
  }
}
