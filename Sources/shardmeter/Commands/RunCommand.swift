import RunResults

/// `shardmeter run SCENARIO`: its declaration, apart from what it does.
enum RunCommand {
  /// The command with a body.
  ///
  /// - Parameter run: gets options that passed ``RunOptions/validate()``.
  static func command(run: @escaping @Sendable (RunOptions, Context) throws -> ExitCode) -> Command {
    Command(
      "run", abstract: "drive a scenario against a target, write a result folder", discussion: discussion,
      table: RunOptions.table, defaults: RunOptions()
    ) { options, context in
      try options.validate()
      return try run(options, context)
    }
  }

  private static let discussion = """
    The first Ctrl-C or SIGTERM stops sending, drains for at most 5 s and writes all
    reports, marked incomplete; the second leaves at once. SIGUSR1 prints one
    progress line.

    Built-in scenarios:
    \(BuiltInScenarios.list)
    """
}
