import Glibc

/// Why a result folder could not be made, written or read.
package struct RunFolderFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation that failed, such as `create folder`.
  package let operation: String
  package let path: String
  /// 0 where the system reported none.
  package let errno: Int32
  /// What to do about it, or what is wrong, where the error number does not say it.
  package let reason: String?

  /// A failure, with the system's error number or a reason in words.
  package init(_ operation: String, _ path: String, errno: Int32 = 0, reason: String? = nil) {
    self.operation = operation
    self.path = path
    self.errno = errno
    self.reason = reason
  }

  /// One line: `cannot create folder results/x: Permission denied`.
  package var description: String {
    "cannot \(operation) \(path): \(cause)"
  }

  /// What is wrong, without what could not be done.
  package var cause: String { reason ?? (errno == 0 ? "unknown error" : String(cString: strerror(errno))) }
}
