import Glibc
import Measurement
import RunResults
import Synchronization

/// A command that runs beside this process, in a process group of its own: its streams are this process's, and whatever it
/// leaves of its group is ended with it.
///
/// `@unchecked Sendable`: everything but `identifier`, which never changes, is touched by the thread that waits.
final class ObservedCommand: @unchecked Sendable {
  /// How long it may take to heed SIGTERM.
  private static let grace = Nanoseconds.seconds(5)

  let identifier: pid_t
  private let clock: any MonotonicClock
  private let started: Instant
  private let asked = Atomic<Bool>(false)

  /// Starts it.
  ///
  /// - Parameters:
  ///   - words: the program, looked up in the environment's `PATH` when it has no slash, and its arguments.
  ///   - environment: its whole environment.
  /// - Throws: ``CommandFailure`` 2 when there is no such program.
  init(_ words: [String], environment: [String: String], clock: any MonotonicClock) throws {
    guard let program = words.first, let path = Self.find(program, in: environment["PATH"] ?? "/usr/bin:/bin") else {
      throw CommandFailure("\(words.first ?? ""): no such command", code: .usage)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (everything, nothing) = (sigset_t(), sigset_t())
    sigfillset(&everything)
    sigemptyset(&nothing)
    posix_spawnattr_setsigdefault(&attributes, &everything)
    posix_spawnattr_setsigmask(&attributes, &nothing)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // In a group that is not the terminal's, reading from it would stop the command.
    if isatty(STDIN_FILENO) == 1 {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    }
    var identifier: pid_t = 0
    let failure = Self.withCStrings(words) { words in
      Self.withCStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&identifier, path, &actions, &attributes, words, environment)
      }
    }
    guard failure == 0 else {
      throw CommandFailure("\(program): \(String(cString: strerror(failure)))", code: .usage)
    }
    self.identifier = identifier
    self.clock = clock
    started = clock.now()
  }

  /// Passes a stop on to it and all of its group. Safe from any thread.
  func stop() {
    asked.store(true, ordering: .sequentiallyConsistent)
    kill(-identifier, SIGTERM)
  }

  /// Waits for its end, and ends it when its time is over; then ends what is left of its group.
  ///
  /// - Parameters:
  ///   - time: when a service is ended.
  ///   - timeout: how long it may take.
  func wait(time: Nanoseconds?, timeout: Nanoseconds) -> (exitCode: Int, ending: SummaryCommand.Ending, seconds: Double)
  {
    var ending = SummaryCommand.Ending.itself
    var killAt: Instant?
    while true {
      var word: Int32 = 0
      let found = waitpid(identifier, &word, WNOHANG)
      if found == identifier || (found < 0 && errno != EINTR) {
        let seconds = (clock.now() - started).seconds
        endGroup()
        // It may end within the pause in which it was asked to.
        if ending == .itself, asked.load(ordering: .sequentiallyConsistent) { ending = .signal }
        let signal = word & 0x7F
        return (Int(signal == 0 ? (word >> 8) & 0xFF : 128 + signal), ending, seconds)
      }
      let now = clock.now()
      if let killAt {
        if now >= killAt { kill(-identifier, SIGKILL) }
      } else if asked.load(ordering: .sequentiallyConsistent) {
        ending = .signal
        killAt = now + Self.grace
      } else if let time, now - started >= time {
        ending = .time
        killAt = now + Self.grace
        kill(-identifier, SIGTERM)
      } else if now - started >= timeout {
        ending = .timeout
        killAt = now + Self.grace
        kill(-identifier, SIGTERM)
      }
      usleep(5_000)
    }
  }

  /// Ends children that it left in its group: asked first, then by force.
  private func endGroup() {
    guard kill(-identifier, SIGTERM) == 0 else { return }
    let deadline = clock.now() + .milliseconds(500)
    while clock.now() < deadline {
      if kill(-identifier, 0) != 0 { return }
      usleep(5_000)
    }
    kill(-identifier, SIGKILL)
  }

  /// The file of a program that may be run; nil when there is none.
  static func find(_ program: String, in path: String) -> String? {
    if program.contains("/") { return isProgram(program) ? program : nil }
    for folder in path.split(separator: ":", omittingEmptySubsequences: false) {
      let file = (folder.isEmpty ? "." : String(folder)) + "/" + program
      if isProgram(file) { return file }
    }
    return nil
  }

  private static func isProgram(_ file: String) -> Bool {
    var status = stat()
    return stat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(file, X_OK) == 0
  }

  /// The strings as the null-terminated array that exec takes, valid during the call.
  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}

/// The environment of an observed command: it finds the endpoint and the test keys, and no credentials of anybody.
enum ObservedEnvironment {
  /// What could lead a producer to real credentials or another endpoint.
  private static let takenOut: Set<String> = [
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CREDENTIAL_EXPIRATION", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  ]

  /// The environment around it with what leads it to the endpoint.
  ///
  /// - Parameters:
  ///   - trust: the file of the certificate to trust.
  static func make(
    _ outer: [String: String], url: String, region: String, accessKey: String, secretKey: String, trust: String?,
    allServices: Bool
  ) -> [String: String] {
    var inner = outer.filter { !takenOut.contains($0.key) }
    inner["AWS_ENDPOINT_URL_KINESIS"] = url
    if allServices { inner["AWS_ENDPOINT_URL"] = url }
    inner["AWS_REGION"] = region
    inner["AWS_DEFAULT_REGION"] = region
    inner["AWS_ACCESS_KEY_ID"] = accessKey
    inner["AWS_SECRET_ACCESS_KEY"] = secretKey
    // Files that may hold credentials, and the machine's own: a producer that ignores the rest finds none.
    inner["AWS_SHARED_CREDENTIALS_FILE"] = "/dev/null"
    inner["AWS_CONFIG_FILE"] = "/dev/null"
    inner["AWS_EC2_METADATA_DISABLED"] = "true"
    if let trust {
      for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        inner[name] = trust
      }
    }
    return inner
  }
}
