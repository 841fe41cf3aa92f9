import Glibc
import RunResults

/// A new file that is written from its start.
final class FileSink {
  private let descriptor: Int32
  private let path: String

  /// Makes the file.
  ///
  /// - Throws: `CommandFailure` 2 when it is there already or cannot be made.
  init(creating path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      let reason =
        errno == EEXIST ? "exists; it is not written over" : "cannot be made: \(String(cString: strerror(errno)))"
      throw CommandFailure("\(path) \(reason)", code: .usage)
    }
  }

  /// Appends bytes, all of them.
  ///
  /// - Throws: `CommandFailure` 1 when the file takes no more.
  func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { all in
      var rest = all
      while !rest.isEmpty {
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))", code: .internalError)
        }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Closes the file; nothing is written after that.
  func close() { _ = Glibc.close(descriptor) }
}
