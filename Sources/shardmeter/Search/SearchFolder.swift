import Measurement
import Reporting
import RunResults
import Scenarios
import StrictJSON

/// The result folder of `search`: the page, `probes.csv`, the scenario and `summary.json` with the answer in it, beside the
/// folders of the probes' runs.
struct SearchFolder {
  /// Where the runs are, inside.
  static let probes = "probes"

  let document: SearchDocument
  let scenario: Scenario
  let code: ExitCode
  let context: Context

  /// Writes it and gives it its name.
  ///
  /// - Returns: where it is.
  /// - Throws: `CommandFailure` 1 when the disk takes no more.
  func write(into folder: RunFolder) throws -> String {
    let start = context.wallTime()
    let runID = RunIdentifier.make(
      start: start, scenarioName: "search-\(scenario.name)", workloadHash: scenario.workloadHash, seed: scenario.seed)
    do throws(RunFolderFailure) {
      let files: [(String, [UInt8])] = [
        ("scenario.json", Array((JSONWriter.pretty(scenario.resolvedJSON()) + "\n").utf8)),
        (ProbeRow.fileName, CSVFile.bytes(ProbeRow.rows(of: document, runID: runID))),
        (
          ModelFolder.pageName,
          Array(SearchPage.page(document, version: context.build.version, made: start.iso8601).utf8)
        ),
        ("summary.md", Array(SearchMarkdown.text(document).utf8)),
      ]
      for (name, bytes) in files { try folder.replace(name, with: bytes) }
      try folder.replace(Summary.fileName, with: Array(summary(runID, start, files.map(\.0)).fileText.utf8))
      let path = try folder.finish(history: nil)
      for warning in folder.warnings { context.warn(warning) }
      return path
    } catch {
      throw CommandFailure("\(error)", code: .internalError)
    }
  }

  private func summary(_ runID: String, _ start: WallTime, _ files: [String]) -> Summary {
    var summary = Summary()
    summary.runID = runID
    summary.kind = ResultKind.search.rawValue
    summary.complete = document.stopped == nil
    let verdict: RunVerdict =
      switch code {
      case .ok: .pass
      case .interrupted: .incomplete
      case .invalidRun, .unreachable: .invalid
      default: .fail
      }
    summary.verdict = verdict.rawValue
    summary.exitCode = Int(code.rawValue)
    var work = SummaryScenario()
    work.name = scenario.name
    work.sha256 = scenario.workloadHash
    work.seed = Int64(clamping: scenario.seed)
    work.command = context.maskedCommandLine
    summary.scenario = work
    summary.tool.version = context.build.version
    summary.tool.revision = context.build.revision
    summary.tool.dirty = context.build.isDirty
    summary.tool.swift = context.build.swift
    summary.tool.mode = context.build.mode
    summary.time.start = start.iso8601
    summary.target.stream = document.stream
    summary.target.shards = document.shards
    summary.search = document.json
    summary.files = files
    summary.warnings = document.warnings
    return summary
  }
}
