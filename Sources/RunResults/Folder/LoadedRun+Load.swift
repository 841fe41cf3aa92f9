import Observations
import StrictJSON

extension LoadedRun {
  /// Reads a result folder back, a partial one as far as it goes.
  ///
  /// - Parameter path: the folder, or `latest` where links do not work and `latest.txt` names it.
  /// - Throws: `RunFolderFailure` when there is no such folder or none of a run's files in it; `CSVFailure` or `JSONFailure`
  ///   for a file that is not what its name says.
  package static func load(_ path: String) throws -> LoadedRun {
    let folder = try resolved(path)
    return try load(folder) { name throws(RunFolderFailure) in try Files.read(folder + "/" + name) }
  }

  /// The same with the files read by `file`, which gives nil for one that is not there.
  package static func load(
    _ folder: String, file: (String) throws(RunFolderFailure) -> [UInt8]?
  ) throws -> LoadedRun {
    func rows<Row: CSVRow>() throws -> [Row]? {
      try file(Row.fileName).map { try CSVFile.rows(Row.self, in: $0) }
    }
    var run = LoadedRun()
    run.folder = folder
    run.summary = try summary(in: folder, try file(Summary.fileName))
    run.timeseries = try rows()
    run.shards = try rows()
    run.shardSeconds = try rows()
    run.responseBins = try rows()
    run.phases = try rows()
    run.latency = try rows()
    run.keys = try rows()
    run.errors = try rows()
    run.sizing = try rows()
    run.verification = try file(Verification.fileName).map { try Verification.parse($0) }
    run.scenario = try file("scenario.json")
    run.isPartial = run.summary == nil
    guard run.summary != nil || run.timeseries != nil else {
      throw RunFolderFailure("read run", folder, reason: "there is neither summary.json nor timeseries.csv")
    }
    return run
  }

  /// The summary is written last: in a folder whose run did not end in order it may stop in its middle, and then counts as
  /// not written.
  private static func summary(in folder: String, _ bytes: [UInt8]?) throws -> Summary? {
    guard let bytes else { return nil }
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
}
