import Dispatch
import Foundation
import Kinesis
import Measurement
import Synchronization
import Testing
import Transport

@testable import shardmeter

/// Plays a metadata service: notes each request and answers from a script by its first line.
private final class ScriptedService: HTTPHandler, Sendable {
  private let script: @Sendable (_ line: String, _ token: String?) -> (status: Int, body: String)
  private let noted = Mutex<[String]>([])

  init(_ script: @escaping @Sendable (String, String?) -> (Int, String)) {
    self.script = { script($0, $1) }
  }

  var requests: [String] { noted.withLock { $0 } }

  func respond(to request: HTTPRequestView, into answer: inout HTTPAnswer) {
    let line = "\(String(decoding: request.method, as: UTF8.self)) \(String(decoding: request.target, as: UTF8.self))"
    let token = request.fields["X-Aws-Ec2-Metadata-Token"] ?? request.fields["Authorization"]
    noted.withLock { $0.append(line + (token.map { " \($0)" } ?? "")) }
    let (status, body) = script(line, token)
    answer.status = status
    answer.append(body)
  }
}

@Suite("Asking for credentials")
struct CredentialsFetcherTests {
  private static let document =
    #"{"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"s","Token":"t","Expiration":"2100-01-01T00:00:00Z"}"#
  private static let expected = Credentials(
    accessKeyID: "ASIA1", secretAccessKey: "s", sessionToken: "t", expiration: WallSeconds(4_102_444_800))

  private let fetcher = CredentialsFetcher(
    environment: ["PATH": "/usr/bin:/bin", "MARK": "inherited"], clock: SystemClock())

  /// Runs a service on a free port while the body runs.
  private func withService(
    _ script: @escaping @Sendable (String, String?) -> (Int, String), _ body: (String, ScriptedService) throws -> Void
  ) throws {
    let service = ScriptedService(script)
    let server = try HTTPServer(host: "127.0.0.1", port: 0, handler: service)
    let ended = DispatchSemaphore(value: 0)
    DispatchQueue(label: "metadata service").async { @Sendable in
      do { try server.run() } catch { Issue.record(error) }
      ended.signal()
    }
    defer {
      server.stop()
      ended.wait()
    }
    try body("http://127.0.0.1:\(server.port)", service)
  }

  private func metadata(_ url: String, _ extra: [String: String] = [:]) throws -> CredentialsSource {
    let environment = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": url, "AWS_METADATA_SERVICE_TIMEOUT": "20"].merging(extra) {
      $1
    }
    return .instance(try #require(InstanceMetadata { environment[$0] }))
  }

