import Measurement
import Reporting
import RunResults
import Scenarios
import StrictJSON

/// The result folder of `size`: the page, the sweep, the scenario and `summary.json` with the answer in it. Neither `latest`
/// nor `history.csv` beside it is touched: those are of runs.
struct SizeFolder {
  static let pageName = "report.html"

  private let path: String
  private let runID: String
  private let document: SizingDocument
  private let scenario: Scenario
  private let context: Context
  private let start: WallTime

  /// A folder to be written; nil when none is asked for.
  init?(_ options: SizeOptions, document: SizingDocument, scenario: Scenario, context: Context) throws {
    let start = context.wallTime()
    let runID = RunIdentifier.make(
      start: start, scenarioName: scenario.name, workloadHash: scenario.workloadHash, seed: scenario.seed)
    guard let path = options.runFolder ?? options.resultsFolder.map({ "\($0)/\(runID)" }) else { return nil }
    (self.path, self.runID, self.document) = (path, runID, document)
    (self.scenario, self.context, self.start) = (scenario, context, start)
  }

  /// Writes it.
  ///
  /// - Returns: where it is.
  /// - Throws: `CommandFailure` 2 for a place that is taken or may not be written to, 1 when the disk takes no more.
  func write() throws -> String {
    let folder: RunFolder
    do {
      folder = try RunFolder(exactly: path)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
    do throws(RunFolderFailure) {
      let files: [(String, [UInt8])] = [
        ("scenario.json", Array((JSONWriter.pretty(scenario.resolvedJSON()) + "\n").utf8)),
        (SizingRow.fileName, CSVFile.bytes(SizingRow.rows(of: document, runID: runID))),
        (
          Self.pageName,
          Array(SizingPage.page(document, version: context.build.version, made: start.iso8601).utf8)
        ),
      ]
      for (name, bytes) in files { try folder.replace(name, with: bytes) }
      try folder.replace(Summary.fileName, with: Array(summary(files.map(\.0)).fileText.utf8))
      return try folder.finish(history: nil)
    } catch {
      throw CommandFailure("\(error)", code: error.isRefusal ? .usage : .internalError)
    }
  }

  private func summary(_ files: [String]) -> Summary {
    var summary = Summary()
    summary.runID = runID
    summary.kind = ResultKind.size.rawValue
    summary.complete = true
    summary.verdict = (document.recommended == nil ? RunVerdict.fail : .pass).rawValue
    summary.exitCode = Int((document.recommended == nil ? ExitCode.thresholdFailed : .ok).rawValue)
    var work = SummaryScenario()
    work.name = scenario.name
    work.sha256 = scenario.workloadHash
    work.seed = Int64(clamping: scenario.seed)
    work.command = context.maskedCommandLine
    summary.scenario = work
    summary.tool.version = context.build.version
    summary.time.start = start.iso8601
    summary.time.measuredS = document.seconds
    summary.target.stream = document.stream
    summary.target.shards = document.shardsNow
    summary.target.limitsProfile = document.limitsProfile
    summary.sizing = document.json
    summary.files = files
    summary.warnings = document.warnings
    return summary
  }
}
