import Kinesis
import Measurement
import Observations

/// Makes the results of a run that was killed out of the journal it left.
package struct JournalReplay {
  /// The resolved scenario, for whoever can tell what its keys are called.
  package var scenario: [UInt8] { header.scenario }
  /// The stream's open shards at the start.
  package var shards: ShardMap { header.layout.shards }
  /// How keys are to be called.
  package let keys: KeyNames.Mode

  private let folder: String
  private let header: Journal.Header
  private let description: JournalDescription
  private let bytes: [UInt8]

  /// Opens the journal of a folder; `nil` when it has none.
  ///
  /// - Throws: `RunFolderFailure` for a journal that cannot be read, of another format, or of another run than the folder.
  package init?(_ path: String) throws(RunFolderFailure) {
    let file = path + "/" + Journal.fileName
    guard let bytes = try Files.read(file) else { return nil }
    do throws(JournalFailure) {
      header = try Journal.Reader(bytes).header
      description = try JournalDescription(header)
    } catch {
      throw RunFolderFailure("read journal", file, reason: error.description)
    }
    folder = path
    keys = description.keys
    self.bytes = bytes
    if let other = try Self.runID(inRowsOf: path), other != header.runID {
      throw RunFolderFailure(
        "read journal", file, reason: "it is of run \(header.runID), and \(TimeseriesRow.fileName) of run \(other)")
    }
  }

  /// The run of the first row of `timeseries.csv`; `nil` without one.
  private static func runID(inRowsOf path: String) throws(RunFolderFailure) -> String? {
    guard let bytes = try Files.read(path + "/" + TimeseriesRow.fileName) else { return nil }
    let line = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false).dropFirst().first ?? []
    let name = line.prefix { $0 != 0x2C }
    return name.isEmpty || name.count == line.count ? nil : String(decoding: name, as: UTF8.self)
  }

  /// Writes every file of the folder anew from the journal; the journal stays.
  ///
  /// - Parameters:
  ///   - keys: how keys are called; `nil` leaves every column about keys unknown.
  ///   - planHash: the hash of the planned records, which the run may not have come to tell.
  ///   - warnings: what a reader must know beside what the journal says.
  ///   - extraFiles: names of files others put into the folder, listed in the summary.
  /// - Returns: the summary as written, marked incomplete unless the journal has the run's end.
  /// - Throws: `RunFolderFailure` when a file cannot be written.
  @discardableResult
  package func write(
    keys: KeyNames?, planHash: String? = nil, warnings: [String] = [], extraFiles: [String] = []
  ) throws -> Summary {
    let sink = ReplacingSink(folder)
    let summary = try Self.replay(
      bytes, into: sink, keys: keys, planHash: planHash, warnings: warnings, extraFiles: extraFiles)
    try sink.finish()
    return summary
  }

  /// Makes the results of a journal as far as it is whole.
  package static func replay(
    _ journal: [UInt8], into sink: any ResultSink, keys: KeyNames?, planHash: String? = nil, warnings: [String] = [],
    extraFiles: [String] = []
  ) throws -> Summary {
    var reader = try Journal.Reader(journal)
    let description = try JournalDescription(reader.header)
    let collector = try RunCollector(
      layout: reader.header.layout, description: description.description, thresholds: description.thresholds,
      sink: sink)
    if let planHash { try collector.take(.planHash(planHash)) }
    for warning in warnings { try collector.take(.warning(warning)) }
    var isEnded = false
    while let entry = reader.next() {
      try collector.take(entry)
      if case .ending = entry { isEnded = true }
    }
    if let damage = reader.damage {
      try collector.take(.warning("\(Journal.fileName) is whole up to \(damage); what lies behind it is left out"))
    }
    if !isEnded {
      try collector.take(
        .warning(
          "the run did not end in order: told is what was final \(collector.nextSecond) s after the measured time began"
        ))
    }
    return try collector.finish(keys: keys, extraFiles: extraFiles)
  }
}

/// Writes files beside those of a folder and puts them in their place when all are whole.
private final class ReplacingSink: ResultSink {
  private let folder: String
  private var descriptors: [String: Int32] = [:]

  init(_ folder: String) { self.folder = folder }

  deinit { for descriptor in descriptors.values { Files.closeFile(descriptor) } }

  private func temporary(_ fileName: String) -> String { folder + "/." + fileName + ".new" }

  func append(_ bytes: [UInt8], to fileName: String) throws {
    let path = temporary(fileName)
    if descriptors[fileName] == nil {
      try Files.remove(path)
      descriptors[fileName] = try Files.openForAppending(path)
    }
    guard let descriptor = descriptors[fileName] else { return }
    try Files.write(bytes, to: descriptor, path: path)
  }

  func remove(_ fileName: String) throws {
    if let descriptor = descriptors.removeValue(forKey: fileName) { Files.closeFile(descriptor) }
    try Files.remove(temporary(fileName))
  }

  func finish() throws {
    for (name, descriptor) in descriptors {
      Files.closeFile(descriptor)
      try Files.rename(temporary(name), to: folder + "/" + name)
    }
    descriptors = [:]
  }
}
