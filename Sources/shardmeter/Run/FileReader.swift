import FoundationEssentials
import Glibc

/// Reads whole files for the commands.
enum FileReader {
  /// A file's bytes, or nil when it cannot be read.
  static func bytes(at path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { [UInt8]($0) }
  }

  /// Everything standard input holds.
  static func standardInput() -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += chunk[0..<count]
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
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      if let end = chunk[..<count].firstIndex(of: UInt8(ascii: "\n")) { return bytes + chunk[..<end] }
      bytes += chunk[..<count]
    }
    return nil
  }
}
