import Measurement
import Observations
import Reporting
import RunResults
import StrictJSON

/// The files of a comparison and what is shown of it.
enum ComparisonReports {
  /// Whether a folder holds a comparison rather than a run.
  static func isComparison(_ summary: Summary) -> Bool {
    [ResultKind.compare, .ab].map(\.rawValue).contains(summary.kind)
  }

  /// The summary of a comparison's folder.
  static func summary(_ document: ComparisonDocument, kind: ResultKind, seed: UInt64, context: Context) -> Summary {
    var summary = Summary()
    let name = "\(kind.rawValue)-\(document.this.scenario)"
    let now = context.wallTime()
    summary.runID = RunIdentifier.make(
      start: now, scenarioName: name, workloadHash: document.baselineID, seed: seed)
    summary.kind = kind.rawValue
    summary.complete = true
    summary.exitCode = document.exitCode.rawValue
    let verdict: RunVerdict
    switch document.outcome {
    case .worse: verdict = .fail
    case .notComparable: verdict = .invalid
    case .inconclusive: verdict = document.inconclusiveFails ? .fail : .none
    case .better, .noChange: verdict = .pass
    }
    summary.verdict = verdict.rawValue
    var scenario = SummaryScenario()
    scenario.name = document.this.scenario
    scenario.command = context.maskedCommandLine
    summary.scenario = scenario
    summary.tool.version = context.build.version
    summary.tool.revision = context.build.revision
    summary.tool.dirty = context.build.isDirty
    summary.tool.swift = context.build.swift
    summary.tool.mode = context.build.mode
    summary.target.shards = document.this.shards
    summary.target.kind = document.this.endpointKind
    summary.time.start = now.iso8601
    summary.comparison = document
    summary.files = [Summary.fileName, ComparisonRow.fileName] + RunReports.fileNames
    return summary
  }

  /// Writes a folder of an exact name.
  ///
  /// - Returns: its path.
  /// - Throws: `CommandFailure` 2 where the folder cannot be made, 1 where it cannot be written.
  static func write(_ summary: Summary, exactly path: String) throws -> String {
    let folder: RunFolder
    do throws(RunFolderFailure) {
      folder = try RunFolder(exactly: path)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
    return try write(summary, into: folder)
  }

  /// Writes the files of a comparison and gives the folder its name.
  ///
  /// - Parameter extraFiles: what is in it already.
  static func write(_ summary: Summary, into folder: RunFolder, extraFiles: [String] = []) throws -> String {
    var summary = summary
    summary.files += extraFiles
    do throws(RunFolderFailure) {
      for (name, text) in documents(of: summary) { try folder.replace(name, with: Array(text.utf8)) }
      if let document = summary.comparison {
        try folder.replace(
          ComparisonRow.fileName, with: CSVFile.bytes(ComparisonRow.rows(document, runID: summary.runID)))
      }
      // Last, so that a folder with a summary is whole.
      try folder.replace(Summary.fileName, with: Array(summary.fileText.utf8))
      return try folder.finish(history: nil)
    } catch {
      throw CommandFailure("\(error)", code: .internalError)
    }
  }

  /// The text of every report by its file name.
  static func documents(of summary: Summary) -> [(name: String, text: String)] {
    let document = summary.comparison ?? ComparisonDocument()
    return [
      ("report.html", ComparisonPage.page(summary)), ("summary.md", ComparisonMarkdown.text(document)),
      ("junit.xml", ComparisonJUnit.document(document)),
    ]
  }

  /// Prints a comparison as the options want it.
  static func show(_ document: ComparisonDocument, folder: String?, output: OutputOptions, context: Context) {
    if output.isJSON {
      context.standardOutput.write(JSONWriter.pretty(document.json(decimals: 6)) + "\n")
      return
    }
    context.standardOutput.write(
      ComparisonTable.text(
        document, reportPath: folder.map { $0 + "/report.html" },
        colour: context.usesColour(output.colour, on: context.standardOutput),
        columns: context.narrowed(context.standardOutput).columns ?? TerminalText.widest, detail: output.detail,
        charset: context.standardOutput.charset))
  }
}
