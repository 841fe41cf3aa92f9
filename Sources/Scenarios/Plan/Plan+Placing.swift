extension Plan {
  /// Whether a record's partition key alone says where it goes: false when any phase sends explicit hash keys.
  package var isKeyPlacing: Bool { !storage.generators.contains { $0.hasHashKeys } }

  /// Whether generated keys might as well have other names: none of them is aimed at shards by its name.
  package var hasArbitraryNames: Bool {
    let rules = scenario.phases.flatMap { $0.kinds.map(\.key) }
    return isKeyPlacing && !rules.contains { $0.isAimed } && rules.contains { $0.generatedKeys?.count != nil }
  }
}

extension KeyRule {
  /// Whether keys are chosen by the shard that their name hashes to.
  fileprivate var isAimed: Bool {
    switch self {
    case .shard: true
    case .weighted(_, let rest): rest?.isAimed ?? false
    case .constant, .generated, .trace: false
    }
  }
}
