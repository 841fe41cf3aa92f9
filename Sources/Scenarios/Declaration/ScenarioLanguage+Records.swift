import Kinesis
import StrictJSON

/// The part of the language that says what a record looks like.
extension ScenarioLanguage {
  /// The largest data blob the service takes on any stream: 10 MiB (2025).
  static let largestData: Int64 = 10 << 20
  /// Key tables are kept in memory where a type needs one.
  static let largestTable: Int64 = 10_000_000

  private static let size = FieldDeclaration(
    "size", .choice(sizes), .required, unit: "bytes", "Data of a record before base64, in bytes.")
  private static let key = FieldDeclaration(
    "key", .choice(keys), .required, "Partition keys and how often each occurs.")
  private static let payload = FieldDeclaration(
    "payload", .choice(payloads), .value("random"), "The bytes of the data.")
  private static let explicitHashKey = FieldDeclaration(
    "explicitHashKey", .choice(explicitHashKeys), .absent, "Places records by hash key instead of by partition key.")

  /// `records`: one kind of record, or a mix of several.
  static let records = ObjectDeclaration(
    noun: "an object with \"size\" and \"key\", with \"mix\", or with \"trace\"",
    fields: [optional(size), optional(key), optional(payload), explicitHashKey, mix, traceField, identity])

  private static let traceField = FieldDeclaration(
    "trace", .object(trace), .absent,
    "A recorded workload, instead of size, key and rates: it starts with the run and plays on through the phases.")

  static let path = TextRule(expected: "the path of a file", pattern: "^[^\\x00]+$") {
    !$0.isEmpty && !$0.utf8.contains(0)
  }

  private static let trace = ObjectDeclaration(
    noun: "an object with \"path\"",
    fields: [
      FieldDeclaration(
        "path", .text(path), .required,
        "CSV with a header, or one JSON object a line, or either as .gz; columns t_s, t_ms or time_utc, key or hash, size, "
          + "explicit_hash_key if wanted; t_s and t_ms count from the trace's start or from 1970, time_utc may have an offset "
          + "as +02:00. Relative to the scenario."),
      FieldDeclaration(
        "speed", .number(0.001...1000, noun: "a speed, a number"), .value(1), "2 plays it in half the time."),
      FieldDeclaration("loop", .flag, .value(false), "true: from the start again after its end, while phases last."),
      FieldDeclaration(
        "sha256", .text(digest), .absent,
        "The content's SHA-256; a trace with another one is refused. Recorded by a run."),
    ])

