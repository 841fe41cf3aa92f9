import Kinesis
import Measurement
import Scenarios

/// What `shardmeter size` was asked.
struct SizeOptions: Sendable, Equatable, HasScenarioOptions {
  var scenario = ScenarioOptions()
  /// The result folder whose scenario is sized.
  var from: String?
  /// Goals that stand in for the scenario's.
  var throttle: Double?
  var headroom: Double?
  var maxShards: Int?
  /// For the commands that are printed.
  var stream: String?
  var region = SizeOptions.defaultRegion
  /// The file of prices.
  var prices: String?
  /// The mean of a month over the busiest minute.
  var monthMean: Double?
  /// Whether the answer is driven as well, where to, and what that takes where it is not this machine.
  var verifies = false
  var target = RunOptions.TargetChoice.embedded
  var profile: String?
  var saysYes = false
  var isJSON = false
  /// The parent of the result folder, or the folder itself; nothing is written without either.
  var resultsFolder: String?
  var runFolder: String?

  /// The region of the commands when none is given: that of the embedded target.
  static let defaultRegion = "us-east-1"

  /// Its command line.
  static let table = OptionTable<SizeOptions>(
    operands: [.scenario],
    groups: [
      .init(
        "Goals",
        [
          .value(
            "throttle", "RATIO", help: "the share of attempts that may be throttled, as 0.1% (default: the scenario's)",
            \.throttle, ratio(0...1)),
          .value(
            "headroom", "RATIO",
            help:
              "what the hottest shard's busiest minute leaves free of either limit, as 25% (default: the scenario's)",
            \.headroom, ratio(0...0.99)),
          .value(
            "max-shards", "N", help: "the most shards that are considered (default: the scenario's, else 256)",
            \.maxShards, OptionValue.optional(OptionValue.whole(1...KinesisLimits.shardsPerStream))),
        ]),
      .scenario, .workload,
      .init(
        "From a run",
        [
          .value(
            "from", "DIR", help: "size the scenario of a result folder, instead of SCENARIO", completion: .run,
            \.from, OptionValue.text("a result folder"))
        ]),
      .init(
        "Stream and cost",
        [
          .value(
            "stream", "NAME", help: "the stream's name in the commands that are printed (default: the scenario's)",
            \.stream, OptionValue.optional(OptionValue.streamName)),
          .value(
            "region", "REGION", help: "its region (default: \(defaultRegion))", \.region, OptionValue.region),
          .value(
            "prices", "FILE", help: "what the region charges, as the example in scenarios/prices", completion: .file,
            \.prices, OptionValue.text("a file")),
          .value(
            "month", "MEAN",
            help: "the mean of a month over the busiest minute, as mean=30% (default: as in the scenario)",
            \.monthMean, MonthOption.read),
        ]),
      .init(
        "Verification",
        [
          .flag(
            "verify", help: "also run the answer and one shard less, and set what is measured beside the model",
            \.verifies),
          .value(
            "target", "TARGET",
            help: "where --verify runs: embedded (default), an http:// or https:// URL, or aws; it makes and deletes"
              + " streams there", completion: .words(["embedded", "aws"]), \.target, RunOptions.readTarget),
          .value(
            "profile", "NAME", help: "the profile of the shared credentials and config files", \.profile,
            OptionValue.text("a profile name")),
          .flag("yes", help: "do not ask before sending to a target that is not loopback", \.saysYes),
        ]),
      .init(
        "Output",
        [
          .value(
            "out", "DIR", help: "write a result folder below this one: page, sizing.csv, summary.json (default: none)",
            completion: .folder, \.resultsFolder, OptionValue.text("a folder")),
          .value(
            "run-dir", "DIR", help: "the result folder itself; refused when not empty", completion: .folder,
            \.runFolder, OptionValue.text("a folder")),
          .flag("json", help: "print one JSON object instead of sentences and tables", \.isJSON),
        ]),
    ], example: "orders.json --throttle 0.1% --headroom 25%",
    common: ["throttle", "headroom", "max-shards", "set", "scale", "rate", "from", "out", "json"])

  /// Refuses combinations that contradict each other; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    if from != nil {
      if let source = scenario.source {
        throw UsageError("--from and \(source) exclude each other: a result folder has its scenario", command: "size")
      }
      if let flag = scenario.flags.given.first {
        throw UsageError("--from and \(flag) exclude each other: a result folder has its scenario", command: "size")
      }
    }
    var chosen = scenario
    if from != nil { chosen.source = "scenario.json" }
    try chosen.validate(command: "size")
    if resultsFolder != nil, runFolder != nil {
      throw UsageError("--out and --run-dir exclude each other", command: "size")
    }
    if !verifies, target != .embedded || profile != nil || saysYes {
      throw UsageError("--target, --profile and --yes are for --verify: size itself sends nothing", command: "size")
    }
    if monthMean != nil, prices == nil {
      throw UsageError("--month says what a month costs: it needs --prices", command: "size")
    }
  }

  private static func ratio(_ range: ClosedRange<Double>) -> @Sendable (String) throws(ValueProblem) -> Double? {
    { (word: String) throws(ValueProblem) in
      guard let value = MonthOption.share(word), range.contains(value) else {
        throw ValueProblem(expected: "a share from \(range.lowerBound) to \(range.upperBound), as 0.1% or 0.001")
      }
      return value
    }
  }
}
