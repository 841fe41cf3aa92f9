import RunResults
import StrictJSON

/// One command: its name, its option table, and what it does.
struct Command: Sendable {
  /// The word after `shardmeter`.
  let name: String
  /// One clause for the list of commands.
  let abstract: String
  /// Paragraphs that end its help; empty when the options say it all.
  let discussion: String
  /// Its operands and options.
  let line: CommandLineDescription
  private let perform: @Sendable ([String], Context) throws -> Outcome

  /// What came of the words.
  private enum Outcome {
    case ended(ExitCode)
    case help(isWhole: Bool)
  }

  /// - Parameters:
  ///   - table: what the command line may hold.
  ///   - defaults: the values of options that are not given.
  ///   - run: does the work and says how it ended. What it throws is explained by ``run(_:context:)``.
  init<Values: Sendable>(
    _ name: String, abstract: String, discussion: String = "", table: OptionTable<Values>, defaults: Values,
    run: @escaping @Sendable (Values, Context) throws -> ExitCode
  ) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    line = table.description
    let parser = OptionParser(command: name, table: table)
    perform = { words, context in
      switch try parser.parse(words, defaults: defaults) {
      case .values(let values): .ended(try run(values, context))
      case .help(let isWhole): .help(isWhole: isWhole)
      }
    }
  }

  /// Runs the command and explains on standard error whatever stopped it.
  ///
  /// - Parameter words: the command line after the command's name.
  /// - Returns: 2 for a ``UsageError`` and for a document that is not what it should be, the failure's own code for a
  ///   ``CommandFailure``, 1 for anything else.
  func run(_ words: [String], context: Context) -> ExitCode {
    do {
      switch try perform(words, context) {
      case .ended(let code): return code
      case .help(let isWhole):
        context.standardOutput.write(HelpText.command(self, isWhole: isWhole, width: context.textWidth))
        return .ok
      }
    } catch let error as UsageError {
      context.standardError.writeLine(error.description)
      return .usage
    } catch let error as JSONFailure {
      context.standardError.writeLine("shardmeter \(name): \(error)")
      return .usage
    } catch let error as CommandFailure {
      context.standardError.writeLine("shardmeter \(name): \(error.message)")
      return error.code
    } catch {
      context.standardError.writeLine("shardmeter \(name): internal error: \(error)")
      return .internalError
    }
  }
}

/// Why a command could not do its work, in a sentence the user can act on, with the code to leave with.
struct CommandFailure: Error, Equatable {
  /// What happened and what would help; no final stop.
  var message: String
  /// The code the process ends with.
  var code: ExitCode

  init(_ message: String, code: ExitCode) {
    self.message = message
    self.code = code
  }
}
