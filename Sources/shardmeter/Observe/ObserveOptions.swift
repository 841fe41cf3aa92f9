import LocalKinesis
import Measurement

/// What `shardmeter observe` was asked.
struct ObserveOptions: Sendable, HasOutputOptions {
  /// The endpoint, and how it is observed.
  var target = ObserveOptions.freePort
  /// The words of the command.
  var command: [String] = []
  /// The file of thresholds.
  var gate: String?
  /// How many records must arrive, or a file that names them.
  var expected: Expected?
  /// How long nothing must come after the command's end before it counts as over.
  var quiet = Nanoseconds.seconds(1)
  /// When a service is ended; nil: it ends by itself.
  var time: Nanoseconds?
  /// How long the command may take.
  var timeout = Nanoseconds.seconds(600)
  /// Whether every AWS service is led here.
  var redirectsAllServices = false
  var output = OutputOptions()

  /// `--expect`.
  enum Expected: Sendable, Equatable {
    case count(Int)
    case file(String)
  }

  private static let freePort = {
    var options = TargetOptions()
    options.configuration.port = 0
    return options
  }()

  /// Options of `target` that mean nothing here.
  private static let leftOut: Set<String> = [
    "admin-port", "until-input-ends", "from-input", "null", "records", "port",
  ]

  /// Its command line.
  static let table = OptionTable<ObserveOptions>(
    operands: [
      .init(
        "COMMAND...", help: "the producer and its arguments; its environment leads it to the endpoint",
        isRest: true
      ) { (values: inout ObserveOptions, word: String) throws(ValueProblem) in values.command.append(word) }
    ],
    groups: [
      .init(
        "The command",
        [
          .value(
            "for", "TIME", help: "end a service after this time by SIGTERM, which counts as success", \.time,
            OptionValue.optional(OptionValue.duration)),
          .value(
            "timeout", "TIME", help: "how long it may take, else it is ended and the run is invalid (default: 600s)",
            \.timeout, OptionValue.duration),
          .value(
            "quiet-for", "TIME", help: "wait after its end until nothing has come for so long (default: 1s)", \.quiet,
            OptionValue.duration),
          .flag(
            "all-services", help: "set AWS_ENDPOINT_URL too, which leads S3, DynamoDB and the others here",
            \.redirectsAllServices),
        ]),
      .init(
        "Judgement",
        [
          .value(
            "gate", "FILE", help: "thresholds that must hold, as a scenario's list of them", completion: .file, \.gate,
            OptionValue.text("a file")),
          .value(
            "expect", "N|FILE",
            help:
              "how many records must arrive, or a file that names them: the SHA-256 of each one's data, or its --record-id",
            completion: .file, \.expected, expected),
        ]),
    ]
      + TargetOptions.table.groups.map { group in
        .init(group.title, group.options.filter { !leftOut.contains($0.name) }.map { $0.within(\.target) })
      }.filter { !$0.options.isEmpty } + [.output], example: "--fault throttle:20% -- python3 producer.py",
    common: [
      "for", "timeout", "gate", "expect", "stream", "shards", "fault", "limits", "record", "run-dir", "json", "quiet",
    ])

  @Sendable private static func expected(_ word: String) throws(ValueProblem) -> Expected? {
    guard !word.isEmpty else { throw ValueProblem(expected: "a number of records, or a file") }
    return Int(word).flatMap { $0 > 0 ? .count($0) : nil } ?? .file(word)
  }

  /// - Throws: ``UsageError`` for options that exclude each other.
  func validate() throws(UsageError) {
    if let time, time > timeout {
      throw UsageError("--for is longer than --timeout", command: "observe")
    }
  }
}
