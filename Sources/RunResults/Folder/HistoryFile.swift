/// `history.csv` of a folder of runs: a line for each, added without touching what is not ours.
enum HistoryFile {
  /// Adds a run's line; the file is made when there is none.
  ///
  /// - A header that begins with ours, and may have more (a newer version's): the line is added, its further cells empty.
  /// - A header whose names are all ours (an older version's): the columns that it lacks are put last, empty in the lines
  ///   that are there.
  /// - Anything else, and what is no regular file, is somebody's own and is left as it is.
  ///
  /// - Returns: why nothing was added, in words for a warning; nil when the line is there. A run does not fail for it.
  static func add(_ row: HistoryRow, to path: String) -> String? {
    do throws(RunFolderFailure) {
      guard let present = try Files.read(path), !present.isEmpty else {
        try append(CSVFile.bytes([row]), to: path)
        return nil
      }
      return try add(row, to: path, present)
    } catch {
      return "the run is not in \(path): \(error.cause)"
    }
  }

  private static func add(
    _ row: HistoryRow, to path: String, _ present: [UInt8]
  ) throws(RunFolderFailure) -> String? {
    // A line that a killed run was still writing is no line.
    let whole = Array(present[...(present.lastIndex(of: 0x0A) ?? -1)])
    var scanner = CSVScanner(bytes: whole)
    var cells: [CSVText] = []
    let names = scanner.nextRow(into: &cells) ? cells.map(\.string) : []
    let own = CSVFile.cells(of: row)
    let ownNames = own.map(\.name)
    let isNewer = names.starts(with: ownNames)
    guard isNewer || (!names.isEmpty && Set(names).count == names.count && names.allSatisfy(ownNames.contains)) else {
      return "the run is not in \(path): its columns are not those of a history, so it is left as it is"
    }
    let missing = isNewer ? [] : ownNames.filter { !names.contains($0) }
    let line = line((names + missing).map { name in own.first { $0.name == name }?.bytes ?? [] })
    if missing.isEmpty, whole.count == present.count {
      try append(line, to: path)
      return nil
    }
    var bytes = missing.isEmpty ? whole : Self.line((names + missing).map { Array($0.utf8) })
    while !missing.isEmpty, scanner.nextRow(into: &cells) {
      guard cells.count == names.count else {
        return "the run is not in \(path): a line has \(cells.count) cells under \(names.count) columns"
      }
      bytes += Self.line(cells.map(\.written) + missing.map { _ in [] })
    }
    try Files.replace(path, with: bytes + line)
    return nil
  }

  private static func line(_ cells: [[UInt8]]) -> [UInt8] { Array(cells.joined(separator: [0x2C])) + [0x0A] }

  private static func append(_ bytes: [UInt8], to path: String) throws(RunFolderFailure) {
    let descriptor = try Files.openForAppending(path)
    defer { Files.closeFile(descriptor) }
    try Files.write(bytes, to: descriptor, path: path)
  }
}
