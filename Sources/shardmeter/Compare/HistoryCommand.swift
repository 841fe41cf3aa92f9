import Reporting
import RunResults
import StrictJSON

/// What `shardmeter history` was asked.
struct HistoryOptions: Sendable, Equatable {
  var scenario: String?
  var resultsFolder: String?
  /// The page's file; nil: none is written.
  var page: String?
  var colour = ColourChoice.auto

  /// Its command line.
  static let table = OptionTable<HistoryOptions>(
    operands: [
      .init("NAME", help: "the name of a scenario (default: all of them)", isOptional: true) {
        (options: inout HistoryOptions, word: String) throws(ValueProblem) in options.scenario = word
      }
    ],
    groups: [
      .init(
        "History",
        [
          .value(
            "out", "DIR", help: "the parent of the result folders (default: results)", completion: .folder,
            \.resultsFolder, OptionValue.text("a folder")),
          .value(
            "page", "FILE", help: "write the history as a page too", completion: .file, \.page,
            OptionValue.text("a file")),
          .value(
            "color", "WHEN", help: "colour on the terminal: auto (default), always or never",
            completion: .words(of: ColourChoice.self), \.colour, OptionValue.word(ColourChoice.self)),
        ])
    ], example: "quickstart")
}

/// `shardmeter history [SCENARIO]`: the finished runs of a folder over time.
enum HistoryCommand {
  static let command: Command = Command(
    "history", abstract: "show the trends over finished runs", discussion: discussion, table: HistoryOptions.table,
    defaults: HistoryOptions()
  ) { options, context in
    let path = (options.resultsFolder ?? RunOptions.defaultResultsFolder) + "/" + HistoryRow.fileName
    let bytes: [UInt8]
    do throws(FileReader.Failure) {
      bytes = try FileReader.read(path)
    } catch {
      throw CommandFailure("\(path): \(error)", code: .usage)
    }
    let rows: [HistoryRow]
    do {
      rows = try CSVFile.rows(HistoryRow.self, in: bytes)
    } catch {
      throw CommandFailure("\(path): \(error)", code: .usage)
    }
    let histories = HistoryFacts.group(rows, scenario: options.scenario)
    if let scenario = options.scenario, histories.isEmpty {
      let near = nearestWord(to: scenario, in: rows.map(\.scenario)).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure("\(path) has no run of \(JSONNode.quoted(scenario))\(near)", code: .usage)
    }
    if let page = options.page {
      do throws(RunFolderFailure) {
        try RunFolder.write(HistoryPage.page(histories, version: context.build.version), to: page)
      } catch {
        throw CommandFailure("\(error)", code: error.isRefusal ? .usage : .internalError)
      }
    }
    context.standardOutput.write(
      HistoryTable.text(
        histories, colour: context.usesColour(options.colour, on: context.standardOutput),
        columns: context.narrowed(context.standardOutput).columns ?? TerminalText.widest,
        charset: context.standardOutput.charset))
    return .ok
  }

  private static let discussion = """
    history.csv beside the result folders has a line for each finished run. Runs of
    different days differ by what the machine did that day: a trend is a reason to
    look, ab is a verdict.
    """
}
