import Measurement

/// What a threshold's metric came to: the highest and the lowest value found, which are one where there was one to find.
package struct ObservedRange: Sendable {
  package private(set) var highest: Observed?
  package private(set) var lowest: Observed?
  /// The same for each shard, where shards were judged one by one.
  private var shards: [Int: (highest: Observed, lowest: Observed)] = [:]
  /// Shards with fewer samples than the threshold wants.
  package var shardsLeftOut = 0
  /// Why there is no value, where that is known beforehand.
  package var reason: String?

  /// Nothing found.
  package init() {}

  /// Takes another value.
  package mutating func note(_ observed: Observed) {
    if highest.map({ observed.value > $0.value }) ?? true { highest = observed }
    if lowest.map({ observed.value < $0.value }) ?? true { lowest = observed }
    guard let shard = observed.shard else { return }
    let known = shards[shard] ?? (observed, observed)
    shards[shard] = (
      observed.value > known.highest.value ? observed : known.highest,
      observed.value < known.lowest.value ? observed : known.lowest
    )
  }

  /// The value that is hardest on a bound.
  package func worst(_ bound: Bound) -> Observed? { bound == .atMost ? highest : lowest }

  /// Each shard's value that is hardest on a bound, the worst first. O(shards log shards).
  package func worstOfShards(_ bound: Bound) -> [Observed] {
    switch bound {
    case .atMost: shards.values.map(\.highest).sorted { ($1.value, $0.shard ?? 0) < ($0.value, $1.shard ?? 0) }
    case .atLeast: shards.values.map(\.lowest).sorted { ($0.value, $0.shard ?? 0) < ($1.value, $1.shard ?? 0) }
    }
  }
}
