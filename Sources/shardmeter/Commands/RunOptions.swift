import Kinesis
import Measurement
import StrictJSON

/// What `shardmeter run` was asked.
struct RunOptions: Sendable, Equatable, HasOutputOptions, HasScenarioOptions, HasJudgementOptions {
  var scenario = ScenarioOptions()
  var target = TargetChoice.embedded
  /// Nil: the scenario's.
  var stream: String?
  /// Names the stream in place of `stream`, and with `--target aws` the account's own host.
  var streamARN: StreamARN?
  /// Nil: the environment's, then the profile's, then `us-east-1` on loopback.
  var region: String?
  var profile: String?
  var createsStream = false
  var deletesStream = false
  var isUnsigned = false
  /// Whether the stream is read back after the run.
  var readsBack = false
  /// Whether the report says what the model makes of the plan.
  var sizes = false
  /// A PEM file of issuers to trust in place of the system's.
  var certificateFile: String?
  /// Whether any certificate is accepted.
  var isInsecure = false
  /// Nil: as many as the machine's cores allow.
  var workers: Int?
  /// Nil: workers sleep until something is due.
  var spin: Nanoseconds?
  /// The parent of result folders.
  var resultsFolder: String?
  /// The exact folder.
  var runFolder: String?
  /// What the run is judged against; nil: nothing.
  var baseline: String?
  var judgement = JudgementOptions()
  /// How many runs are made; nil: one.
  var repetitions: Int?
  /// The rest before each further run.
  var cooldown: Nanoseconds?
  var progress = ProgressChoice.automatic
  var saysYes = false
  var usesExistingStream = false
  var maximumRecords: UInt64?
  var maximumBytes: UInt64?
  /// The file of prices, for the sentence that asks.
  var prices: String?
  var output = OutputOptions()

  /// Where the load goes.
  enum TargetChoice: Sendable, Equatable {
    /// A child process on a free loopback port.
    case embedded
    /// An endpoint's address, `http://` or `https://`.
    case url(String)
    /// The endpoint that the environment or the region names.
    case aws
  }

  /// How often progress is told.
  enum ProgressChoice: Sendable, Equatable {
    /// Redrawn on a terminal, a line every 10 s elsewhere.
    case automatic
    /// A line at this interval.
    case every(Nanoseconds)
    /// Never.
    case none
  }

  /// The stream as the options name it; nil when they do not.
  var namedStream: String? { stream ?? streamARN?.streamName }

  /// Where results go when no option says so.
  static let defaultResultsFolder = "results"

  /// Its command line.
  static let table = OptionTable<RunOptions>(
    operands: [.scenario],
    groups: [
      .init(
        "Target",
        [
          .value(
            "target", "TARGET", help: "embedded (default), an http:// or https:// URL, or aws",
            completion: .words(["embedded", "aws"]), \.target, readTarget),
          .value(
            "stream", "NAME", help: "the stream to write to (default: the scenario's)", \.stream,
            OptionValue.optional(OptionValue.streamName)),
          .value(
            "stream-arn", "ARN",
            help: "the stream by its ARN; aws then means the account's own host", \.streamARN,
            OptionValue.optional(OptionValue.streamARN)),
          .value(
            "region", "REGION", help: "the region to sign for", \.region, OptionValue.optional(OptionValue.region)),
          .value(
            "profile", "NAME", help: "the profile of the shared credentials and config files", \.profile,
            OptionValue.text("a profile name")),
          .flag(
            "create-stream", help: "create the stream with the scenario's shards, and wait for it", \.createsStream),
          .flag("delete-stream", help: "delete the stream at the end", \.deletesStream),
          .flag(
            "read-back",
            help: "read the stream after the run: found, duplicated, missing, reordered (turns records.identity on)",
            \.readsBack),
          .value(
            "ca-file", "FILE", help: "trust the issuers in this PEM file instead of the system's", completion: .file,
            \.certificateFile, OptionValue.text("a file")),
          .flag("insecure", help: "accept any certificate; a warning in every result says so", \.isInsecure),
          .flag("no-sign", help: "send requests without a signature", \.isUnsigned),
        ]),
      .scenario, .workload,
      .init(
        "Driver",
        [
          .value(
            "workers", "N", help: "worker threads (default: from the machine's cores)", \.workers,
            OptionValue.optional(OptionValue.whole(1...256))),
          .value(
            "spin", "TIME",
            help: "stay awake for so long before something is due, as 50us, instead of sleeping (default: 0)",
            \.spin, OptionValue.optional(OptionValue.duration)),
        ]),
      .init(
        "Results",
        [
          .value(
            "out", "DIR", help: "the parent of the result folder (default: results)", completion: .folder,
            \.resultsFolder, OptionValue.text("a folder")),
          .value(
            "run-dir", "DIR", help: "the result folder itself; refused when not empty", completion: .folder,
            \.runFolder, OptionValue.text("a folder")),
          .flag(
            "size", help: "add to the report what other numbers of shards would have done, by the model of size",
            \.sizes),
        ]),
      .init(
        "Baseline",
        [
          .value(
            "baseline", "FILE", help: "judge the run against a baseline file or a folder of runs", completion: .side,
            \.baseline, OptionValue.text("a file"))
        ]),
      .judgement,
      .init(
        "Repetition",
        [
          .value(
            "repeat", "N", help: "make so many runs, each in a folder of its own under --out, to be compared",
            \.repetitions,
            OptionValue.optional(OptionValue.whole(2...1_000))),
          .value(
            "cooldown", "TIME", help: "rest before each further run (default: 5s)", \.cooldown,
            OptionValue.optional(OptionValue.duration)),
        ]),
      .output,
      .init(
        "Progress",
        [
          .value(
            "progress", "EVERY", help: "a progress line at this interval, as 5s, or none", completion: .words(["none"]),
            \.progress, progress)
        ]),
      .init(
        "Safety (targets that are not loopback)",
        [
          .flag("yes", help: "do not ask before sending", \.saysYes),
          .flag(
            "existing-stream", help: "allow writing to a stream that this run did not create", \.usesExistingStream),
          .value(
            "max-records", "N", help: "stop after this many records", \.maximumRecords,
            OptionValue.optional(OptionValue.whole(1...UInt64.max))),
          .value(
            "max-bytes", "SIZE", help: "stop after this many bytes of data and keys, as 10000MiB", \.maximumBytes,
            OptionValue.optional(OptionValue.size)),
          .value(
            "prices", "FILE", help: "what the region charges: the question before sending names the cost",
            completion: .file, \.prices, OptionValue.text("a file")),
        ]),
    ], example: "orders.json --target http://localhost:4567",
    common: [
      "target", "stream", "create-stream", "read-back", "set", "scale", "duration", "rate", "out", "baseline", "repeat",
      "json", "quiet",
    ])

