import Measurement
import StrictJSON

/// A side of later comparisons, saved: digests of runs and their whole distributions, in a file that is fit to be reviewed
/// and committed. It holds no partition key.
package struct Baseline: Sendable, Equatable {
  /// The value of `schema`.
  package static let schemaName = "shardmeter.baseline/1"
  static let schemaFamily = "shardmeter.baseline/"
  /// The distributions that are kept, by their tags in `histograms.hlog`: of the whole run, none of a shard.
  private static let tags = ["response", "service", "delivery"]

  package var name = ""
  package var runs: [RunDigest] = []
  /// By run and tag, HdrHistogram's V2 compressed form in Base64.
  package var histograms: [String: [String: String]] = [:]

  package init() {}

  /// The baseline of a result folder or a folder of them.
  ///
  /// - Throws: ``ComparisonFailure`` for a folder that is none, and for runs that nothing could be compared with.
  package static func make(_ path: String, name: String) throws(ComparisonFailure) -> Baseline {
    let side = try ComparisonSide.load(path, as: .new)
    var baseline = Baseline()
    baseline.name = name
    baseline.runs = side.runs.map { run in
      var run = run
      run.folder = nil
      return run
    }
    let itself = Comparison.document(side, side)
    guard itself.comparable else {
      throw ComparisonFailure("\(path): no baseline can be made: \(itself.differences.joined(separator: "; "))")
    }
    do throws(RunFolderFailure) {
      for run in side.runs {
        guard let folder = run.folder, let log = try Files.read(folder + "/" + HistogramLog.fileName) else { continue }
        baseline.histograms[run.runID] = Self.histograms(in: log)
      }
    } catch {
      throw ComparisonFailure("\(error)")
    }
    return baseline
  }

  /// Writes the file, with the folders above it; one of that name is replaced.
  package func save(to path: String) throws(ComparisonFailure) {
    do throws(RunFolderFailure) {
      try Files.makeFolders(Files.split(path).folder)
      try Files.replace(path, with: Array(fileText.utf8))
    } catch {
      throw ComparisonFailure("\(error)")
    }
  }

  /// The encoded distributions of the kept tags.
  private static func histograms(in log: [UInt8]) -> [String: String] {
    var found: [String: String] = [:]
    for line in log.split(separator: 0x0A) {
      let cells = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      guard cells.count == 5 else { continue }
      let tag = String(decoding: cells[0], as: UTF8.self)
      if let kept = tags.first(where: { tag == "Tag=\($0)" }) {
        found[kept] = String(decoding: cells[4], as: UTF8.self)
      }
    }
    return found
  }

  /// The file's text: keys sorted, two spaces a level, a line feed at the end; the same runs give the same bytes.
  package var fileText: String {
    let histograms = histograms.sorted { $0.key < $1.key }.map { run, byTag in
      (run, JSONValue.object(byTag.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
    let value: JSONValue = .object([
      ("schema", .string(Self.schemaName)), ("name", .string(name)), ("runs", runs.json(decimals: 6)),
      ("histograms", .object(histograms)),
    ])
    return JSONWriter.pretty(Self.sorted(value)) + "\n"
  }

  private static func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members): .object(members.map { ($0.0, sorted($0.1)) }.sorted { $0.0 < $1.0 })
    case .array(let elements): .array(elements.map(sorted))
    default: value
    }
  }

  /// Reads a baseline file, however it was edited.
  static func parse(_ node: JSONNode) throws(JSONFailure) -> Baseline {
    let object = try node.object()
    let schema = try object.required("schema")
    guard try schema.string() == schemaName else { throw schema.failure(expected: "\"\(schemaName)\"") }
    var baseline = Baseline()
    baseline.name = try object.required("name").string()
    let runs = try object.required("runs")
    for run in try runs.array() { try check(run) }
    baseline.runs = try [RunDigest](json: runs)
    guard !baseline.runs.isEmpty else { throw runs.failure(expected: "at least one run") }
    baseline.runs.sort { ($0.start, $0.runID) < ($1.start, $1.runID) }
    if let histograms = object.optional("histograms") {
      for run in try histograms.object().members {
        for tag in try run.value.object().members {
          baseline.histograms[run.name, default: [:]][tag.name] = try tag.value.string()
        }
      }
    }
    try object.finish(allowed: ["schema", "name", "runs", "histograms"])
    return baseline
  }

  /// Refuses a run that lacks a member, has one that is not ours, or holds a value that no run can have.
  private static func check(_ run: JSONNode) throws(JSONFailure) {
    let object = try run.object()
    let names: [String]
    if case .object(let members)? = RunDigest.jsonSchema["properties"] { names = members.map(\.0) } else { names = [] }
    for name in names { _ = try object.required(name) }
    try object.finish(allowed: names)
    for list in ["thresholds", "metrics"] {
      for value in try object.required(list).array() {
        let number = try value.object().required("value")
        guard let found = try Double?(json: number), found < 0 else { continue }
        throw number.failure(expected: "a number not below 0")
      }
    }
  }
}
