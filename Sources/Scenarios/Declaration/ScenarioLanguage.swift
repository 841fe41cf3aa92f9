import Kinesis
import StrictJSON

/// The scenario language: every field with its type, unit, default and one line of help, in the order of the resolved
/// form. What is not declared here does not exist: the decoder refuses it, schema and documentation do not show it.
enum ScenarioLanguage {
  /// The value of `schema` this reader understands.
  static let version = "shardmeter/1"

  /// How many shards a stream may be said to have, and a shard's number: the bound of `--shards` and `--shard-map` too.
  static let shardCount = ValueShape.integer(1...Int64(KinesisLimits.shardsPerStream), noun: "shards")
  static let shardNumber = ValueShape.integer(
    0...Int64(KinesisLimits.shardsPerStream) - 1, noun: "shards counted from 0")

  /// The whole document.
  static let document = ObjectDeclaration(
    noun: "a scenario: one JSON object",
    fields: [
      FieldDeclaration("$schema", .text(.any), .absent, "Where editors find the JSON Schema."),
      FieldDeclaration("schema", .word([version]), .required, "The version of the language, always \"shardmeter/1\"."),
      FieldDeclaration(
        "name", .text(name), .required, "A short name; it becomes part of the result folder's name."),
      FieldDeclaration("description", .text(.any), .absent, "The question this scenario answers."),
      FieldDeclaration(
        "seed", .integer(0...Int64.max, noun: ""), .value(1),
        "Chooses the random numbers: the same seed gives the same records, byte for byte."),
      FieldDeclaration("stream", .object(stream), .value([:]), "The stream the load is for."),
      FieldDeclaration("records", .object(records), .required, "What one record looks like."),
      FieldDeclaration("batch", .object(batch), .value([:]), "When a producer closes a batch and sends it."),
      FieldDeclaration("client", .object(client), .value([:]), "Producers, connections and what they do on failure."),
      FieldDeclaration(
        "phases", .list(.object(phase), count: 1...1_000, noun: "phases"), .absent,
        "The load over time, in order; only a trace that is played once can do without."),
      FieldDeclaration(
        "thresholds", .list(.object(threshold), count: 0...100, noun: "thresholds"), .value([]),
        "What must hold for the run to pass."),
      FieldDeclaration(
        "sizing", .object(sizing), .absent, "Goals of choosing the stream's shards; a run does not read them."),
      FieldDeclaration(
        "search", .object(search), .absent, "How to look for the highest load that passes; a run does not read it."),
      FieldDeclaration("embedded", .object(embedded), .value([:]), "How the embedded target behaves."),
    ])

  static let name = TextRule(
    expected: "a name of 1 to 64 letters, digits, \".\", \"_\" or \"-\"", pattern: "^[A-Za-z0-9._-]{1,64}$"
  ) { isWord($0, upTo: 64) }

  static let streamName = TextRule(
    expected: "a stream name of 1 to 128 letters, digits, \".\", \"_\" or \"-\"", pattern: "^[a-zA-Z0-9_.-]{1,128}$"
  ) { isWord($0, upTo: 128) }

