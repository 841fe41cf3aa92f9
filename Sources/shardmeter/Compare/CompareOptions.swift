import Measurement
import RunResults
import StrictJSON

/// How a comparison judges, as the command line says it.
struct JudgementOptions: Sendable, Equatable {
  /// The smallest change that counts, for single metrics.
  var effects: [Effect] = []
  /// What decides without a test.
  var tolerance: Double?
  var inconclusive = InconclusiveChoice.pass
  var machines = MachineChoice.same
  var across = AcrossChoice.nothing

  /// `METRIC=CHANGE`.
  struct Effect: Sendable, Equatable {
    var metric: String
    var change: Double
  }

  enum InconclusiveChoice: String, Sendable, CaseIterable { case pass, fail }
  enum MachineChoice: String, Sendable, CaseIterable { case same, machine }
  enum AcrossChoice: String, Sendable, CaseIterable {
    case nothing
    case shards = "stream.shards"
  }

  /// The rules they make.
  var rules: ComparisonRules {
    var rules = ComparisonRules()
    for effect in effects { rules.effects[effect.metric] = effect.change }
    rules.tolerance = tolerance
    rules.allowsMachines = machines == .machine
    rules.acrossShards = across == .shards
    rules.inconclusiveFails = inconclusive == .fail
    return rules
  }

  /// Refuses what contradicts itself.
  ///
  /// - Throws: ``UsageError``.
  func validate(command: String) throws(UsageError) {
    let names = effects.map(\.metric)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw UsageError("--effect \(twice) is given twice", command: command)
    }
  }

  /// A change as `10%` or `0.1`, above 0 and at most 1000 %.
  @Sendable static func change(_ word: String) throws(ValueProblem) -> Double {
    let isPercent = word.hasSuffix("%")
    guard let number = Double(isPercent ? String(word.dropLast()) : word), number.isFinite,
      word.first != "+", number > 0, number <= (isPercent ? 1_000 : 10)
    else { throw ValueProblem(expected: "a change such as 10% or 0.1, above 0 and at most 1000%") }
    return isPercent ? number / 100 : number
  }

  @Sendable static func effect(_ word: String) throws(ValueProblem) -> Effect {
    guard let separator = word.lastIndex(of: "=") else {
      throw ValueProblem(expected: "METRIC=CHANGE, as response.p99=10%")
    }
    let metric = String(word[..<separator])
    // A threshold's name begins with its metric: `response.p99, in burst`.
    let own = String(metric.prefix { $0 != "," && $0 != " " })
    guard Metric(name: own) != nil else {
      throw ValueProblem(
        expected: "METRIC=CHANGE with the name of a metric", found: JSONNode.quoted(own),
        suggestion: nearestWord(to: own, in: Metric.all.map(\.name)))
    }
    return Effect(metric: metric, change: try change(String(word[word.index(after: separator)...])))
  }
}

/// The options of a command that judges one side against another.
protocol HasJudgementOptions {
  var judgement: JudgementOptions { get set }
}

extension OptionTable.Group where Values: HasJudgementOptions {
  /// `--effect`, `--tolerance`, `--inconclusive`, `--allow`, `--across`.
  static var judgement: OptionTable<Values>.Group {
    .init(
      "Judgement",
      [
        .list(
          "effect", "METRIC=CHANGE",
          help: "the smallest change that counts (default: 5%; for ratios 0.5 points), as response.p99=10%",
          \.judgement.effects, JudgementOptions.effect),
        .value(
          "tolerance", "CHANGE",
          help: "with fewer than six runs a side, which no test judges: worse by more fails, as 10%",
          \.judgement.tolerance, OptionValue.optional(JudgementOptions.change)),
        .value(
          "inconclusive", "WHAT", help: "what cannot be told: pass (default) or fail",
          completion: .words(of: JudgementOptions.InconclusiveChoice.self), \.judgement.inconclusive,
          OptionValue.word(JudgementOptions.InconclusiveChoice.self)),
        .value(
          "allow", "WHAT", help: "machine: compare latencies of two machines too",
          completion: .words(["machine"]), \.judgement.machines, OptionValue.word(JudgementOptions.MachineChoice.self)),
        .value(
          "across", "FIELD", help: "stream.shards: compare runs on different numbers of shards",
          completion: .words(["stream.shards"]), \.judgement.across,
          OptionValue.word(JudgementOptions.AcrossChoice.self)),
      ])
  }
}

/// What `shardmeter compare` was asked.
struct CompareOptions: Sendable, Equatable, HasOutputOptions, HasJudgementOptions {
  var base = ""
  var this = ""
  var judgement = JudgementOptions()
  /// Where files go; `nil`: nowhere.
  var runFolder: String?
  var output = OutputOptions()

  /// Its command line.
  static let table = OptionTable<CompareOptions>(
    operands: [
      .init("BASE", help: "a folder of a run, of runs or of an ab, or a baseline file", completion: .side) {
        (options: inout CompareOptions, word: String) throws(ValueProblem) in options.base = word
      },
      .init("NEW", help: "the same, to be judged against BASE", completion: .side) {
        (options: inout CompareOptions, word: String) throws(ValueProblem) in options.this = word
      },
    ],
    groups: [
      .judgement,
      .init(
        "Results",
        [
          .value(
            "run-dir", "DIR", help: "write page, comparison.csv, summary.json, summary.md and junit.xml there",
            completion: .folder, \.runFolder, OptionValue.text("a folder"))
        ]),
      .output,
    ], example: "results/base results/new --effect response.p99=10%",
    common: ["effect", "tolerance", "inconclusive", "run-dir", "json", "quiet"])
}
