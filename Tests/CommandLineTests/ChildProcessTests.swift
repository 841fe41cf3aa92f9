import Glibc
import Testing

@testable import shardmeter

@Suite struct ChildProcessTests {
  private func shell(_ script: String, _ environment: [String: String] = [:]) throws -> ChildProcess {
    try ChildProcess(executable: "/bin/sh", arguments: ["sh", "-c", script], environment: environment)
  }

  @Test func itsFirstLineIsRead() throws {
    let child = try shell("echo one; echo two; cat")
    #expect(child.firstLine(milliseconds: 20_000) == "one")
    #expect(child.end() == 128 + SIGTERM)
    #expect(child.end() == 128 + SIGTERM)
  }

  @Test(arguments: ["exit 3", "printf unfinished"])
  func anEndBeforeTheLineIsNoLine(script: String) throws {
    let child = try shell(script)
    #expect(child.firstLine(milliseconds: 20_000) == nil)
  }

  @Test func silenceEndsTheWait() throws {
    let child = try shell("cat")
    #expect(child.firstLine(milliseconds: 1) == nil)
    child.end()
  }

  @Test func itSeesTheEnvironmentItIsGivenAndNoOther() throws {
    let child = try shell("echo \"$A-$HOME\"; cat", ["A": "b"])
    #expect(child.firstLine(milliseconds: 20_000) == "b-")
    child.end()
  }

  @Test func itIsNotInTheGroupThatCtrlCReaches() throws {
    let child = try shell("echo ready; cat")
    #expect(child.firstLine(milliseconds: 20_000) == "ready")
    #expect(getpgid(child.identifier) == child.identifier)
    child.end()
  }

  @Test func aMissingProgramIsAFailureWithAName() {
    let error = #expect(throws: CommandFailure.self) {
      try ChildProcess(executable: "/nonexistent/program", arguments: ["x"], environment: [:])
    }
    #expect(error?.message == "posix_spawn: No such file or directory")
  }
}
