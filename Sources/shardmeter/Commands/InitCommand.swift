import FoundationEssentials
import Kinesis
import Measurement
import RunResults
import Scenarios
import StrictJSON

/// `shardmeter init`.
enum InitCommand {
  /// What follows `init`.
  struct Options: Sendable, Equatable {
    /// Nil: standard output.
    var file: String?
    var workload = WorkloadFlags()
    var duration: Nanoseconds?
  }

  /// Its command line.
  static let table = OptionTable<Options>(
    operands: [
      .init("FILE", help: "a new file to write (default: standard output)", isOptional: true, completion: .file) {
        (options: inout Options, word: String) throws(ValueProblem) in options.file = word
      }
    ],
    groups: [
      .init(
        "Workload",
        [
          .value(
            "rate", "RATE", help: "records per second, as 2000, or bytes per second, as 5MiB (default: 1000)",
            \.workload.rate, WorkloadFlags.rate),
          .value(
            "record-size", "SIZE", help: "data of a record, as 400B (default: 1KiB)", \.workload.recordSize,
            OptionValue.optional(OptionValue.size)),
          .value(
            "keys", "N", help: "how many partition keys there are (default: 10000)", \.workload.keys,
            OptionValue.optional(OptionValue.whole(1...1_000_000_000_000))),
          .value(
            "top-key", "SHARE",
            help: "the heaviest key's share of the records, as 20%; the others follow a zipf law (default: all alike)",
            \.workload.topKey, WorkloadFlags.share),
          .value(
            "shards", "N", help: "the stream's shards (default: 4)", \.workload.shards,
            OptionValue.optional(OptionValue.whole(1...KinesisLimits.shardsPerStream))),
          .value(
            "duration", "TIME", help: "how long it lasts, as 90s (default: 1m)", \.duration,
            OptionValue.optional(OptionValue.duration)),
          .value(
            "name", "NAME", help: "the scenario's name (default: the file's, else workload)", \.workload.name,
            WorkloadFlags.name),
        ])
    ], example: "orders.json --rate 2000 --top-key 20%")

  static let command: Command = Command(
    "init", abstract: "write a scenario from a few flags", discussion: discussion, table: table, defaults: Options()
  ) { options, context in
    var workload = options.workload
    if workload.name == nil, let file = options.file { workload.name = try? WorkloadFlags.name(stem(of: file)) }
    let text = JSONWriter.pretty(workload.document(duration: options.duration, isJudged: true)) + "\n"
    // What cannot be run is not written.
    do throws(JSONFailure) {
      _ = try Scenario.load(bytes: Array(text.utf8), source: WorkloadFlags.source)
    } catch {
      throw workload.naming(error)
    }
    guard let file = options.file else {
      context.standardOutput.write(text)
      return .ok
    }
    guard !FileManager.default.fileExists(atPath: file) else {
      throw CommandFailure("\(file) exists; it is not written over", code: .usage)
    }
    do {
      try Data(text.utf8).write(to: URL(filePath: file), options: .withoutOverwriting)
    } catch {
      throw CommandFailure("\(file) cannot be written", code: .usage)
    }
    return .ok
  }

  /// A file's name without folder and ending.
  private static func stem(of path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return name.hasSuffix(".json") ? String(name.dropLast(5)) : name
  }

  private static let discussion = """
    run and plan take the same flags instead of a file, with --rate at least.
    """
}