  @Test("Instance metadata: a session, the role, its credentials")
  func instance() throws {
    try withService({ line, token in
      switch line {
      case "PUT /latest/api/token": (200, "SESSION")
      case "GET /latest/meta-data/iam/security-credentials/": (200, "web\n")
      case "GET /latest/meta-data/iam/security-credentials/web": (200, Self.document)
      default: (404, "")
      }
    }) { url, service throws in
      #expect(try fetcher.fetch(try metadata(url)) == Self.expected)
      #expect(
        service.requests == [
          "PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/ SESSION",
          "GET /latest/meta-data/iam/security-credentials/web SESSION",
        ])
    }
  }

  @Test("Instance metadata of version 1, unless that is switched off")
  func oldInstance() throws {
    try withService({ line, token in
      switch line {
      case "GET /latest/meta-data/iam/security-credentials/": (200, "web")
      case "GET /latest/meta-data/iam/security-credentials/web": (200, Self.document)
      default: (404, "")
      }
    }) { url, service throws in
      #expect(try fetcher.fetch(try metadata(url)) == Self.expected)
      let strict = try metadata(url, ["AWS_EC2_METADATA_V1_DISABLED": "true"])
      #expect(throws: CredentialsFailure.self) { try fetcher.fetch(strict) }
      #expect(service.requests.count == 4 && service.requests.allSatisfy { !$0.hasSuffix("SESSION") })
    }
  }

  @Test("An instance without a role, and one whose role gives nothing")
  func instanceWithoutRole() throws {
    try withService({ line, _ in line.hasPrefix("PUT") ? (200, "S") : (404, "") }) { url, _ throws in
      let failure = #expect(throws: CredentialsFailure.self) { try fetcher.fetch(metadata(url)) }
      #expect(failure?.description.contains("the instance has no role") == true)
    }
    try withService({ line, _ in
      line.hasSuffix("/web") ? (200, #"{"Code":"Failed"}"#) : (200, "web")
    }) { url, _ throws in
      let failure = #expect(throws: CredentialsFailure.self) { try fetcher.fetch(metadata(url)) }
      #expect(failure?.description.contains("code Failed") == true)
    }
  }

  @Test("Nobody there: asked once, and said where")
  func nobody() throws {
    // Port 1, tcpmux, is served nowhere.
    let failure = #expect(throws: CredentialsFailure.self) { try fetcher.fetch(try metadata("http://127.0.0.1:1")) }
    #expect(
      failure?.description
        == "the instance metadata service http://127.0.0.1:1 gave no credentials: no answer (connect-refused)")
  }

  @Test("A container's host: path, query and the token of the moment")
  func container() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).token")
    defer { try? FileManager.default.removeItem(at: file) }
    try withService({ line, token in
      line == "GET /get?id=1" && (token == "one" || token == "two") ? (200, Self.document) : (403, "{}")
    }) { url, service throws in
      let environment = [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(url)/get?id=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.path,
      ]
      let source = CredentialsSource.container(try #require(try ContainerCredentials { environment[$0] }))
      for token in ["one\n", "two"] {
        try Data(token.utf8).write(to: file)
        #expect(try fetcher.fetch(source) == Self.expected)
      }
      #expect(service.requests == ["GET /get?id=1 one", "GET /get?id=1 two"])
    }
  }

  @Test("A container's token file that is not there")
  func containerWithoutToken() throws {
    let environment = [
      "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/none",
    ]
    let source = CredentialsSource.container(try #require(try ContainerCredentials { environment[$0] }))
    let failure = #expect(throws: CredentialsFailure.self) { try fetcher.fetch(source) }
    #expect(failure?.description.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") == true)
  }

  @Test("A process is run as words, with the environment and without a shell")
  func process() throws {
    let source = CredentialsSource.process(
      profile: "x",
      words: [
        "sh", "-c",
        #"printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' "$MARK" "$1""#, "sh", "$HOME;*",
      ])
    #expect(try fetcher.fetch(source) == Credentials(accessKeyID: "inherited", secretAccessKey: "$HOME;*"))
  }

  @Test(
    "A process that gives nothing usable, and what it said stays unsaid",
    arguments: [
      (["/nonexistent/tool", "--hush"], "its program does not start"),
      (["sh", "-c", "echo hush; echo hush >&2; exit 3"], "it ends with exit code 3"),
      (["sh", "-c", "kill -9 $$"], "it ends with exit code 137"),
      (["sh", "-c", "echo hush"], "what it gives is no JSON object"),
      (["sh", "-c", "head -c 100000 /dev/zero"], "it prints more than 64 KiB"),
      (["true"], "what it gives is no JSON object"),
    ])
  func badProcess(_ words: [String], _ reason: String) {
    let failure = #expect(throws: CredentialsFailure.self) { try fetcher.fetch(.process(profile: "x", words: words)) }
    #expect(
      failure?.description.hasPrefix("the credential_process of profile \"x\" gave no credentials: \(reason)") == true)
    #expect(failure?.description.contains("hush") == false)
  }

  // MARK: Renewal

  /// A renewal whose wall clock is moved by hand, and what it said and asked.
  private final class Renewed: Sendable {
    let seconds = Atomic<Int64>(1_000)
    let current = CurrentCredentials(
      Credentials(accessKeyID: "A", secretAccessKey: "s", sessionToken: "t", expiration: WallSeconds(2_000)))
    let warnings = Mutex<[String]>([])
    let asked = DispatchSemaphore(value: 0)
    let told = DispatchSemaphore(value: 0)

    func renewal(_ answer: @escaping @Sendable () throws(CredentialsFailure) -> Credentials) -> CredentialsRenewal {
      CredentialsRenewal(
        current: current, source: "it",
        wallTime: { WallTime(microsecondsSinceEpoch: self.seconds.load(ordering: .relaxed) * 1_000_000) },
        fetch: { () throws(CredentialsFailure) -> Credentials in
          defer { self.asked.signal() }
          return try answer()
        },
        warn: { text in
          self.warnings.withLock { $0.append(text) }
          self.told.signal()
        })
    }
  }

  @Test("New credentials are there before the old ones end")
  func renewal() throws {
    let renewed = Renewed()
    let next = Credentials(
      accessKeyID: "B", secretAccessKey: "s", sessionToken: "t", expiration: WallSeconds(1_000_000))
    let renewal = renewed.renewal { next }
    // Half of their life is over when it starts to look.
    renewed.seconds.store(1_500, ordering: .relaxed)
    renewal.start()
    #expect(renewed.asked.wait(timeout: .now() + 20) == .success)
    renewal.cancel()
    // The queue has gone on to the next wait once it takes the cancel; what it did before is seen.
    while renewed.current.generation == 0 {}
    #expect(renewed.current.value == next)
    #expect(renewed.warnings.withLock { $0.isEmpty })
  }

  @Test("A source that fails is told of, and the old credentials stay")
  func failedRenewal() {
    let renewed = Renewed()
    let renewal = renewed.renewal { () throws(CredentialsFailure) -> Credentials in
      throw .unusable(source: "it", reason: "no answer")
    }
    renewed.seconds.store(1_500, ordering: .relaxed)
    renewal.start()
    #expect(renewed.told.wait(timeout: .now() + 20) == .success)
    renewal.cancel()
    #expect(
      renewed.warnings.withLock { $0 } == [
        "the credentials could not be renewed and end at 1970-01-01T00:33:20Z: it gave no credentials: no answer"
      ])
    #expect(renewed.current.value?.accessKeyID == "A" && renewed.current.generation == 0)
  }
}
