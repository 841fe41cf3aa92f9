import FoundationEssentials
import RunResults

/// `shardmeter report DIR`.
enum ReportCommand {
  static let command: Command = Command(
    "report", abstract: "redraw the reports of a result folder", discussion: discussion, table: ReportOptions.table,
    defaults: ReportOptions()
  ) { options, context in
    try Interruption.minding(context, nothing: "nothing was drawn") { interruption in
      try draw(options, context, interruption)
    }
  }

  private static func draw(_ options: ReportOptions, _ context: Context, _ interruption: Interruption) throws
    -> ExitCode
  {
    var folder = options.folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    let run: LoadedRun
    do {
      run = try LoadedRun.load(folder)
    } catch {
      throw CommandFailure("\(folder): \(error)", code: .usage)
    }
    if options.output.isJSON, run.summary == nil {
      throw CommandFailure("\(folder): there is no summary.json, the run did not end in order", code: .usage)
    }
    let documents = RunReports.documents(of: run)
    interruption.onRequestGoOn()
    do {
      for file in documents {
        let place = URL(filePath: "\(run.folder)/\(file.name)")
        try Data(file.text.utf8).write(to: place, options: .atomic)
      }
    } catch {
      throw CommandFailure("\(folder): the reports cannot be written: \(error)", code: .internalError)
    }
    if interruption.isRequested { throw CommandFailure("interrupted: the reports are drawn", code: .interrupted) }
    interruption.onRequestLeave()
    RunReports.show(run, output: options.output, context: context)
    return .ok
  }

  private static let discussion = """
    Reads the CSV files and summary.json, writes report.html, summary.md and
    junit.xml, and prints the final table. A folder that a killed run left behind
    (.ID.partial) is drawn as far as it goes.
    """
}
