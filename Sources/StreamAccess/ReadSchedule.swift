import Measurement

/// Which shard is read next, from where, and when: a value without clock or connection.
///
/// Shards take turns, so that one which must wait for its limits holds up no other; a shard's turn comes only when its
/// parents were read to their ends. Times are instants of the caller's clock.
struct ReadSchedule {
  /// What to do next.
  enum Step: Equatable {
    /// Ask for an iterator of a shard.
    case open(shard: Int, from: ReadStart)
    /// Read a shard at its iterator.
    case read(shard: Int, iterator: String)
    /// Nothing before that instant.
    case wait(until: Instant)
    /// Every shard was read to its end.
    case done
    /// A shard could not be read; the last failure says why.
    case failed(shard: Int)
    /// Nothing came forward for `ReadPolicy.longestStall`: `unreadShards` says how it stands.
    case stalled
  }

  /// What went wrong with a step.
  enum Trouble {
    /// The shard's read limits (ProvisionedThroughputExceededException, LimitExceededException): waited for, however
    /// often it takes.
    case throttled
    /// The iterator is older than five minutes: another is asked for.
    case expired
    /// The start was refused: emulators do not know every kind.
    case badStart
    /// Anything else, tried again a bounded number of times.
    case failed
  }

  /// How it stands with a shard that was not read to its end.
  enum Standing: Equatable {
    /// Its turn has not come.
    case notBegun
    /// Its parents come first.
    case waitsForParents
    /// It has newer records, and answers without any.
    case empty
    /// So many refusals in a row.
    case throttled(Int)
    /// So many failures in a row.
    case failing(Int)

    /// Whether the last step about it did not come off.
    var isTrouble: Bool {
      switch self {
      case .throttled, .failing: true
      case .notBegun, .waitsForParents, .empty: false
      }
    }
  }

  private struct Shard {
    let id: String
    let parents: [String]
    var start: ReadStart
    var iterator: String?
    var isAtEnd = false
    /// Nothing will ever be added to it.
    var isClosed = false
    var notBefore = Instant(nanoseconds: 0)
    /// Steps in a row that were throttled or failed.
    var throttles = 0
    var failures = 0
  }

  /// Failures of a shard in a row after which it is given up: with the pauses between them, about half a minute.
  static let mostFailures = 10
  /// The first pause after trouble; it doubles up to `longestPause`.
  static let firstPause = Nanoseconds.milliseconds(200)
  static let longestPause = Nanoseconds.seconds(5)

  private var shards: [Shard] = []
  /// The ids of the shards that are not at their end.
  private var unread: Set<String> = []
  private var turn = 0
  /// When something came forward last, or the reading began.
  private var lastHeadway: Instant
  private let start: ReadStart
  private let interval: Nanoseconds

  /// A schedule without shards.
  ///
  /// - Parameters:
  ///   - start: where the reading of each begins.
  ///   - interval: the least time between two reads of one shard: 200 ms where the service's five calls a second hold.
  ///   - now: when the reading begins.
  init(start: ReadStart, interval: Nanoseconds, now: Instant) {
    self.start = start
    self.interval = interval
    lastHeadway = now
  }

  /// Adds the shards that are not in it yet.
  ///
  /// - Returns: those added, whose numbers follow on.
  mutating func add(_ listed: [(id: String, parents: [String])]) -> [(id: String, parents: [String])] {
    let known = Set(shards.map(\.id))
    let new = listed.filter { !known.contains($0.id) }
    for shard in new {
      shards.append(Shard(id: shard.id, parents: shard.parents, start: start))
      unread.insert(shard.id)
    }
    return new
  }

  /// A shard's id.
  func id(of shard: Int) -> String { shards[shard].id }

  /// The shards that are not at their end, in the order of their numbers. O(shards).
  var unreadShards: [(shard: Int, standing: Standing)] {
    shards.indices.filter { !shards[$0].isAtEnd }.map { ($0, standing(of: shards[$0])) }
  }

  private func standing(of shard: Shard) -> Standing {
    if shard.parents.contains(where: unread.contains) { return .waitsForParents }
    if shard.throttles > 0 { return .throttled(shard.throttles) }
    if shard.failures > 0 { return .failing(shard.failures) }
    return shard.iterator == nil ? .notBegun : .empty
  }

  /// What to do now. O(shards that are at their end or must wait).
  mutating func next(now: Instant) -> Step {
    if !unread.isEmpty, now - lastHeadway >= ReadPolicy.longestStall { return .stalled }
    var earliest: Instant?
    for offset in shards.indices {
      let shard = (turn + offset) % shards.count
      guard !shards[shard].isAtEnd else { continue }
      if shards[shard].failures >= Self.mostFailures { return .failed(shard: shard) }
      // A parent that is not listed any more has nothing left to read.
      guard !shards[shard].parents.contains(where: unread.contains) else { continue }
      guard shards[shard].notBefore <= now else {
        earliest = min(earliest ?? shards[shard].notBefore, shards[shard].notBefore)
        continue
      }
      turn = (shard + 1) % shards.count
      guard let iterator = shards[shard].iterator else { return .open(shard: shard, from: shards[shard].start) }
      return .read(shard: shard, iterator: iterator)
    }
    if let earliest { return .wait(until: earliest) }
    // Shards that are each other's parents would wait for ever.
    if let stuck = shards.firstIndex(where: { !$0.isAtEnd }) { return .failed(shard: stuck) }
    return .done
  }

