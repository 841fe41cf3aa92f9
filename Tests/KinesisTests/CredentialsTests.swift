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
    [profile empty]
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

  @Test func theEnvironmentComesBeforeTheFiles() throws {
    let found = try resolver([
      "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t", "AWS_PROFILE": "work",
      "AWS_CREDENTIAL_EXPIRATION": "2026-03-14T09:15:12+00:00",
    ]).resolve(profile: nil, isLoopback: false)
    #expect(
      found
        == Credentials(
          accessKeyID: "AK", secretAccessKey: "s", sessionToken: "t", expiration: WallSeconds(1_773_479_712)))
  }

  @Test func aNamedProfileComesBeforeTheEnvironment() throws {
    let found = try resolver(["AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s"])
      .resolve(profile: "work", isLoopback: true)
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
    let found = try resolver(environment).resolve(profile: profile, isLoopback: false)
    #expect(found.accessKeyID == key)
    #expect(found.secretAccessKey == secret)
  }

  @Test(
    arguments: [
      ("none", .noSuchProfile("none")),
      ("corp", .noSuchProfile("corp")),
      ("half", .incomplete(place: "profile \"half\"", missing: "aws_secret_access_key")),
      ("empty", .incomplete(place: "profile \"empty\"", missing: "aws_access_key_id")),
      ("role", .needsExport(profile: "role", setting: "role_arn")),
      ("sso", .needsExport(profile: "sso", setting: "sso_session")),
      ("process", .needsExport(profile: "process", setting: "credential_process")),
    ] as [(String, CredentialsFailure)])
  func whatCannotBeUsedSaysWhy(_ profile: String, _ failure: CredentialsFailure) {
    // Named by the user, it fails on loopback too; named by the environment, only elsewhere.
    #expect(throws: failure) { try resolver().resolve(profile: profile, isLoopback: true) }
    #expect(throws: failure) { try resolver(["AWS_PROFILE": profile]).resolve(profile: nil, isLoopback: false) }
    #expect(throws: Never.self) {
      let found = try resolver(["AWS_PROFILE": profile]).resolve(profile: nil, isLoopback: true)
      #expect(found == .loopback)
    }
  }

  @Test func withoutAnythingOnlyLoopbackIsServed() throws {
    let resolver = resolver(files: false)
    #expect(try resolver.resolve(profile: nil, isLoopback: true) == .loopback)
    #expect(throws: CredentialsFailure.notFound) { try resolver.resolve(profile: nil, isLoopback: false) }
    #expect(
      throws: CredentialsFailure.incomplete(place: "the environment", missing: "AWS_SECRET_ACCESS_KEY")
    ) { try self.resolver(["AWS_ACCESS_KEY_ID": "AK"]).resolve(profile: nil, isLoopback: false) }
  }

  @Test func theLineToRunIsGiven() {
    #expect(
      CredentialsFailure.needsExport(profile: "corp", setting: "sso_session").description.hasSuffix(
        #"run: eval "$(aws configure export-credentials --profile corp --format env)""#))
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
