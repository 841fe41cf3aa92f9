import RunResults

/// `shardmeter completion SHELL`.
enum CompletionCommand {
  /// The shells there is a script for.
  enum Shell: String, Sendable, CaseIterable {
    case bash, zsh, fish
  }

  /// What follows `completion`.
  struct Options: Sendable {
    var shell = Shell.bash
  }

  /// Its command line.
  static let table = OptionTable<Options>(
    operands: [
      .init("SHELL", help: "bash, zsh or fish", completion: .words(of: Shell.self)) {
        (options: inout Options, word: String) throws(ValueProblem) in
        options.shell = try OptionValue.word(Shell.self)(word)
      }
    ], example: "bash")

  static let command: Command = Command(
    "completion", abstract: "print a completion script for bash, zsh or fish",
    discussion: """
      bash: source <(shardmeter completion bash)
      zsh:  shardmeter completion zsh > ~/.zfunc/_shardmeter, with ~/.zfunc in fpath
      fish: shardmeter completion fish > ~/.config/fish/completions/shardmeter.fish
      """,
    table: table, defaults: Options()
  ) { options, context in
    let commands = CommandRegistry.standard.commands
    let script =
      switch options.shell {
      case .bash: CompletionScript.bash(commands)
      case .zsh: CompletionScript.zsh(commands)
      case .fish: CompletionScript.fish(commands)
      }
    context.standardOutput.write(script)
    return .ok
  }
}
