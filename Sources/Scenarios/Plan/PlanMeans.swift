import Measurement

/// Exact means of a phase's records.
enum PlanMeans {
  /// The mean of data plus key in bytes, over all kinds by their shares: what turns bytes/s into records/s.
  static func bytesPerRecord(_ kinds: [RecordKind]) -> Double {
    kinds.reduce(0) { $0 + $1.share * ($1.size.mean + keyBytes($1.key)) }
  }

  private static func keyBytes(_ rule: KeyRule) -> Double {
    switch rule {
    case .trace(let window):
      return window.trace.meanKeyBytes
    case .constant(let key):
      return Double(key.utf8.count)
    case .generated(_, let naming), .shard(_, _, _, let naming):
      return Double(naming.prefix.utf8.count + naming.digits)
    case .weighted(let values, let rest):
      let named = values.reduce(0) { $0 + $1.share * Double($1.key.utf8.count) }
      let left = 1 - values.reduce(0) { $0 + $1.share }
      return named + (rest.map { left * keyBytes($0) } ?? 0)
    }
  }
}

extension Plan {
  /// The exact mean of a phase's records, data and key, in bytes.
  package func meanBytes(ofPhase phase: Int) -> Double { PlanMeans.bytesPerRecord(scenario.phases[phase].kinds) }
}
