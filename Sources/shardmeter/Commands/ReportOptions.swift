/// What `shardmeter report` was asked.
struct ReportOptions: Sendable, Equatable, HasOutputOptions {
  /// A result folder, `latest` within one, or an unfinished `.partial` folder.
  var folder = ""
  var output = OutputOptions()

  /// Its command line.
  static let table = OptionTable<ReportOptions>(
    operands: [
      .init("DIR", help: "a result folder", completion: .run) {
        (options: inout ReportOptions, word: String) throws(ValueProblem) in options.folder = word
      }
    ],
    groups: [.output], example: "results/latest")
}
