import Kinesis
import Measurement
import StrictJSON

/// The settings that may be changed while a target runs, written as a scenario writes them.
extension EndpointSettings {
  /// An object with every member of ``EndpointDecoder/changeable``; what is off is null or empty.
  package var changeableJSON: JSONValue {
    .object([
      ("latency", latency?.json ?? .null),
      (
        "shardLatency",
        .array(
          shardLatency.sorted { $0.key < $1.key }.map {
            .object([("shard", .integer(Int64($0.key))), ("latency", $0.value.json)])
          })
      ),
      ("faults", .array(faults.map(\.json))),
      ("capacity", capacityRecordsPerSecond.map { .object([("records", .exactly($0))]) } ?? .null),
    ])
  }
}

extension LimitsProfile {
  /// A profile's name, or its rule and numbers, as a scenario's `limits` takes them.
  package var json: JSONValue {
    func object(_ rule: RuleName, _ numbers: [(String, Int64)]) -> JSONValue {
      .object([("rule", .string(rule.rawValue))] + numbers.map { ($0.0, .integer($0.1)) })
    }
    return switch self {
    case .kinesis, .largeRecords, .window, .none: .string(name)
    case .explicit(let limits):
      object(
        .bucket,
        [
          ("records", limits.recordsPerSecond), ("bytes", limits.bytesPerSecond),
          ("recordBurst", limits.recordCapacity), ("byteBurst", limits.byteCapacity),
        ])
    case .second(let records, let bytes): object(.second, [("records", records), ("bytes", bytes)])
    case .sliding(let records, let bytes): object(.sliding, [("records", records), ("bytes", bytes)])
    }
  }
}

extension LatencyModel {
  fileprivate var json: JSONValue {
    func object(_ type: String, _ fields: [(String, Int64?)]) -> JSONValue {
      .object(
        [("type", .string(type))]
          + fields.compactMap { field in field.1.map { (field.0, .string(UnitText.duration($0))) } })
    }
    return switch self {
    case .fixed(let value): object("fixed", [("value", value)])
    case .uniform(let low, let high): object("uniform", [("min", low), ("max", high)])
    case .lognormal(let median, let p99, let bound):
      object("lognormal", [("median", median), ("p99", p99), ("max", bound)])
    case .normal(let mean, let deviation, let low, let high):
      object("normal", [("mean", mean), ("stddev", deviation), ("min", low), ("max", high)])
    }
  }
}

extension FaultRule {
  fileprivate var json: JSONValue {
    var members: [(String, JSONValue)] = [("type", .string(kind.rawValue))]
    switch occasion {
    case .probability(let probability): members.append(("probability", .exactly(probability)))
    case .every(let interval): members.append(("every", .integer(Int64(interval))))
    case .during(let start, let length):
      members.append(("from", .string(UnitText.duration(start))))
      members.append(("for", .string(UnitText.duration(length))))
    case .share(let share, let tries):
      members.append(("share", .exactly(share)))
      members.append(("tries", .integer(Int64(tries))))
    }
    if let shard { members.append(("shard", shard.json)) }
    if let delay { members.append(("delay", .string(UnitText.duration(delay)))) }
    return .object(members)
  }
}

extension ShardChoice {
  fileprivate var json: JSONValue {
    index.map { .integer(Int64($0)) } ?? .string(Self.hottestWord)
  }
}

extension ReshardRule {
  /// The rule as a scenario writes it.
  package var json: JSONValue {
    let rest: (String, (String, JSONValue))
    switch change {
    case .split(let shard): rest = ("split", ("shard", shard.json))
    case .merge(let shard): rest = ("merge", ("shard", shard.json))
    case .count(let count): rest = ("count", ("shards", .integer(Int64(count))))
    }
    return .object([("type", .string(rest.0)), ("at", .string(UnitText.duration(at))), rest.1])
  }
}

extension JSONValue {
  /// A number, written without a fraction when it has none.
  fileprivate static func exactly(_ number: Double) -> JSONValue {
    Int64(exactly: number).map { .integer($0) } ?? .number(number)
  }
}
