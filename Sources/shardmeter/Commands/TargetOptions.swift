import Kinesis
import LocalKinesis
import Observations
import Scenarios
import StrictJSON

/// What `shardmeter target` was asked.
struct TargetOptions: Sendable {
  /// The endpoint as the options describe it.
  var configuration = EmbeddedTargetConfiguration()
  var isNull = false
  /// Entries of the fixed answer of `--null`.
  var nullRecords: Int?
  var accessKey: String?
  var secretKey: String?
  var endsWithInput = false
  /// Whether the first line of standard input says what is served, as run writes it.
  var readsInput = false
  /// The streams of `--stream` and how many shards each has, where it says.
  var streams: [NamedStream] = []
  /// Even shards, when `--shards` says how many.
  var evenRanges: [HashKeyRange]?
  /// The file of `--shard-map`.
  var shardMapFile: String?
  var shardLatencies: [ShardLatency] = []
  var certificateFile: String?
  var keyFile: String?
  var isSelfSigned = false
  /// The port of the admin endpoint; nil for none.
  var adminPort: UInt16?
  /// How what comes is observed.
  var observing = ObservingOptions()

  /// The file of `--record`, and what is written there.
  var recordFile: String?
  var recordsDistinct = false
  /// What may be shown of keys; nil: their hashes.
  var keys: KeyNames.Mode?

  /// One `--stream`.
  struct NamedStream: Sendable, Equatable {
    var name: String
    var shards: Int?
  }

  /// One `--shard-latency`.
  struct ShardLatency: Sendable {
    var shard: Int
    var latency: LatencyModel
  }

  /// Entries of a `--null` answer when `--records` does not say.
  static let defaultNullRecords = 500

