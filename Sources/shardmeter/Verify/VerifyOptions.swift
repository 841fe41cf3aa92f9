import Kinesis
import Observations

/// What `shardmeter verify` was asked.
struct VerifyOptions: Sendable, Equatable, HasOutputOptions {
  /// A result folder, or `latest` within one.
  var folder = ""
  /// Nil: where the run sent its records.
  var target: TargetChoice?
  /// Nil: the run's.
  var stream: String?
  /// In place of the name: what requests carry, and whose account's host `aws` means.
  var streamARN: StreamARN?
  /// Nil: the run's.
  var region: String?
  var profile: String?
  /// A PEM file of issuers to trust in place of the system's.
  var certificateFile: String?
  /// Whether any certificate is accepted.
  var isInsecure = false
  var isUnsigned = false
  /// How partition keys appear.
  var keys = KeyNames.Mode.hash
  /// Nil: the result folder; what the paths of payload files in the scenario are relative to.
  var files: String?
  var output = OutputOptions()

  /// Where the stream is.
  enum TargetChoice: Sendable, Equatable {
    /// An endpoint's address, `http://` or `https://`.
    case url(String)
    /// The endpoint that the environment or the region names.
    case aws
  }

  /// Its command line.
  static let table = OptionTable<VerifyOptions>(
    operands: [
      .init("DIR", help: "a result folder", completion: .run) {
        (options: inout VerifyOptions, word: String) throws(ValueProblem) in options.folder = word
      }
    ],
    groups: [
      .init(
        "Target",
        [
          .value(
            "target", "TARGET", help: "an http:// or https:// URL, or aws (default: the run's)",
            completion: .words(["aws"]), \.target, { word throws(ValueProblem) in try target(word) }),
          .value(
            "stream", "NAME", help: "the stream to read (default: the run's)", \.stream,
            OptionValue.optional(OptionValue.streamName)),
          .value(
            "stream-arn", "ARN", help: "the stream by its ARN; aws then means the account's own host", \.streamARN,
            OptionValue.optional(OptionValue.streamARN)),
          .value(
            "region", "REGION", help: "the region to sign for (default: the run's)", \.region,
            OptionValue.optional(OptionValue.region)),
          .value(
            "profile", "NAME", help: "the profile of the shared credentials and config files", \.profile,
            OptionValue.text("a profile name")),
          .value(
            "ca-file", "FILE", help: "trust the issuers in this PEM file instead of the system's", completion: .file,
            \.certificateFile, OptionValue.text("a file")),
          .flag("insecure", help: "accept any certificate", \.isInsecure),
          .flag("no-sign", help: "send requests without a signature", \.isUnsigned),
        ]),
      .init(
        "Records",
        [
          .value(
            "keys", "HOW", help: "how partition keys are shown: show, hash (default) or hide",
            completion: .words(of: KeyNames.Mode.self), \.keys, OptionValue.word(KeyNames.Mode.self)),
          .value(
            "files", "DIR", help: "the folder that the scenario's payload files are relative to", completion: .folder,
            \.files, OptionValue.text("a folder")),
        ]),
      .init(
        "Output",
        [
          .flag("json", help: "print verification.json on standard output instead of tables", \.output.isJSON),
          .count("quiet", "q", help: "only the verdict; twice: only the exit code", \.output.quietness),
          .value(
            "color", "WHEN", help: "colour on the terminal: auto (default), always or never",
            completion: .words(of: ColourChoice.self), \.output.colour, OptionValue.word(ColourChoice.self)),
        ]),
    ], example: "results/latest",
    common: ["target", "stream", "keys", "json", "quiet"])

  /// Refuses combinations that contradict each other; pure.
  ///
  /// - Throws: ``UsageError``.
  func validate() throws(UsageError) {
    if certificateFile != nil, isInsecure {
      throw UsageError("--ca-file and --insecure exclude each other: the second trusts anybody", command: "verify")
    }
    guard let streamARN else { return }
    if stream != nil {
      throw UsageError("--stream and --stream-arn exclude each other: both name the stream", command: "verify")
    }
    if let region, region != streamARN.region {
      throw UsageError(
        "--region \(region) is not the region of --stream-arn, \(streamARN.region)", command: "verify")
    }
  }

  private static func target(_ word: String) throws(ValueProblem) -> TargetChoice? {
    if word == "aws" { return .aws }
    if word.hasPrefix("http://") || word.hasPrefix("https://") { return .url(word) }
    throw ValueProblem(expected: "aws, or a URL that starts with http:// or https://")
  }
}