  /// Refuses combinations that contradict each other; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    try scenario.validate(command: "run")
    if resultsFolder != nil, runFolder != nil {
      throw UsageError("--out and --run-dir exclude each other: the second names the folder itself", command: "run")
    }
    try judgement.validate(command: "run")
    if baseline == nil, judgement != JudgementOptions() {
      throw UsageError("--effect, --tolerance, --inconclusive, --allow and --across need --baseline", command: "run")
    }
    if repetitions != nil {
      if baseline != nil {
        throw UsageError("--repeat and --baseline exclude each other: compare FILE DIR judges all runs", command: "run")
      }
      if runFolder != nil {
        throw UsageError("--repeat needs --out: --run-dir names the folder of a single run", command: "run")
      }
      if scenario.source == "-" {
        throw UsageError(
          "--repeat cannot read the scenario from standard input: each run reads it anew", command: "run")
      }
      if createsStream, !deletesStream {
        throw UsageError(
          "--repeat with --create-stream needs --delete-stream: the second run makes it anew", command: "run")
      }
    } else if cooldown != nil {
      throw UsageError("--cooldown needs --repeat", command: "run")
    }
    if stream != nil, streamARN != nil {
      throw UsageError("--stream and --stream-arn exclude each other: both name the stream", command: "run")
    }
    if createsStream, streamARN != nil {
      throw UsageError("--create-stream needs --stream: a stream to be made has no ARN yet", command: "run")
    }
    if let arn = streamARN, let region, region != arn.region {
      throw UsageError("--region \(region) is not the region of --stream-arn, \(arn.region)", command: "run")
    }
    if certificateFile != nil, isInsecure {
      throw UsageError("--ca-file and --insecure exclude each other: the second trusts anybody", command: "run")
    }
    if isUnsigned, target == .aws {
      throw UsageError("--no-sign cannot be used with --target aws: it answers signed requests only", command: "run")
    }
  }

  /// Reads where the load goes.
  @Sendable static func readTarget(_ word: String) throws(ValueProblem) -> TargetChoice {
    if word == "embedded" { return .embedded }
    if word == "aws" { return .aws }
    if word.hasPrefix("http://") || word.hasPrefix("https://") { return .url(word) }
    throw ValueProblem(
      expected: "embedded, aws, or a URL that starts with http:// or https://",
      suggestion: nearestWord(to: word, in: ["embedded", "aws"]))
  }

  @Sendable private static func progress(_ word: String) throws(ValueProblem) -> ProgressChoice {
    if word == "none" { return .none }
    return .every(try OptionValue.duration(word))
  }
}
