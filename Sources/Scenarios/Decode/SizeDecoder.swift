import Measurement
import StrictJSON

/// Reads `records.size`.
enum SizeDecoder {
  /// The distribution; its own parameter checks become failures with this value's path.
  static func size(_ node: ResolvedNode) throws(JSONFailure) -> SizeDistribution {
    if node.declares("min"), node["max"].integer < node["min"].integer {
      throw node["max"].node.failure(expected: "at least \"min\"")
    }
    return try node.mappingFailure { () throws(DistributionFailure) in
      let bytes = { (name: String) in Int(node[name].integer) }
      switch node.type {
      case "uniform":
        return try .uniform(min: bytes("min"), max: bytes("max"))
      case "normal":
        return try .normal(
          mean: node["mean"].double, stddev: node["stddev"].double, min: bytes("min"), max: bytes("max"))
      case "lognormal":
        return try .logNormal(median: node["median"].double, p99: node["p99"].double, max: bytes("max"))
      case "pareto":
        return try .pareto(min: bytes("min"), shape: node["shape"].double, max: bytes("max"))
      case "weighted":
        return try .weighted(
          node["values"].elements.map { (size: Int($0["size"].integer), weight: $0["weight"].double) })
      default:
        return try .fixed(bytes("value"))
      }
    }
  }
}
