import Observations

/// What `shardmeter plan` was asked.
struct PlanOptions: Sendable, Equatable, HasScenarioOptions {
  var scenario = ScenarioOptions()
  var isJSON = false
  /// The file that gets the plan as a trace.
  var traceFile: String?

  /// Its command line.
  static let table = OptionTable<PlanOptions>(
    operands: [.scenario],
    groups: [
      .scenario, .workload,
      .init(
        "Output",
        [
          .flag("json", help: "print one JSON object instead of tables", \.isJSON),
          .value(
            "record", "FILE", help: "write the plan's records to a new CSV file, as a trace that scenarios can replay",
            completion: .file, \.traceFile, OptionValue.text("a file")),
        ]),
    ])

  /// Refuses combinations that contradict each other; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    try scenario.validate(command: "plan")
    if traceFile != nil, scenario.chosenKeys == .hide {
      throw UsageError("--record needs the keys or their hashes: --keys hide leaves neither", command: "plan")
    }
  }
}
