import Dispatch
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

/// When a run's shard map is asked for again: a value without clock. Times are nanoseconds since the run's start.
struct RefreshSchedule {
  /// The least time between two looks.
  static let interval: Int64 = 10_000_000_000

  private var notBefore = Int64.min
  /// When the first surprise came that no look has followed.
  private(set) var surprised: Int64?

  /// Whether to look now.
  ///
  /// - Parameter isSurprised: whether an answer came from an unexpected shard since the last call.
  mutating func looks(at now: Int64, isSurprised: Bool) -> Bool {
    if isSurprised { surprised = surprised ?? now }
    guard surprised != nil, now >= notBefore else { return false }
    notBefore = now + Self.interval
    return true
  }

  /// The look came off, or failed for good: what surprised is dealt with.
  ///
  /// - Returns: when the surprise came.
  mutating func looked() -> Int64? {
    defer { surprised = nil }
    return surprised
  }
}

/// Follows the stream's shards during a run: when answers come from shards that the map does not predict, it asks for the
/// shards again, at most every 10 s, on a queue and a connection of its own.
///
/// `@unchecked Sendable`: everything but the shared map is touched on `queue` alone.
package final class ShardFollower: @unchecked Sendable {
  /// How often surprises are looked for.
  private static let tick = DispatchTimeInterval.milliseconds(200)

  private let queue = DispatchQueue(label: "shardmeter.shards", target: .global())
  private let shards: SharedShardMap
  private let list: () throws -> ShardMap
  private var schedule = RefreshSchedule()
  private var timer: (any DispatchSourceTimer)?
  private var hasWarned = false

  /// A follower that has not begun.
  ///
  /// - Parameters:
  ///   - shards: the run's map.
  ///   - list: asks the target for the open shards; called on the follower's queue alone.
  package init(shards: SharedShardMap, list: @escaping () throws -> ShardMap) {
    self.shards = shards
    self.list = list
  }

  /// Begins to follow.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since the run's start.
  ///   - onChange: called with each change, on the follower's queue.
  ///   - onFailure: called once with why the shards could not be listed.
  package func start(
    now: @escaping @Sendable () -> Int64, onChange: @escaping @Sendable (ShardMapChange) -> Void,
    onFailure: @escaping @Sendable (String) -> Void
  ) {
    let timer = DispatchSource.makeTimerSource(queue: queue)
    timer.schedule(deadline: .now() + Self.tick, repeating: Self.tick)
    timer.setEventHandler { [self] in look(isLast: false, now, onChange, onFailure) }
    queue.sync { self.timer = timer }
    timer.resume()
  }

  /// Ends it, with a last look when shards are still known by name alone, or a surprise was not followed up.
  package func finish(
    now: @escaping @Sendable () -> Int64, onChange: @escaping @Sendable (ShardMapChange) -> Void,
    onFailure: @escaping @Sendable (String) -> Void
  ) {
    queue.sync {
      timer?.cancel()
      timer = nil
      look(isLast: true, now, onChange, onFailure)
    }
  }

  private func look(
    isLast: Bool, _ now: () -> Int64, _ onChange: (ShardMapChange) -> Void, _ onFailure: (String) -> Void
  ) {
    let instant = now()
    let isDue = schedule.looks(at: instant, isSurprised: shards.takeSurprise())
    guard isDue || isLast && (schedule.surprised != nil || !shards.current.unlisted.isEmpty) else { return }
    do {
      let fresh = try list()
      let surprised = schedule.looked()
      guard let (before, after) = shards.take(fresh) else { return }
      let was = Set(before.openIndices)
      let isOpen = Set(after.openIndices)
      onChange(
        ShardMapChange(
          noticed: surprised ?? instant, listed: now(), opened: isOpen.subtracting(was).sorted(),
          closed: was.subtracting(isOpen).sorted()))
    } catch {
      _ = schedule.looked()
      guard !hasWarned else { return }
      hasWarned = true
      onFailure("the shards could not be listed again: \(error)")
    }
  }
}

/// A change of a stream's open shards, by their indices in the map after it.
package struct ShardMapChange: Sendable, Hashable {
  /// When the first answer came that the map before did not predict, or else when the change was found; nanoseconds since
  /// the run's start.
  package let noticed: Int64
  /// When the shards were listed, on the same scale.
  package let listed: Int64
  package let opened: [Int]
  package let closed: [Int]
}
