import Measurement
import StrictJSON

/// What one search found, as far as another can be compared with it: read out of its `summary.json` alone.
package struct SearchBracket: Sendable, Equatable {
  /// As the user gave it.
  package var name = ""
  package var runID = ""
  package var scenario = ""
  package var workloadHash = ""
  package var version = ""
  package var shards = 0
  package var vary = ""
  package var find = ""
  package var unit = ""
  package var goals: [String] = []
  package var pass: Double?
  package var fail: Double?
  /// Whether the generator, not the target, ended the passes.
  package var isGeneratorBound = false

  /// The bracket in a result folder; `nil` for a folder that holds no search.
  ///
  /// - Throws: ``ComparisonFailure`` for a search's folder that cannot be read.
  package static func load(_ path: String) throws(ComparisonFailure) -> SearchBracket? {
    let file = path + "/" + Summary.fileName
    do {
      guard let bytes = try Files.read(file) else { return nil }
      let summary = try Summary.parse(bytes, source: file)
      guard summary.kind == ResultKind.search.rawValue else { return nil }
      guard let found = summary.search else {
        throw ComparisonFailure("\(file): search: expected an object, found nothing")
      }
      return SearchBracket(summary, found, name: path)
    } catch let failure as ComparisonFailure {
      throw failure
    } catch {
      throw ComparisonFailure("\(error)")
    }
  }

  init(_ summary: Summary, _ found: JSONValue, name: String) {
    self.name = name
    runID = summary.runID
    scenario = summary.scenario?.name ?? ""
    workloadHash = summary.scenario?.sha256 ?? ""
    version = summary.tool.version
    shards = summary.target.shards
    vary = found["vary"]?.text ?? ""
    find = found["find"]?.text ?? ""
    unit = found["unit"]?.text ?? ""
    if case .array(let list)? = found["goals"] { goals = list.compactMap(\.text) }
    pass = found["highest_pass"]?.double
    fail = found["lowest_fail"]?.double
    isGeneratorBound = found["limited_by"]?.text == "generator"
  }
}

extension JSONValue {
  fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }

  fileprivate var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
}

/// Two searches against each other: their brackets, which are intervals by themselves.
package enum SearchComparison {
  /// Judges two brackets. A change counts where the whole interval of it lies beyond `effect`; where it lies within, nothing
  /// changed.
  ///
  /// - Parameter effect: the smallest change that counts, as a part of the base.
  package static func document(
    _ base: SearchBracket, _ this: SearchBracket, effect: Double, inconclusiveFails: Bool
  ) -> ComparisonDocument {
    var document = ComparisonDocument()
    document.baselineID = base.runID
    (document.base, document.this) = (facts(base), facts(this))
    (document.pairs, document.inconclusiveFails) = (1, inconclusiveFails)
    document.differences = obstacles(base, this)
    guard document.differences.isEmpty, let before = base.pass, let after = this.pass else { return document }
    let isHighest = base.find == "highest"
    var metric = ComparisonMetric()
    (metric.metric, metric.unit, metric.better) = (
      "search.\(base.vary)", base.unit, isHighest ? "higher" : "lower"
    )
    (metric.base, metric.this, metric.ratio) = (before, after, after / before)
    (metric.baseValues, metric.thisValues, metric.tolerance) = ([before], [after], effect)
    // What passes is at least the one end and less than the other, on either side.
    let ends = [base.fail.map { after / $0 }, this.fail.map { $0 / before }]
    (metric.ciLow, metric.ciHigh) = isHighest ? (ends[0], ends[1]) : (ends[1], ends[0])
    metric.verdict = verdict(metric, isHigherBetter: isHighest, effect).rawValue
    document.comparable = true
    document.metrics = [metric]
    document.verdict = metric.verdict
    document.notes = [
      "One search a side: the interval is that of the two brackets, not a test's, and drift between them is not controlled."
    ]
    if base.isGeneratorBound || this.isGeneratorBound {
      document.notes.append("Where the generator was the limit, what passes is a lower bound.")
    }
    return document
  }

  private static func verdict(
    _ metric: ComparisonMetric, isHigherBetter: Bool, _ effect: Double
  ) -> ComparisonVerdict {
    if let low = metric.ciLow, low >= 1 + effect { return isHigherBetter ? .better : .worse }
    if let high = metric.ciHigh, high <= 1 - effect { return isHigherBetter ? .worse : .better }
    if let low = metric.ciLow, let high = metric.ciHigh, low > 1 - effect, high < 1 + effect { return .noChange }
    return .inconclusive
  }

  private static func obstacles(_ base: SearchBracket, _ this: SearchBracket) -> [String] {
    var found: [String] = []
    if base.workloadHash != this.workloadHash {
      found.append("scenario differs: \(base.scenario) and \(this.scenario) do different work")
    }
    for (word, before, after) in [
      ("what is varied", base.vary, this.vary), ("what is looked for", base.find, this.find),
    ]
    where before != after { found.append("\(word) differs: \(before) and \(after)") }
    if base.shards != this.shards { found.append("shards differ: \(base.shards) and \(this.shards)") }
    if base.goals != this.goals {
      found.append("goals differ: \(base.goals.joined(separator: ", ")) and \(this.goals.joined(separator: ", "))")
    }
    for side in [base, this] where side.pass == nil { found.append("\(side.name): nothing passes in it") }
    if base.isGeneratorBound, this.isGeneratorBound {
      found.append("in both the generator was the limit: neither says what its target takes")
    }
    return found
  }

  private static func facts(_ side: SearchBracket) -> ComparisonSideFacts {
    var facts = ComparisonSideFacts()
    (facts.name, facts.scenario, facts.version) = (side.name, side.scenario, side.version)
    (facts.shards, facts.endpointKind, facts.runs) = (side.shards, "search", [side.runID])
    return facts
  }
}
