import RunResults
import Scenarios
import StrictJSON

/// `run --baseline`: a run is judged against saved runs as soon as it is over.
struct BaselineCheck: Sendable {
  private let side: ComparisonSide
  private let rules: ComparisonRules

  /// Reads the baseline; anything that `compare` takes as a side.
  ///
  /// - Throws: `CommandFailure` 2.
  init(_ path: String, rules: ComparisonRules) throws {
    side = try CompareCommand.side(path, as: .base)
    self.rules = rules
  }

  /// Refuses a scenario that could never be compared, before anything is sent.
  ///
  /// - Throws: `CommandFailure` 2.
  func check(_ scenario: Scenario) throws {
    guard let other = side.runs.first(where: { $0.workloadSHA256 != scenario.workloadHash }) else { return }
    let what =
      other.scenario == scenario.name
      ? "seed \(other.seed) against \(scenario.seed), or another workload under the same name"
      : "\(JSONNode.quoted(other.scenario)) against \(JSONNode.quoted(scenario.name))"
    throw CommandFailure("--baseline \(side.name): scenario differs: \(what)", code: .usage)
  }

  /// The summary with what was found. A run that would have passed fails when it is worse, or cannot be compared.
  func judged(_ summary: Summary) -> Summary {
    var summary = summary
    let this = ComparisonSide(name: summary.runID, id: summary.runID, runs: [RunDigest(summary)])
    let document = Comparison.document(side, this, rules: rules)
    summary.comparison = document
    guard document.exitCode != .ok, summary.exitCode == 0 else { return summary }
    summary.exitCode = document.exitCode.rawValue
    summary.verdict = RunVerdict.fail.rawValue
    return summary
  }
}
