import Kinesis
import Measurement
import StrictJSON

/// A workload as a file describes it, checked: every field is present and possible, and none contradicts another.
package struct Scenario: Sendable {
  /// Becomes part of the result folder's name.
  package let name: String
  /// The question the scenario answers; empty when the file does not say.
  package let description: String
  /// Chooses the random numbers.
  package let seed: UInt64
  /// The stream the load is for.
  package let stream: StreamRule
  /// The stream's open shards as far as they are known without asking it: those of a file, else even ones.
  package let declaredMap: ShardMap
  /// The file that `stream.shardMap` names, as written; nil when the shards are even ones or were given.
  package let shardMapPath: String?
  /// When a producer closes a batch.
  package let batch: BatchRule
  /// Who sends and what happens on failure.
  package let client: ClientRule
  /// In the order they run; at least one.
  package let phases: [PhaseRule]
  /// What must hold for the run to pass.
  package let thresholds: [Threshold]
  /// The goals of choosing the stream's shards.
  package let sizing: SizingRule
  /// How a search goes about it.
  package let search: SearchRule
  /// How the embedded target behaves.
  package let embedded: EndpointSettings
  /// Whether data carry the record's phase and number.
  package let hasIdentity: Bool
  /// What is played, when the records are recorded ones.
  package let trace: Trace?
  /// What a reader may want to know though it is no error, in full sentences.
  package let warnings: [String]

  private let resolved: ResolvedNode
  /// SHA-256 of each file's content by its path as written.
  private let contentHashes: [String: String]

  /// Reads a scenario.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - source: its name for messages.
  ///   - overrides: `--set` options, applied in order before anything is checked.
  ///   - files: where traces, payloads and shards that it names are read.
  ///   - map: the stream's shards, in place of those that the scenario declares.
  /// - Throws: `JSONFailure` for the first thing wrong: where, what was expected, what was found.
  package static func load(
    bytes: [UInt8], source: String, overrides: [SetOption] = [], files: any ScenarioFiles = NoScenarioFiles(),
    map: ShardMap? = nil
  ) throws(JSONFailure) -> Scenario {
    var draft = try ScenarioDraft(bytes: bytes, source: source)
    for option in overrides { try draft.apply(option) }
    return try draft.scenario(files: files, map: map)
  }

  init(resolved: ResolvedNode, files: any ScenarioFiles, map: ShardMap?) throws(JSONFailure) {
    let reader = FileDecoder(files)
    var named = map
    if named == nil, let path = resolved["stream"]["shardMap"].present { named = try reader.shardMap(path) }
    let written = named.map { resolved.replacingShards(by: $0, fromFile: map == nil) } ?? resolved
    name = resolved["name"].text
    description = resolved["description"].present?.text ?? ""
    seed = UInt64(resolved["seed"].integer)
    stream = try StreamRule(written["stream"])
    declaredMap = named ?? ShardMap(even: stream.shards)
    shardMapPath = written["stream"]["shardMap"].present?.text
    batch = BatchRule(resolved["batch"])
    client = ClientRule(resolved["client"])
    sizing = SizingRule(resolved["sizing"])
    search = try SearchRule(resolved["search"])
    hasIdentity = resolved["records"]["identity"].flag
    var decoder = WorkloadDecoder(
      stream: stream, map: declaredMap, batch: batch, hasIdentity: hasIdentity, files: reader)
    trace = try decoder.trace(written["records"])
    let resolved = try trace.map { (trace) throws(JSONFailure) in try written.replaying(trace) } ?? written
    self.resolved = resolved
    phases = try decoder.phases(resolved["phases"], records: resolved["records"])
    contentHashes = decoder.files.contentHashes
    thresholds = try ThresholdDecoder.thresholds(resolved["thresholds"], phases: phases)
    embedded = try EndpointDecoder.settings(resolved["embedded"], inheriting: stream.limits, shards: stream.shards)
    var warnings = decoder.warnings
    try Self.checkPool(resolved, phases: phases, batch: batch, producers: client.producers)
    if client.payloadPool > 0 {
      warnings.append(
        "payload pool: the records of each producer repeat after \(client.payloadPool) full requests of a phase "
          + "(client.payloadPool), their bodies are written and hashed once.")
    }
    let largest = embedded.limits.request.bytesPerRequest
    if batch.bytes > largest {
      warnings.append(
        "Batches of up to \(UnitText.size(Int64(batch.bytes))): under the limits \(embedded.limits.name) the embedded "
          + "target refuses requests of more than \(UnitText.size(Int64(largest))).")
    }
    self.warnings = warnings
  }

  /// What all bodies of a pool may take.
  private static let poolMemory: Int64 = 1 << 30

  /// Records of a phase after which they repeat; 0: never.
  package var recordsPerRound: UInt64 {
    UInt64(client.payloadPool) * UInt64(batch.records) * UInt64(client.producers)
  }

  /// What has to be new in each record, or follows the time, cannot repeat; and the bodies have to fit into memory.
  private static func checkPool(
    _ document: ResolvedNode, phases: [PhaseRule], batch: BatchRule, producers: Int
  ) throws(JSONFailure) {
    guard let pool = document["client"]["payloadPool"].present, pool.integer > 0 else { return }
    let keys = phases.flatMap { $0.kinds.map(\.key) }
    let reason: String? =
      if document["records"]["identity"].flag {
        "records.identity, which is new in each record"
      } else if document["records"]["trace"].present != nil {
        "records.trace, whose records are played as they were"
      } else if keys.contains(where: { !$0.isTimeless }) {
        "keys of type drift, which follow the time"
      } else if keys.contains(where: { $0.generatedKeys.map { $0.count == nil } == true }) {
        "keys of type unique, which are new in each record"
      } else {
        nil
      }
    if let reason { throw pool.node.failure(expected: "no pool (0) beside \(reason)") }
    // As text: data as base64, its frame around each record, and what the pool notes of a body.
    let largest = phases.map { PlanMeans.bytesPerRecord($0.kinds) }.max() ?? 0
    let body = min(Double(batch.bytes), largest * Double(batch.records)) * 4 / 3 + Double(batch.records * 40 + 64)
    let most = Int64(Double(poolMemory) / (body * Double(producers)))
    guard pool.integer <= most else {
      throw pool.node.failure(
        expected: "at most \(most), whose bodies take \(UnitText.size(poolMemory)) for \(producers) "
          + (producers == 1 ? "producer" : "producers"))
    }
  }

  /// The whole scenario with every default written out: loading it gives the same scenario again.
  package func resolvedJSON() -> JSONValue {
    guard case .object(let members) = resolved.json else { return resolved.json }
    return .object(members.filter { $0.0 != "$schema" })
  }

  /// SHA-256 of the canonical JSON of seed, records, batch, client and phases, a file's content in place of its path:
  /// whether two runs did the same work.
  package var workloadHash: String {
    let parts = ["seed", "records", "batch", "client", "phases"]
    return JSONWriter.canonical(.object(parts.map { ($0, resolved[$0].json(replacing: contentHashes)) }))
      .withUnsafeBytes {
        SHA256.digest($0).hex
      }
  }
}
