import Foundation
import Kinesis
import Measurement
import Scenarios
import Testing

@testable import shardmeter

/// The guides' tables are the program's tables; `RECORD=1` writes them anew, and fails so that it is noticed.
@Suite(.serialized) struct ReadmeTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The guide that each table stands in.
  private static let guides = [
    "options": "Sources/shardmeter/README.md", "exit codes": "README.md", "scenario fields": "scenarios/README.md",
    "metrics": "results/README.md", "permissions": "Sources/Transport/README.md",
    "formats": "Sources/README.md",
  ]

  private static let tables = [
    "options": CommandRegistry.standard.commands.filter { !$0.line.groups.isEmpty }.map(OptionMarkdown.table)
      .joined(separator: "\n"),
    "exit codes": OptionMarkdown.exitCodes(), "scenario fields": ScenarioFieldTable.markdown,
    "metrics": metrics(), "permissions": permissions(), "formats": formats(),
  ]

  /// What each command needs of AWS.
  private static func permissions() -> String {
    var lines = ["| Command | Permissions on the stream |", "|---|---|"]
    let callers: [(String, Permissions)] = [
      ("`run`, `ab`", Permissions(caller: .run)),
      ("… with `--create-stream`", Permissions(caller: .run, createsStream: true)),
      ("… with `--delete-stream`", Permissions(caller: .run, deletesStream: true)),
      ("… with `--read-back`", Permissions(caller: .run, readsBack: true)),
      ("`size --verify`", Permissions(caller: .size)), ("`verify`", Permissions(caller: .verify)),
    ]
    let least = Set(Permissions(caller: .run).operations)
    for (name, permissions) in callers {
      let operations = permissions.operations.filter { !name.hasPrefix("…") || !least.contains($0) }
      let words = operations.map { "`kinesis:\($0.rawValue)`" }.joined(separator: ", ")
      lines.append("| \(name) | \(name.hasPrefix("…") ? "also " : "")\(words) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The formats and the promise that goes with each.
  private static func formats() -> String {
    let rows = FormatVersion.all.map { "| \($0.name) | `\($0.version)` | \($0.promise) |" }
    return (["| Format | Version | Promise |", "|---|---|---|"] + rows).joined(separator: "\n") + "\n"
  }

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
      let sides = [
        metric.places.contains(.driver) ? nil : "seen from a target alone",
        metric.places.contains(.target) && metric.places.contains(.driver) ? "from a target too" : nil,
      ]
      let also = (places.filter { metric.places.contains($0.0) }.map(\.1) + sides.compactMap(\.self)).joined(
        separator: ", ")
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
    case .retryGap(let quantile):
      return "\(quantile.label) of the waits between a refusal's answer and the record's next try"
    case .retriesTogether: return "the largest share of an episode's retries within 10 ms"
    case .skew(let counter): return "\(words(counter)) of the hottest shard / mean of all"
    case .quotient(let quotient):
      let sum = quotient.parts.map(words).joined(separator: " + ")
      return switch quotient.divisor {
      case .one: sum
      case .seconds: "\(sum) / s, by the clock"
      case .count(let counter): quotient.parts.count > 1 ? "(\(sum)) / \(words(counter))" : "\(sum) / \(words(counter))"
      }
    }
  }

  @Test(arguments: ["options", "exit codes", "scenario fields", "metrics", "permissions", "formats"])
  func theGuideHoldsTheProgramsTable(name: String) throws {
    let file = Self.root.appendingPathComponent(try #require(Self.guides[name]))
    let readme = try String(contentsOf: file, encoding: .utf8)
    let begin = try #require(readme.range(of: "<!-- \(name): made by the program -->\n\n"))
    let end = try #require(readme.range(of: "\n<!-- end of \(name) -->"))
    let expected = try #require(Self.tables[name])
    if ProcessInfo.processInfo.environment["RECORD"] == "1" {
      let text = readme.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: expected)
      try text.write(to: file, atomically: true, encoding: .utf8)
      Issue.record("recorded the \(name) of \(file.lastPathComponent); run again without RECORD=1")
    } else {
      #expect(readme[begin.upperBound..<end.lowerBound] == expected)
    }
  }

  private static let documents = [
    "README.md", "scenarios/README.md", "results/README.md", "scripts/README.md", "Tests/README.md",
    "Sources/README.md", "Sources/LocalKinesis/README.md", "Sources/Transport/README.md",
    "Sources/shardmeter/README.md",
  ]

  @Test(arguments: documents)
  func everyLinkLeadsToAFileOrAHeading(document: String) throws {
    let file = Self.root.appendingPathComponent(document)
    let text = try String(contentsOf: file, encoding: .utf8)
    for link in text.matches(of: /\]\(([^)\s]+)\)/).map({ String($0.1) }) where !link.hasPrefix("http") {
      let (path, anchor) = (link.prefix { $0 != "#" }, link.split(separator: "#").last)
      let folder = file.deletingLastPathComponent()
      let target = path.isEmpty ? file : folder.appendingPathComponent(String(path))
      let found = try? String(contentsOf: target, encoding: .utf8)
      #expect(found != nil, "\(document): \(link)")
      guard link.contains("#"), let found, let anchor else { continue }
      let headings = found.matches(of: /(?m)^#+ (.*)$/).map { heading in
        heading.1.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
          .replacing(" ", with: "-")
      }
      #expect(headings.contains(String(anchor)), "\(document): \(link)")
    }
  }

  /// A newcomer follows a record through the files that the guide names, and these are there.
  @Test func theFilesOfTheWayOfARecordExist() throws {
    let sources = Self.root.appendingPathComponent("Sources")
    let guide = try String(contentsOf: sources.appendingPathComponent("README.md"), encoding: .utf8)
    func files(_ text: Substring) -> Set<String> {
      Set(text.matches(of: /`(\w+\/[\w\/+]+\.swift)`/).map { String($0.1) })
    }
    for file in files(guide[...]) {
      #expect(FileManager.default.fileExists(atPath: sources.appendingPathComponent(file).path), "\(file)")
    }
    let way = try #require(guide.split(separator: "\n## ").first { $0.hasPrefix("The way of a record") })
    #expect((20...35).contains(files(way).count))
    #expect(way.contains("the \(files(way).count) files to open"))
  }

  /// What a newcomer reads first is short: the rest is in the guides.
  @Test func theReadmeIsShort() throws {
    let readme = try Data(contentsOf: Self.root.appendingPathComponent("README.md"))
    #expect(readme.count <= 20_000)
  }
}
