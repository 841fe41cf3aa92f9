import Measurement

/// What `shardmeter search` was asked: what a `run` is asked, and how long it may take.
struct SearchOptions: Sendable, Equatable, HasScenarioOptions {
  /// What each probe has in common; its scenario is the search's.
  var run = RunOptions()
  /// How long all probes may take; nil: as long as they do.
  var budget: Nanoseconds?

  var scenario: ScenarioOptions {
    get { run.scenario }
    set { run.scenario = newValue }
  }

  /// Headings of `run` that a search has no use for.
  private static let others = ["Baseline", "Judgement", "Repetition"]

  /// Its command line.
  static let table = OptionTable<SearchOptions>(
    operands: [.scenario],
    groups: [
      .init(
        "Search",
        [
          .value(
            "budget", "TIME", help: "how long all probes may take, as 5m; then the bracket so far is the answer",
            \.budget, OptionValue.optional(OptionValue.duration))
        ])
    ]
      + RunOptions.table.groups.filter { group in
        !others.contains(group.title) && group.options.allSatisfy { !judging.contains($0.name) }
      }.map { group in .init(group.title, group.options.map { $0.within(\SearchOptions.run) }) },
    example: "orders.json --budget 5m", common: ["budget", "target", "stream", "set", "out", "json"])

  /// Options that judge a run against another.
  private static let judging = ["effect", "tolerance", "baseline", "repeat"]

  /// Refuses what contradicts itself; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    try run.scenario.validate(command: "search")
    if run.scenario.source == "-" {
      throw UsageError("the scenario cannot be standard input: each probe reads it anew", command: "search")
    }
    if run.readsBack {
      throw UsageError("--read-back is for a single run: a search judges what is accepted", command: "search")
    }
    if run.createsStream, !run.deletesStream {
      throw UsageError(
        "--create-stream needs --delete-stream: the second probe makes the stream anew", command: "search")
    }
    try run.validate()
  }
}
