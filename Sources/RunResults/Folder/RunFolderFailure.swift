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

  /// Whether the place itself does not take what was to be written: no right, a file system that is read only, a folder in
  /// the file's place. It is otherwise the machine's fault.
  package var isRefusal: Bool { [EACCES, EPERM, EROFS, EISDIR, ENOTDIR, ENOENT, ELOOP].contains(errno) }

  /// What is wrong, without what could not be done.
  package var cause: String { reason ?? (errno == 0 ? "unknown error" : String(cString: strerror(errno))) }
}
