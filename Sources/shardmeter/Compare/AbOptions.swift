import Kinesis
import Measurement
import RunResults

/// What `shardmeter ab` was asked.
struct AbOptions: Sendable, Equatable, HasOutputOptions, HasScenarioOptions, HasJudgementOptions {
  var scenario = ScenarioOptions()
  var sideA = SideChoice()
  var sideB = SideChoice()
  var rounds = PairedComparison.usualPairs
  var cooldown = Nanoseconds.seconds(2)
  /// How long all rounds may take; nil: as long as they do.
  var budget: Nanoseconds?
  var judgement = JudgementOptions()
  /// The parent of the result folder.
  var resultsFolder: String?
  /// The exact folder.
  var runFolder: String?
  var output = OutputOptions()

  /// One of the two.
  struct SideChoice: Sendable, Equatable {
    /// `embedded` or a URL; nil where a server is started.
    var target: String?
    /// Further options of `run`, for this side alone.
    var words: [String] = []
    /// What starts a server, `{port}` standing for its port.
    var start: String?
  }

  /// Its command line.
  static let table = OptionTable<AbOptions>(
    operands: [.scenario],
    groups: [
      .init(
        "Sides",
        side("a", target: \.sideA.target, words: \.sideA.words, start: \.sideA.start)
          + side("b", target: \.sideB.target, words: \.sideB.words, start: \.sideB.start)),
      .init(
        "Rounds",
        [
          .value(
            "rounds", "N", help: "pairs of rounds (default: 8; a test takes at least 6)", \.rounds,
            OptionValue.whole(1...PairedComparison.mostPairs)),
          .value("cooldown", "TIME", help: "rest before each round (default: 2s)", \.cooldown, OptionValue.duration),
          .value(
            "budget", "TIME", help: "how long all rounds may take, as 5m; fewer pairs are made where more do not fit",
            \.budget, OptionValue.optional(OptionValue.duration)),
        ]),
      .judgement, .scenario, .workload,
      .init(
        "Results",
        [
          .value(
            "out", "DIR", help: "the parent of the result folder (default: results)", completion: .folder,
            \.resultsFolder, OptionValue.text("a folder")),
          .value(
            "run-dir", "DIR", help: "the result folder itself; refused when not empty", completion: .folder,
            \.runFolder, OptionValue.text("a folder")),
        ]),
      .output,
    ], example: "orders.json --a embedded --b http://localhost:4567",
    common: [
      "a", "b", "a-options", "b-options", "a-start", "b-start", "rounds", "budget", "effect", "set", "out", "json",
    ])

  private static func side(
    _ name: String, target: any WritableKeyPath<AbOptions, String?> & Sendable,
    words: any WritableKeyPath<AbOptions, [String]> & Sendable,
    start: any WritableKeyPath<AbOptions, String?> & Sendable
  ) -> [Option<AbOptions>] {
    [
      .value(
        name, "TARGET", help: "where side \(name) sends: embedded, or an http:// or https:// URL",
        completion: .words(["embedded"]), target, Self.target),
      .value(
        "\(name)-options", "OPTIONS",
        help: "options of run for side \(name), as '--stream orders --create-stream'", words,
        Self.words),
      .value(
        "\(name)-start", "COMMAND",
        help: "start this server for each round of side \(name) and send to it; {port} stands for its port", start,
        OptionValue.text("a command")),
    ]
  }

  @Sendable private static func target(_ word: String) throws(ValueProblem) -> String? {
    guard word == "embedded" || word.hasPrefix("http://") || word.hasPrefix("https://") else {
      throw ValueProblem(expected: "embedded, or a URL that starts with http:// or https://")
    }
    return word
  }

  @Sendable private static func words(_ text: String) throws(ValueProblem) -> [String] {
    guard let words = ShellWords.split(text) else {
      throw ValueProblem(expected: "options as a shell would take them, with every quote closed")
    }
    return words
  }

  /// Refuses what contradicts itself; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    try scenario.validate(command: "ab")
    try judgement.validate(command: "ab")
    for (name, side) in [("a", sideA), ("b", sideB)] {
      guard side.target != nil || side.start != nil else {
        throw UsageError("side \(name) is missing: --\(name) TARGET, or --\(name)-start COMMAND", command: "ab")
      }
      if side.target != nil, side.start != nil {
        throw UsageError("--\(name) and --\(name)-start exclude each other: the second is sent to", command: "ab")
      }
      if let start = side.start, !start.contains("{port}") {
        throw UsageError(
          "--\(name)-start names no {port}: the server must listen on the one it is given", command: "ab")
      }
    }
    if scenario.source == "-" {
      throw UsageError("the scenario cannot be standard input: each round reads it anew", command: "ab")
    }
    if resultsFolder != nil, runFolder != nil {
      throw UsageError("--out and --run-dir exclude each other: the second names the folder itself", command: "ab")
    }
  }

  /// What a round of a side asks of `run`, its target apart.
  ///
  /// - Throws: ``UsageError`` for options that are not those of `run`, or that a round has of its own.
  func run(_ side: SideChoice, name: String) throws(UsageError) -> RunOptions {
    var options = RunOptions()
    options.scenario = scenario
    let taken = ["--target", "--out", "--run-dir", "--json", "--progress", "--quiet", "-q", "--color"]
    for word in side.words {
      let own = String(word.prefix { $0 != "=" })
      if taken.contains(own) {
        throw UsageError("--\(name)-options cannot have \(own): a round has its own", command: "ab")
      }
    }
    // A workload without a file has no operand to give.
    let operand = scenario.source.map { [$0] } ?? []
    let parser = OptionParser(command: "ab --\(name)-options", table: RunOptions.table)
    guard case .values(let values) = try parser.parse(side.words + operand, defaults: options) else {
      throw UsageError("--\(name)-options asks for help: shardmeter run --help has it", command: "ab")
    }
    options = values
    if let target = side.target { options.target = target == "embedded" ? .embedded : .url(target) }
    options.progress = .none
    options.output.quietness = 2
    try options.validate()
    return options
  }
}
