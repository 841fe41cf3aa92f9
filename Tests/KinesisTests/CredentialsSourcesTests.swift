import Testing

@testable import Kinesis

@Suite("Sources of credentials")
struct CredentialsSourcesTests {
  // MARK: The endpoint of a container's host

  @Test(
    "A container's endpoint is where the token may go, and nowhere else",
    arguments: [
      ("https://anywhere.example/x", "https://anywhere.example"),
      ("http://127.0.0.1:8080/get", "http://127.0.0.1:8080"),
      ("http://127.9.9.9", "http://127.9.9.9"),
      ("http://localhost/", "http://localhost"),
      ("http://[::1]:99/x", "http://[::1]:99"),
      ("http://169.254.170.2/v2", "http://169.254.170.2"),
      ("http://169.254.170.23/v1/credentials", "http://169.254.170.23"),
      ("http://[fd00:ec2::23]/v1/credentials", "http://[fd00:ec2::23]"),
      ("http://169.254.170.24/x", nil), ("http://192.0.2.1/", nil), ("http://127.0.0.1.example/", nil),
      ("http://localhost.example/", nil), ("http://127.0.0.1@192.0.2.1/", nil), ("http://[fd00:ec2::24]/", nil),
      ("ftp://127.0.0.1/", nil), ("127.0.0.1", nil), ("http://127.0.0.1/a b", nil), ("http://127.0.0.1/a\r\nb", nil),
      ("http://127.0.0.1?x", nil), ("http://127.0.0.1/#x", nil),
    ] as [(String, String?)])
  func fullURI(_ uri: String, _ origin: String?) throws {
    let made = try? ContainerCredentials { $0 == "AWS_CONTAINER_CREDENTIALS_FULL_URI" ? uri : nil }
    #expect(made?.origin == origin)
  }

