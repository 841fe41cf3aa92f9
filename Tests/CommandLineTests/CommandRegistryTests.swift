import RunResults
import StrictJSON
import TestSupport
import Testing

@testable import shardmeter

@Suite struct CommandRegistryTests {
  @Test func noWordsIsAUsageErrorThatShowsTheOverview() {
    let run = CommandRun([])
    #expect(run.code == .usage)
    #expect(run.output.isEmpty && run.errors.contains("Usage: shardmeter COMMAND"))
  }

  @Test(arguments: [["help"], ["--help"], ["-h"]])
  func helpIsResultNotError(words: [String]) {
    let run = CommandRun(words)
    #expect(run.code == .ok && run.errors.isEmpty)
    expectGolden(run.output, "overview.txt")
  }

  @Test func versionSaysWhatIsKnown() {
    let run = CommandRun(["--version"])
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "shardmeter 9.9.9 (revision abc1234, with uncommitted changes, Swift 6.3, release)")
    #expect(lines.contains("scenario   shardmeter/1") && lines.contains("journal    shardmeter.journal/3"))
    #expect(lines.count == 2 + FormatVersion.all.count)
    #expect(run.code == .ok)
  }

  @Test(arguments: [
    ("hepl", #"shardmeter: unknown command "hepl"; did you mean help?"#),
    ("zzzz", #"shardmeter: unknown command "zzzz""#),
    ("--versoin", #"shardmeter: unknown option "--versoin"; did you mean --version?"#),
  ])
  func anUnknownCommandNamesTheNearest(word: String, message: String) {
    let run = CommandRun([word])
    #expect(run.code == .usage && run.output.isEmpty)
    #expect(run.errors == message + "\nsee: shardmeter --help\n")
    #expect(CommandRun(["help", word]).code == .usage)
  }

  @Test func everyCommandExplainsItself() {
    for command in CommandRegistry.standard.commands {
      let run = CommandRun([command.name, "--help"])
      #expect(run.code == .ok && run.errors.isEmpty)
      #expect(run.output == CommandRun(["help", command.name]).output)
      expectGolden(run.output, "help-\(command.name).txt")
      let whole = CommandRun([command.name, "--help", "all"])
      #expect(whole.code == .ok && whole.errors.isEmpty)
      #expect(whole.output == CommandRun(["help", command.name, "all"]).output)
      #expect((whole.output == run.output) == command.line.common.isEmpty)
      if !command.line.common.isEmpty { expectGolden(whole.output, "help-\(command.name)-all.txt") }
    }
  }

  /// What a screen shows: 24 lines on the smallest, 40 on most.
  @Test func helpFitsOnOneScreen() {
    func lines(_ words: [String]) -> Int {
      CommandRun(words).output.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    }
    #expect((24...40).contains(lines(["help"])))
    for command in CommandRegistry.standard.commands {
      #expect((7...40).contains(lines(["help", command.name])), "\(command.name): \(lines(["help", command.name]))")
    }
  }

  @Test(arguments: ["al", "ALL", "--all"])
  func helpOfSomethingElseIsAUsageError(word: String) {
    #expect(CommandRun(["help", "run", word]).code == .usage)
  }

  @Test(arguments: [40, 60, 80, 100])
  func helpKeepsToItsWidth(width: Int) {
    for command in CommandRegistry.standard.commands {
      let both = [true, false].map { HelpText.command(command, isWhole: $0, width: width) }
      let lines = both.joined().split(separator: "\n")
      let discussion = command.discussion.split(separator: "\n")
      // An example is one line, to be copied.
      let examples = lines.filter { $0.hasPrefix("Example: ") }
      for line in lines where !discussion.contains(line) && !examples.contains(line) {
        #expect(line.count <= max(width, 47), "\(command.name): \(line)")
      }
      #expect((discussion + examples).allSatisfy { $0.count <= 80 })
    }
  }

  static let failures: [(error: any Error & Sendable, code: ExitCode, message: String)] = [
    (CommandFailure("target refused", code: .unreachable), .unreachable, "shardmeter x: target refused\n"),
    (
      UsageError("wrong", command: "x"), .usage, "shardmeter x: wrong\nsee: shardmeter x --help\n"
    ),
    (
      JSONFailure(
        location: JSONLocation(source: "s.json"), path: .root, expected: "an object", found: "a list",
        suggestion: nil), .usage, "shardmeter x: s.json: expected an object, found a list\n"
    ),
    (CancellationError(), .internalError, "shardmeter x: internal error: CancellationError()\n"),
  ]

  @Test(arguments: failures.indices)
  func whatACommandThrowsBecomesMessageAndCode(index: Int) {
    struct Nothing: Sendable {}
    let failure = Self.failures[index]
    let command = Command("x", abstract: "", table: OptionTable<Nothing>(), defaults: Nothing()) { _, _ in
      throw failure.error
    }
    let run = CommandRun(["x"], commands: [command])
    #expect(run.code == failure.code && run.errors == failure.message && run.output.isEmpty)
  }
}
