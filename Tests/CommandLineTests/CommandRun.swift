import Measurement
import RunResults

@testable import shardmeter

/// One command line run inside the test.
struct CommandRun {
  let code: ExitCode
  let output: String
  let errors: String

  /// Runs the words as `shardmeter WORDS`.
  init(_ words: [String], commands: [Command]? = nil, environment: [String: String] = [:]) {
    let takesUnicode = LocalePolicy.takesUnicode(environment)
    let output = CapturedOutput(takesUnicode: takesUnicode)
    let errors = CapturedOutput(takesUnicode: takesUnicode)
    var context = Self.context(words, environment: environment)
    context.standardOutput = output
    context.standardError = errors
    code = (commands.map(CommandRegistry.init) ?? .standard).run(context)
    self.output = output.text
    self.errors = errors.text
  }

  /// A process that is not there: its words and its environment, everything else fixed.
  static func context(_ words: [String], environment: [String: String] = [:]) -> Context {
    Context(
      standardOutput: CapturedOutput(), standardError: CapturedOutput(), environment: environment, arguments: words,
      executable: "/nonexistent", workingDirectory: "/nonexistent", clock: SystemClock(),
      wallTime: { WallTime(microsecondsSinceEpoch: 0) },
      build: BuildInfo(version: "9.9.9", stamp: "abc1234-dirty", swift: "6.3", mode: "release"))
  }
}
