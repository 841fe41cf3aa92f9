import Glibc
import RunResults

/// A certificate written where clients can be told to find it; gone when the target ends.
struct TrustFile {
  /// The file.
  let path: String

  /// Writes a new file that everybody may read and nobody can have put there before.
  ///
  /// - Throws: ``CommandFailure`` naming the call that failed.
  init(pem: String, folder: String) throws {
    // mkstemps(3) puts six drawn characters in place of the six X.
    let drawn = String(repeating: "X", count: 6)
    var name = Array("\(folder)/shardmeter-ca-\(drawn).pem".utf8CString)
    let descriptor = mkstemps(&name, 4)
    let path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard descriptor >= 0 else { throw Self.failure("making \(path)") }
    defer { close(descriptor) }
    let bytes = Array(pem.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fchmod(descriptor, 0o644) == 0 else {
      let failure = Self.failure("writing \(path)")
      unlink(path)
      throw failure
    }
    self.path = path
  }

  /// Takes the file away.
  func remove() { unlink(path) }

  private static func failure(_ action: String) -> CommandFailure {
    CommandFailure("\(action): \(String(cString: strerror(errno)))", code: .internalError)
  }
}
