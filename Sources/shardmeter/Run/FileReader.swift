import Glibc

/// Reads whole files for the commands; waits for nothing but standard input.
enum FileReader {
  /// Why a file cannot be read, in words that follow its name and a colon.
  struct Failure: Error, Equatable, CustomStringConvertible {
    let description: String
    /// Whether there is no file of that name.
    var isMissing = false
  }

  /// A file's bytes, or nil when it cannot be read, or is none.
  static func bytes(at path: String) -> [UInt8]? { try? read(path) }

  /// A file's bytes.
  ///
  /// - Parameter limit: the most it may have.
  static func read(_ path: String, atMost limit: Int = .max) throws(Failure) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    return try bytes(of: descriptor, atMost: limit)
  }

  /// Everything standard input holds.
  ///
  /// - Parameter limit: the most it may have; no more is read.
  static func standardInput(atMost limit: Int) throws(Failure) -> [UInt8] {
    try bytes(of: STDIN_FILENO, atMost: limit)
  }

  /// Opens a regular file to read it. Others, a named pipe above all, could wait for ever or never end: of those only such
  /// are taken as this process was given, as `/dev/stdin` and a shell's `<(…)`, which is `/dev/fd/63`.
  static func open(_ path: String) throws(Failure) -> Int32 {
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure(description: String(cString: strerror(errno)), isMissing: errno == ENOENT)
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      close(descriptor)
      throw Failure(description: String(cString: strerror(errno)))
    }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFREG { return descriptor }
    if kind == S_IFIFO, path == "/dev/stdin" || path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/"),
      fcntl(descriptor, F_SETFL, 0) == 0
    {
      return descriptor
    }
    close(descriptor)
    throw Failure(description: "it is \(words(for: kind)), not a file")
  }

  private static func words(for kind: mode_t) -> String {
    switch kind {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a named pipe"
    case S_IFCHR, S_IFBLK: "a device"
    default: "a socket"
    }
  }

  private static func bytes(of descriptor: Int32, atMost limit: Int) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Failure(description: String(cString: strerror(errno))) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > limit { throw Failure(description: "it has more than \(limit >> 20) MiB") }
    }
  }

  /// The first line of standard input without its end; nil when the input ends before, or the line is too long. What
  /// follows it may be lost.
  ///
  /// - Parameter limit: the most bytes it may have.
  static func firstLineOfStandardInput(atMost limit: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = Glibc.read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) { return bytes + chunk[..<end] }
      bytes += chunk[..<count]
    }
    return nil
  }
}
