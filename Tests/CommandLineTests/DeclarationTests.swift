import Kinesis
import RunResults
import TestSupport
import Testing

@testable import shardmeter

/// Rules that every table keeps.
@Suite struct DeclarationTests {
  private static let commands =
    CommandRegistry.standard.commands.filter { !["run"].contains($0.name) } + [RunCommand.command { _, _ in .ok }]

  @Test func namesAreUniqueAndPlain() {
    for command in Self.commands {
      let options = command.line.options
      #expect(Set(options.map(\.name)).count == options.count, "\(command.name)")
      let letters = options.compactMap(\.letter)
      #expect(Set(letters).count == letters.count, "\(command.name)")
      for option in options {
        #expect(option.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(option.name)")
        #expect(option.placeholder.map { $0 == $0.uppercased() && !$0.isEmpty } ?? true)
      }
    }
  }

  @Test func helpIsOneClauseWithoutAStop() {
    for command in Self.commands {
      for text in command.line.options.map(\.help) + command.line.operands.map(\.help) + [command.abstract] {
        #expect(!text.isEmpty && !text.hasSuffix(".") && text.allSatisfy(\.isASCII), "\(text)")
      }
    }
  }

  @Test func commonOptionsAreOptions() {
    for command in Self.commands {
      let names = command.line.options.map(\.name)
      for name in command.line.common { #expect(names.contains(name), "\(command.name): \(name)") }
      #expect(Set(command.line.common).count == command.line.common.count)
    }
  }

  /// An example is a command line that its command takes.
  @Test func examplesCanBeTyped() throws {
    func parse<Values: Sendable>(_ table: OptionTable<Values>, _ defaults: Values, _ command: String) throws {
      let words = try #require(ShellWords.split(table.example))
      guard case .values = try OptionParser(command: command, table: table).parse(words, defaults: defaults) else {
        Issue.record("\(command): \(table.example) asks for help")
        return
      }
    }
    try parse(RunOptions.table, RunOptions(), "run")
    try parse(PlanOptions.table, PlanOptions(), "plan")
    try parse(SizeOptions.table, SizeOptions(), "size")
    try parse(SearchOptions.table, SearchOptions(), "search")
    try parse(PolicyCommand.table, PolicyCommand.Options(), "policy")
    try parse(ManCommand.table, ManCommand.Options(), "man")
    try parse(CompareOptions.table, CompareOptions(), "compare")
    try parse(AbOptions.table, AbOptions(), "ab")
    try parse(BaselineOptions.table, BaselineOptions(), "baseline")
    try parse(HistoryOptions.table, HistoryOptions(), "history")
    try parse(ReportOptions.table, ReportOptions(), "report")
    try parse(VerifyOptions.table, VerifyOptions(), "verify")
    try parse(TargetOptions.table, TargetOptions(), "target")
    try parse(InitCommand.table, InitCommand.Options(), "init")
    try parse(SchemaCommand.table, SchemaCommand.Options(), "schema")
    try parse(CompletionCommand.table, CompletionCommand.Options(), "completion")
    try parse(HelpCommand.table, HelpCommand.Options(), "help")
  }

  @Test func optionalOperandsComeLast() {
    for command in Self.commands {
      let flags = command.line.operands.map(\.isOptional)
      #expect(flags == flags.sorted { !$0 && $1 })
    }
  }

  @Test func completionScriptsAreMadeFromTheTables() {
    expectGolden(CompletionScript.bash(Self.commands), "completion.bash")
    expectGolden(CompletionScript.zsh(Self.commands), "completion.zsh")
    expectGolden(CompletionScript.fish(Self.commands), "completion.fish")
  }

  @Test(arguments: CompletionCommand.Shell.allCases)
  func everyShellHasAScript(shell: CompletionCommand.Shell) {
    let run = CommandRun(["completion", shell.rawValue])
    #expect(run.code == .ok && run.errors.isEmpty)
    for command in CommandRegistry.standard.commands { #expect(run.output.contains(command.name)) }
  }
}
