import Foundation

@testable import Scenarios

/// The files of a folder, read whole.
struct FolderFiles: ScenarioFiles {
  let folder: URL

  func read(_ path: String, _ take: (UnsafeRawBufferPointer) -> Bool) throws(ScenarioFileFailure) {
    guard let data = try? Data(contentsOf: folder.appendingPathComponent(path)) else {
      throw ScenarioFileFailure(found: "no file \(path)")
    }
    _ = data.withUnsafeBytes { take($0) }
  }
}

/// Files in memory, handed out in pieces of any length.
struct MemoryFiles: ScenarioFiles {
  var files: [String: [UInt8]]
  var pieceLength = Int.max

  init(_ files: [String: String], pieceLength: Int = .max) {
    self.files = files.mapValues { Array($0.utf8) }
    self.pieceLength = pieceLength
  }

  func read(_ path: String, _ take: (UnsafeRawBufferPointer) -> Bool) throws(ScenarioFileFailure) {
    guard let file = files[path] else { throw ScenarioFileFailure(found: "no file \(path)") }
    file.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(pieceLength)
        guard take(UnsafeRawBufferPointer(rebasing: piece)) else { return }
        rest = rest.dropFirst(piece.count)
      }
    }
  }
}

extension Fixture {
  /// A scenario that plays `trace.csv`.
  static func traceText(_ rule: String = "", phases: String? = nil, more: String = "") -> String {
    "{\"schema\": \"shardmeter/1\", \"name\": \"t\", \"records\": {\"trace\": {\"path\": \"trace.csv\""
      + (rule.isEmpty ? "" : ", " + rule) + "}}" + (phases.map { ", \"phases\": [\($0)]" } ?? "")
      + (more.isEmpty ? "" : ", " + more) + "}"
  }

  /// The plan of a trace.
  static func tracePlan(
    _ trace: String, _ rule: String = "", phases: String? = nil, more: String = "", pieceLength: Int = .max
  ) throws -> Plan {
    Plan(
      try Scenario.load(
        bytes: Array(traceText(rule, phases: phases, more: more).utf8), source: "t.json",
        files: MemoryFiles(["trace.csv": trace], pieceLength: pieceLength)))
  }
}
