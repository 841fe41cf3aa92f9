import Measurement
import Observations
import Testing

@testable import shardmeter

@Suite struct OptionParserTests {
  private func parse(_ words: [String]) throws(UsageError) -> RunOptions? {
    switch try OptionParser(command: "run", table: RunOptions.table).parse(words, defaults: RunOptions()) {
    case .values(let options): options
    case .help: nil
    }
  }

  @Test func anEmptyTableTakesNoWords() throws {
    struct Nothing: Sendable {}
    let parser = OptionParser(command: "x", table: OptionTable<Nothing>())
    #expect(throws: Never.self) { try parser.parse([], defaults: Nothing()) }
    #expect(throws: UsageError.self) { try parser.parse(["a"], defaults: Nothing()) }
  }

  @Test func defaultsStandWhenOnlyTheOperandIsGiven() throws {
    var expected = RunOptions()
    expected.scenario.source = "s.json"
    #expect(try parse(["s.json"]) == expected)
    #expect(expected.target == .embedded && expected.progress == .automatic && expected.scenario.chosenKeys == nil)
  }

  @Test func everyOptionOfRunReachesItsField() throws {
    let words =
      "--target http://127.0.0.1:4567 --stream orders --region eu-west-1 --profile p --create-stream --delete-stream"
      + " --no-sign --set a=1 --set b=2 --scale 3 --duration 9s --shard-map m --seed 7 --workers 3 --spin 50us --out o --keys hash --progress 5s --json -q --color never"
      + " --yes --existing-stream --max-records 10 --max-bytes 2KiB s.json"
    var expected = RunOptions()
    expected.scenario.source = "s.json"
    expected.target = .url("http://127.0.0.1:4567")
    expected.stream = "orders"
    expected.region = "eu-west-1"
    expected.profile = "p"
    expected.createsStream = true
    expected.deletesStream = true
    expected.isUnsigned = true
    expected.scenario.settings = ["a=1", "b=2"]
    expected.scenario.scale = 3
    expected.scenario.duration = .seconds(9)
    expected.scenario.shardMap = "m"
    expected.scenario.seed = 7
    expected.workers = 3
    expected.spin = Nanoseconds(50_000)
    expected.resultsFolder = "o"
    expected.scenario.keyWords = [.display(.hash)]
    expected.progress = .every(Nanoseconds(5_000_000_000))
    expected.output = OutputOptions(isJSON: true, quietness: 1, colour: .never)
    expected.saysYes = true
    expected.usesExistingStream = true
    expected.maximumRecords = 10
    expected.maximumBytes = 2048
    #expect(try parse(words.split(separator: " ").map(String.init)) == expected)
    #expect(try parse(["--run-dir=x", "s"])?.runFolder == "x")
  }

  @Test(arguments: [
    (["--profile=a=b", "s"], "a=b"), (["--profile", "a", "s"], "a"), (["s", "--profile", "a"], "a"),
    (["--profile=-x", "s"], "-x"),
  ])
  func aValueMayStandInEitherForm(words: [String], profile: String) throws {
    #expect(try parse(words)?.profile == profile)
  }

  @Test func everythingAfterTwoDashesIsAnOperand() throws {
    #expect(try parse(["--json", "--", "--yes"])?.scenario.source == "--yes")
    #expect(try parse(["-"])?.scenario.source == "-")
  }

  @Test func quietCounts() throws {
    #expect(try parse(["-qq", "s"])?.output.quietness == 2)
    #expect(try parse(["-q", "--quiet", "s"])?.output.quietness == 2)
  }

  @Test(arguments: [
    ["--help"], ["-h"], ["s", "--help"], ["--help", "--nonsense"], ["--help", "all"], ["--help=all"],
  ])
  func helpIsAskedForAnywhere(words: [String]) throws {
    #expect(try parse(words) == nil)
  }

