import Reporting

/// What a command shows on standard output, and how: the same options for every command that has results.
struct OutputOptions: Sendable, Equatable {
  /// `summary.json` instead of tables.
  var isJSON = false
  /// 1 keeps failed thresholds and the last line, 2 only the exit code.
  var quietness = 0
  /// When to use colour.
  var colour = ColourChoice.auto

  /// Whether tables and notes are wanted.
  var isQuiet: Bool { quietness > 0 }
  /// How much the terminal shows.
  var detail: FinalTable.Detail { quietness == 0 ? .full : quietness == 1 ? .quiet : .silent }
}

/// The options of a command that has results.
protocol HasOutputOptions {
  /// The choices made.
  var output: OutputOptions { get set }
}

extension OptionTable.Group where Values: HasOutputOptions {
  /// `--json`, `--quiet`, `--color`.
  static var output: OptionTable<Values>.Group {
    .init(
      "Output",
      [
        .flag("json", help: "print summary.json on standard output instead of tables", \.output.isJSON),
        .count(
          "quiet", "q", help: "only failed thresholds and the verdict; twice: only the exit code", \.output.quietness),
        .value(
          "color", "WHEN", help: "colour on the terminal: auto (default), always or never",
          completion: .words(of: ColourChoice.self), \.output.colour, OptionValue.word(ColourChoice.self)),
      ])
  }
}
