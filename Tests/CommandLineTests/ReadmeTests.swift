import Foundation
import Scenarios
import Testing

@testable import shardmeter

/// The README's tables are the program's tables; `RECORD=1` writes them anew, and fails so that it is noticed.
@Suite(.serialized) struct ReadmeTests {
  private static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("README.md")

  private static let tables = [
    "options": CommandRegistry.standard.commands.filter { !$0.line.groups.isEmpty }.map(OptionMarkdown.table)
      .joined(separator: "\n"),
    "exit codes": OptionMarkdown.exitCodes(), "scenario fields": ScenarioFieldTable.markdown,
  ]

  @Test(arguments: ["options", "exit codes", "scenario fields"])
  func theReadmeHoldsTheProgramsTable(name: String) throws {
    let readme = try String(contentsOf: Self.file, encoding: .utf8)
    let begin = try #require(readme.range(of: "<!-- \(name): made by the program -->\n\n"))
    let end = try #require(readme.range(of: "\n<!-- end of \(name) -->"))
    let expected = try #require(Self.tables[name])
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      let text = readme.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: expected)
      try text.write(to: Self.file, atomically: true, encoding: .utf8)
      Issue.record("recorded the \(name) of the README; run again without RECORD=1")
    } else {
      #expect(readme[begin.upperBound..<end.lowerBound] == expected)
    }
  }
}
