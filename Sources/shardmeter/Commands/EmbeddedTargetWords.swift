import Kinesis
import Scenarios
import StrictJSON

/// The command line of the embedded target that `run` starts for a scenario.
enum EmbeddedTargetWords {
  /// - Parameters:
  ///   - scenario: says shards, limits, latency and the rest of `embedded`.
  ///   - stream: the stream to serve.
  ///   - region: the region signed for.
  ///   - shardMap: the file that says what shards there are; nil: the scenario's, evenly split.
  ///   - allowsUnsigned: whether the run does not sign.
  ///   - retainedBytes: what it keeps for readers; nil: as the scenario says.
  /// - Returns: the words after the program's name.
  static func words(
    for scenario: Scenario, stream: String, region: String, shardMap: String? = nil, allowsUnsigned: Bool,
    retainedBytes: Int? = nil
  ) -> [String] {
    var words = ["target", "--port=0", "--until-input-ends", "--stream=\(stream)", "--region=\(region)"]
    words.append(shardMap.map { "--shard-map=\($0)" } ?? "--shards=\(scenario.stream.shards)")
    words += ["--limits=\(scenario.embedded.limits.name)"]
    words += ["--seed=\(scenario.seed)", "--retain=\(retainedBytes ?? scenario.embedded.retainedBytes)B"]
    if let capacity = scenario.embedded.capacityRecordsPerSecond { words.append("--capacity=\(capacity)") }
    let embedded = scenario.resolvedJSON()["embedded"]
    if let latency = embedded?["latency"] { words.append("--latency=\(JSONWriter.compact(latency))") }
    if case .array(let entries)? = embedded?["shardLatency"] {
      for entry in entries {
        guard case .integer(let shard)? = entry["shard"], let latency = entry["latency"] else { continue }
        words.append("--shard-latency=\(shard)=\(JSONWriter.compact(latency))")
      }
    }
    if case .array(let faults)? = embedded?["faults"] {
      words += faults.map { "--fault=\(JSONWriter.compact($0))" }
    }
    if allowsUnsigned { words.append("--allow-unsigned") }
    return words
  }
}
