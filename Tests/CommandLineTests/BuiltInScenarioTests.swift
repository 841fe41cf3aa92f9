import Foundation
import Scenarios
import Testing

@testable import shardmeter

/// The program's own scenarios are the files of the repository; `RECORD=1` writes the source file anew, and fails so that
/// it is noticed.
@Suite(.serialized) struct BuiltInScenarioTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Name and text of every file that stands alone: a trace beside a scenario is not part of the program.
  private static func files() throws -> [(name: String, text: String)] {
    let folder = root.appendingPathComponent("scenarios")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
    return try names.sorted().map { name in
      (String(name.dropLast(5)), try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
    }.filter { !$0.1.contains(#""trace""#) && !$0.1.contains(#""paths""#) }
  }

  @Test func theProgramHoldsTheRepositorysScenarios() throws {
    let files = try Self.files()
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      var text = "/// Made from the files in `scenarios` by `RECORD=1 swift test --filter BuiltInScenarioTests`; not "
      text += "written by hand.\nextension BuiltInScenarios {\n  static let files: [(name: String, text: String)] = [\n"
      for file in files {
        text += "    (\n      \"\(file.name)\",\n      #\"\"\"\n"
        for line in file.text.split(separator: "\n", omittingEmptySubsequences: false) {
          text += line.isEmpty ? "\n" : "      \(line)\n"
        }
        text += "      \"\"\"#\n    ),\n"
      }
      text += "  ]\n}\n"
      let file = Self.root.appendingPathComponent("Sources/shardmeter/Scenario/BuiltInScenarios+Files.swift")
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded the built-in scenarios; run again without RECORD=1")
      return
    }
    #expect(BuiltInScenarios.names == files.map(\.name))
    for file in files { #expect(BuiltInScenarios.text(named: file.name) == file.text, "\(file.name)") }
  }

  @Test func eachCanBeRun() throws {
    for (name, text) in BuiltInScenarios.files {
      #expect(try Scenario.load(bytes: Array(text.utf8), source: name).name == name)
    }
  }
}
