import Foundation
import Measurement
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
    "metrics": metrics(),
  ]

  /// The metrics: those of latencies a line for each kind.
  private static func metrics() -> String {
    var lines = ["| Metric | Unit | Better | Made of | Also |", "|---|---|---|---|---|"]
    for metric in Metric.all {
      var name = "`\(metric.name)`"
      if case .latency(let kind, let statistic) = metric.formula {
        guard statistic == LatencyStatistic.allCases.first else { continue }
        name = LatencyStatistic.allCases.map { "`\(Metric.latency(kind, $0).name)`" }.joined(separator: " ")
      }
      let places: [(MetricPlaces, String)] = [
        (.shard, "per shard"), (.window, "window"), (.phase, "phase"), (.readBack, "takes `--read-back`"),
      ]
      let also = places.filter { metric.places.contains($0.0) }.map(\.1).joined(separator: ", ")
      lines.append("| \(name) | \(metric.unit.rawValue) | \(metric.better) | \(formula(metric)) | \(also) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func formula(_ metric: Metric) -> String {
    func words(_ counter: Counter) -> String {
      "\(counter)".reduce(into: "") { $0 += $1.isUppercase ? " \($1.lowercased())" : "\($1)" }
    }
    switch metric.formula {
    case .latency(let kind, _): return "the distribution of \(kind)"
    case .skew(let counter): return "\(words(counter)) of the hottest shard / mean of all"
    case .quotient(let quotient):
      let sum = quotient.parts.map(words).joined(separator: " + ")
      return switch quotient.divisor {
      case .one: sum
      case .seconds: "\(sum) / s"
      case .count(let counter): quotient.parts.count > 1 ? "(\(sum)) / \(words(counter))" : "\(sum) / \(words(counter))"
      }
    }
  }

  @Test(arguments: ["options", "exit codes", "scenario fields", "metrics"])
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
