import RunResults

/// What `shardmeter baseline` was asked.
struct BaselineOptions: Sendable, Equatable {
  var verb = ""
  var folder = ""
  var name: String?
  /// The folder of baselines.
  var parent: String?

  /// Its command line.
  static let table = OptionTable<BaselineOptions>(
    operands: [
      .init("save", help: "what to do: save makes a baseline file", completion: .words(["save"])) {
        (options: inout BaselineOptions, word: String) throws(ValueProblem) in
        guard word == "save" else { throw ValueProblem(expected: "save", suggestion: "save") }
        options.verb = word
      },
      .init("DIR", help: "a run's folder, or a folder of runs", completion: .run) {
        (options: inout BaselineOptions, word: String) throws(ValueProblem) in options.folder = word
      },
    ],
    groups: [
      .init(
        "Baseline",
        [
          .value("name", "NAME", help: "what it is called; its file is NAME.json", \.name, OptionValue.optional(name)),
          .value(
            "out", "DIR", help: "where the file goes (default: results/baselines)", completion: .folder, \.parent,
            OptionValue.text("a folder")),
        ])
    ], example: "save results/latest --name main")

  @Sendable private static func name(_ word: String) throws(ValueProblem) -> String {
    let isAllowed = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isAllowed, (1...80).contains(word.utf8.count), word.first != "." else {
      throw ValueProblem(expected: "a name of 1 to 80 letters, digits, _ . -, which does not begin with a point")
    }
    return word
  }
}

/// `shardmeter baseline save DIR --name NAME`.
enum BaselineCommand {
  static let command: Command = Command(
    "baseline", abstract: "save runs as a baseline for later comparisons", discussion: discussion,
    table: BaselineOptions.table, defaults: BaselineOptions()
  ) { options, context in
    guard let name = options.name else { throw UsageError("missing --name NAME", command: "baseline") }
    let path = "\(options.parent ?? "results/baselines")/\(name).json"
    var folder = options.folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    do throws(ComparisonFailure) {
      try Baseline.make(folder, name: name).save(to: path)
    } catch {
      throw CommandFailure("\(error)", code: .usage)
    }
    context.standardOutput.writeLine(path)
    return .ok
  }

  private static let discussion = """
    The file is small, holds no partition key, is the same for the same runs, and
    is meant to be committed and reviewed: compare FILE NEW reads it. Counts and
    ratios compare anywhere; latencies only on the machine that made them.
    """
}
