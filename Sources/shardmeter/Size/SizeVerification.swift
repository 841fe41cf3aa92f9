import FoundationEssentials
import Kinesis
import Measurement
import Reporting
import RunResults
import Scenarios
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
      if run.summary?.exitCode == ExitCode.interrupted.rawValue || interruption.isRequested {
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
    if chosen.made?.shards != nil {
      run.scenario.made?.shards = ShardMap(even: count).shards
    } else if input.shardMapFile != nil {
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
    return RunSizing.measurement(Plan(try input.onShards(map), map: map), on: map, summary, rows)
  }
}
