import Kinesis
import Measurement
import StrictJSON

/// Reads `records.key`.
enum KeyDecoder {
  /// The rule; `map` has the stream's shards.
  static func key(_ node: ResolvedNode, map: ShardMap) throws(JSONFailure) -> KeyRule {
    switch node.type {
    case "constant": return .constant(node["value"].text)
    case "weighted": return try weighted(node, map: map)
    case "shard": return try aimed(node, map: map)
    default: break
    }
    let distribution = try distribution(node)
    return .generated(distribution, try naming(node, cardinality: distribution.cardinality))
  }

  private static func distribution(_ node: ResolvedNode) throws(JSONFailure) -> KeyDistribution {
    if node.type == "unique" { return .unique }
    let cardinality = UInt64(node["cardinality"].integer)
    if node.type == "zipf" { return try zipf(node, cardinality) }
    return try node.mappingFailure { () throws(DistributionFailure) in
      switch node.type {
      case "hotspot":
        return try .hotspot(
          cardinality: cardinality, hotKeyShare: node["hotKeyShare"].double,
          hotTrafficShare: node["hotTrafficShare"].double)
      case "drift":
        return try .drift(
          cardinality: cardinality, hotKeyShare: node["hotKeyShare"].double,
          hotTrafficShare: node["hotTrafficShare"].double, period: node["period"].duration)
      case "sequential":
        return try .sequential(cardinality: cardinality)
      default:
        return try .uniform(cardinality: cardinality)
      }
    }
  }

  private static func zipf(_ node: ResolvedNode, _ cardinality: UInt64) throws(JSONFailure) -> KeyDistribution {
    let exponent = node["exponent"].present
    let topShare = node["topShare"].present
    if exponent != nil, let topShare {
      throw topShare.node.failure(expected: "either \"exponent\" or \"topShare\"", found: "both")
    }
    return try node.mappingFailure { () throws(DistributionFailure) in
      if let topShare { return try .zipf(topShare: topShare.double, cardinality: cardinality) }
      return try .zipf(exponent: exponent?.double ?? 0.99, cardinality: cardinality)
    }
  }

  private static func naming(_ node: ResolvedNode, cardinality: UInt64?) throws(JSONFailure) -> KeyNaming {
    let naming = KeyNaming(prefix: node["prefix"].text, length: Int(node["length"].integer))
    guard naming.digits >= 1 else {
      throw node["length"].node.failure(
        expected: "a length that leaves room for a number after the prefix \(JSONNode.quoted(naming.prefix))")
    }
    let needed = cardinality.map { String($0 - 1).count } ?? 1
    guard naming.digits >= needed else {
      throw node["length"].node.failure(
        expected: "at least \(naming.length - naming.digits + needed), room for the prefix and \(needed) digits")
    }
    return naming
  }

  private static func aimed(_ node: ResolvedNode, map: ShardMap) throws(JSONFailure) -> KeyRule {
    var indices: [Int] = []
    for element in node["shards"].elements {
      guard element.integer < Int64(map.count) else {
        throw element.node.failure(expected: "a shard from 0 to \(map.count - 1) (stream.shards is \(map.count))")
      }
      indices.append(Int(element.integer))
    }
    let cardinality = UInt64(node["cardinality"].integer)
    let naming = try naming(node, cardinality: cardinality)
    let rule = KeyRule.shard(shards: indices, share: node["share"].double, cardinality: cardinality, naming)
    try checkReach(rule, indices, cardinality, map: map, node)
    return rule
  }

  /// With few keys it may happen that none hashes to the shards aimed at.
  private static func checkReach(
    _ rule: KeyRule, _ targets: [Int], _ cardinality: UInt64, map: ShardMap, _ node: ResolvedNode
  ) throws(JSONFailure) {
    let catalog = KeyCatalog(rules: [rule])
    let wanted = Set(targets)
    guard (0..<cardinality).contains(where: { wanted.contains(map.index(of: catalog.hash(of: $0))) }) else {
      throw node["cardinality"].node.failure(
        expected: "enough keys that at least one hashes to the shards aimed at",
        found: "\(cardinality), none of which does")
    }
  }

  private static func weighted(_ node: ResolvedNode, map: ShardMap) throws(JSONFailure) -> KeyRule {
    var values: [KeyRule.Weight] = []
    var seen: Set<String> = []
    for element in node["values"].elements {
      let key = element["key"].text
      guard seen.insert(key).inserted else { throw element["key"].node.failure(expected: "each key once") }
      values.append(KeyRule.Weight(key: key, share: element["share"].double))
    }
    let sum = values.reduce(0) { $0 + $1.share }
    let rest = try node["rest"].present.map { (rest) throws(JSONFailure) in try key(rest, map: map) }
    guard sum <= 1 + 1e-9, rest != nil || sum >= 1 - 1e-9 else {
      throw node["values"].node.failure(
        expected: rest == nil ? "shares that sum to 1, or a \"rest\"" : "shares that sum to at most 1",
        found: "a sum of \(JSONNumberText.text(of: sum))")
    }
    return .weighted(values, rest: rest)
  }

  /// UTF-8 bytes of the shortest and the longest key.
  static func lengths(of rule: KeyRule) -> (shortest: Int, longest: Int) {
    var lengths = rule.namedKeys.map(\.utf8.count)
    if let naming = rule.generatedKeys?.naming { lengths.append(naming.prefix.utf8.count + naming.digits) }
    return (lengths.min() ?? 0, lengths.max() ?? 0)
  }
}
