import Kinesis
import Synchronization

/// The one shard map of a run: workers look at its version, which costs a load, and take the map when it has changed;
/// shards that answers name before any list does get their index here, the same for every worker.
package final class SharedShardMap: Sendable {
  /// Names taken from answers are kept up to this many, so that a hostile target cannot grow the results; what comes
  /// beyond counts for the shard that was predicted.
  package static let mostUnlisted = 4_096

  private let map: Mutex<ShardMap>
  private let changes = Atomic<Int>(0)
  private let surprises = Atomic<Bool>(false)

  /// Starts with the map known before the run.
  package init(_ map: ShardMap) { self.map = Mutex(map) }

  /// The map as it stands.
  package var current: ShardMap { map.withLock { $0 } }

  /// Counts the changes: equal numbers, equal maps.
  package var version: Int { changes.load(ordering: .acquiring) }

  /// Adds shards by their names alone.
  ///
  /// - Returns: the map as it stands then.
  package func learn(_ ids: [String]) -> ShardMap {
    map.withLock { map in
      let new = ids.filter { map.index(ofID: $0) == nil }.prefix(max(0, Self.mostUnlisted - map.unlisted.count))
      guard !new.isEmpty else { return map }
      map = map.adding(Array(new))
      changes.add(1, ordering: .releasing)
      return map
    }
  }

  /// Takes the open shards as a list gives them.
  ///
  /// - Returns: the map before and after; `nil` when it knew them all already.
  package func take(_ fresh: ShardMap) -> (before: ShardMap, after: ShardMap)? {
    map.withLock { map in
      let open = map.openIndices.map { map.shards[$0] }
      guard open != fresh.shards else { return nil }
      let before = map
      map = map.updated(to: fresh)
      changes.add(1, ordering: .releasing)
      return (before, map)
    }
  }

  /// Says that an answer came from another shard than the map predicts.
  package func noteSurprise() {
    if !surprises.load(ordering: .relaxed) { surprises.store(true, ordering: .relaxed) }
  }

  /// Whether that was said since the last call.
  package func takeSurprise() -> Bool { surprises.exchange(false, ordering: .relaxed) }
}
