import FoundationEssentials
import Kinesis
import Measurement
import Observations
import Reporting
import RunResults
import Scenarios
import Sizing
import StrictJSON

/// `size --verify`: drives the scenario against streams of the counts in question, and sets what was measured beside what the
/// model says of the same records.
struct SizeVerification {
  let options: SizeOptions
  /// Where the scenario comes from.
  let chosen: ScenarioOptions
  let input: ScenarioInput
  let context: Context
  let interruption: Interruption

  /// The recommended count and the one below it; without a recommendation the present one.
  static func counts(of document: SizingDocument) -> [Int] {
    guard let count = document.recommended else { return [document.shardsNow] }
    return count > 1 ? [count - 1, count] : [count]
  }

  /// Measures some counts, each in a run of its own.
  ///
  /// - Parameter folder: a folder that gets the results of each; it is made.
  /// - Throws: `CommandFailure` for a target that is not there, a run that was interrupted or could not be made.
  func measure(_ counts: [Int], in folder: String) throws -> [SizingDocument.Measurement] {
    try counts.map { count in
      let place = "\(folder)/\(count)"
      let isQuiet = options.isJSON && !context.standardError.isTerminal
      if !isQuiet {
        let seconds = NumberFormat.seconds(Plan(input.scenario).duration.seconds)
        context.standardError.writeLine("size: measuring \(NumberFormat.count(count, "shard")), \(seconds)")
      }
      let run = try RunExecution(options: try runOptions(count, place), context: context, interruption: interruption)
        .execute()
      if run.summary?.exitCode == Int(ExitCode.interrupted.rawValue) || interruption.isRequested {
        throw CommandFailure("interrupted: the verification is not complete", code: .interrupted)
      }
      return try measurement(count, run)
    }
  }

  /// The same scenario on so many even shards, judged by nothing.
  private func runOptions(_ count: Int, _ place: String) throws -> RunOptions {
    var run = RunOptions()
    run.scenario = chosen
    run.scenario.settings += ["thresholds=[]"]
    if input.shardMapFile != nil {
      run.scenario.shardMap = try mapFile(count, place)
    } else {
      run.scenario.settings += ["stream.shards=\(count)"]
    }
    run.runFolder = place
    run.progress = .none
    run.output.quietness = 2
    run.target = options.target
    run.saysYes = options.saysYes
    run.profile = options.profile
    run.prices = options.prices
    if options.target != .embedded {
      run.region = options.region
      run.stream = "\((options.stream ?? input.scenario.stream.name).prefix(100))-verify-\(count)"
      (run.createsStream, run.deletesStream) = (true, true)
    }
    return run
  }

  /// Even shards as `aws kinesis list-shards` prints them: a scenario that names a map takes no number.
  private func mapFile(_ count: Int, _ place: String) throws -> String {
    let shards = ShardMap(even: count).shards.map { shard -> JSONValue in
      [
        "ShardId": .string(shard.id),
        "HashKeyRange": [
          "StartingHashKey": .string("\(shard.range.start)"), "EndingHashKey": .string("\(shard.range.end)"),
        ], "SequenceNumberRange": ["StartingSequenceNumber": "0"],
      ]
    }
    let path = place + "-shards.json"
    do {
      try RunFolder.write(JSONWriter.pretty(["Shards": .array(shards)]) + "\n", to: path)
    } catch {
      throw CommandFailure("\(error)", code: .internalError)
    }
    return path
  }

  // MARK: - Beside the model

  private func measurement(_ count: Int, _ run: LoadedRun) throws -> SizingDocument.Measurement {
    guard let summary = run.summary, let rows = run.shards else {
      throw CommandFailure("the run on \(count) shards left no results", code: .internalError)
    }
    let map = ShardMap(even: count)
    let scenario = try input.onShards(map)
    let model = VirtualRun.outcome(
      of: KeyDraw(Plan(scenario, map: map)), on: map, rule: scenario.stream.limits.rule,
      latency: scenario.embedded.latency)
    var measurement = SizingDocument.Measurement()
    measurement.shards = count
    measurement.target = summary.target.endpoint
    measurement.modelRatio = model.total.throttleRatio ?? 0
    measurement.measuredRatio = summary.rates.throttleRatio
    measurement.rows = zip(model.shards, rows).enumerated().map { index, pair in
      .init(
        shard: index, attempted: pair.1.traffic.attempted, modelAttempted: pair.0.attempted,
        modelRatio: pair.0.throttleRatio, measuredRatio: pair.1.throttleRatio)
    }
    measurement.causes = causes(of: summary, rows.count, count, scenario)
    return measurement
  }

  /// What is known to make a run differ from the model.
  private func causes(of summary: Summary, _ rows: Int, _ count: Int, _ scenario: Scenario) -> [String] {
    var causes: [String] = []
    if rows != count { causes.append("the stream has \(rows) shards") }
    if let validity = summary.validity, validity != GeneratorVerdict.valid.rawValue {
      causes.append("the generator was \(validity): it sent later than the plan says")
    }
    if !summary.complete { causes.append("the run was not complete") }
    let faults = summary.records.traffic.fault
    if faults > 0 { causes.append("\(faults) tries failed otherwise") }
    if options.target != .embedded {
      causes.append("the target has its own answer times and limits; the model takes those of the scenario")
    }
    return causes
  }
}
