import RunResults
import Testing

@testable import shardmeter

@Suite struct ProcessPolicyTests {
  @Test(
    arguments: [
      (ColourChoice.auto, [:], true, true), (.auto, [:], false, false),
      (.always, ["NO_COLOR": "1", "TERM": "dumb"], false, true), (.never, ["FORCE_COLOR": "1"], true, false),
      (.auto, ["NO_COLOR": "1"], true, false), (.auto, ["NO_COLOR": ""], true, true),
      (.auto, ["NO_COLOR": "1", "FORCE_COLOR": "1"], true, false), (.auto, ["FORCE_COLOR": "1"], false, true),
      (.auto, ["FORCE_COLOR": "0"], false, false), (.auto, ["CLICOLOR_FORCE": "1"], false, true),
      (.auto, ["TERM": "dumb"], true, false), (.auto, ["TERM": "dumb", "FORCE_COLOR": "1"], true, false),
      (.auto, ["TERM": "xterm"], true, true),
    ] as [(ColourChoice, [String: String], Bool, Bool)])
  func colourFollowsTheConventions(
    choice: ColourChoice, environment: [String: String], isTerminal: Bool, expected: Bool
  ) {
    #expect(ColourPolicy.isOn(choice, environment: environment, isTerminal: isTerminal) == expected)
  }

  @Test(
    arguments: [
      ([:], false), (["LANG": "C"], false), (["LANG": "C.UTF-8"], true), (["LANG": "de_DE.utf8@euro"], true),
      (["LC_ALL": "", "LANG": "en_US.UTF-8"], true),
      (["LC_ALL": "C", "LC_CTYPE": "C.UTF-8", "LANG": "C.UTF-8"], false),
      (["LC_CTYPE": "C.UTF-8", "LANG": "C"], true), (["LC_MESSAGES": "C.UTF-8"], false),
      (["LANG": "de_DE.ISO-8859-1"], false),
    ] as [([String: String], Bool)])
  func theLocaleSaysWhetherTextIsUTF8(environment: [String: String], expected: Bool) {
    #expect(LocalePolicy.takesUnicode(environment) == expected)
  }

  @Test(
    arguments: [
      ([], ExitCode.ok), ([.ok, .thresholdFailed], .thresholdFailed),
      ([.thresholdFailed, .invalidRun], .invalidRun), ([.invalidRun, .internalError], .internalError),
      ([.internalError, .unreachable], .unreachable), ([.unreachable, .usage], .usage),
      ([.usage, .interrupted], .interrupted),
    ] as [([ExitCode], ExitCode)])
  func reasonsOutrankEachOther(reasons: [ExitCode], expected: ExitCode) {
    #expect(ExitCode.first(of: reasons) == expected)
    #expect(ExitCode.first(of: reasons.reversed()) == expected)
  }

  @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
  func aWarningIsGivenOnce(_ isTerminal: Bool, _ errorIsTerminal: Bool) {
    var context = CommandRun.context([])
    let errors = CapturedOutput(isTerminal: errorIsTerminal)
    context.standardOutput = CapturedOutput(isTerminal: isTerminal)
    context.standardError = errors
    for text in ["one", "two", "one"] { context.warn(text) }
    #expect(errors.text == "warning: one\nwarning: two\n")
    #expect(context.seenWarnings == (isTerminal && errorIsTerminal ? ["one", "two"] : []))
  }

  @Test func everyExitCodeHasItsPlaceInTheOrder() {
    #expect(Set(ExitCode.precedence) == Set(ExitCode.allCases))
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 130])
  }

  @Test(
    arguments: [
      ("", "unknown", nil), ("a41c9e2", "a41c9e2", false), ("a41c9e2-dirty", "a41c9e2", true),
    ] as [(String, String, Bool?)])
  func theRevisionIsWhatTheBuildWasTold(stamp: String, revision: String, isDirty: Bool?) {
    let build = BuildInfo(version: "1", stamp: stamp, swift: "6", mode: "debug")
    #expect(build.revision == revision && build.isDirty == isDirty)
  }

  @Test(arguments: [
    (["run", "a.json"], "shardmeter run a.json"),
    (["run", "a b.json", "--set", "phases[0].rate=9"], "shardmeter run 'a b.json' --set 'phases[0].rate=9'"),
    (["run", "it's"], #"shardmeter run 'it'\''s'"#), (["run", ""], "shardmeter run ''"),
    (["run", "--target", "http://me:pw@host:1/x@y"], "shardmeter run --target http://****@host:1/x@y"),
    (["run", "--target=https://host/a@b"], "shardmeter run --target=https://host/a@b"),
    (
      ["run", "--stream", "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"],
      "shardmeter run --stream arn:aws:kinesis:eu-west-1:****:stream/orders"
    ),
    (["vault", "--secret-key", "s3cret", "x"], "shardmeter vault --secret-key **** x"),
    (["vault", "--secret-key=s3cret"], "shardmeter vault --secret-key=****"),
  ])
  func theCommandLineInReportsHoldsNoSecret(arguments: [String], expected: String) {
    struct Options: Sendable { var key = "" }
    let table = OptionTable<Options>(groups: [
      .init(
        "Keys",
        [
          .value("secret-key", "KEY", help: "a key", secret: true, \.key) { (word: String) throws(ValueProblem) in word
          }
        ])
    ])
    let command = Command("vault", abstract: "", table: table, defaults: Options()) { _, _ in .ok }
    #expect(MaskedCommandLine.text(program: "shardmeter", arguments: arguments, commands: [command]) == expected)
  }

  @Test func aSecretValueIsNotRepeatedInItsError() {
    struct Options: Sendable { var key = "" }
    let table = OptionTable<Options>(groups: [
      .init(
        "Keys",
        [
          .value("secret-key", "KEY", help: "a key", secret: true, \.key) { (word: String) throws(ValueProblem) in
            throw ValueProblem(expected: "40 characters")
          }
        ])
    ])
    let parser = OptionParser(command: "vault", table: table)
    let error = #expect(throws: UsageError.self) {
      _ = try parser.parse(["--secret-key=s3cret"], defaults: Options())
    }
    #expect(error?.problem == "--secret-key: expected 40 characters, found something else")
    #expect(error?.description.contains("s3cret") == false)
  }
}
