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