  @Test("The relative URI comes first, and the token's file before the token")
  func containerRequest() throws {
    let environment = [
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1?a=b",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "text",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/file",
    ]
    let container = try #require(try ContainerCredentials { environment[$0] })
    #expect(container.origin == "http://169.254.170.2")
    #expect(container.token == .file("/file"))
    #expect(
      try container.request(token: "Bearer x\n", hostHeader: "169.254.170.2")
        == "GET /v2/credentials/1?a=b HTTP/1.1\r\nHost: 169.254.170.2\r\nUser-Agent: shardmeter\r\n"
        + "Accept: application/json\r\nAuthorization: Bearer x\r\n\r\n")
    #expect(throws: CredentialsFailure.self) { try container.request(token: "a\r\nX: y", hostHeader: "h") }
    #expect(try ContainerCredentials { _ in nil } == nil)
    #expect(throws: CredentialsFailure.self) {
      try ContainerCredentials { $0 == "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" ? "@192.0.2.1/x" : nil }
    }
  }

  // MARK: Instance metadata

  private func metadata(_ environment: [String: String] = [:]) throws -> InstanceMetadata {
    try #require(InstanceMetadata { environment[$0] })
  }

  @Test("The service is found and bounded as its variables say")
  func metadataSettings() throws {
    #expect(InstanceMetadata { _ in "TRUE" } == nil)
    let usual = try metadata()
    #expect(usual.base == "http://169.254.169.254" && usual.isUsualAddress && !usual.needsToken)
    #expect(usual.timeoutSeconds == 1 && usual.attempts == 1)
    let other = try metadata([
      "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338/", "AWS_EC2_METADATA_V1_DISABLED": "true",
      "AWS_METADATA_SERVICE_TIMEOUT": "5", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "3",
    ])
    #expect(other.base == "http://127.0.0.1:1338" && !other.isUsualAddress && other.needsToken)
    #expect(other.timeoutSeconds == 5 && other.attempts == 3)
    let odd = try metadata(["AWS_METADATA_SERVICE_TIMEOUT": "-1", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "many"])
    #expect(odd.timeoutSeconds == 1 && odd.attempts == 1)
  }

  @Test(
    "A session token, or going on without one, or not",
    arguments: [
      (200, "TOKEN==", "TOKEN=="), (404, "", ""), (403, "", ""), (405, "", ""), (nil, "", ""),
      (400, "", nil), (500, "", nil), (200, "", nil), (200, "a\r\nb", nil),
    ] as [(Int?, String, String?)])
  func sessionToken(_ status: Int?, _ body: String, _ expected: String?) throws {
    let answer = status.map { (status: $0, body: Array(body.utf8)) }
    let usual = try metadata()
    #expect((try? usual.token(from: answer) ?? "") == expected)
    let strict = try metadata(["AWS_EC2_METADATA_V1_DISABLED": "true"])
    #expect((try? strict.token(from: answer) ?? "") == (expected == "" ? nil : expected))
  }

  @Test("The role is the first of the list")
  func role() throws {
    let service = try metadata()
    #expect(try service.role(from: (200, Array("web+role@x\nother".utf8))) == "web+role@x")
    for (status, body) in [(404, "x"), (200, ""), (200, "a/../b"), (200, "a b"), (500, "x")] {
      #expect(throws: CredentialsFailure.self) { try service.role(from: (status, Array(body.utf8))) }
    }
    #expect(
      service.request(role: "r", token: "T", hostHeader: "h")
        == "GET /latest/meta-data/iam/security-credentials/r HTTP/1.1\r\nHost: h\r\nUser-Agent: shardmeter\r\n"
        + "X-Aws-Ec2-Metadata-Token: T\r\n\r\n")
  }

  // MARK: Documents

  @Test("What a process prints is read strictly, and never repeated")
  func processDocuments() throws {
    func read(_ text: String) throws(CredentialsFailure) -> Credentials {
      try CredentialsDocument.process(Array(text.utf8), source: "it")
    }
    #expect(
      try read(
        #" {"Version": 1, "AccessKeyId": "A\u0042", "SecretAccessKey": "S", "SessionToken": "T", "x": [{}], "#
          + #""Expiration": "2026-03-14T10:15:12.5+01:00"} "#)
        == Credentials(
          accessKeyID: "AB", secretAccessKey: "S", sessionToken: "T", expiration: WallSeconds(1_773_479_712)))
    #expect(
      try read(#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":null}"#)
        == Credentials(accessKeyID: "A", secretAccessKey: "S"))
    for bad in [
      "", "{}", "[]", "null", #"{"AccessKeyId":"A","SecretAccessKey":"hush"}"#,
      #"{"Version":2,"AccessKeyId":"A","SecretAccessKey":"hush"}"#,
      #"{"Version":"x","AccessKeyId":"A","SecretAccessKey":"hush"}"#,
      #"{"Version":1,"AccessKeyId":"A"}"#, #"{"Version":1,"AccessKeyId":"","SecretAccessKey":"hush"}"#,
      #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush"}x"#,
      #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"tomorrow hush"}"#,
      #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush\r\nX: y"}"#,
      #"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"hush""#,
    ] {
      let failure = #expect(throws: CredentialsFailure.self) { try read(bad) }
      #expect(failure.map { "\($0)".contains("hush") } == false)
    }
  }

  @Test("What a metadata service answers")
  func metadataDocuments() throws {
    func read(_ status: Int, _ text: String) throws(CredentialsFailure) -> Credentials {
      try CredentialsDocument.metadata((status, Array(text.utf8)), source: "it")
    }
    #expect(
      try read(
        200,
        #"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2026-03-14T09:15:12Z"}"#)
        == Credentials(
          accessKeyID: "A", secretAccessKey: "S", sessionToken: "T", expiration: WallSeconds(1_773_479_712)))
    let failed = #expect(throws: CredentialsFailure.self) { try read(200, #"{"Code":"AssumeRoleUnauthorized"}"#) }
    #expect(failed?.description == "it gave no credentials: it answers with code AssumeRoleUnauthorized")
    #expect(throws: CredentialsFailure.unusable(source: "it", reason: "HTTP 404")) { try read(404, "{}") }
    #expect(throws: CredentialsFailure.self) { try read(200, "<html>") }
  }

  // MARK: Words

  @Test(
    "Words are split as Python's shlex splits them",
    arguments: [
      ("a b  c\t\nd", ["a", "b", "c", "d"]), ("", []), ("  ", []), (#"'a b' "c d""#, ["a b", "c d"]),
      (#"a'b'"c"d"#, ["abcd"]), (#"'' """#, ["", ""]), (#"a\ b \\ \""#, ["a b", #"\"#, "\""]),
      (#""a\"b\\c\n""#, [#"a"b\c\n"#]), (#"'a\b'"#, [#"a\b"#]),
      ("a # b; $HOME | x", ["a", "#", "b;", "$HOME", "|", "x"]),
      ("é 🎈", ["é", "🎈"]),
      ("'a", nil), (#""a"#, nil), (#"a\"#, nil), (#""a\"#, nil),
    ] as [(String, [String]?)])
  func words(_ text: String, _ expected: [String]?) {
    #expect(ShellWords.split(text) == expected)
  }

  // MARK: Time

  @Test(
    "Times of RFC 3339",
    arguments: [
      ("2026-03-14T09:15:12Z", 1_773_479_712), ("2026-03-14T09:15:12.999Z", 1_773_479_712),
      ("2026-03-14T09:15:12+00:00", 1_773_479_712), ("2026-03-14T01:15:12-08:00", 1_773_479_712),
      ("2026-03-14T14:45:12.1+05:30", 1_773_479_712), ("1970-01-01T00:00:00z", 0),
      ("2026-03-14 09:15:12Z", nil), ("2026-03-14T09:15:12", nil), ("2026-02-30T09:15:12Z", nil), ("", nil),
      ("2026-03-14T09:15:12.Z", nil), ("2026-03-14T09:15:12.xZ", nil), ("2026-03-14T09:15:12+0000", nil),
      ("2026-03-14T09:15:12+25:00", nil), ("tomorrow", nil), ("20260314T091512Z", nil),
    ] as [(String, Int64?)])
  func times(_ text: String, _ expected: Int64?) {
    #expect(WallSeconds(iso8601: text)?.value == expected)
    if let expected { #expect(WallSeconds(iso8601: WallSeconds(expected).iso8601)?.value == expected) }
  }

  @Test("Lasting credentials are never renewed, ending ones a quarter of an hour before, or at half their life")
  func renewal() {
    let start = WallSeconds(1_000_000)
    #expect(CredentialsRefresh(expiration: nil, now: start).next == nil)
    for (life, after) in [(3_600, 2_700), (1_800, 900), (1_000, 500), (20, 10), (2, 1), (1, 1), (0, 1), (-50, 1)]
      as [(Int64, Int64)]
    {
      let refresh = CredentialsRefresh(expiration: WallSeconds(start.value + life), now: start)
      #expect(refresh.next?.value == start.value + max(1, after), "\(life)")
      #expect(!refresh.isDue(start))
      #expect(refresh.isDue(WallSeconds(start.value + max(1, after))))
    }
  }

  @Test("Failures are told once while the old credentials live, once when they have ended, and tried again for ever")
  func failures() {
    var now = WallSeconds(0)
    var refresh = CredentialsRefresh(expiration: WallSeconds(20), now: now)
    var told: [String] = []
    var tries: [Int64] = []
    while tries.count < 14, let next = refresh.next {
      now = next
      tries.append(now.value)
      switch refresh.failed(now: now) {
      case .stillGood(let until): told.append("good until \(until.value) at \(now.value)")
      case .ended(let at): told.append("ended \(at.value) at \(now.value)")
      case .repeated: break
      }
    }
    #expect(tries == [10, 11, 13, 17, 20, 36, 68, 128, 188, 248, 308, 368, 428, 488])
    #expect(told == ["good until 20 at 10", "ended 20 at 20"])
    refresh.renewed(expiration: WallSeconds(1_000), now: now)
    #expect(refresh.next == WallSeconds(744))
    #expect(refresh.failed(now: WallSeconds(744)) == .stillGood(until: WallSeconds(1_000)))
  }

  @Test("Who looks sees the latest, and knows when there is something new")
  func current() {
    let current = CurrentCredentials(nil)
    #expect(current.value == nil && current.generation == 0)
    current.replace(with: .loopback)
    #expect(current.value == .loopback && current.generation == 1)
  }

  // MARK: Addresses

  @Test(
    "The service's own addresses",
    arguments: [
      ("eu-west-1", "https://kinesis.eu-west-1.amazonaws.com"),
      ("us-east-1", "https://kinesis.us-east-1.amazonaws.com"),
      ("us-gov-west-1", "https://kinesis.us-gov-west-1.amazonaws.com"),
      ("cn-north-1", "https://kinesis.cn-north-1.amazonaws.com.cn"),
      ("us-iso-east-1", "https://kinesis.us-iso-east-1.c2s.ic.gov"),
      ("us-isob-east-1", "https://kinesis.us-isob-east-1.sc2s.sgov.gov"),
      ("eu-isoe-west-1", "https://kinesis.eu-isoe-west-1.cloud.adc-e.uk"),
      ("us-isof-south-1", "https://kinesis.us-isof-south-1.csp.hci.ic.gov"),
      ("eusc-de-east-1", "https://kinesis.eusc-de-east-1.amazonaws.eu"),
      ("", nil), ("evil.example/", nil), ("eu-west-1.evil", nil), ("-x", nil), ("EU-WEST-1", nil), ("a b", nil),
    ] as [(String, String?)])
  func regions(_ region: String, _ expected: String?) {
    let address = try? ServiceAddress(region: region)
    #expect(address?.data == expected && address?.control == expected)
  }

  @Test(
    "An account's own addresses",
    arguments: [
      ("aws", "eu-west-1", "https://123456789012.", "kinesis.eu-west-1.amazonaws.com"),
      ("aws-cn", "cn-northwest-1", "https://123456789012.", "kinesis.cn-northwest-1.amazonaws.com.cn"),
      ("aws-iso-e", "eu-isoe-west-1", "https://123456789012.", "kinesis.eu-isoe-west-1.cloud.adc-e.uk"),
    ])
  func accounts(_ partition: String, _ region: String, _ head: String, _ tail: String) throws {
    let arn = try #require(StreamARN("arn:\(partition):kinesis:\(region):123456789012:stream/orders"))
    let address = try ServiceAddress(arn: arn)
    #expect(address.data == "\(head)data-\(tail)")
    #expect(address.control == "\(head)control-\(tail)")
  }

  @Test("Some partitions have no addresses by account, and an ARN must be of its region's partition")
  func otherAccounts() throws {
    let iso = try #require(StreamARN("arn:aws-iso:kinesis:us-iso-east-1:123456789012:stream/orders"))
    #expect(try ServiceAddress(arn: iso).data == "https://kinesis.us-iso-east-1.c2s.ic.gov")
    let mixed = try #require(StreamARN("arn:aws:kinesis:cn-north-1:123456789012:stream/orders"))
    #expect(throws: ServiceAddressFailure.partition("aws", region: "cn-north-1", expected: "aws-cn")) {
      try ServiceAddress(arn: mixed)
    }
    let odd = try #require(StreamARN("arn:aws:kinesis:evil/:123456789012:stream/orders"))
    #expect(throws: ServiceAddressFailure.region("evil/")) { try ServiceAddress(arn: odd) }
  }
}
