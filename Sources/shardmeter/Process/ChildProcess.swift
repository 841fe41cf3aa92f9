import Glibc

/// A child process whose standard input is held open and whose standard output is read: the embedded target.
///
/// It is in a process group of its own, so that a Ctrl-C in the terminal reaches only its parent, which drains first. A
/// child that watches its standard input ends with its parent, however that went. Not thread-safe: one thread owns it.
final class ChildProcess {
  /// The process id.
  let identifier: pid_t
  private var input: Int32
  private var output: Int32
  private var status: Int32?

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - executable: the program's file.
  ///   - arguments: its words, the first being its name.
  ///   - environment: its whole environment.
  /// - Throws: ``CommandFailure`` naming the call that failed.
  init(executable: String, arguments: [String], environment: [String: String]) throws {
    let forChild = try Self.pipe()
    let fromChild: (read: Int32, write: Int32)
    do {
      fromChild = try Self.pipe()
    } catch {
      close(forChild.read)
      close(forChild.write)
      throw error
    }
    defer {
      close(forChild.read)
      close(fromChild.write)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, forChild.read, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fromChild.write, STDOUT_FILENO)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // What the parent ignores or blocks must not be ignored or blocked in the child.
    var everything = sigset_t()
    var nothing = sigset_t()
    sigfillset(&everything)
    sigemptyset(&nothing)
    posix_spawnattr_setsigdefault(&attributes, &everything)
    posix_spawnattr_setsigmask(&attributes, &nothing)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var identifier: pid_t = 0
    let failure = Self.withCStrings(arguments) { arguments in
      Self.withCStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&identifier, executable, &actions, &attributes, arguments, environment)
      }
    }
    self.identifier = identifier
    input = forChild.write
    output = fromChild.read
    guard failure == 0 else {
      close(input)
      close(output)
      // There is no process to end: a signal to process 0 would go to our own group.
      status = 127
      throw CommandFailure("posix_spawn: \(String(cString: strerror(failure)))", code: .internalError)
    }
  }

  deinit { end() }

  /// The first line of its standard output, without the line feed; nil when it ends or the time is over before one is
  /// whole.
  ///
  /// - Parameter milliseconds: how long each further piece of the line may take.
  func firstLine(milliseconds: Int32) -> String? {
    var line: [UInt8] = []
    while line.count < 4096 {
      var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let count = poll(&ready, 1, milliseconds)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      var byte: UInt8 = 0
      let length = read(output, &byte, 1)
      if length < 0, errno == EINTR { continue }
      guard length == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return nil
  }

  /// Asks it to end, by SIGTERM and the end of its input, and waits until it has.
  ///
  /// - Returns: its exit code, or 128 and the number of the signal that ended it.
  @discardableResult
  func end() -> Int32 {
    if let status { return status }
    kill(identifier, SIGTERM)
    close(input)
    close(output)
    var word: Int32 = 0
    while waitpid(identifier, &word, 0) < 0, errno == EINTR {}
    let signal = word & 0x7F
    let code = signal == 0 ? (word >> 8) & 0xFF : 128 + signal
    status = code
    return code
  }

  /// A pipe whose ends do not reach other children.
  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else {
      throw CommandFailure("pipe: \(String(cString: strerror(errno)))", code: .internalError)
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
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
