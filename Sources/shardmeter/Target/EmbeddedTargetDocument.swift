import Kinesis
import LocalKinesis
import Scenarios
import StrictJSON

/// What the embedded target of a run serves, as the one document that `run` hands to the `target` it starts: a line of
/// JSON on the child's standard input.
struct EmbeddedTargetDocument: Sendable, Equatable {
  /// The value of `schema`.
  static let schemaName = "shardmeter.target/1"

  /// The stream that is there from the start.
  var stream: String
  /// The hash ranges of its shards, ascending, without gaps: 1 to 10,000.
  var ranges: [HashKeyRange]
  /// The region in ARNs and signatures.
  var region: String
  /// 0 to 2^63 - 1, as a scenario's.
  var seed: UInt64
  /// Whether requests without a signature are served.
  var allowsUnsigned: Bool
  /// Limits, latency, faults, retention and capacity.
  var settings: EndpointSettings

  /// What a scenario's target serves.
  ///
  /// - Parameters:
  ///   - stream: the stream's name.
  ///   - allowsUnsigned: whether the run does not sign.
  ///   - retainedBytes: what it keeps for readers; nil: as the scenario says.
  init(_ scenario: Scenario, stream: String, allowsUnsigned: Bool, retainedBytes: Int? = nil) {
    self.stream = stream
    ranges = scenario.declaredMap.shards.map(\.range)
    region = EmbeddedTargetConfiguration().region
    seed = scenario.seed
    self.allowsUnsigned = allowsUnsigned
    settings = scenario.embedded
    if let retainedBytes { settings.retainedBytes = retainedBytes }
  }

  /// Takes the place of what options said of the same things.
  func apply(to configuration: inout EmbeddedTargetConfiguration) {
    configuration.streamName = stream
    configuration.ranges = ranges
    configuration.region = region
    configuration.seed = seed
    configuration.allowsUnsigned = allowsUnsigned
    configuration.settings = settings
  }
}

extension EmbeddedTargetDocument {
  /// The document in one line, without its end.
  var text: String {
    JSONWriter.compact(
      .object([
        ("schema", .string(Self.schemaName)), ("stream", .string(stream)),
        ("shards", .array(ranges.map { .array([.string("\($0.start)"), .string("\($0.end)")]) })),
        ("region", .string(region)), ("seed", .integer(Int64(clamping: seed))),
        ("allowUnsigned", .bool(allowsUnsigned)),
        ("limits", settings.limits.json), ("retain", .integer(Int64(settings.retainedBytes))),
        ("behaviour", settings.changeableJSON), ("reshard", .array(settings.reshards.map(\.json))),
      ]))
  }

  /// Reads the document.
  ///
  /// - Throws: `JSONFailure` for the first member that is missing, unknown, or not what it should be.
  init(bytes: [UInt8], source: String) throws(JSONFailure) {
    let object = try JSONDocument.parse(bytes, source: source).object()
    try object.finish(
      allowed: [
        "schema", "stream", "shards", "region", "seed", "allowUnsigned", "limits", "retain", "behaviour",
        "reshard",
      ])
    let schema = try object.required("schema")
    guard try schema.string() == Self.schemaName else { throw schema.failure(expected: "\"\(Self.schemaName)\"") }
    stream = try object.required("stream").string()
    let shards = try object.required("shards")
    ranges = []
    for node in try shards.array(expected: "a list of hash ranges") { ranges.append(try Self.range(node)) }
    guard (1...KinesisLimits.shardsPerStream).contains(ranges.count) else {
      throw shards.failure(expected: "1 to \(KinesisLimits.shardsPerStream) shards")
    }
    region = try object.required("region").string()
    seed = UInt64(try object.required("seed").integer(in: 0...Int64.max))
    allowsUnsigned = try object.required("allowUnsigned").bool()
    settings = EndpointSettings()
    settings.limits = try EndpointDecoder.limits(object.required("limits"))
    settings.retainedBytes = Int(try object.required("retain").integer(in: 0...Int64.max))
    try EndpointDecoder.change(&settings, by: object.required("behaviour"))
    settings.reshards = try EndpointDecoder.reshards(object.required("reshard"), shards: ranges.count)
  }

  private static func range(_ node: JSONNode) throws(JSONFailure) -> HashKeyRange {
    let ends = try node.array(expected: "a shard's lowest and highest hash key")
    guard ends.count == 2, let start = UInt128(try ends[0].string()), let end = UInt128(try ends[1].string()),
      start <= end
    else { throw node.failure(expected: "a shard's lowest and highest hash key, in decimal digits") }
    return HashKeyRange(start: start, end: end)
  }
}
