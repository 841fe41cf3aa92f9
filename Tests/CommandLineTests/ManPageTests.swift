import Foundation
import RunResults
import Testing

@testable import shardmeter

@Suite("Manual pages")
struct ManPageTests {
  private struct Words: Sendable { var words: [String] = [] }

  private static let build = BuildInfo(version: "9.9.9", stamp: "abc1234", swift: "6.3", mode: "release")

  /// A command whose texts hold what roff would take for requests, escapes or typography.
  private static let awkward = Command(
    "odd", abstract: "say \"it's\" in C:\\temp", discussion: ".begins like a request\n\n'--so' ~/x ^y `z` \u{2026}",
    table: OptionTable<Words>(
      operands: [.init("FILE", help: "'quoted' first", isOptional: true) { _, _ in }],
      groups: [
        .init("Odd", [.list("set-it", "A=B", help: ".hidden", \.words, { $0 })])
      ]), defaults: Words()
  ) { _, _ in .ok }

  @Test func everyCharacterStandsForItself() {
    #expect(
      ManPage.page(of: Self.awkward, build: Self.build).components(separatedBy: ".SH EXIT STATUS")[0] == #"""
        .TH SHARDMETER\-ODD 1 "" "shardmeter 9.9.9" "User Commands"
        .SH NAME
        shardmeter\-odd \- say \(dqit\(aqs\(dq in C:\etemp
        .SH SYNOPSIS
        \fBshardmeter odd\fR [\fIOPTION\fR]... [\fIFILE\fR]
        .SH DESCRIPTION
        .TP
        \fIFILE\fR
        \(aqquoted\(aq first
        .PP
        .nf
        \&.begins like a request

        \(aq\-\-so\(aq \(ti/x \(hay \(gaz\(ga \[u2026]
        .fi
        .SH OPTIONS
        .SS Odd
        .TP
        \fB\-\-set\-it\fR \fIA=B\fR
        \&.hidden (repeatable)
        .SS Help
        .TP
        \fB\-h\fR, \fB\-\-help\fR
        print the help; \-\-help all has every option

        """#)
  }

  @Test func eachCommandHasAPageThatNamesItsOptions() throws {
    let commands = CommandRegistry.standard.commands
    let pages = ManPage.all(.standard, build: Self.build)
    #expect(pages.map(\.name) == ["shardmeter.1"] + commands.map { "shardmeter-\($0.name).1" })
    for (command, page) in zip(commands, pages.dropFirst()) {
      for option in command.line.options {
        let name = "\\fB\\-\\-" + option.name.replacing("-", with: "\\-") + "\\fR"
        #expect(page.text.contains(name), "\(command.name) --\(option.name)")
      }
      #expect(pages[0].text.contains("\\fBshardmeter\\-\(command.name)\\fR(1)"))
    }
  }

  @Test func theCommandPrintsAPage() {
    #expect(CommandRun(["man"]).output.hasPrefix(".TH SHARDMETER 1 "))
    #expect(CommandRun(["man", "run"]).output.hasPrefix(".TH SHARDMETER\\-RUN 1 "))
  }

  @Test func allPagesGoIntoAFolder() throws {
    let folder = try Scratch()
    #expect(CommandRun(["man", "--out", folder.path]).code == .ok)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ManPage.all(.standard, build: Self.build).map(\.name).sorted())
  }

  @Test(arguments: [
    (["man", "rnu"], "did you mean run?"), (["man", "--out", "/nonexistent/folder"], "/nonexistent/folder"),
    (["man", "run", "--out", "x"], "--out takes no COMMAND"),
  ])
  func whatCannotBeDoneIsSaid(words: [String], message: String) {
    let run = CommandRun(words)
    #expect(run.code == .usage && run.output.isEmpty && run.errors.contains(message), "\(run.errors)")
  }
}
