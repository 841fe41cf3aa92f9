import Kinesis
import Measurement
import StrictJSON

/// Reads `embedded`: how the embedded target behaves.
package enum EndpointDecoder {
  /// The settings; limits not given are those of the stream.
  static func settings(
    _ node: ResolvedNode, inheriting limits: LimitsProfile, shards: Int
  ) throws(JSONFailure) -> EndpointSettings {
    var settings = EndpointSettings()
    settings.limits = limits
    if let own = node["limits"].present { settings.limits = try LimitsProfile(own) }
    settings.latency = try latency(node["latency"])
    settings.capacityRecordsPerSecond = node["capacity"].present?["records"].double
    settings.retainedBytes = Int(node["retain"].integer)
    for fault in node["faults"].elements { settings.faults.append(try self.fault(fault, shards: shards)) }
    settings.shardLatency = try shardLatency(node["shardLatency"], shards: shards)
    settings.reshards = try reshards(node["reshard"], shards: shards)
    return settings
  }

  /// The members of `embedded` that may be changed while the target runs.
  package static let changeable = ["latency", "shardLatency", "faults", "capacity"]

  /// Changes settings as a document says: an object with any of ``changeable``, written as in a scenario's `embedded`;
  /// what it does not name stays, and `null` takes away.
  package static func change(
    _ settings: inout EndpointSettings, by document: JSONNode
  ) throws(JSONFailure) {
    let reader = try document.object(expected: "an object with any of \(changeable.joined(separator: ", "))")
    try reader.finish(allowed: changeable)
    let embedded = try ValueShape.object(ScenarioLanguage.embedded).resolve(
      JSONNode(
        kind: .object(reader.members.filter { $0.value.value != .null }), path: document.path,
        location: document.location))
    let wanted = try self.settings(embedded, inheriting: settings.limits, shards: .max)
    if reader.optional("latency") != nil { settings.latency = wanted.latency }
    if reader.optional("shardLatency") != nil { settings.shardLatency = wanted.shardLatency }
    if reader.optional("faults") != nil { settings.faults = wanted.faults }
    if reader.optional("capacity") != nil { settings.capacityRecordsPerSecond = wanted.capacityRecordsPerSecond }
  }

  private static func shardLatency(
    _ list: ResolvedNode, shards: Int
  ) throws(JSONFailure) -> [Int: LatencyModel] {
    var latencies: [Int: LatencyModel] = [:]
    for entry in list.elements {
      let shard = Int(entry["shard"].integer)
      guard shard < shards else {
        throw entry["shard"].node.failure(expected: "a shard from 0 to \(shards - 1) (stream.shards is \(shards))")
      }
      guard latencies[shard] == nil else { throw entry["shard"].node.failure(expected: "a shard named once") }
      latencies[shard] = try latency(entry["latency"]) ?? .fixed(0)
    }
    return latencies
  }

  /// Reads a latency as `embedded.latency` gives it; `nil` for none.
  package static func latency(_ node: JSONNode) throws(JSONFailure) -> LatencyModel? {
    try latency(ValueShape.choice(ScenarioLanguage.latency).resolve(node))
  }

  /// Reads a fault as `embedded.faults` gives it, of any shard.
  package static func fault(_ node: JSONNode) throws(JSONFailure) -> FaultRule {
    try fault(ValueShape.object(ScenarioLanguage.fault).resolve(node), shards: .max)
  }

  private static func shardChoice(_ node: ResolvedNode) -> ShardChoice {
    if case .integer(let index) = node.value { .index(Int(index)) } else { .hottest }
  }

  /// Reads a change of shards as `embedded.reshard` gives it.
  package static func reshard(_ node: JSONNode) throws(JSONFailure) -> ReshardRule {
    try reshard(ValueShape.object(ScenarioLanguage.reshard).resolve(node))
  }

  /// Reads the changes of shards of `embedded.reshard`.
  ///
  /// - Parameter shards: the stream's shards at the start.
  package static func reshards(_ node: JSONNode, shards: Int) throws(JSONFailure) -> [ReshardRule] {
    try reshards(ScenarioLanguage.reshards.resolve(node), shards: shards)
  }

  private static func reshards(_ node: ResolvedNode, shards: Int) throws(JSONFailure) -> [ReshardRule] {
    var rules: [ReshardRule] = []
    for element in node.elements { rules.append(try reshard(element)) }
    if let (index, problem) = ReshardRule.problem(in: rules, shards: shards) {
      let rule = node.elements[index]
      throw rule[rule.type == "count" ? "shards" : "shard"].node.failure(expected: problem)
    }
    return rules
  }

  private static func reshard(_ node: ResolvedNode) throws(JSONFailure) -> ReshardRule {
    let at = node["at"].duration.value
    let (own, other) = node.type == "count" ? ("shards", "shard") : ("shard", "shards")
    if let other = node[other].present { throw other.node.failure(expected: "no such field with \"\(node.type)\"") }
    guard let value = node[own].present else {
      throw node.node.failure(expected: "the field \"\(own)\" with \"\(node.type)\"", found: "none")
    }
    return switch node.type {
    case "split": ReshardRule(at: at, .split(shardChoice(value)))
    case "merge": ReshardRule(at: at, .merge(shardChoice(value)))
    default: ReshardRule(at: at, .count(Int(value.integer)))
    }
  }

  /// Reads a shard's limits as a scenario gives them.
  package static func limits(_ node: JSONNode) throws(JSONFailure) -> LimitsProfile {
    try LimitsProfile(ScenarioLanguage.limits.resolve(node))
  }

  private static func latency(_ node: ResolvedNode) throws(JSONFailure) -> LatencyModel? {
    let value = { (name: String) in node[name].duration.value }
    switch node.type {
    case "uniform":
      guard value("min") <= value("max") else { throw node["max"].node.failure(expected: "at least \"min\"") }
      return .uniform(min: value("min"), max: value("max"))
    case "lognormal":
      guard value("p99") > value("median") else {
        throw node["p99"].node.failure(expected: "more than the median")
      }
      let max = node["max"].present?.duration.value
      if let max, max < value("median") { throw node["max"].node.failure(expected: "at least the median") }
      return .lognormal(median: value("median"), p99: value("p99"), max: max)
    case "normal":
      guard value("min") <= value("max") else { throw node["max"].node.failure(expected: "at least \"min\"") }
      return .normal(
        mean: value("mean"), standardDeviation: value("stddev"), min: value("min"), max: value("max"))
    default:
      return value("value") == 0 ? nil : .fixed(value("value"))
    }
  }

  private static func fault(_ node: ResolvedNode, shards: Int) throws(JSONFailure) -> FaultRule {
    let occasions = ["probability", "every", "for", "share"].filter { node[$0].present != nil }
    guard occasions.count == 1, let kind = FaultRule.Kind(rawValue: node["type"].text) else {
      throw node.node.failure(
        expected: "exactly one of \"probability\", \"every\", \"for\", \"share\"",
        found: occasions.isEmpty ? "none" : occasions.joined(separator: ", "))
    }
    if let tries = node["tries"].present, occasions[0] != "share" {
      throw tries.node.failure(expected: "no tries: only a fault by \"share\" has them")
    }
    let occasion: FaultRule.Occasion
    switch occasions[0] {
    case "share":
      guard kind.refusesRecords else {
        let kinds = FaultRule.Kind.allCases.filter(\.refusesRecords).map { "\"\($0.rawValue)\"" }
        throw node["share"].node.failure(expected: "no share: only \(kinds.joined(separator: " and ")) refuse records")
      }
      occasion = .share(node["share"].double, tries: Int(node["tries"].present?.integer ?? 1))
    case "probability": occasion = .probability(node["probability"].double)
    case "every": occasion = .every(Int(node["every"].integer))
    default: occasion = .during(start: node["from"].duration.value, length: node["for"].duration.value)
    }
    let shard = node["shard"].present
    switch shard.map(shardChoice) {
    case .index(let index)? where index >= shards:
      throw node["shard"].node.failure(expected: "a shard from 0 to \(shards - 1) (stream.shards is \(shards))")
    case .hottest? where occasions[0] != "for" || node["from"].duration.value == 0:
      throw node["shard"].node.failure(
        expected: "with \"hottest\" a \"from\" above 0s and a \"for\": until then records show which shard that is")
    default: break
    }
    if let delay = node["delay"].present, kind != .stall {
      throw delay.node.failure(expected: "no delay: only the fault \"stall\" has one")
    }
    return FaultRule(
      kind: kind, occasion: occasion, shard: shard.map(shardChoice),
      delay: node["delay"].present?.duration.value)
  }
}
