import Kinesis
import Measurement
import Observations
import Scenarios
import StrictJSON

/// Where a command gets its scenario, and what the command line changes in it: the same options for every command that
/// takes a scenario.
struct ScenarioOptions: Sendable, Equatable {
  /// A file, `-` for standard input, or the name of a built-in scenario; nil when flags describe the workload.
  var source: String?
  /// The scenario's text where a command made it itself; `source` is then what messages call it.
  var made: MadeScenario?
  /// `path=value` changes in the order given.
  var settings: [String] = []
  /// Nil: the scenario's.
  var seed: UInt64?
  /// Factor on every rate.
  var scale: Double?
  /// Of the whole run.
  var duration: Nanoseconds?
  /// A file with the stream's shards.
  var shardMap: String?
  /// The workload when there is no file.
  var workload = WorkloadFlags()
  /// What `--keys` said, each time.
  var keyWords: [KeysWord] = []

  /// A scenario that is in no file.
  struct MadeScenario: Sendable, Equatable {
    var document: [UInt8]
    /// The stream's shards; nil: even ones, as many as the text says.
    var shards: [Shard]?
  }

  /// `--keys` of a command that both makes keys and shows them.
  enum KeysWord: Sendable, Equatable {
    case display(KeyNames.Mode)
    case count(UInt64)
  }

  /// How partition keys appear: those of a trace may be customers' names and are hashed unless asked for.
  func keys(of scenario: Scenario) -> KeyNames.Mode { chosenKeys ?? (scenario.trace != nil ? .hash : .show) }

  /// How partition keys appear by the user's own word.
  var chosenKeys: KeyNames.Mode? {
    for case .display(let display) in keyWords { return display }
    return nil
  }

  /// The workload, with the number of keys that `--keys` gave.
  var flags: WorkloadFlags {
    var flags = workload
    for case .count(let count) in keyWords { flags.keys = count }
    return flags
  }

  /// Refuses what contradicts; pure.
  ///
  /// - Throws: ``UsageError`` for neither or both of file and flags, and for `--keys` that says a thing twice.
  func validate(command: String) throws(UsageError) {
    let displays = keyWords.count { if case .display = $0 { true } else { false } }
    if displays > 1 || keyWords.count - displays > 1 {
      throw UsageError("--keys is given twice", command: command)
    }
    let given = flags.given
    if source != nil, let first = given.first {
      throw UsageError(
        "\(first) describes a workload without a file; in a scenario, change fields with --set, and rates with --scale",
        command: command)
    }
    if source == nil, flags.rate == nil {
      throw UsageError(
        "missing SCENARIO: a scenario file, - for standard input or a built-in name; or --rate for a workload without one",
        command: command)
    }
    if shardMap != nil, flags.shards != nil {
      throw UsageError(
        "--shards and --shard-map exclude each other: the file says how many there are", command: command)
    }
  }
}

/// The options of a command that takes a scenario.
protocol HasScenarioOptions {
  /// The choices made.
  var scenario: ScenarioOptions { get set }
}

extension OptionTable.Operand where Values: HasScenarioOptions & SendableMetatype {
  /// `SCENARIO`.
  static var scenario: OptionTable<Values>.Operand {
    .init(
      "SCENARIO", help: "a scenario file, - for standard input, or the name of a built-in scenario", isOptional: true,
      completion: .scenario
    ) { (options: inout Values, word: String) throws(ValueProblem) in options.scenario.source = word }
  }
}

extension OptionTable.Group where Values: HasScenarioOptions & SendableMetatype {
  /// What changes a scenario.
  static var scenario: OptionTable<Values>.Group {
    .init(
      "Scenario",
      [
        .list(
          "set", "PATH=VALUE", help: "change a field of the scenario, as client.producers=8 or phases[ramp].rate=9",
          \.scenario.settings, ScenarioOptions.setting),
        .value(
          "scale", "FACTOR", help: "multiply every rate, as 3 or 0.5; time stays as it is", \.scenario.scale,
          ScenarioOptions.factor),
        .value(
          "duration", "TIME",
          help: "how long the whole run takes, warm-ups included: all phases are stretched or cut by one factor",
          \.scenario.duration, OptionValue.optional(OptionValue.duration)),
        .value(
          "seed", "N", help: "the seed of all random choices (default: the scenario's)", \.scenario.seed,
          OptionValue.optional(OptionValue.whole(0...UInt64(Int64.max)))),
        .value(
          "shard-map", "FILE", help: "the stream's shards, as aws kinesis list-shards prints them", completion: .file,
          \.scenario.shardMap, OptionValue.text("a file")),
      ])
  }

  /// A workload without a file.
  static var workload: OptionTable<Values>.Group {
    .init(
      "Without a scenario",
      [
        .value(
          "rate", "RATE", help: "records per second, as 2000, or bytes per second, as 5MiB", \.scenario.workload.rate,
          WorkloadFlags.rate),
        .value(
          "record-size", "SIZE", help: "data of a record, as 400B (default: 1KiB)", \.scenario.workload.recordSize,
          OptionValue.optional(OptionValue.size)),
        .value(
          "top-key", "SHARE",
          help: "the heaviest key's share of the records, as 20%; the others follow a zipf law (default: all alike)",
          \.scenario.workload.topKey, WorkloadFlags.share),
        .value(
          "shards", "N", help: "the stream's shards (default: 4)", \.scenario.workload.shards,
          OptionValue.optional(OptionValue.whole(1...KinesisLimits.shardsPerStream))),
        .value(
          "name", "NAME", help: "the scenario's name (default: workload)", \.scenario.workload.name,
          WorkloadFlags.name),
        .list(
          "keys", "N|HOW",
          help: "how many keys there are, without a scenario (default: 10000); in any case how keys are shown: show"
            + " (default, for a trace hash), hash or hide", completion: .words(of: KeyNames.Mode.self),
          \.scenario.keyWords,
          ScenarioOptions.keys),
      ])
  }
}

/// Readers of the options' values.
extension ScenarioOptions {
  @Sendable static func setting(_ word: String) throws(ValueProblem) -> String {
    guard let equals = word.firstIndex(of: "="), equals > word.startIndex else {
      throw ValueProblem(expected: "PATH=VALUE, as phases[0].rate=900")
    }
    return word
  }

  @Sendable static func factor(_ word: String) throws(ValueProblem) -> Double? {
    guard let number = Double(word), number > 0, number <= 1e6 else {
      throw ValueProblem(expected: "a factor above 0 and at most 1000000, as 3 or 0.5")
    }
    return number
  }

  @Sendable static func keys(_ word: String) throws(ValueProblem) -> KeysWord {
    if let display = KeyNames.Mode(rawValue: word) { return .display(display) }
    if let count = UInt64(word), word.first != "+", (1...1_000_000_000_000).contains(count) { return .count(count) }
    let words = KeyNames.Mode.allCases.map(\.rawValue)
    throw ValueProblem(
      expected: "one of \(words.joined(separator: ", ")), or a number of keys from 1 to 1000000000000",
      suggestion: nearestWord(to: word, in: words))
  }
}
