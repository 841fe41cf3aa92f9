import Kinesis
import Measurement
import Observations

/// What `shardmeter plan` was asked.
struct PlanOptions: Sendable, Equatable, HasScenarioOptions {
  var scenario = ScenarioOptions()
  var isJSON = false
  /// The file that gets the plan as a trace.
  var traceFile: String?
  /// The file of prices, the region of the stream, and the mean of a month over the busiest minute.
  var prices: String?
  var region = SizeOptions.defaultRegion
  var monthMean: Double?
  /// How many machines the plan is shared by; nil: it is not asked.
  var machines: Int?
  /// How long an answer takes, for the connections of each.
  var answerTime: Nanoseconds?
  /// The parent of the result folder, or the folder itself; nothing is written without either.
  var resultsFolder: String?
  var runFolder: String?

  /// An answer's time when none is given: that of PutRecords in the same region, roughly.
  static let usualAnswerTime = Nanoseconds.milliseconds(20)

  /// Its command line.
  static let table = OptionTable<PlanOptions>(
    operands: [.scenario],
    groups: [
      .scenario, .workload,
      .init(
        "Cost",
        [
          .value(
            "prices", "FILE", help: "what the region charges, as the example in scenarios/prices", completion: .file,
            \.prices, OptionValue.text("a file")),
          .value(
            "region", "REGION", help: "the stream's region (default: \(SizeOptions.defaultRegion))", \.region,
            OptionValue.region),
          .value(
            "month", "MEAN",
            help: "the mean of a month over the busiest minute, as mean=30% (default: as in the scenario)",
            \.monthMean, MonthOption.read),
        ]),
      .init(
        "Several machines",
        [
          .value(
            "parts", "N", help: "tell what each of so many machines would carry in the busiest second", \.machines,
            OptionValue.optional(OptionValue.whole(1...10_000))),
          .value(
            "answer-time", "TIME", help: "how long an answer takes there, for the connections (default: 20ms)",
            \.answerTime, OptionValue.optional(OptionValue.duration)),
        ]),
      .init(
        "Output",
        [
          .value(
            "out", "DIR", help: "write a result folder below this one: page, plan.json, summary.json (default: none)",
            completion: .folder, \.resultsFolder, OptionValue.text("a folder")),
          .value(
            "run-dir", "DIR", help: "the result folder itself; refused when not empty", completion: .folder,
            \.runFolder, OptionValue.text("a folder")),
          .flag("json", help: "print one JSON object instead of tables", \.isJSON),
          .value(
            "record", "FILE", help: "write the plan's records to a new CSV file, as a trace that scenarios can replay",
            completion: .file, \.traceFile, OptionValue.text("a file")),
        ]),
    ], example: "orders.json --scale 2",
    common: ["set", "scale", "duration", "seed", "rate", "keys", "json", "record"])

  /// Refuses combinations that contradict each other; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    try scenario.validate(command: "plan")
    if resultsFolder != nil, runFolder != nil {
      throw UsageError("--out and --run-dir exclude each other", command: "plan")
    }
    if monthMean != nil, prices == nil {
      throw UsageError("--month says what a month costs: it needs --prices", command: "plan")
    }
    if answerTime != nil, machines == nil {
      throw UsageError("--answer-time is for the connections of --parts: it needs that", command: "plan")
    }
    if traceFile != nil, scenario.chosenKeys == .hide {
      throw UsageError("--record needs the keys or their hashes: --keys hide leaves neither", command: "plan")
    }
  }
}