  static let badLines: [(words: [String], message: String)] = [
    (["a", "b"], #"unexpected argument "b" (argument 2)"#),
    (["--strem", "x", "s"], "unknown option --strem (argument 1); did you mean --stream?"),
    (["--create-steam", "s"], "unknown option --create-steam (argument 1); did you mean --create-stream?"),
    (["s", "--qqq"], "unknown option --qqq (argument 2)"),
    (["-x", "s"], "unknown option -x (argument 1)"),
    (["-qx", "s"], "unknown option -x (argument 1)"),
    (["s", "--stream"], "--stream needs a value NAME (argument 2)"),
    (
      ["--stream", "--json", "s"],
      "--stream needs a value NAME, found the option --json"
        + " (a value that starts with a dash is written --stream=--json) (argument 1)"
    ),
    (["--profile=", "s"], #"--profile: expected a profile name, found "" (argument 1)"#),
    (
      ["--stream", "two words", "s"],
      #"--stream: expected a stream name of 1 to 128 letters, digits, _ . -, found "two words" (argument 1)"#
    ),
    (["--json=yes", "s"], #"--json takes no value, found "yes" (argument 1)"#),
    (["--seed", "1", "--seed", "2", "s"], "--seed is given twice (argument 3)"),
    (["--yes", "--yes", "s"], "--yes is given twice (argument 2)"),
    (["--workers", "fast", "s"], #"--workers: expected a whole number from 1 to 256, found "fast" (argument 1)"#),
    (["--workers", "0", "s"], #"--workers: expected a whole number from 1 to 256, found "0" (argument 1)"#),
    (["--workers", "257", "s"], #"--workers: expected a whole number from 1 to 256, found "257" (argument 1)"#),
    (["--workers", "+3", "s"], #"--workers: expected a whole number from 1 to 256, found "+3" (argument 1)"#),
    (
      ["--keys", "hsh", "s"],
      #"--keys: expected one of show, hash, hide, or a number of keys from 1 to 1000000000000, found "hsh" (argument 1); did you mean hash?"#
    ),
    (
      ["--target", "embeded", "s"],
      "--target: expected embedded, aws, or a URL that starts with http:// or https://,"
        + #" found "embeded" (argument 1); did you mean embedded?"#
    ),
    (["--set", "rate", "s"], #"--set: expected PATH=VALUE, as phases[0].rate=900, found "rate" (argument 1)"#),
    (["--set", "=1", "s"], #"--set: expected PATH=VALUE, as phases[0].rate=900, found "=1" (argument 1)"#),
    (
      ["--progress", "5", "s"],
      #"--progress: expected a length of time with its unit from 1ns to 744h, as 250ms, 5s or 2m, found "5" (argument 1)"#
    ),
    (
      ["--max-bytes", "many", "s"],
      #"--max-bytes: expected a size with its unit from 1B to 1099511627776MiB, as 512B, 64KiB or 5MiB, found "many" (argument 1)"#
    ),
    (["a\u{1B}[2J", "b\u{1B}[2J"], #"unexpected argument "b\u001b[2J" (argument 2)"#),
  ]

  @Test(arguments: badLines)
  func aBadLineNamesPlaceAndRemedy(words: [String], message: String) {
    let error = #expect(throws: UsageError.self) { _ = try parse(words) }
    #expect(error?.description == "shardmeter run: \(message)\nsee: shardmeter run --help")
  }

  @Test func contradictionsAreRefused() {
    var options = RunOptions()
    options.scenario.source = "s"
    #expect(throws: Never.self) { try options.validate() }
    options.resultsFolder = "a"
    options.runFolder = "b"
    #expect(throws: UsageError.self) { try options.validate() }
    options = RunOptions()
    options.scenario.source = "s"
    options.isUnsigned = true
    #expect(throws: Never.self) { try options.validate() }
    options.target = .aws
    #expect(throws: UsageError.self) { try options.validate() }
  }
}
