import Measurement
import RunResults

/// `shardmeter compare BASE NEW`: the regression verdict over two sides that ran already.
enum CompareCommand {
  static let command: Command = Command(
    "compare", abstract: "judge runs against others: worse, better, no change, inconclusive", discussion: discussion,
    table: CompareOptions.table, defaults: CompareOptions()
  ) { options, context in
    try options.judgement.validate(command: "compare")
    let (document, seed) = try compared(options)
    var folder: String?
    if let path = options.runFolder {
      let summary = ComparisonReports.summary(document, kind: .compare, seed: seed, context: context)
      folder = try ComparisonReports.write(summary, exactly: path)
    }
    ComparisonReports.show(document, folder: folder, output: options.output, context: context)
    ContinuousIntegration.publish(document, context: context)
    return document.exitCode
  }

  /// The verdict over the sides, and the seed that names its folder.
  private static func compared(_ options: CompareOptions) throws -> (document: ComparisonDocument, seed: UInt64) {
    switch (try bracket(options.base), try bracket(options.this)) {
    case (let base?, let this?):
      let document = SearchComparison.document(
        base, this, effect: ComparisonRules.usualEffect,
        inconclusiveFails: options.judgement.rules.inconclusiveFails)
      return (document, 0)
    case (nil, nil):
      let base = try side(options.base, as: .base)
      let this = try side(options.this, as: .new)
      let document = Comparison.document(base, this, rules: options.judgement.rules) { before, after in
        SideScenarios.fields(before, after)
      }
      return (document, UInt64(clamping: this.runs.first?.seed ?? 0))
    default:
      throw CommandFailure(
        "\(options.base) and \(options.this): a search can be compared with another search only", code: .usage)
    }
  }

  /// A search's bracket; nil where a side is no search.
  private static func bracket(_ path: String) throws -> SearchBracket? {
    do {
      return try SearchBracket.load(path)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }

  /// Reads one side.
  ///
  /// - Throws: `CommandFailure` 2.
  static func side(_ path: String, as role: ComparisonSide.Role) throws -> ComparisonSide {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    do {
      return try ComparisonSide.load(path, as: role)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
  }

  private static let discussion = """
    An ab folder stands for its side a as BASE, and for its side b as NEW.

    The run is the unit. With six runs a side or more, paired by their start, the
    verdict is a test's: worse or better where it finds a change beyond the smallest
    that counts, no change where the interval ends before that, else inconclusive
    with how many more pairs would tell. With fewer it is not statistical, and only
    --tolerance decides. Compared is what the scenario's thresholds are about, else
    response.p50, response.p99, throttle.ratio and accepted.rate. Two folders of
    search are compared by their brackets.

    Exit codes: 0 no change, better, or cannot tell; 4 worse; 2 not comparable.
    """
}

/// The scenarios of result folders, to say how two differ.
private enum SideScenarios {
  /// The fields in which the scenarios of two runs differ; empty where their files do not tell.
  static func fields(_ before: RunDigest, _ after: RunDigest) -> [String] {
    func file(_ run: RunDigest) -> [UInt8]? { run.folder.flatMap { FileReader.bytes(at: $0 + "/scenario.json") } }
    guard let old = file(before), let new = file(after) else { return [] }
    return (try? ScenarioDifference.fields(old, new)) ?? []
  }
}
