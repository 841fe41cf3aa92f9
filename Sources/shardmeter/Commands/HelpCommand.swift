/// `shardmeter help [COMMAND]`.
enum HelpCommand {
  /// What may follow `help`.
  struct Options: Sendable {
    /// The command to explain; nil for the overview.
    var command: String?
  }

  /// Its command line.
  static let table = OptionTable<Options>(operands: [
    .init("COMMAND", help: "the command to explain", isOptional: true) {
      (options: inout Options, word: String) throws(ValueProblem) in options.command = word
    }
  ])

  static let command: Command = Command(
    "help", abstract: "explain shardmeter, or one command", table: table, defaults: Options()
  ) { options, context in
    let registry = CommandRegistry.standard
    let text =
      if let name = options.command {
        HelpText.command(try registry.command(named: name), width: context.textWidth)
      } else {
        HelpText.overview(registry, width: context.textWidth)
      }
    context.standardOutput.write(text)
    return .ok
  }
}
