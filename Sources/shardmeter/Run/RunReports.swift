import Reporting
import RunResults

/// The reports of a finished run: drawn from its files alone, put beside them, and shown.
enum RunReports {
  /// What is drawn into a result folder, besides the data.
  static let fileNames = ["report.html", "summary.md", "junit.xml"]

  /// Draws the reports into the folder, then gives it its name.
  ///
  /// - Parameters:
  ///   - summary: as it stands in the folder.
  ///   - isInterrupted: asked before and behind the drawing: a run that was interrupted until then says so.
  /// - Returns: the run as its files tell it.
  static func finish(_ folder: RunFolder, summary: Summary, isInterrupted: () -> Bool) throws -> LoadedRun {
    var summary = summary
    for isLast in [false, true] {
      if isInterrupted(), summary.exitCode != ExitCode.interrupted.rawValue {
        summary.interrupt(.writingResults)
        try folder.replace(Summary.fileName, with: Array(summary.fileText.utf8))
      } else if isLast {
        break
      }
      for (name, text) in documents(of: try written(folder)) { try folder.replace(name, with: Array(text.utf8)) }
    }
    var run = try written(folder)
    run.folder = try folder.finish(history: HistoryRow(summary))
    return run
  }

  private static func written(_ folder: RunFolder) throws -> LoadedRun {
    var run = try LoadedRun.load(folder.partialPath)
    run.isPartial = false
    return run
  }

  /// The text of every report by its file name.
  static func documents(of run: LoadedRun) -> [(name: String, text: String)] {
    if let summary = run.summary, ComparisonReports.isComparison(summary) {
      return ComparisonReports.documents(of: summary)
    }
    return [
      ("report.html", HTMLReport.page(run)), ("summary.md", MarkdownSummary.text(run)),
      ("junit.xml", JUnitReport.document(run)),
    ]
  }
}

extension RunReports {
  /// Prints a finished run as the options want it: `summary.json`, the final table, or next to nothing.
  static func show(_ run: LoadedRun, output: OutputOptions, context: Context) {
    if output.isJSON {
      if let summary = run.summary { context.standardOutput.write(summary.fileText) }
      return
    }
    if let summary = run.summary, ComparisonReports.isComparison(summary), let document = summary.comparison {
      ComparisonReports.show(document, folder: run.folder, output: output, context: context)
      return
    }
    context.standardOutput.write(
      FinalTable.text(
        run, reportPath: run.folder + "/report.html",
        colour: context.usesColour(output.colour, on: context.standardOutput),
        columns: context.narrowed(context.standardOutput).columns ?? TerminalText.widest, detail: output.detail,
        charset: context.standardOutput.charset, seenWarnings: context.seenWarnings))
  }
}