  private static func isWord(_ text: String, upTo length: Int) -> Bool {
    (1...length).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || [0x2E, 0x5F, 0x2D].contains(byte)
      }
  }

  // MARK: - Stream

  /// A profile by its name, or a shard's numbers: the same in scenarios and for `--limits`.
  static let limits = ValueShape.profile(["kinesis", "large-records", "window", "none"], shardLimits)

  private static let shardLimits = ObjectDeclaration(
    noun:
      "numbers like {\"records\": 500, \"bytes\": \"1MiB\"}, with \"rule\", \"recordBurst\" and \"byteBurst\" if wanted",
    fields: [
      FieldDeclaration(
        "rule", .word(LimitsProfile.RuleName.allCases.map(\.rawValue)), .value("bucket"),
        "How the numbers are held: buckets that refill, each calendar second, any second, or not at all."),
      FieldDeclaration(
        "records", .integer(1...ShardLimits.highest, noun: "records per second"), .absent, unit: "records/s",
        "Records per second; 1000 unless given."),
      FieldDeclaration(
        "bytes", .size(1...ShardLimits.highest), .absent, unit: "bytes/s", "Bytes per second; 1MiB unless given."),
      FieldDeclaration(
        "recordBurst", .integer(1...ShardLimits.highest, noun: "records"), .absent, unit: "records",
        "Records in one burst of a bucket; a second's unless given."),
      FieldDeclaration(
        "byteBurst", .size(1...ShardLimits.highest), .absent, unit: "bytes",
        "Bytes in one burst of a bucket; a second's unless given."),
    ])

  static let stream = ObjectDeclaration(
    noun: "an object describing the stream",
    fields: [
      FieldDeclaration("name", .text(streamName), .value("orders"), "The stream's name; --stream overrides it."),
      FieldDeclaration(
        "shards", shardCount, .value(4), unit: "shards",
        "Open shards, evenly split; an existing stream's own shards win."),
      FieldDeclaration(
        "shardMap", .text(path), .absent,
        "A file with the stream's shards, as aws kinesis list-shards prints them, in place of even ones; its number of "
          + "shards becomes `shards`. Relative to the scenario."),
      FieldDeclaration(
        "limits", limits, .value("kinesis"),
        "The limits assumed of each shard, by name or by number; the embedded target inherits them."),
      FieldDeclaration(
        "consumers", .object(consumers), .absent,
        "Who reads the stream, for choosing its shards; a run does not read it."),
    ])

  private static let consumers = ObjectDeclaration(
    noun: "an object with \"shared\" and \"fanOut\"",
    fields: [
      FieldDeclaration(
        "shared", .integer(0...1_000, noun: "consumers"), .value(0), unit: "consumers",
        "Consumers that share a shard's 2 MiB/s of reading."),
      FieldDeclaration(
        "fanOut", .integer(0...1_000, noun: "consumers"), .value(0), unit: "consumers",
        "Consumers with enhanced fan-out, which have 2 MiB/s a shard each."),
    ])

  // MARK: - Sizing and search

  private static let sizing = ObjectDeclaration(
    noun: "an object with the goals of sizing",
    fields: [
      FieldDeclaration(
        "throttle", .ratio(0...1), .value("0.1%"), "The share of attempts that may be throttled."),
      FieldDeclaration(
        "headroom", .ratio(0...0.99), .value("25%"),
        "What the busiest shard's busiest minute leaves free of either limit."),
      FieldDeclaration(
        "maxShards", shardCount, .value(256), unit: "shards",
        "The most shards that are considered."),
    ])

  private static let searched = ValueShape.number(0.001...1e9, noun: "a value of what is varied, a number")

  private static let search = ObjectDeclaration(
    noun: "an object describing a search",
    fields: [
      FieldDeclaration(
        "vary", .word(["rate", "connections", "batch.records"]), .value("rate"),
        "What is varied: every rate by one factor, client.connections with client.maxInFlight, or batch.records."),
      FieldDeclaration(
        "find", .word(["highest", "lowest"]), .value("highest"), "The highest value that passes, or the lowest."),
      FieldDeclaration(
        "from", searched, .absent,
        "The first value that is tried: records/s over the measured time, or a number of what is varied."),
      FieldDeclaration(
        "values", .list(searched, count: 1...100, noun: "values"), .absent,
        "These values in this order and no others, instead of a search."),
      FieldDeclaration(
        "factor", .number(1.01...100, noun: "a factor, a number"), .value(2), "From one value to the next, at first."),
      FieldDeclaration(
        "tolerance", .ratio(0.001...0.5), .value("2%"), "How close the highest pass and the lowest failure must come."),
      FieldDeclaration("probe", .duration(second...hour), .value("20s"), "How long each value is held."),
      FieldDeclaration("cooldown", .duration(0...hour), .value("5s"), "The pause between two probes."),
    ])

  // MARK: - Batch and client

  static let batch = ObjectDeclaration(
    noun: "an object with the limits of a batch",
    fields: [
      FieldDeclaration(
        "records", .integer(1...500, noun: "records"), .value(500), unit: "records",
        "A batch is sent when it has this many records; PutRecords takes at most 500."),
      FieldDeclaration(
        "bytes", .size(1...(10 << 20)), .value("5MiB"), unit: "bytes",
        "A batch is sent before it would grow beyond this, data and keys counted; PutRecords takes at most 10 MiB."),
      FieldDeclaration(
        "linger", .duration(0...hour, unbounded: true), .value("100ms"),
        "A batch is sent this long after its first record came due; \"unbounded\" waits for full batches."),
    ])

  static let second: Int64 = 1_000_000_000
  static let hour: Int64 = 3_600 * second

  static let client = ObjectDeclaration(
    noun: "an object describing the client",
    fields: [
      FieldDeclaration(
        "producers", .integer(1...100_000, noun: "producers"), .value(1), unit: "producers",
        "Logical producers, each with a batcher of its own; record i belongs to producer i mod producers."),
      FieldDeclaration(
        "connections", .integer(1...10_000, noun: "connections"), .value(8), unit: "connections",
        "Connections to the endpoint in all; each carries one request at a time."),
      FieldDeclaration(
        "maxInFlight", .integer(1...100_000, noun: "requests"),
        .derived("2 x connections") { .integer(2 * $0["connections"].integer) }, unit: "requests",
        "Requests on the wire plus closed batches waiting for a connection, in all."),
      FieldDeclaration(
        "timeout", .duration(1_000_000...(600 * second)), .value("5s"), "A request without an answer fails after this."),
      FieldDeclaration("late", .choice(late), .value("paced"), "What happens after the generator itself was late."),
      FieldDeclaration("retry", .choice(retry), .value("none"), "What happens to records that were not accepted."),
      FieldDeclaration(
        "payloadPool", .integer(0...10_000, noun: "bodies"), .absent, unit: "bodies",
        "Full requests after which the records of a producer repeat within a phase, key, size and data: their bodies are "
          + "written and hashed once and only signed again. 0, as when it is not given: every record is new."
      ),
    ])

  static let late = ChoiceDeclaration(
    noun: "a late policy",
    types: [
      TypeDeclaration(name: "burst", help: "Everything that is due is sent at once.", fields: []),
      TypeDeclaration(
        name: "paced", help: "The schedule's clock runs at most 2 s per second until it meets real time.", fields: []),
      TypeDeclaration(
        name: "skip", help: "Records later than `after` are dropped and counted.",
        fields: [
          FieldDeclaration(
            "after", .duration(1_000_000...hour), .required, "Records later than this are not sent any more.")
        ]),
    ], shorthand: nil)

  static let retry = ChoiceDeclaration(
    noun: "a retry policy",
    types: [
      TypeDeclaration(name: "none", help: "What fails has failed for good.", fields: []),
      TypeDeclaration(
        name: "failed-records", help: "Only the failed records are sent again, after a growing, jittered pause.",
        fields: [
          FieldDeclaration(
            "maxAttempts", .integer(1...1_000, noun: "attempts"), .value(3), unit: "attempts",
            "Tries of one record, the first included."),
          FieldDeclaration("ttl", .duration(1_000_000...hour), .absent, "A record older than this is given up."),
          FieldDeclaration("backoff", .object(backoff), .value([:]), "The pause before a record's next try."),
        ]),
      TypeDeclaration(
        name: "until-expired",
        help: "As the producer library: failed records again after 50 ms, no backoff, for 30 s.", fields: []),
    ], shorthand: nil)

  static let backoff = ObjectDeclaration(
    noun: "an object with base, cap and jitter",
    fields: [
      FieldDeclaration(
        "base", .duration(0...hour), .value("50ms"), "The pause before the second try; it doubles then."),
      FieldDeclaration("cap", .duration(0...hour), .value("2s"), "No pause is longer."),
      FieldDeclaration(
        "jitter", .word(["full", "none"]), .value("full"),
        "full: a random share of the pause, so that failures do not come back together."),
    ])

  // MARK: - Phases

  static let phase = ObjectDeclaration(
    noun: "an object describing a phase",
    fields: [
      FieldDeclaration(
        "name", .text(name), .required, "Names the phase in reports, thresholds and --set; not all or drain."),
      FieldDeclaration("duration", .duration(1_000_000...(24 * 31 * hour)), .required, "How long the phase lasts."),
      FieldDeclaration(
        "rate", .choice(rate), .absent, "Records that come due per second; required unless records.trace says when."),
      FieldDeclaration("arrivals", .choice(arrivals), .value("uniform"), "How due times are spread over the rate."),
      FieldDeclaration("measure", .flag, .value(true), "false: a warm-up, counted apart and not judged."),
      FieldDeclaration(
        "override", .object(overrides), .absent, "Record fields that differ in this phase, named by their path."),
    ])

  static let arrivals = ChoiceDeclaration(
    noun: "an arrival pattern",
    types: [
      TypeDeclaration(name: "uniform", help: "Evenly, as the rate says.", fields: []),
      TypeDeclaration(name: "poisson", help: "At random, as independent users do.", fields: []),
      TypeDeclaration(name: "bursts", help: "A second's records at its start, as naive producers do.", fields: []),
    ], shorthand: nil)

  private static let unit = FieldDeclaration(
    "unit", .word(["records", "bytes"]), .value("records"),
    "bytes: the numbers are bytes per second, divided by the mean of data plus key.")

  static let rate = ChoiceDeclaration(
    noun: "a rate",
    types: [
      TypeDeclaration(
        name: "constant", help: "The same all the time.",
        fields: [
          FieldDeclaration("records", .rate, .absent, unit: "records/s", "Records per second."),
          FieldDeclaration("bytes", .rate, .absent, unit: "bytes/s", "Bytes per second, instead of records."),
          unit,
        ]),
      TypeDeclaration(
        name: "line", help: "Grows or falls evenly over the phase.",
        fields: [
          FieldDeclaration("from", .rate, .required, unit: "records/s", "The rate at the start."),
          FieldDeclaration("to", .rate, .required, unit: "records/s", "The rate at the end."),
          unit,
        ]),
      TypeDeclaration(
        name: "steps", help: "One rate after the other, each for the same time, from the start again after the last.",
        fields: [
          FieldDeclaration(
            "values", .list(.rate, count: 1...10_000, noun: "rates"), .required, unit: "records/s", "The rates."),
          FieldDeclaration("each", .duration(1_000_000...(24 * hour)), .required, "How long each rate lasts."),
          unit,
        ]),
      TypeDeclaration(
        name: "sine", help: "A wave round a mean, starting at the mean and rising.",
        fields: [
          FieldDeclaration("mean", .rate, .required, unit: "records/s", "The rate in the middle."),
          FieldDeclaration(
            "amplitude", .rate, .required, unit: "records/s", "How far the rate goes above and below the mean."),
          FieldDeclaration("period", .duration(1_000_000...(24 * 31 * hour)), .required, "The length of a wave."),
          unit,
        ]),
      TypeDeclaration(
        name: "square", help: "High for the first part of each period, low for the rest.",
        fields: [
          FieldDeclaration("low", .rate, .required, unit: "records/s", "The rate outside bursts."),
          FieldDeclaration("high", .rate, .required, unit: "records/s", "The rate in a burst."),
          FieldDeclaration(
            "period", .duration(1_000_000...(24 * 31 * hour)), .required, "From one burst's start to the next."),
          FieldDeclaration("duty", .ratio(0...1), .value(0.5), "The share of the period that is high."),
          unit,
        ]),
      TypeDeclaration(
        name: "max",
        help: "As fast as the target answers: a new batch whenever fewer than client.maxInFlight are out.", fields: []),
    ],
    shorthand: .init(type: "constant", field: "records", expected: "a number of records per second"))

  // MARK: - Thresholds

  static let threshold = ObjectDeclaration(
    noun: "an object describing a threshold",
    fields: [
      FieldDeclaration("metric", .text(.any), .required, "What is judged, such as response.p99 or throttle.ratio."),
      FieldDeclaration("max", .bound, .absent, "The highest value that passes."),
      FieldDeclaration("min", .bound, .absent, "The lowest value that passes."),
      FieldDeclaration("phase", .text(.any), .absent, "Only this phase; without it all measured phases."),
      FieldDeclaration("per", .word(["shard"]), .absent, "\"shard\": every shard is judged by itself."),
      FieldDeclaration(
        "window", .duration(second...hour), .absent, "Judged over each window of this length, not over the whole."),
      FieldDeclaration(
        "minSamples", .integer(1...Int64.max, noun: "samples"), .value(1),
        "With fewer samples there is no verdict; a shard with fewer is left out."),
      FieldDeclaration("abort", .object(abort), .absent, "Stops the run as soon as the threshold fails."),
    ])

  static let abort = ObjectDeclaration(
    noun: "an object with \"after\"",
    fields: [
      FieldDeclaration("after", .duration(0...hour), .value("0s"), "Not before this long into the measured time.")
    ])

  // MARK: - Embedded target

  static let shardChoice = ValueShape.integerOr(
    [ShardChoice.hottestWord], 0...Int64(KinesisLimits.shardsPerStream) - 1, noun: "shards counted from 0")

  static let embedded = ObjectDeclaration(
    noun: "an object describing the embedded target",
    fields: [
      FieldDeclaration(
        "limits", limits, .absent,
        "The limits its shards enforce, by name or by number; by default those of stream.limits."),
      FieldDeclaration("latency", .choice(latency), .value("0s"), "How long an answer takes beyond the work itself."),
      FieldDeclaration(
        "shardLatency",
        .list(
          .object(shardLatency), count: 0...KinesisLimits.shardsPerStream, noun: "shards with a latency of their own"),
        .value([]), "Latencies of single shards, in place of `latency`; a request waits for its slowest shard."),
      FieldDeclaration(
        "capacity", .object(capacity), .absent, "One server for all requests, to give the target a knee."),
      FieldDeclaration(
        "faults", .list(.object(fault), count: 0...100, noun: "faults"), .value([]), "What goes wrong on purpose."),
      FieldDeclaration(
        "reshard", reshards, .value([]),
        "What happens to the stream's shards."),
      FieldDeclaration(
        "retain", .size(0...(1 << 40)), .value(0), unit: "bytes", "How much data it keeps for readers; 0 keeps none."),
    ])

  static let shardLatency = ObjectDeclaration(
    noun: "an object with \"shard\" and \"latency\"",
    fields: [
      FieldDeclaration(
        "shard", shardNumber, .required, "Which shard, counted from 0."),
      FieldDeclaration("latency", .choice(latency), .required, "How long answers take that touch it."),
    ])

  static let latency = ChoiceDeclaration(
    noun: "a latency",
    types: [
      TypeDeclaration(
        name: "fixed", help: "Always the same.",
        fields: [FieldDeclaration("value", .duration(0...hour), .required, "The latency.")]),
      TypeDeclaration(
        name: "uniform", help: "Evenly between two bounds.",
        fields: [
          FieldDeclaration("min", .duration(0...hour), .required, "The shortest."),
          FieldDeclaration("max", .duration(0...hour), .required, "The longest."),
        ]),
      TypeDeclaration(
        name: "lognormal", help: "Skewed, as real services are.",
        fields: [
          FieldDeclaration("median", .duration(1_000...hour), .required, "Half of the answers take less."),
          FieldDeclaration("p99", .duration(1_000...hour), .required, "99 of 100 answers take less."),
          FieldDeclaration("max", .duration(0...hour), .absent, "Longer ones are cut to this."),
        ]),
      TypeDeclaration(
        name: "normal", help: "The bell curve between two bounds.",
        fields: [
          FieldDeclaration("mean", .duration(0...hour), .required, "The middle."),
          FieldDeclaration("stddev", .duration(0...hour), .required, "The standard deviation."),
          FieldDeclaration("min", .duration(0...hour), .value("0s"), "Shorter ones are raised to this."),
          FieldDeclaration("max", .duration(0...hour), .value("1h"), "Longer ones are cut to this."),
        ]),
    ],
    shorthand: .init(type: "fixed", field: "value", expected: "a duration like \"20ms\""))

  static let capacity = ObjectDeclaration(
    noun: "an object with \"records\"",
    fields: [
      FieldDeclaration(
        "records", .number(1...1e9, noun: "a number of records per second"), .required, unit: "records/s",
        "Records served per second, first in first out.")
    ])

  static let reshards = ValueShape.list(.object(reshard), count: 0...100, noun: "changes of shards")

  static let reshard = ObjectDeclaration(
    noun: "a change of shards: an object with \"type\", \"at\", and \"shard\" or \"shards\"",
    fields: [
      FieldDeclaration(
        "type", .word(["split", "merge", "count"]), .required,
        "A shard in two, a shard with the next, or all to a count."),
      FieldDeclaration("at", .duration(0...(24 * hour)), .required, "Since the target's start."),
      FieldDeclaration("shard", shardChoice, .absent, "Which open shard."),
      FieldDeclaration("shards", shardCount, .absent, "How many for `count`."),
    ])

  static let fault = ObjectDeclaration(
    noun: "a fault: an object with \"type\" and one of \"probability\", \"every\", \"for\", \"share\"",
    fields: [
      FieldDeclaration("type", .word(FaultRule.Kind.allCases.map(\.rawValue)), .required, "What goes wrong."),
      FieldDeclaration("probability", .ratio(0...1), .absent, "It happens each time with this probability."),
      FieldDeclaration(
        "every", .integer(1...Int64.max, noun: "times"), .absent, "It happens every n-th time."),
      FieldDeclaration("from", .duration(0...(24 * hour)), .value("0s"), "With `for`: since the target's start."),
      FieldDeclaration("for", .duration(1_000_000...(24 * hour)), .absent, "It happens all the time for this long."),
      FieldDeclaration(
        "share", .ratio(0...1), .absent, "It happens to this share of the records, by content."),
      FieldDeclaration(
        "tries", .integer(1...Int64(FaultRule.largestTries), noun: "tries"), .absent,
        "With `share`: to the first tries of each; 1 unless given."),
      FieldDeclaration(
        "shard", shardChoice, .absent, "Only on this shard, or on the `hottest` until then."),
      FieldDeclaration(
        "delay", .duration(0...hour), .absent, "How long a `stall` holds the answer back; without it for ever."),
    ])
}