  /// Its command line.
  static let table = OptionTable<TargetOptions>(
    groups: [
      .init(
        "Where",
        [
          .value(
            "host", "ADDRESS", help: "the address to listen on (default: 127.0.0.1)", \.configuration.host,
            required("an address")),
          .value(
            "port", "PORT", help: "the port (default: 4567); 0 takes any free one", \.configuration.port,
            OptionValue.whole(0...65_535)),
          .value(
            "admin-port", "PORT", help: "also serve the admin API on this loopback port; 0 takes any free one",
            \.adminPort,
            { (word: String) throws(ValueProblem) -> UInt16? in try OptionValue.whole(0...65_535)(word) }),
          .list(
            "allow-origin", "URL", help: "let web pages of this origin use it, as http://localhost:80",
            \.configuration.allowedOrigins, origin),
          .list(
            "allow-host", "NAME", help: "answer under this name of the host too, besides those of this machine",
            \.configuration.allowedHosts, hostName),
          .flag(
            "until-input-ends", help: "also stop when standard input ends, as it does with the program that holds it",
            \.endsWithInput),
          .flag(
            "from-input",
            help:
              "take stream, shards, region, seed, signatures and behaviour from a line of JSON on standard input, as run writes it",
            \.readsInput),
        ]),
      .init(
        "Streams",
        [
          .list(
            "stream", "NAME[=SHARDS]", help: "a stream that is there from the start (default: orders)", \.streams,
            namedStream),
          .value("shards", "N", help: "its shards, where it does not say (default: 4)", \.evenRanges, evenRanges),
          .value(
            "shard-map", "FILE", help: "its shards' hash ranges, from the JSON that aws kinesis list-shards prints",
            completion: .file, \.shardMapFile, OptionValue.text("a file")),
          .value(
            "account", "DIGITS", help: "the account in ARNs and messages (default: 000000000000)",
            \.configuration.account, account),
          .value(
            "region", "REGION", help: "the region in ARNs and signatures (default: us-east-1)",
            \.configuration.region, OptionValue.region),
          .value(
            "shard-limit", "N", help: "open shards the account may have (default: 20000)", \.configuration.shardLimit,
            OptionValue.whole(1...1_000_000)),
          .value(
            "transition", "TIME", help: "how long CREATING, UPDATING and DELETING take (default: 500ms)",
            \.configuration.transition, nanoseconds),
          .value(
            "retain", "SIZE", help: "bytes of records kept for readers (default: 0)",
            \.configuration.settings.retainedBytes, bytes),
        ]),
      .init(
        "Behaviour",
        [
          .value(
            "limits", "LIMITS",
            help:
              "limits of a shard: kinesis (default), large-records, window, none, or numbers as records=500",
            completion: .words(LimitsProfile.named.map(\.name)), \.configuration.settings.limits, limits),
          .flag(
            "read-limits", help: "limit readers as shards do: 5 calls and 2 MiB a second", \.configuration.hasReadLimits
          ),
          .flag(
            "control-limits", help: "limit the calls of the control plane as accounts are limited",
            \.configuration.hasControlLimits),
          .value(
            "latency", "LATENCY", help: "how long answers take: 20ms, or the JSON of a scenario's embedded.latency",
            \.configuration.settings.latency, latency),
          .list(
            "shard-latency", "SHARD=LATENCY", help: "the latency of one shard, counted from 0, as 2=50ms",
            \.shardLatencies, shardLatency),
          .value(
            "capacity", "N", help: "serve at most N records/s, first in, first out",
            \.configuration.settings.capacityRecordsPerSecond, capacity),
          .list(
            "fault", "FAULT",
            help:
              "what goes wrong: 500:1%, stall:every=9, the same in every run throttle:share=9%, or the JSON of one of a scenario's embedded.faults",
            \.configuration.settings.faults, fault),
          .list(
            "reshard", "CHANGE",
            help:
              "what happens to the shards: split:at=20s,shard=2 or merge, count:at=9s,shards=8, or the JSON of one of embedded.reshard",
            \.configuration.settings.reshards, reshard),
          .value(
            "seed", "N", help: "the seed of faults, latencies and identifiers (default: 1)", \.configuration.seed,
            OptionValue.whole(0...UInt64.max)),
          .value(
            "clock-offset", "TIME", help: "added to the wall clock, as 10m or -10m",
            \.configuration.clockOffsetMicroseconds, clockOffset),
        ]),
      .init(
        "Signatures",
        [
          .flag("allow-unsigned", help: "serve requests without a signature", \.configuration.allowsUnsigned),
          .value(
            "access-key", "KEY", help: "verify signatures against this test key", \.accessKey, OptionValue.text("a key")
          ),
          .value(
            "secret-key", "KEY", help: "the secret of --access-key", secret: true, \.secretKey,
            OptionValue.text("a key")),
        ]),
      .init(
        "Encryption",
        [
          .value(
            "tls-cert", "FILE", help: "speak TLS with this certificate and its chain (PEM)", completion: .file,
            \.certificateFile, OptionValue.text("a file")),
          .value(
            "tls-key", "FILE", help: "the key of --tls-cert (PEM)", completion: .file, \.keyFile,
            OptionValue.text("a file")),
          .flag(
            "tls-self-signed",
            help: "speak TLS with a certificate made now; the file to trust is printed on the second line",
            \.isSelfSigned),
        ]),
      .observing(\.observing),
      .init(
        "Recording",
        [
          .value(
            "record", "FILE", help: "write what arrives as a trace for run and size: .csv or .ndjson",
            completion: .file, \.recordFile, OptionValue.text("a file")),
          .flag(
            "record-distinct", help: "leave out of it what has the content of an earlier record, as retries have",
            \.recordsDistinct),
          .value(
            "keys", "HOW", help: "partition keys in results and traces: show, hash (default) or hide",
            completion: .words(of: KeyNames.Mode.self), \.keys,
            OptionValue.optional(OptionValue.word(KeyNames.Mode.self))),
        ]),
      .init(
        "Measuring drivers",
        [
          .flag("null", help: "a sink: one shard, and a fixed success for every PutRecords, unread", \.isNull),
          .value(
            "records", "N", help: "entries of the answer of --null (default: 500)", \.nullRecords,
            { (word: String) throws(ValueProblem) in try OptionValue.whole(1...500)(word) }),
        ]),
    ], example: "--port 4567 --shards 8 --latency 20ms",
    common: [
      "port", "admin-port", "stream", "shards", "retain", "limits", "latency", "fault", "allow-unsigned",
      "tls-self-signed",
    ])