  /// A shard has an iterator.
  mutating func opened(_ shard: Int, iterator: String) {
    shards[shard].iterator = iterator
    shards[shard].failures = 0
    shards[shard].throttles = 0
  }

  /// A shard was read.
  ///
  /// - Parameters:
  ///   - last: the last record's sequence number; `nil` when there was none.
  ///   - nextIterator: `nil` at the end of a closed shard.
  ///   - isBehind: whether the shard has newer records than the answer looked at.
  mutating func read(_ shard: Int, last: String?, nextIterator: String?, isBehind: Bool, now: Instant) {
    if let last { shards[shard].start = .after(sequence: last) }
    if last != nil || nextIterator == nil || !isBehind { lastHeadway = max(lastHeadway, now) }
    shards[shard].iterator = nextIterator
    shards[shard].failures = 0
    shards[shard].throttles = 0
    shards[shard].isClosed = nextIterator == nil
    shards[shard].isAtEnd = nextIterator == nil || !isBehind
    if shards[shard].isAtEnd { unread.remove(shards[shard].id) }
    shards[shard].notBefore = now + interval
  }

  /// A step did not come off.
  mutating func failed(_ trouble: Trouble, shard: Int, now: Instant) {
    let repeats: Int
    switch trouble {
    case .throttled:
      shards[shard].throttles += 1
      repeats = shards[shard].throttles
    case .expired, .failed:
      if trouble == .expired { shards[shard].iterator = nil }
      shards[shard].failures += 1
      repeats = shards[shard].failures
    case .badStart:
      // From the oldest record on everything is there too, only later.
      if case .time = shards[shard].start { shards[shard].start = .oldest }
      shards[shard].failures += 1
      repeats = 1
    }
    let doubled = Self.firstPause.value << Int64(min(repeats - 1, 10))
    shards[shard].notBefore = now + min(Nanoseconds(doubled), Self.longestPause)
  }

  /// Looks once more at every open shard, from where it was read to; what came before is no time without headway.
  mutating func lookAgain(after instant: Instant) {
    lastHeadway = max(lastHeadway, instant)
    for shard in shards.indices where shards[shard].isAtEnd && !shards[shard].isClosed {
      shards[shard].isAtEnd = false
      unread.insert(shards[shard].id)
      shards[shard].notBefore = max(shards[shard].notBefore, instant)
    }
  }
}

/// Where the reading of a shard begins (API page GetShardIterator).
enum ReadStart: Equatable, Sendable {
  /// With the oldest record that is kept.
  case oldest
  /// With the first record that arrived at that instant or later, milliseconds since the epoch.
  case time(milliseconds: Int64)
  /// Behind a record, by its sequence number.
  case after(sequence: String)

  /// The value of `ShardIteratorType` and what goes with it.
  var json: String {
    switch self {
    case .oldest: return #""TRIM_HORIZON""#
    case .time(let milliseconds):
      let seconds = milliseconds / 1_000
      let rest = String(1_000 + milliseconds % 1_000).dropFirst()
      return #""AT_TIMESTAMP","Timestamp":\#(seconds).\#(rest)"#
    case .after(let sequence):
      return #""AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"\#(sequence)""#
    }
  }
}

/// How a stream is read.
package struct ReadPolicy: Sendable {
  /// How far clocks may differ: that much before the run's start is read, and counts as the run's.
  package var clockTolerance: Nanoseconds
  /// The least time between two reads of one shard.
  package var interval: Nanoseconds
  /// How long accepted records that are not there are waited for.
  package var patience: Nanoseconds
  /// How long nothing may come forward, no record and no shard's end, until the reading ends. Twelve times the longest pause
  /// between two tries, so that limits which let anything through have done so; short enough that a CI job learns from the
  /// reading what is wrong, and not from a limit of its own.
  package static let longestStall = Nanoseconds.seconds(60)

  /// A target on this machine: one clock, and no limits to respect.
  package static let loopback = ReadPolicy(
    clockTolerance: .seconds(1), interval: .zero, patience: .seconds(1))
  /// Any other. Signatures are taken from clocks up to five minutes apart; a shard is read five times a second at most
  /// (API page GetRecords); what was accepted can usually be read within a second.
  package static let remote = ReadPolicy(
    clockTolerance: .seconds(300), interval: .milliseconds(200), patience: .seconds(10))
}
