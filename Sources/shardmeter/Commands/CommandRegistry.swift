import RunResults
import StrictJSON

/// The commands that exist, in the order the help shows them.
struct CommandRegistry: Sendable {
  /// The commands; each works, or it would not be here.
  let commands: [Command]

  init(_ commands: [Command]) { self.commands = commands }

  /// What the program offers.
  static let standard: CommandRegistry = CommandRegistry([
    RunCommand.command(run: RunExecution.perform), ObserveCommand.command, PlanCommand.command, SizeCommand.command,
    CompareCommand.command, SearchCommand.command, AbCommand.command, BaselineCommand.command, HistoryCommand.command,
    ReportCommand.command,
    VerifyCommand.command,
    TargetCommand.command,
    InitCommand.command, SchemaCommand.command, PolicyCommand.command,
    CompletionCommand.command, ManCommand.command, HelpCommand.command,
  ])

  /// Runs the command line of the context: the program without its process.
  func run(_ context: Context) -> ExitCode {
    guard let word = context.arguments.first else {
      context.standardError.write(HelpText.overview(self, width: context.textWidth))
      return .usage
    }
    switch word {
    case "--help", "-h":
      context.standardOutput.write(HelpText.overview(self, width: context.textWidth))
      return .ok
    case "--version":
      context.standardOutput.write(FormatVersion.answer(context.build))
      return .ok
    default:
      do throws(UsageError) {
        return try command(named: word).run(Array(context.arguments.dropFirst()), context: context)
      } catch {
        context.standardError.writeLine(error.description)
        return .usage
      }
    }
  }

  /// The command of that name.
  ///
  /// - Throws: ``UsageError`` with the nearest name when there is none.
  func command(named word: String) throws(UsageError) -> Command {
    if let command = commands.first(where: { $0.name == word }) { return command }
    let isOption = word.hasPrefix("-")
    let names = isOption ? ["--help", "--version"] : commands.map(\.name)
    throw UsageError(
      "unknown \(isOption ? "option" : "command") \(JSONNode.quoted(word))",
      suggestion: nearestWord(to: word, in: names))
  }
}
