import Kinesis
import Testing

@Suite struct CredentialsTests {
  static let credentialsFile = """
    # comment
    [default]
    aws_access_key_id = AKDEFAULT
    aws_secret_access_key=secret/with=equals
      nested = 1
    [ work ]
    aws_access_key_id = AKWORK ; comment
    AWS_SECRET_ACCESS_KEY = s#cret
    aws_session_token = token
    [half]
    aws_access_key_id = AKHALF
    """
  static let configFile = """
    [default]
    region = eu-west-1
    [profile work]
    region = us-west-2
    aws_access_key_id = IGNORED
    [profile "two words"]\r
    aws_access_key_id = AKTWO\r
    aws_secret_access_key = two\r
    [profile role]
    role_arn = arn:aws:iam::1:role/x
    source_profile = default
    [profile sso]
    sso_session = corp
    [sso-session corp]
    sso_start_url = https://example.com
    [profile process]
    credential_process = /bin/tool --x
    [profile open]
    credential_process = tool "x
    [profile empty]
    region = eu-south-1
    [work]
    aws_access_key_id = NOT_A_PROFILE_OF_THE_CONFIG_FILE
    """

  func resolver(_ environment: [String: String] = [:], files: Bool = true) -> CredentialsResolver {
    CredentialsResolver(environment: ["HOME": "/home/u"].merging(environment) { $1 }) { path in
      guard files else { return nil }
      switch path {
      case "/home/u/.aws/credentials", "/other/credentials": return Array(Self.credentialsFile.utf8)
      case "/home/u/.aws/config": return Array(Self.configFile.utf8)
      default: return nil
      }
    }
  }

  /// The credentials that are there without asking anybody.
  func given(
    _ environment: [String: String] = [:], files: Bool = true, profile: String?, isLoopback: Bool
  ) throws -> Credentials {
    let source = try resolver(environment, files: files).source(profile: profile, isLoopback: isLoopback)
    guard case .given(let credentials, _) = source else {
      Issue.record("not given but \(source.name)")
      return .loopback
    }
    return credentials
  }