  private static let digest = TextRule(expected: "64 hexadecimal digits in lower case", pattern: "^[0-9a-f]{64}$") {
    $0.utf8.count == 64 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static let mix = FieldDeclaration(
    "mix", .list(.object(mixed), count: 1...100, noun: "kinds of record"), .absent,
    "Several kinds of record in one stream, instead of size, key and payload.")

  private static let identity = FieldDeclaration(
    "identity", .flag, .value(false),
    "true: the data carries the record's phase and number (18 bytes at its start, 34 with their frame in json), so that "
      + "verify and run --read-back can find every record again."
  )

  private static let mixed = ObjectDeclaration(
    noun: "an object with \"share\", \"size\" and \"key\"",
    fields: [
      FieldDeclaration("share", .ratio(0...1), .required, "The share of all records that are of this kind."),
      optional(size), key, payload, explicitHashKey,
    ])

  /// `phases[].override`, by path.
  static let overrides = ObjectDeclaration(
    noun: "an object whose fields are paths such as \"records.key\"",
    fields: [size, key, payload, explicitHashKey].map {
      FieldDeclaration("records." + $0.name, $0.shape, .absent, unit: $0.unit, $0.help)
    })

  private static func optional(_ field: FieldDeclaration) -> FieldDeclaration {
    FieldDeclaration(field.name, field.shape, .absent, unit: field.unit, field.help)
  }

  // MARK: - Sizes

  private static func bytes(_ name: String, from low: Int64 = 0, _ fallback: FieldDefault, _ help: String)
    -> FieldDeclaration
  {
    FieldDeclaration(name, .size(low...largestData), fallback, unit: "bytes", help)
  }

  /// `records.size`.
  static let sizes = ChoiceDeclaration(
    noun: "a record size",
    types: [
      TypeDeclaration(
        name: "fixed", help: "Every record the same.", fields: [bytes("value", .required, "The size.")]),
      TypeDeclaration(
        name: "uniform", help: "Every size between two bounds equally often.",
        fields: [bytes("min", .required, "The smallest."), bytes("max", .required, "The largest.")]),
      TypeDeclaration(
        name: "normal", help: "The bell curve, cut off at both ends (values outside are drawn again).",
        fields: [
          bytes("mean", .required, "The middle before cutting."),
          bytes("stddev", from: 1, .required, "The standard deviation before cutting."),
          bytes("min", .value(0), "The smallest."), bytes("max", .required, "The largest."),
        ]),
      TypeDeclaration(
        name: "lognormal", help: "Skewed, as real events are: many small, few large.",
        fields: [
          bytes("median", from: 1, .required, "Half of the records are smaller."),
          bytes("p99", from: 1, .required, "99 of 100 records are smaller."),
          bytes("max", from: 1, .required, "Larger ones are cut to this."),
        ]),
      TypeDeclaration(
        name: "pareto", help: "A heavy tail: the smaller `shape`, the heavier.",
        fields: [
          bytes("min", from: 1, .required, "The smallest."),
          FieldDeclaration(
            "shape", .number(0.05...100, noun: "the shape, a number"), .required, "The exponent of the tail."),
          bytes("max", from: 1, .required, "Larger ones are cut to this."),
        ]),
      TypeDeclaration(
        name: "weighted", help: "Some sizes, each with its weight.",
        fields: [
          FieldDeclaration(
            "values", .list(.object(weightedSize), count: 1...10_000, noun: "sizes"), .required, "The sizes.")
        ]),
    ],
    shorthand: .init(type: "fixed", field: "value", expected: "a size like \"100B\""))

  private static let weightedSize = ObjectDeclaration(
    noun: "an object with \"size\" and \"weight\"",
    fields: [
      bytes("size", .required, "The size."),
      FieldDeclaration(
        "weight", .number(0...1e12, noun: "a weight, a number"), .required,
        "How often it occurs, relative to the other weights."),
    ])

  // MARK: - Keys

  private static let cardinality = FieldDeclaration(
    "cardinality", .integer(1...1_000_000_000_000, noun: "keys"), .required, unit: "keys", "How many different keys.")
  private static let tableCardinality = FieldDeclaration(
    "cardinality", .integer(1...largestTable, noun: "keys"), .required, unit: "keys", "How many different keys.")
  private static let keyText = TextRule(
    expected: "a partition key of 1 to 256 characters", pattern: "^[\\s\\S]{1,256}$"
  ) { (1...256).contains($0.utf16.count) }
  private static let prefixText = TextRule(
    expected: "a prefix of at most 200 characters", pattern: "^[\\s\\S]{0,200}$"
  ) { $0.utf16.count <= 200 }
  private static let naming: [FieldDeclaration] = [
    FieldDeclaration("prefix", .text(prefixText), .value("key-"), "What generated keys begin with."),
    FieldDeclaration(
      "length", .integer(1...256, noun: "characters"),
      .derived("prefix + 8") { .integer(Int64($0["prefix"].text.utf16.count + 8)) }, unit: "characters",
      "The length of generated keys: the prefix, then the key's number filled with zeros."),
  ]
  private static let hotKeyShare = FieldDeclaration(
    "hotKeyShare", .ratio(0...1), .required, "The share of the keys that are hot.")
  private static let hotTrafficShare = FieldDeclaration(
    "hotTrafficShare", .ratio(0...1), .required, "The share of the records that go to hot keys.")

  private static let plainKeyTypes: [TypeDeclaration] = [
    TypeDeclaration(name: "uniform", help: "Every key equally often.", fields: [cardinality] + naming),
    TypeDeclaration(
      name: "zipf", help: "The k-th key is k^exponent times rarer than the first.",
      fields: [
        FieldDeclaration(
          "exponent", .number(0...10, noun: "the exponent, a number"), .absent, "0 is uniform, about 1 is natural text."
        ),
        FieldDeclaration(
          "topShare", .ratio(0...1), .absent, "The share of the heaviest key, instead of the exponent."),
        cardinality,
      ] + naming),
    TypeDeclaration(
      name: "hotspot", help: "Some hot keys share one part of the traffic, the others the rest.",
      fields: [cardinality, hotKeyShare, hotTrafficShare] + naming),
    TypeDeclaration(
      name: "sequential", help: "One key after the other, from the start again after the last.",
      fields: [cardinality] + naming),
    TypeDeclaration(
      name: "constant", help: "Always the same key.",
      fields: [FieldDeclaration("value", .text(keyText), .value("k"), "The key.")]),
    TypeDeclaration(name: "unique", help: "Every record a key of its own.", fields: naming),
    TypeDeclaration(
      name: "drift", help: "As hotspot, but the hot keys move on by their number every period.",
      fields: [
        cardinality, hotKeyShare, hotTrafficShare,
        FieldDeclaration("period", .duration(1_000_000...(24 * hour)), .required, "How long a set of keys stays hot."),
      ] + naming),
    TypeDeclaration(
      name: "shard", help: "Aims at shards: keys that hash to them get a share of the traffic.",
      fields: [
        FieldDeclaration(
          "shards", .list(shardNumber, count: 1...KinesisLimits.shardsPerStream, noun: "shard numbers"),
          .required, "The shards aimed at, counted from 0 in hash order."),
        FieldDeclaration("share", .ratio(0...1), .value(1), "The share of the records that go to them."),
        tableCardinality,
      ] + naming),
  ]

  /// What `rest` of `weighted` may be: every type but `weighted` itself.
  private static let restKeys = ChoiceDeclaration(
    noun: "the keys of the rest", types: plainKeyTypes, shorthand: nil)

  /// `records.key`.
  static let keys = ChoiceDeclaration(
    noun: "a key distribution",
    types: plainKeyTypes + [
      TypeDeclaration(
        name: "weighted", help: "Some named keys, each with its share; `rest` takes what the shares leave.",
        fields: [
          FieldDeclaration(
            "values", .list(.object(weightedKey), count: 1...100_000, noun: "keys"), .required, "The named keys."),
          FieldDeclaration("rest", .choice(restKeys), .absent, "The keys of all other records."),
        ])
    ], shorthand: nil)

  private static let weightedKey = ObjectDeclaration(
    noun: "an object with \"key\" and \"share\"",
    fields: [
      FieldDeclaration("key", .text(keyText), .required, "The key."),
      FieldDeclaration("share", .ratio(0...1), .required, "Its share of the records."),
    ])

  // MARK: - Payload and hash key

  /// `records.payload`.
  static let payloads = ChoiceDeclaration(
    noun: "a payload",
    types: [
      TypeDeclaration(name: "random", help: "Random bytes, which do not compress.", fields: []),
      TypeDeclaration(
        name: "text", help: "Printable text.",
        fields: [
          FieldDeclaration(
            "compressibility", .ratio(0...1), .value(0.5), "The share of the bytes that repeat one letter.")
        ]),
      TypeDeclaration(name: "json", help: "One JSON object, filled to the size.", fields: []),
      TypeDeclaration(name: "zeros", help: "Zero bytes.", fields: []),
      TypeDeclaration(
        name: "files", help: "The contents of files, each equally often; they bring their own sizes.",
        fields: [
          FieldDeclaration(
            "paths", .list(.text(path), count: 1...1_000, noun: "paths"), .required,
            "The files, 64 MiB in all at most. Relative to the scenario.")
        ]),
    ], shorthand: nil)

  /// `records.explicitHashKey`.
  static let explicitHashKeys = ChoiceDeclaration(
    noun: "an explicit hash key",
    types: [
      TypeDeclaration(name: "uniform", help: "Evenly over the whole hash-key space.", fields: []),
      TypeDeclaration(
        name: "values", help: "Some hash keys, each equally often.",
        fields: [
          FieldDeclaration(
            "values", .list(.text(hashKeyText), count: 1...10_000, noun: "hash keys"), .required, "The hash keys.")
        ]),
    ], shorthand: nil)

  private static let hashKeyText = TextRule(
    expected: "a hash key: a decimal number from \"0\" to \"340282366920938463463374607431768211455\"",
    pattern: "^(0|[1-9][0-9]{0,38})$"
  ) { text in
    UInt128(text) != nil && (text == "0" || text.first != "0") && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}
