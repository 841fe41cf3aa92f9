import Glibc
import Measurement
import RunResults

/// A child process whose standard input is held open and whose standard output is read: the embedded target, a
/// `credential_process`.
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
  ///   - isSearched: whether a name without a slash is looked up in this process's `PATH`.
  ///   - isQuiet: whether its standard error goes nowhere.
  /// - Throws: ``CommandFailure`` naming the call that failed.
  init(
    executable: String, arguments: [String], environment: [String: String], isSearched: Bool = false,
    isQuiet: Bool = false
  ) throws {
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
    if isQuiet { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }

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
        isSearched
          ? posix_spawnp(&identifier, executable, &actions, &attributes, arguments, environment)
          : posix_spawn(&identifier, executable, &actions, &attributes, arguments, environment)
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

  /// Writes to its standard input, and waits while it does not read.
  ///
  /// - Throws: ``CommandFailure`` when it has closed it, or has ended.
  func write(_ bytes: [UInt8]) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(input, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw CommandFailure("write: \(String(cString: strerror(errno)))", code: .internalError) }
      written += count
    }
  }

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

  /// Everything it prints until it closes its standard output.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that are read.
  ///   - milliseconds: how long that may take in all.
  /// - Returns: what was read, and whether it is all.
  func output(atMost limit: Int, milliseconds: Int64) -> (bytes: [UInt8], isWhole: Bool) {
    let clock = SystemClock()
    let deadline = clock.now() + Nanoseconds(milliseconds * 1_000_000)
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while bytes.count <= limit {
      let left = (deadline - clock.now()).value / 1_000_000
      var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let count = poll(&ready, 1, Int32(clamping: max(0, left)))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return (bytes, false) }
      let length = read(output, &room, room.count)
      if length < 0, errno == EINTR { continue }
      guard length >= 0 else { return (bytes, false) }
      if length == 0 { return (bytes, true) }
      bytes += room[..<length]
    }
    return (bytes, false)
  }

  /// Waits for its end, and ends it by SIGKILL when that takes too long.
  ///
  /// - Returns: as `end`.
  func wait(milliseconds: Int64) -> Int32 {
    let clock = SystemClock()
    let deadline = clock.now() + Nanoseconds(milliseconds * 1_000_000)
    while clock.now() < deadline {
      var word: Int32 = 0
      let found = waitpid(identifier, &word, WNOHANG)
      if found == identifier {
        close(input)
        close(output)
        return note(word)
      }
      if found < 0, errno != EINTR { break }
      usleep(1_000)
    }
    return end(by: SIGKILL)
  }

  /// Asks it to end, by a signal and the end of its input, and waits until it has.
  ///
  /// - Parameter signal: SIGKILL for a program that need not heed another.
  /// - Returns: its exit code, or 128 and the number of the signal that ended it.
  @discardableResult
  func end(by signal: Int32 = SIGTERM) -> Int32 {
    if let status { return status }
    kill(identifier, signal)
    close(input)
    close(output)
    var word: Int32 = 0
    while waitpid(identifier, &word, 0) < 0, errno == EINTR {}
    return note(word)
  }

  /// Keeps the exit code that a status word of waitpid(2) holds.
  private func note(_ word: Int32) -> Int32 {
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
