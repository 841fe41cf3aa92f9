import Kinesis
import Testing

@Suite struct SigV4Tests {
  static let body = Array(
    #"{"StreamName":"exampleStreamName","Records":[{"Data":"XzxkYXRhPl8x","PartitionKey":"partitionKey1"}]}"#.utf8)
  static let now = WallSeconds(1_440_938_160)  // 2015-08-30T12:36:00Z
  static let host = "kinesis.us-east-1.amazonaws.com"
  static let credentials = Credentials(
    accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

  /// A whole request as the signer makes it.
  func message(
    _ body: [UInt8] = body, credentials: Credentials? = credentials, headroom: Int = 2048, at now: WallSeconds = now
  ) -> String {
    let buffer = RequestBuffer(headroom: headroom)
    body.withUnsafeBytes { buffer.setBody($0) }
    RequestSigner(credentials: credentials, region: "us-east-1", hostHeader: Self.host).finish(buffer, at: now)
    return String(decoding: buffer.message, as: UTF8.self)
  }

  func headers(token: String? = nil) -> [(name: String, value: String)] {
    [
      ("X-Amz-Target", "Kinesis_20131202.PutRecords"), ("Host", Self.host),
      ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Date", "20150830T123600Z"),
    ] + (token.map { [("X-Amz-Security-Token", $0)] } ?? [])
  }

  let scope = SigV4.Scope(date: "20150830", region: "us-east-1")

  // MARK: The step-by-step form against vectors computed twice, independently

  @Test func eachStepOfTheVectorIsMet() {
    let hash = Self.body.withUnsafeBytes { SHA256.digest($0) }
    #expect(hash.hex == "d0807734f966df34da9d994686a4221b0f2d97f846e4f072040444bc99f55983")
    let head = SigV4.canonicalHead(method: "POST", path: "/", query: "", headers: headers())
    #expect(SHA256.digest(head + hash.hex).hex == "b7481b3a14a149c278e57f6e519c9729baba286eafa9014e4bb3718093a7f874")
    let key = SigV4.signingKey(secret: Self.credentials.secretAccessKey, scope: scope)
    #expect(key.hex == "1a8ef0fa45f4fb9b8ca6c755f0b81c00b521d0e7b9564a363d2511b8f4d4bc54")
    let signature = SigV4.signature(
      method: "POST", path: "/", query: "", headers: headers(), payloadHash: hash, date: "20150830T123600Z",
      scope: scope, secret: Self.credentials.secretAccessKey)
    #expect(signature.hex == "cf050073b101405c430bb161197c51512a1ee50a2413b0abc3cdd6bd568e166b")
  }

  @Test func theTokenIsSigned() {
    let hash = Self.body.withUnsafeBytes { SHA256.digest($0) }
    let head = SigV4.canonicalHead(method: "POST", path: "/", query: "", headers: headers(token: "TOKENEXAMPLE"))
    #expect(SHA256.digest(head + hash.hex).hex == "4fe0390b5a556a99f44c8338acd7f4c71a0d59f275d870fccc77f516fa4d7f4e")
  }

  /// From the official suite (awslabs/aws-c-auth `tests/aws-signing-test-suite/v4`; get-vanilla and post-vanilla there,
  /// the other cases of botocore's copy): service `service`, us-east-1, signed headers host and x-amz-date.
  @Test(arguments: [
    ("GET", "", [], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    ("POST", "", [], "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    (
      "GET", "Param2=value2&Param1=value1", [], "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ),
    (
      "GET", "", ["My-Header1: value1", "My-Header2:    \"a   b   c\"   "],
      "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    ),
  ])
  func officialCasesAreMet(_ method: String, _ query: String, _ extra: [String], _ expected: String) {
    var headers: [(name: String, value: String)] = [
      ("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z"),
    ]
    for line in extra {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers.append((String(parts[0]), String(parts[1])))
    }
    let signature = SigV4.signature(
      method: method, path: "/", query: query, headers: headers, payloadHash: SHA256.digest(""),
      date: "20150830T123600Z", scope: SigV4.Scope(date: "20150830", region: "us-east-1", service: "service"),
      secret: Self.credentials.secretAccessKey)
    #expect(signature.hex == expected)
  }

  @Test func repeatedHeadersAreJoinedAndSorted() {
    let head = SigV4.canonicalHead(
      method: "GET", path: "", query: "b=2&a=1&a&b=1",
      headers: [("B", " x  y "), ("a", "1"), ("b", "z")])
    #expect(head == "GET\n/\na=&a=1&b=1&b=2\na:1\nb:x y,z\n\na;b\n")
  }

  // MARK: The prepared form

  @Test func theSignerMeetsTheVectorByteForByte() {
    let expected =
      "POST / HTTP/1.1\r\nHost: \(Self.host)\r\nUser-Agent: shardmeter\r\nContent-Type: application/x-amz-json-1.1\r\n"
      + "X-Amz-Target: Kinesis_20131202.PutRecords\r\nX-Amz-Date: 20150830T123600Z\r\nAuthorization: AWS4-HMAC-SHA256 "
      + "Credential=AKIDEXAMPLE/20150830/us-east-1/kinesis/aws4_request, "
      + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
      + "Signature=cf050073b101405c430bb161197c51512a1ee50a2413b0abc3cdd6bd568e166b\r\nContent-Length: 101\r\n\r\n"
      + String(decoding: Self.body, as: UTF8.self)
    #expect(message() == expected)
  }

  @Test func theSignerSignsTheToken() {
    var credentials = Self.credentials
    credentials.sessionToken = "TOKENEXAMPLE"
    let message = message(credentials: credentials)
    #expect(message.contains("\r\nX-Amz-Security-Token: TOKENEXAMPLE\r\n"))
    #expect(message.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "))
    #expect(message.contains("=fea8e24372e717fd09262a62f1f0fe0d73a2e508d3d1a44dedf57b5f5b7ca914\r\n"))
  }

  @Test func unsignedRequestsHaveNoDateAndNoAuthorization() {
    let message = message([], credentials: nil)
    #expect(
      message
        == "POST / HTTP/1.1\r\nHost: \(Self.host)\r\nUser-Agent: shardmeter\r\nContent-Type: "
        + "application/x-amz-json-1.1\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\nContent-Length: 0\r\n\r\n")
  }

  @Test(arguments: [0, 1, 200, 490, 500, 510, 2048]) func anyHeadroomGivesTheSameMessage(_ headroom: Int) {
    #expect(message(headroom: headroom) == message())
  }

  @Test func aTokenLongerThanTheHeadroomMovesTheBody() {
    var credentials = Self.credentials
    credentials.sessionToken = String(repeating: "t", count: 9000)
    let long = message(credentials: credentials)
    #expect(long.hasSuffix("\r\n\r\n" + String(decoding: Self.body, as: UTF8.self)))
    #expect(long == message(credentials: credentials, headroom: 16_384))
  }

  @Test func oneSignerServesManySecondsDaysAndCredentials() throws {
    let buffer = RequestBuffer()
    let signer = RequestSigner(credentials: Self.credentials, region: "us-east-1", hostHeader: Self.host)
    var other = Self.credentials
    other.secretAccessKey = "other"
    var current = Self.credentials
    // Days change back and forth, as a clock may.
    for (step, offset) in [0, 0, 1, 86_400, 86_401, 0, -86_400 * 365, 5].enumerated() {
      if step == 4 { current = other }
      if step == 4 { signer.replaceCredentials(other) }
      let body = [UInt8](repeating: 0x20, count: 1 << (2 * step))
      body.withUnsafeBytes { buffer.setBody($0) }
      let now = WallSeconds(Self.now.value + Int64(offset))
      signer.finish(buffer, at: now)
      let text = String(decoding: buffer.message, as: UTF8.self)
      #expect(text == message(body, credentials: current, at: now))
    }
  }

  // MARK: Verification

  @Test func whatIsSignedIsVerifiedAndNothingElse() throws {
    let text = message()
    let line = try #require(text.split(separator: "\r\n").first { $0.hasPrefix("Authorization: ") })
    let authorization = try #require(SigV4.Authorization(String(line.dropFirst("Authorization: ".count))))
    #expect(authorization.accessKeyID == "AKIDEXAMPLE")
    #expect(authorization.scope == scope)
    #expect(authorization.signedHeaders == ["content-type", "host", "x-amz-date", "x-amz-target"])
    let hash = Self.body.withUnsafeBytes { SHA256.digest($0) }
    func matches(
      _ headers: [(name: String, value: String)], hash: Digest256 = hash,
      secret: String = Self.credentials.secretAccessKey,
      method: String = "POST"
    ) -> Bool {
      authorization.matches(
        method: method, path: "/", query: "", headers: headers, payloadHash: hash, secret: secret)
    }
    #expect(matches(headers()))
    #expect(matches(headers() + [("User-Agent", "anything")]))
    #expect(!matches(headers(), secret: "wrong"))
    #expect(!matches(headers(), method: "GET"))
    #expect(!matches(headers(), hash: SHA256.digest("other body")))
    #expect(!matches(headers().filter { $0.name != "Host" }))
    #expect(!matches(headers().map { $0.name == "Host" ? ("Host", "elsewhere") : $0 }))
    #expect(!matches(headers().map { $0.name == "X-Amz-Date" ? ("X-Amz-Date", "20150831T123600Z") : $0 }))
  }

  @Test(arguments: [
    "", "AWS4-HMAC-SHA256", "Basic abc", "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/aws4_request, Signature=1",
    "AWS4-HMAC-SHA256 Credential=A/20150830/r/s/other, SignedHeaders=host, Signature=1",
    "AWS4-HMAC-SHA256 Credential=20150830/r/s/aws4_request, SignedHeaders=host, Signature=1",
    "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=1",
  ])
  func incompleteHeadersAreNone(_ header: String) {
    #expect(SigV4.Authorization(header) == nil)
  }

  // MARK: Dates

  @Test(arguments: [
    (0, "19700101T000000Z"), (1_440_938_160, "20150830T123600Z"), (951_782_400, "20000229T000000Z"),
    (951_868_799, "20000229T235959Z"), (4_107_542_400, "21000301T000000Z"), (-1, "19691231T235959Z"),
    (1_773_479_712, "20260314T091512Z"), (253_402_300_799, "99991231T235959Z"),
  ])
  func datesAreCivil(_ seconds: Int64, _ text: String) {
    #expect(String(decoding: WallSeconds(seconds).basic, as: UTF8.self) == text)
    #expect(WallSeconds(basic: Array(text.utf8)) == WallSeconds(seconds))
  }

  @Test(arguments: [
    "", "20150830T123600", "20150830 123600Z", "20151330T123600Z", "20150230T123600Z", "20150830T243600Z",
    "20150830T126000Z", "20150830T123660Z", "2015083AT123600Z", "20150800T123600Z", "21000229T000000Z",
  ])
  func textsThatAreNoDate(_ text: String) {
    #expect(WallSeconds(basic: Array(text.utf8)) == nil)
  }
}
