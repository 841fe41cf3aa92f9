import Kinesis
import Measurement
import RunResults
import Scenarios
import StrictJSON

/// The result folder of a command that reckons instead of driving: a page, files of the command's own, the scenario and
/// `summary.json`. Neither `latest` nor `history.csv` beside it is touched: those are of runs.
struct ModelFolder {
  static let pageName = "report.html"

  /// The kinds of folders that it makes: their pages are drawn once and for all.
  static let kinds: [ResultKind] = [.plan, .size]

  let runID: String
  /// When the command began, as reports show it.
  let made: String
  /// Where files are until the folder has its name.
  var partialPath: String { folder.partialPath }

  private let kind: ResultKind
  private let folder: RunFolder
  private let scenario: Scenario
  private let context: Context

  /// A folder to be written; nil when neither a parent nor a path asks for one.
  ///
  /// - Throws: `CommandFailure` 2 for a place that is taken or may not be written to.
  init?(in parent: String?, exactly path: String?, kind: ResultKind, scenario: Scenario, context: Context) throws {
    let start = context.wallTime()
    runID = RunIdentifier.make(
      start: start, scenarioName: scenario.name, workloadHash: scenario.workloadHash, seed: scenario.seed)
    guard let place = path ?? parent.map({ [runID] in "\($0)/\(runID)" }) else { return nil }
    do {
      folder = try RunFolder(exactly: place)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
    made = start.iso8601
    (self.kind, self.scenario, self.context) = (kind, scenario, context)
  }

  /// Writes the files and gives the folder its name.
  ///
  /// - Parameters:
  ///   - files: names and contents; `scenario.json` and `summary.json` are added.
  ///   - verdict: of the whole.
  ///   - code: what the command ends with.
  ///   - fill: what the kind alone knows.
  /// - Returns: where it is.
  /// - Throws: `CommandFailure` 2 for a place that may not be written to, 1 when the disk takes no more.
  func write(
    _ files: [(name: String, bytes: [UInt8])], verdict: RunVerdict, code: ExitCode, _ fill: (inout Summary) -> Void
  ) throws -> String {
    let scenarioFile = (name: "scenario.json", bytes: Array((JSONWriter.pretty(scenario.resolvedJSON()) + "\n").utf8))
    let all = [scenarioFile] + files
    var summary = Summary()
    summary.runID = runID
    summary.kind = kind.rawValue
    summary.complete = true
    (summary.verdict, summary.exitCode) = (verdict.rawValue, code.rawValue)
    var work = SummaryScenario()
    work.name = scenario.name
    work.sha256 = scenario.workloadHash
    work.seed = Int64(clamping: scenario.seed)
    work.command = context.maskedCommandLine
    summary.scenario = work
    summary.tool.version = context.build.version
    summary.time.start = made
    summary.target.limitsProfile = scenario.stream.limits.name
    summary.files = all.map(\.name)
    fill(&summary)
    do throws(RunFolderFailure) {
      for file in all { try folder.replace(file.name, with: file.bytes) }
      try folder.replace(Summary.fileName, with: Array(summary.fileText.utf8))
      return try folder.finish(history: nil)
    } catch {
      throw CommandFailure("\(error)", code: error.isRefusal ? .usage : .internalError)
    }
  }
}
