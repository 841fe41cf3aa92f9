import Measurement

/// A result folder being written: `.ID.partial` until everything is in it, then renamed. A run that dies leaves the partial
/// folder, and what is in it can be read.
package final class RunFolder: ResultSink {
  /// The folder the results will be in.
  package let path: String
  /// Where they are until `finish`.
  package let partialPath: String

  private static let partialSuffix = ".partial"
  private let parent: String
  private let isInCollection: Bool
  private var descriptors: [String: Int32] = [:]
  /// What `finish` could not do beside the folder.
  package private(set) var warnings: [String] = []

  /// A folder named by the run's id below a parent, which is made when it is not there (`--out`). `finish` points `latest` to
  /// it.
  ///
  /// - Throws: `RunFolderFailure` when it cannot be made, or a run of that id is there already.
  package convenience init(id: String, in parent: String) throws(RunFolderFailure) {
    let path = parent + "/" + id
    guard !Files.exists(path) else { throw RunFolderFailure("create folder", path, reason: "it is there already") }
    try self.init(path: path, parent: parent, isInCollection: true)
  }

  /// A folder of an exact name (`--run-dir`); neither `latest` nor `history.csv` beside it is touched.
  ///
  /// - Throws: `RunFolderFailure` when it cannot be made, or is there and not empty.
  package convenience init(exactly path: String) throws(RunFolderFailure) {
    let (parent, name) = Files.split(path)
    if Files.exists(path), Files.names(in: path)?.isEmpty != true {
      throw RunFolderFailure(
        "write into", path, reason: Files.isFolder(path) ? "the folder is not empty" : "it is not a folder")
    }
    try self.init(path: parent == "/" ? "/" + name : parent + "/" + name, parent: parent, isInCollection: false)
  }

  private init(path: String, parent: String, isInCollection: Bool) throws(RunFolderFailure) {
    self.path = path
    self.parent = parent
    self.isInCollection = isInCollection
    partialPath = parent + "/." + Files.split(path).name + Self.partialSuffix
    try Files.makeFolders(parent)
    try Files.makeNewFolder(partialPath)
  }

  deinit { closeAll() }

  /// Whether the unfinished folder is still where it was made.
  package var isThere: Bool { Files.isFolder(partialPath) }

  /// Whether a folder has the name of one that is not finished.
  static func isPartial(_ path: String) -> Bool {
    let name = Files.split(path).name
    return name.hasPrefix(".") && name.hasSuffix(partialSuffix)
  }

  /// Puts a new text in place of a report of a finished folder, at one stroke.
  ///
  /// - Throws: `RunFolderFailure` when it cannot be written; the old one is then as it was.
  package static func redraw(_ name: String, as text: String, in folder: String) throws(RunFolderFailure) {
    let path = folder + "/" + name
    do throws(RunFolderFailure) {
      try Files.replace(path, with: Array(text.utf8))
    } catch {
      // Its own words name files that nobody knows of.
      throw RunFolderFailure("write", path, errno: error.errno, reason: error.reason)
    }
  }

  /// Puts a text into a file outside of result folders, at one stroke.
  package static func write(_ text: String, to path: String) throws(RunFolderFailure) {
    try Files.replace(path, with: Array(text.utf8))
  }

  /// Appends to a file of the folder.
  package func append(_ bytes: [UInt8], to fileName: String) throws {
    let file = partialPath + "/" + fileName
    let descriptor: Int32
    if let open = descriptors[fileName] {
      descriptor = open
      // What is removed can still be written to, for nobody.
      guard isThere, Files.isLinked(open) else {
        throw RunFolderFailure("write", file, reason: "it was taken away")
      }
    } else {
      descriptor = try Files.openForAppending(file)
      descriptors[fileName] = descriptor
    }
    try Files.write(bytes, to: descriptor, path: file)
  }

  /// Puts a file of the folder in place of the one that is there, at one stroke.
  package func replace(_ fileName: String, with bytes: [UInt8]) throws(RunFolderFailure) {
    if let open = descriptors.removeValue(forKey: fileName) { Files.closeFile(open) }
    try Files.replace(partialPath + "/" + fileName, with: bytes)
  }

  /// Takes a file of the folder away.
  package func remove(_ fileName: String) throws {
    if let descriptor = descriptors.removeValue(forKey: fileName) { Files.closeFile(descriptor) }
    try Files.remove(partialPath + "/" + fileName)
  }

  /// Gives the folder its name and, in a collection of runs, points `latest` to it and adds the run to `history.csv`. What
  /// cannot be done beside the folder is in `warnings`: the run itself is whole.
  ///
  /// - Returns: the folder's path.
  @discardableResult
  package func finish(history row: HistoryRow?) throws(RunFolderFailure) -> String {
    closeAll()
    try Files.rename(partialPath, to: path)
    guard isInCollection else { return path }
    let name = Files.split(path).name
    if !Files.replaceLink(parent + "/latest", to: name) {
      do throws(RunFolderFailure) {
        try Files.replace(parent + "/latest.txt", with: Array((name + "\n").utf8))
      } catch {
        warnings.append("\(parent)/latest does not lead to the run: \(error.cause)")
      }
    }
    if let row, let warning = HistoryFile.add(row, to: parent + "/" + HistoryRow.fileName) { warnings.append(warning) }
    return path
  }

  private func closeAll() {
    for descriptor in descriptors.values { Files.closeFile(descriptor) }
    descriptors = [:]
  }
}
