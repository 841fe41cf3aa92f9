import Measurement
import StrictJSON

/// Why a side of a comparison could not be read, in a sentence that names the file.
package struct ComparisonFailure: Error, Equatable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

extension ComparisonSide {
  /// What a side is in a comparison, which says what an `ab` folder stands for.
  package enum Role: String, Sendable {
    /// What is compared with: of an `ab` its side a.
    case base = "a"
    /// What is judged: of an `ab` its side b.
    case new = "b"
  }

  /// Reads a side: the folder of a run, its `summary.json`, a folder of runs, a side of an `ab` folder, or a baseline
  /// file.
  ///
  /// - Throws: ``ComparisonFailure`` for what is none of them, or is not as it should be.
  package static func load(_ path: String, as role: Role) throws(ComparisonFailure) -> ComparisonSide {
    do {
      return try read(path, role)
    } catch let failure as ComparisonFailure {
      throw failure
    } catch {
      throw ComparisonFailure("\(error)")
    }
  }

  private static func read(_ path: String, _ role: Role) throws -> ComparisonSide {
    if let (folder, bytes) = try runFolder(path) {
      var run = try RunDigest.parse(bytes, source: folder + "/" + Summary.fileName)
      if run.kind == ResultKind.ab.rawValue { return try folderOfRuns("\(folder)/\(role.rawValue)") }
      run.folder = folder
      return ComparisonSide(name: path, id: run.runID, runs: [run])
    }
    if Files.isFolder(path) { return try folderOfRuns(path) }
    guard let bytes = try Files.read(path) else { throw ComparisonFailure("\(path): there is no such folder or file") }
    let node = try JSONDocument.parse(bytes, source: path)
    let schema = try node.object().required("schema")
    if try schema.string().hasPrefix(Baseline.schemaFamily) {
      let baseline = try Baseline.parse(node)
      return ComparisonSide(name: baseline.name, id: baseline.name, runs: baseline.runs)
    }
    let run = try RunDigest.parse(bytes, source: path)
    return ComparisonSide(name: path, id: run.runID, runs: [run])
  }

  /// The folder that a path leads to and its summary; `nil` where there is none.
  private static func runFolder(_ path: String) throws -> (folder: String, bytes: [UInt8])? {
    if let bytes = try Files.read(path + "/" + Summary.fileName) { return (path, bytes) }
    let (parent, name) = Files.split(path)
    guard name == "latest", !Files.isFolder(path), let text = try Files.read(parent + "/latest.txt") else { return nil }
    let folder = parent + "/" + String(decoding: text.prefix { $0 != 0x0A }, as: UTF8.self)
    return try Files.read(folder + "/" + Summary.fileName).map { (folder, $0) }
  }

  /// The result folders directly in a folder; `latest` is one of them by another name.
  private static func folderOfRuns(_ path: String) throws -> ComparisonSide {
    var runs: [RunDigest] = []
    for name in Files.names(in: path) ?? [] where name != "latest" && !name.hasPrefix(".") {
      guard let bytes = try Files.read("\(path)/\(name)/\(Summary.fileName)") else { continue }
      var run = try RunDigest.parse(bytes, source: "\(path)/\(name)/\(Summary.fileName)")
      run.folder = "\(path)/\(name)"
      runs.append(run)
    }
    guard !runs.isEmpty else {
      throw ComparisonFailure("\(path): expected a result folder, or a folder of them; there is no summary.json in it")
    }
    runs.sort { ($0.start, $0.runID) < ($1.start, $1.runID) }
    return ComparisonSide(name: path, id: runs[0].runID, runs: runs)
  }
}

extension RunDigest {
  /// The digest of a `summary.json`.
  ///
  /// - Throws: `JSONFailure` for text that is no summary of this version: an older one counted otherwise.
  package static func parse(_ bytes: [UInt8], source: String) throws(JSONFailure) -> RunDigest {
    let node = try JSONDocument.parse(bytes, source: source)
    let schema = try node.object().required("schema")
    guard try schema.string() == Summary.schemaName else {
      throw schema.failure(expected: "\"\(Summary.schemaName)\", since other versions count otherwise")
    }
    return RunDigest(try Summary.parse(bytes, source: source))
  }
}

/// How the scenarios of two runs differ, as their folders tell.
package enum ScenarioDifference {
  private static let most = 5

  /// The fields that two resolved scenarios differ in and that count as work, at most five.
  ///
  /// - Parameters:
  ///   - before: the text of one `scenario.json`.
  ///   - after: that of the other.
  package static func fields(_ before: [UInt8], _ after: [UInt8]) throws(JSONFailure) -> [String] {
    let old = try JSONDocument.parse(before, source: "scenario.json").value
    let new = try JSONDocument.parse(after, source: "scenario.json").value
    var found: [String] = []
    for part in ["seed", "records", "batch", "client", "phases"] {
      compare(old[part], new[part], at: part, into: &found)
    }
    guard found.count > most else { return found }
    return found.prefix(most) + ["and \(found.count - most) more fields"]
  }

  private static func compare(_ old: JSONValue?, _ new: JSONValue?, at path: String, into found: inout [String]) {
    guard old != new else { return }
    switch (old, new) {
    case (.object(let before), .object(let after)):
      let names = before.map(\.0) + after.map(\.0).filter { name in !before.contains { $0.0 == name } }
      for name in names { compare(old?[name], new?[name], at: "\(path).\(name)", into: &found) }
    case (.array(let before), .array(let after)) where before.count == after.count:
      for index in before.indices { compare(before[index], after[index], at: "\(path)[\(index)]", into: &found) }
    default:
      found.append("\(VisibleText.line(path)): \(text(old)) against \(text(new))")
    }
  }

  private static func text(_ value: JSONValue?) -> String {
    guard let value else { return "nothing" }
    return VisibleText.cut(VisibleText.line(JSONWriter.compact(value)), to: 60)
  }
}
