import Glibc

/// The module's only calls to the operating system: whole files, appending, folders, links.
enum Files {
  /// A file's bytes; `nil` when there is no such file. What is no regular file is a failure: nothing waits for a pipe.
  static func read(_ path: String) throws(RunFolderFailure) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw RunFolderFailure("read", path, errno: errno)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw RunFolderFailure("read", path, errno: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw RunFolderFailure("read", path, reason: "it is not a file")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, $0.count - filled)
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw RunFolderFailure("read", path, errno: errno) }
      if got == 0 { break }
      filled += got
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// Opens a regular file for appending, making it when it is not there.
  static func openForAppending(_ path: String) throws(RunFolderFailure) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw RunFolderFailure("write", path, errno: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw RunFolderFailure("write", path, reason: "it is not a file")
    }
    return descriptor
  }

  /// Writes all bytes.
  static func write(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(RunFolderFailure) {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw RunFolderFailure("write", path, errno: errno) }
      written += count
    }
  }

  /// Puts a file in place of another at one stroke.
  static func replace(_ path: String, with bytes: [UInt8]) throws(RunFolderFailure) {
    let temporary = path + ".\(getpid()).tmp"
    unlink(temporary)
    let descriptor = try openForAppending(temporary)
    defer { unlink(temporary) }
    do throws(RunFolderFailure) {
      try write(bytes, to: descriptor, path: temporary)
    } catch {
      close(descriptor)
      throw error
    }
    close(descriptor)
    try rename(temporary, to: path)
  }

  /// Whether an open file still has a name.
  static func isLinked(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// Takes a file away; one that is not there is gone already.
  static func remove(_ path: String) throws(RunFolderFailure) {
    guard unlink(path) == 0 || errno == ENOENT else { throw RunFolderFailure("remove", path, errno: errno) }
  }

  static func closeFile(_ descriptor: Int32) { close(descriptor) }

  static func rename(_ from: String, to path: String) throws(RunFolderFailure) {
    guard Glibc.rename(from, path) == 0 else { throw RunFolderFailure("rename \(from) to", path, errno: errno) }
  }

  /// Makes a folder with all above it; one that is there is left as it is.
  static func makeFolders(_ path: String) throws(RunFolderFailure) {
    if path.isEmpty || isFolder(path) { return }
    let (parent, _) = split(path)
    if parent != path, parent != "." { try makeFolders(parent) }
    if mkdir(path, 0o755) != 0, errno != EEXIST || !isFolder(path) {
      throw RunFolderFailure("create folder", path, errno: errno)
    }
  }

  /// Makes one folder that must not be there yet.
  static func makeNewFolder(_ path: String) throws(RunFolderFailure) {
    guard mkdir(path, 0o755) == 0 else { throw RunFolderFailure("create folder", path, errno: errno) }
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The names in a folder, without `.` and `..`, sorted; `nil` when there is no such folder.
  static func names(in path: String) -> [String]? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes a relative link in place of an older one; false where the file system has no links or something else is there.
  static func replaceLink(_ path: String, to target: String) -> Bool {
    var status = stat()
    if lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK { return false }
    let temporary = path + ".\(getpid()).tmp"
    unlink(temporary)
    guard symlink(target, temporary) == 0 else { return false }
    guard Glibc.rename(temporary, path) == 0 else {
      unlink(temporary)
      return false
    }
    return true
  }

  /// The folder a path is in, and its last name.
  static func split(_ path: String) -> (folder: String, name: String) {
    var trimmed = Substring(path)
    while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
    let folder = slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    return (folder, String(trimmed[trimmed.index(after: slash)...]))
  }
}
