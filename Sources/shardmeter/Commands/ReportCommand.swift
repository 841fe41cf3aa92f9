import Observations
import RunResults
import Scenarios

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
      try finish(folder, context)
      run = try LoadedRun.load(folder)
    } catch {
      throw CommandFailure("\(folder): \(error)", code: .usage)
    }
    if let kind = run.summary?.kind, ModelFolder.kinds.contains(where: { $0.rawValue == kind }) {
      throw CommandFailure(
        "\(folder): the answer of \(kind), not a run: its page is \(ModelFolder.pageName), drawn when it was found",
        code: .usage)
    }
    if options.output.isJSON, run.summary == nil {
      throw CommandFailure("\(folder): there is no summary.json, the run did not end in order", code: .usage)
    }
    let documents = RunReports.documents(of: run)
    interruption.onRequestGoOn()
    do throws(RunFolderFailure) {
      for file in documents { try RunFolder.redraw(file.name, as: file.text, in: run.folder) }
    } catch {
      // A place that the user may not write to is the command line's fault, a full disk the machine's.
      throw CommandFailure("\(error)", code: error.isRefusal ? .usage : .internalError)
    }
    if interruption.isRequested { throw CommandFailure("interrupted: the reports are drawn", code: .interrupted) }
    interruption.onRequestLeave()
    RunReports.show(run, output: options.output, context: context)
    return .ok
  }

  /// Makes the files of a run that was killed out of its journal; nothing happens in a folder without one.
  private static func finish(_ folder: String, _ context: Context) throws {
    guard let journal = try JournalReplay(folder) else { return }
    var warnings: [String] = []
    var plan: Plan?
    do {
      let source = "\(folder)/\(Journal.fileName): scenario"
      let scenario = try Scenario.load(
        bytes: journal.scenario, source: source, files: ScenarioFileReader(scenario: folder + "/scenario.json"),
        map: journal.shards)
      plan = Plan(scenario, map: journal.shards)
    } catch {
      warnings.append("what the keys are called is not known: \(error)")
    }
    let names = plan.map { plan in
      KeyNames(mode: journal.keys, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    }
    let summary = try journal.write(
      keys: names, planHash: plan?.planHash, warnings: warnings, extraFiles: RunReports.fileNames)
    for warning in summary.warnings { context.warn(warning) }
  }

  private static let discussion = """
    Reads the CSV files and summary.json, writes report.html, summary.md and
    junit.xml, and prints the final table. In a folder that a killed run left behind
    (.ID.partial) all files are first made anew from its journal.bin: everything
    up to the last second that was final, with a summary marked incomplete.
    """
}
