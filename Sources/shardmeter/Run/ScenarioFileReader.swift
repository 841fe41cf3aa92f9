import Glibc
import Kinesis
import Scenarios

/// Reads the files that a scenario names, relative to the scenario's own folder; `.gz` through the `gzip` program.
struct ScenarioFileReader: ScenarioFiles {
  private static let pieceLength = 1 << 16

  /// What relative paths start with: empty, or a folder with its slash.
  private let folder: String
  /// Shows how far a long file has been read; nil: nobody looks.
  private let progress: ReadingProgress?

  /// A reader for the files of a scenario.
  ///
  /// - Parameters:
  ///   - scenario: the scenario's path; `-` for one from standard input, whose paths start here.
  ///   - progress: shows how far a long file has been read.
  init(scenario: String, progress: ReadingProgress? = nil) {
    folder = scenario.lastIndex(of: "/").map { String(scenario[...$0]) } ?? ""
    self.progress = progress
  }

  /// Where a path of the scenario leads from here.
  func resolved(of path: String) -> String { path.hasPrefix("/") ? path : folder + path }

  func read(_ path: String, _ take: (UnsafeRawBufferPointer) -> Bool) throws(ScenarioFileFailure) {
    let resolved = resolved(of: path)
    let file: Int32
    do {
      file = try FileReader.open(resolved)
    } catch {
      throw ScenarioFileFailure(found: error.isMissing ? "no file \(resolved)" : "\(resolved): \(error)")
    }
    defer { close(file) }
    var extent = Extent(of: file)
    func takeNoting(_ piece: UnsafeRawBufferPointer) -> Bool {
      if let progress { progress.note(path, read: extent.position(after: piece.count), of: extent.size) }
      return take(piece)
    }
    defer { progress?.erase() }
    guard path.hasSuffix(".gz") else { return try pump(file, resolved, takeNoting) }
    let gzip = try Decompressor(file)
    defer { gzip.end() }
    var wantsMore = true
    try pump(gzip.output, resolved) { piece in
      wantsMore = takeNoting(piece)
      return wantsMore
    }
    // Told to stop early it ends by SIGPIPE, which is no fault of the file's.
    guard gzip.end() || !wantsMore else {
      throw ScenarioFileFailure(found: "\(resolved), which gzip cannot decompress")
    }
  }

  /// Hands a descriptor's bytes on until its end.
  private func pump(
    _ descriptor: Int32, _ resolved: String, _ take: (UnsafeRawBufferPointer) -> Bool
  ) throws(ScenarioFileFailure) {
    var room = [UInt8](repeating: 0, count: Self.pieceLength)
    while true {
      let count = Glibc.read(descriptor, &room, room.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw ScenarioFileFailure(found: "\(resolved): \(String(cString: strerror(errno)))") }
      guard count > 0, room.withUnsafeBytes({ take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }) else { return }
    }
  }

  /// How far a file has been read. Its offset tells, also where another process reads it by the same descriptor, as gzip does.
  private struct Extent {
    private let file: Int32
    private var taken: Int64 = 0
    /// The file's length in bytes; nil for what has none.
    let size: Int64?

    init(of file: Int32) {
      self.file = file
      var facts = stat()
      size = fstat(file, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG ? Int64(facts.st_size) : nil
    }

    /// Bytes read by the time so many more were handed on; for a pipe, those handed on.
    mutating func position(after count: Int) -> Int64 {
      taken = taken.addingSaturated(Int64(count))
      guard size != nil else { return taken }
      let offset = lseek(file, 0, SEEK_CUR)
      return offset < 0 ? taken : Int64(offset)
    }
  }

  /// `gzip -dc` as a child process: a file is its standard input, a pipe its output.
  private final class Decompressor {
    /// Where the decompressed bytes are read.
    let output: Int32
    private var child: pid_t
    private var isGood = false

    init(_ file: Int32) throws(ScenarioFileFailure) {
      var ends: [Int32] = [0, 0]
      guard pipe(&ends) == 0 else {
        throw ScenarioFileFailure(found: "no pipe for gzip: \(String(cString: strerror(errno)))")
      }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_adddup2(&actions, file, STDIN_FILENO)
      posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
      posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
      var words: [UnsafeMutablePointer<CChar>?] = [strdup("gzip"), strdup("-dc"), nil]
      defer { for word in words { free(word) } }
      var child: pid_t = 0
      let failure = posix_spawnp(&child, "gzip", &actions, nil, &words, environ)
      close(ends[1])
      guard failure == 0 else {
        close(ends[0])
        throw ScenarioFileFailure(found: "no gzip program to decompress it: \(String(cString: strerror(failure)))")
      }
      (self.child, output) = (child, ends[0])
    }

    deinit { end() }

    /// Waits until it has ended; a second call does nothing.
    ///
    /// - Returns: whether it decompressed everything.
    @discardableResult
    func end() -> Bool {
      guard child > 0 else { return isGood }
      close(output)
      var status: Int32 = 0
      while waitpid(child, &status, 0) < 0, errno == EINTR {}
      child = 0
      isGood = status == 0
      return isGood
    }
  }
}
