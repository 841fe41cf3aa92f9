import Dispatch
import Kinesis
import Observations

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

  /// A follower at rest.
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
  ///   - onChange: told of each change, on the follower's queue.
  ///   - onFailure: told once why the shards could not be listed.
  package func start(
    now: @escaping @Sendable () -> Int64, onChange: @escaping @Sendable (ShardChange) -> Void,
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
    now: @escaping @Sendable () -> Int64, onChange: @escaping @Sendable (ShardChange) -> Void,
    onFailure: @escaping @Sendable (String) -> Void
  ) {
    queue.sync {
      timer?.cancel()
      timer = nil
      look(isLast: true, now, onChange, onFailure)
    }
  }

  private func look(
    isLast: Bool, _ now: () -> Int64, _ onChange: (ShardChange) -> Void, _ onFailure: (String) -> Void
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
        ShardChange(
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
