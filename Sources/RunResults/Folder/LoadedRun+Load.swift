import StrictJSON

extension LoadedRun {
  /// Reads a result folder back, a partial one as far as it goes.
  ///
  /// - Parameter path: the folder, or `latest` where links do not work and `latest.txt` names it.
  /// - Throws: `RunFolderFailure` when there is no such folder or none of a run's files in it; `CSVFailure` or `JSONFailure`
  ///   for a file that is not what its name says.
  package static func load(_ path: String) throws -> LoadedRun {
    let folder = try resolved(path)
    var run = LoadedRun()
    run.folder = folder
    run.summary = try summary(in: folder)
    run.timeseries = try rows(in: folder)
    run.shards = try rows(in: folder)
    run.shardSeconds = try rows(in: folder)
    run.responseBins = try rows(in: folder)
    run.phases = try rows(in: folder)
    run.latency = try rows(in: folder)
    run.keys = try rows(in: folder)
    run.errors = try rows(in: folder)
    run.verification = try Files.read(folder + "/" + Verification.fileName).map { try Verification.parse($0) }
    run.scenario = try Files.read(folder + "/scenario.json")
    run.isPartial = run.summary == nil
    guard run.summary != nil || run.timeseries != nil else {
      throw RunFolderFailure("read run", folder, reason: "there is neither summary.json nor timeseries.csv")
    }
    return run
  }

  /// The summary is written last: in a folder whose run did not end in order it may stop in its middle, and then counts as
  /// not written.
  private static func summary(in folder: String) throws -> Summary? {
    guard let bytes = try Files.read(folder + "/" + Summary.fileName) else { return nil }
    do {
      return try Summary.parse(bytes)
    } catch {
      if RunFolder.isPartial(folder) { return nil }
      throw error
    }
  }

  private static func resolved(_ path: String) throws(RunFolderFailure) -> String {
    if Files.isFolder(path) { return path }
    let (parent, name) = Files.split(path)
    if name == "latest", let text = try Files.read(parent + "/latest.txt") {
      let named = parent + "/" + String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)
      if Files.isFolder(named) { return named }
    }
    throw RunFolderFailure("read run", path, reason: "there is no such folder")
  }

  private static func rows<Row: CSVRow>(in folder: String) throws -> [Row]? {
    try Files.read(folder + "/" + Row.fileName).map { try CSVFile.rows(Row.self, in: $0) }
  }
}