  @Test func theEnvironmentComesBeforeTheFiles() throws {
    let found = try given(
      [
        "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t", "AWS_PROFILE": "work",
        "AWS_CREDENTIAL_EXPIRATION": "2026-03-14T09:15:12+00:00",
      ], profile: nil, isLoopback: false)
    #expect(
      found
        == Credentials(
          accessKeyID: "AK", secretAccessKey: "s", sessionToken: "t", expiration: WallSeconds(1_773_479_712)))
  }

  /// A secret that is mounted as a file ends with a line end; one with a line end inside would end a header's line.
  @Test func whiteSpaceAroundVariablesIsTakenOffAndNoneIsInThem() throws {
    let environment = ["AWS_ACCESS_KEY_ID": " AK\n", "AWS_SECRET_ACCESS_KEY": "s\r\n", "AWS_SESSION_TOKEN": "\t"]
    #expect(
      try given(environment, profile: nil, isLoopback: false) == Credentials(accessKeyID: "AK", secretAccessKey: "s"))
    #expect(resolver(["AWS_REGION": "eu-west-1\n"]).region(profile: nil) == "eu-west-1")
    let failure = CredentialsFailure.unusable(
      source: "the environment", reason: "its keys have spaces or characters that are not printable ASCII")
    for (name, value) in [
      ("AWS_ACCESS_KEY_ID", "A\r\nX-Evil: 1"), ("AWS_SECRET_ACCESS_KEY", "s\0s"), ("AWS_SESSION_TOKEN", "t\nt"),
      ("AWS_SESSION_TOKEN", "tö"),
    ] {
      var spoilt = environment
      spoilt[name] = value
      #expect(throws: failure) { try resolver(spoilt).source(profile: nil, isLoopback: false) }
    }
  }

  @Test func aNamedProfileComesBeforeTheEnvironment() throws {
    let found = try given(
      ["AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s"], profile: "work", isLoopback: true)
    #expect(found == Credentials(accessKeyID: "AKWORK", secretAccessKey: "s#cret", sessionToken: "token"))
  }

  @Test(
    arguments: [
      ([:], nil, "AKDEFAULT", "secret/with=equals"),
      (["AWS_PROFILE": "two words"], nil, "AKTWO", "two"),
      (["AWS_ACCESS_KEY_ID": ""], nil, "AKDEFAULT", "secret/with=equals"),
      (["AWS_SHARED_CREDENTIALS_FILE": "/other/credentials", "AWS_CONFIG_FILE": "/none"], "work", "AKWORK", "s#cret"),
    ] as [([String: String], String?, String, String)])
  func profilesAreFound(_ environment: [String: String], _ profile: String?, _ key: String, _ secret: String) throws {
    let found = try given(environment, profile: profile, isLoopback: false)
    #expect(found.accessKeyID == key)
    #expect(found.secretAccessKey == secret)
  }

  @Test(
    arguments: [
      ("none", .noSuchProfile("none")),
      ("corp", .noSuchProfile("corp")),
      ("half", .incomplete(source: "profile \"half\"", missing: "aws_secret_access_key")),
      ("role", .needsExport(profile: "role", setting: "role_arn")),
      ("sso", .needsExport(profile: "sso", setting: "sso_session")),
      (
        "open",
        .unusable(
          source: "the credential_process of profile \"open\"", reason: "its line has a quote that is not closed")
      ),
    ] as [(String, CredentialsFailure)])
  func whatCannotBeUsedSaysWhy(_ profile: String, _ failure: CredentialsFailure) throws {
    // Named by the user, it fails on loopback too; named by the environment, only elsewhere.
    #expect(throws: failure) { try resolver().source(profile: profile, isLoopback: true) }
    #expect(throws: failure) { try resolver(["AWS_PROFILE": profile]).source(profile: nil, isLoopback: false) }
    #expect(try given(["AWS_PROFILE": profile], profile: nil, isLoopback: true) == .loopback)
  }

  @Test func withoutAnythingOnlyLoopbackIsServed() throws {
    let resolver = resolver(["AWS_EC2_METADATA_DISABLED": "true"], files: false)
    #expect(try given(files: false, profile: nil, isLoopback: true) == .loopback)
    #expect(throws: CredentialsFailure.notFound()) { try resolver.source(profile: nil, isLoopback: false) }
    #expect(
      throws: CredentialsFailure.incomplete(source: "the environment", missing: "AWS_SECRET_ACCESS_KEY")
    ) { try self.resolver(["AWS_ACCESS_KEY_ID": "AK"]).source(profile: nil, isLoopback: false) }
    #expect(
      throws: CredentialsFailure.incomplete(source: "profile \"empty\"", missing: "aws_access_key_id")
    ) { try self.resolver().source(profile: "empty", isLoopback: true) }
  }

  /// What is asked for credentials, in the SDKs' order, when nothing is written down.
  @Test(
    arguments: [
      (["AWS_PROFILE": "process"], "the credential_process of profile \"process\"", true),
      (["AWS_PROFILE": "empty"], "the instance metadata service http://169.254.169.254", false),
      (
        ["AWS_SHARED_CREDENTIALS_FILE": "/none", "AWS_CONFIG_FILE": "/none"],
        "the instance metadata service http://169.254.169.254", false
      ),
      (
        ["AWS_PROFILE": "empty", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"],
        "the instance metadata service http://[fd00:ec2::254]", false
      ),
      (
        ["AWS_PROFILE": "empty", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/secret-path"],
        "the container credentials endpoint http://169.254.170.2", false
      ),
      (
        ["AWS_PROFILE": "process", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"],
        "the credential_process of profile \"process\"", true
      ),
      (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/x"], "profile \"default\"", true),
    ] as [([String: String], String, Bool)])
  func whomToAsk(_ environment: [String: String], _ name: String, _ alsoOnLoopback: Bool) throws {
    #expect(try resolver(environment).source(profile: nil, isLoopback: false).name == name)
    let onLoopback = try resolver(environment).source(profile: nil, isLoopback: true)
    #expect(onLoopback.name == (alsoOnLoopback ? name : "the customary keys of emulators"))
  }

  @Test func webIdentityOfTheEnvironmentStops() throws {
    let environment = ["AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x"]
    #expect(
      throws: CredentialsFailure.needsExport(profile: nil, setting: "AWS_WEB_IDENTITY_TOKEN_FILE")
    ) { try resolver(environment).source(profile: nil, isLoopback: false) }
    #expect(
      CredentialsFailure.needsExport(profile: nil, setting: "X").description
        == #"X is set, which is not resolved here; run: eval "$(aws configure export-credentials --format env)""#)
    #expect(try given(environment, profile: "work", isLoopback: false).accessKeyID == "AKWORK")
  }

  /// A program of the config file comes before the keys of that file, and after those of the credentials file.
  @Test func theFilesAreTakenInOrder() throws {
    func name(_ credentials: String, _ config: String) throws -> String {
      try CredentialsResolver(environment: [:]) { path in
        path.hasSuffix("credentials") ? Array(credentials.utf8) : Array(config.utf8)
      }.source(profile: nil, isLoopback: false).name
    }
    let keys = "aws_access_key_id = A\naws_secret_access_key = B\n"
    let process = "credential_process = /bin/x\n"
    #expect(try name("[default]\n\(keys)", "[default]\n\(process)") == "profile \"default\"")
    #expect(try name("", "[default]\n\(process)\(keys)") == "the credential_process of profile \"default\"")
    #expect(try name("[default]\n\(process)", "[default]\n\(keys)") == "the credential_process of profile \"default\"")
    #expect(try name("", "[default]\n\(keys)") == "profile \"default\"")
  }

  @Test(
    arguments: [
      (["AWS_ENDPOINT_URL_KINESIS": "http://a", "AWS_ENDPOINT_URL": "http://b"], nil, "http://a"),
      (["AWS_ENDPOINT_URL": "http://b"], "proxied", "http://b"),
      ([:], "proxied", "http://c"), (["AWS_PROFILE": "proxied"], nil, "http://c"), ([:], nil, nil),
      (["AWS_ENDPOINT_URL": "http://b", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "TRUE"], "proxied", nil),
    ] as [([String: String], String?, String?)])
  func theEndpointIsFoundTheSameWay(_ environment: [String: String], _ profile: String?, _ expected: String?) {
    let resolver = CredentialsResolver(environment: environment) { path in
      path.hasSuffix("config") ? Array("[profile proxied]\nendpoint_url = http://c".utf8) : nil
    }
    #expect(resolver.endpointURL(profile: profile) == expected)
  }

  @Test func theLineToRunIsGiven() {
    #expect(
      CredentialsFailure.needsExport(profile: "corp", setting: "sso_session").description.hasSuffix(
        #"run: eval "$(aws configure export-credentials --profile corp --format env)""#))
    #expect(
      CredentialsFailure.needsExport(profile: "it's", setting: "role_arn").description.hasSuffix(
        #"run: eval "$(aws configure export-credentials --profile 'it'\''s' --format env)""#))
  }

  @Test func theRegionIsFoundTheSameWay() {
    #expect(resolver(["AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"]).region(profile: nil) == "a")
    #expect(resolver(["AWS_DEFAULT_REGION": "b"]).region(profile: "work") == "b")
    #expect(resolver().region(profile: nil) == "eu-west-1")
    #expect(resolver(["AWS_PROFILE": "work"]).region(profile: nil) == "us-west-2")
    #expect(resolver(files: false).region(profile: nil) == nil)
  }

  @Test func secretsAreNeverShown() {
    let credentials = Credentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "hunter2", sessionToken: "tok9")
    for text in ["\(credentials)", String(reflecting: credentials), "\(Optional(credentials) as Any)"] {
      #expect(!text.contains("hunter2"))
      #expect(!text.contains("tok9"))
      #expect(!text.contains("IOSFODNN7EXAMPLE"))
    }
  }
}
