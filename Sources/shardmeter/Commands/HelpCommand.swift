import RunResults

/// `shardmeter help [COMMAND [all]]`.
enum HelpCommand {
  /// What may follow `help`.
  struct Options: Sendable {
    /// The command to explain; nil for the overview.
    var command: String?
    /// Whether every option is explained.
    var isWhole = false
  }

  /// Its command line.
  static let table = OptionTable<Options>(
    operands: [
      .init("COMMAND", help: "the command to explain", isOptional: true) {
        (options: inout Options, word: String) throws(ValueProblem) in options.command = word
      },
      .init("all", help: "every option of it", isOptional: true) {
        (options: inout Options, word: String) throws(ValueProblem) in
        guard word == CommandLineDescription.helpOfAll else {
          throw ValueProblem(expected: CommandLineDescription.helpOfAll)
        }
        options.isWhole = true
      },
    ], example: "run all")

  static let command: Command = Command(
    "help", abstract: "explain shardmeter, or one command", table: table, defaults: Options()
  ) { options, context in
    let registry = CommandRegistry.standard
    let text =
      if let name = options.command {
        HelpText.command(try registry.command(named: name), isWhole: options.isWhole, width: context.textWidth)
      } else {
        HelpText.overview(registry, width: context.textWidth)
      }
    context.standardOutput.write(text)
    return .ok
  }
}