  /// The endpoint to serve.
  ///
  /// - Throws: ``UsageError`` for options that need each other.
  func validated() throws(UsageError) -> EmbeddedTargetConfiguration {
    var configuration = configuration
    guard isNull || nullRecords == nil else { throw UsageError("--records needs --null", command: "target") }
    configuration.nullRecords = isNull ? nullRecords ?? Self.defaultNullRecords : nil
    switch (accessKey, secretKey) {
    case (nil, nil): break
    case (let access?, let secret?):
      configuration.credentials = Credentials(accessKeyID: access, secretAccessKey: secret)
    default: throw UsageError("--access-key and --secret-key need each other", command: "target")
    }
    switch (certificateFile, keyFile, isSelfSigned) {
    case (nil, nil, let isSelfSigned): configuration.certificate = isSelfSigned ? .selfSigned : nil
    case (let certificate?, let key?, false): configuration.certificate = .files(certificate: certificate, key: key)
    case (_, _, true): throw UsageError("--tls-self-signed excludes --tls-cert and --tls-key", command: "target")
    default: throw UsageError("--tls-cert and --tls-key need each other", command: "target")
    }
    guard evenRanges == nil || shardMapFile == nil else {
      throw UsageError("--shards and --shard-map exclude each other", command: "target")
    }
    if let evenRanges { configuration.ranges = evenRanges }
    for (index, stream) in streams.enumerated() {
      guard !streams[..<index].contains(where: { $0.name == stream.name }) else {
        throw UsageError("--stream names \(stream.name) twice", command: "target")
      }
      guard stream.shards == nil || shardMapFile == nil else {
        throw UsageError("--stream \(stream.name)=… and --shard-map exclude each other", command: "target")
      }
      guard index > 0 else { continue }
      let own = stream.shards.map { HashKeyRange.even(count: $0) }
      configuration.moreStreams.append((stream.name, own ?? (shardMapFile == nil ? configuration.ranges : nil)))
    }
    if let first = streams.first {
      configuration.streamName = first.name
      if let shards = first.shards { configuration.ranges = HashKeyRange.even(count: shards) }
    }
    for entry in shardLatencies {
      let isNew = configuration.settings.shardLatency.updateValue(entry.latency, forKey: entry.shard) == nil
      guard isNew else { throw UsageError("--shard-latency names shard \(entry.shard) twice", command: "target") }
    }
    if shardMapFile == nil { try checkShards(of: configuration) }
    guard !isNull || adminPort == nil else {
      throw UsageError("--admin-port has nothing to change with --null", command: "target")
    }
    guard recordFile != nil || !recordsDistinct else {
      throw UsageError("--record-distinct needs --record", command: "target")
    }
    guard !isNull || recordFile == nil else {
      throw UsageError("--null looks at nothing that --record could write", command: "target")
    }
    try observing.validate(command: "target")
    guard !isNull || !observing.wantsFolder else {
      throw UsageError("--null looks at nothing that --out or --run-dir could tell of", command: "target")
    }
    if endsWithInput { configuration.parentWatch = .standardInput }
    return configuration
  }

  /// Refuses faults and latencies of shards that the stream has not. A reshard may change its shards later on.
  ///
  /// - Throws: ``UsageError`` naming the option.
  func checkShards(of configuration: EmbeddedTargetConfiguration) throws(UsageError) {
    let count = configuration.initialStreams.map(\.ranges.count).max() ?? 0
    let all = "the stream's shards are 0 to \(count - 1)"
    for shard in configuration.settings.shardLatency.keys.sorted() where shard >= count {
      throw UsageError("--shard-latency \(shard): \(all)", command: "target")
    }
    for shard in configuration.settings.faults.compactMap({ $0.shard?.index }) where shard >= count {
      throw UsageError("--fault for shard \(shard): \(all)", command: "target")
    }
    let reshards = configuration.settings.reshards
    if let (index, problem) = ReshardRule.problem(in: reshards, shards: count) {
      throw UsageError("--reshard \(reshards[index]): expected \(problem)", command: "target")
    }
  }
}
