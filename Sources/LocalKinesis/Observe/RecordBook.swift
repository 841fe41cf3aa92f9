import Measurement
import Observations

/// One try of a record as the endpoint answered it.
struct ObservedTry {
  enum Outcome: UInt8 {
    case accepted, throttled, fault

    /// What a shard made of it.
    init(_ admission: Admission) {
      switch admission {
      case .accepted: self = .accepted
      case .throttled: self = .throttled
      case .internalFailure: self = .fault
      }
    }

    /// A record of a request that was refused as a whole.
    init(_ failure: ServiceFailure) {
      self = failure.code == "ProvisionedThroughputExceededException" ? .throttled : .fault
    }
  }

  /// By which the record is known again.
  var print: UInt64
  /// The MD5 of its partition key.
  var keyHash: UInt128
  /// The shard's number in the stream.
  var shard: Int32
  /// Bytes of data and key.
  var size: Int32
  var outcome: Outcome
}

/// Keeps book of records by their content: which are new, which were accepted, which come again, and in which order.
///
/// distinct = delivered + lost and accepted = delivered + duplicates hold at any moment. A try of a record that is not new
/// is a *retry* when the record was refused every time before, else a *repeat*. Order is judged at a record's first
/// acceptance: it is out of order when a record of its key that was first seen later was accepted before it.
///
/// Memory: the table of prints, and about 100 bytes for each record that was refused and not yet accepted.
struct RecordBook {
  /// What is kept of a record that was refused so far.
  private struct Refused {
    var firstSeen: Int64
    /// When its last refusal was answered.
    var answered: Int64
    var ordinal: UInt64
    var key: UInt64
    var tries: UInt32 = 1
  }

  /// What is kept of a key that has refused records.
  private struct Key {
    var refused = 0
    /// One more than the highest ordinal accepted meanwhile.
    var top: UInt64 = 0
  }

  /// Refused records that are watched one by one; a further one is counted, without a gap or a place in the order.
  static let mostRefused = 1 << 22

  private(set) var counts = RecordBookCounts()
  private var table: PrintTable
  private let mask: UInt64
  private var refused: [UInt64: Refused] = [:]
  private var keys: [UInt64: Key] = [:]
  private var ordinal: UInt64 = 0
  /// From a refusal's answer to the record's next try, nanoseconds, one for each retry.
  private(set) var gaps = LatencySet.empty
  private(set) var episodes = RetryEpisodes()

  /// An empty book.
  ///
  /// - Parameters:
  ///   - slots: of its table of prints.
  ///   - printBits: how much of a print counts, 1 to 64.
  init(slots: Int = PrintTable.defaultSlots, printBits: Int = 64) {
    table = PrintTable(slots: slots)
    mask = .max >> UInt64(64 - printBits)
  }

  /// A book of its own that goes on from here. O(records).
  func copy() -> RecordBook {
    var copy = self
    copy.table = PrintTable(copying: table)
    return copy
  }

  /// The counts as they stand.
  var now: RecordBookCounts {
    var counts = counts
    counts.forgotten = table.forgotten
    counts.lostAfterOneTry = refused.values.count { $0.tries == 1 }
    return counts
  }

  /// What a try turned out to be.
  struct Finding {
    var isNew: Bool
    /// When the record was first seen, where this try is its first acceptance after a refusal.
    var refusedSince: Int64?
  }

  /// Takes a try.
  ///
  /// - Parameters:
  ///   - arrived: when its request was read, nanoseconds of the monotonic clock.
  ///   - answered: when it was answered.
  mutating func take(_ attempt: ObservedTry, arrived: Int64, answered: Int64) -> Finding {
    let print = attempt.print & mask
    let isAccepted = attempt.outcome == .accepted
    tally(attempt)
    guard let known = table.note(print, ordinal: ordinal, isAccepted: isAccepted) else {
      let place = ordinal
      ordinal &+= 1
      counts.distinct &+= 1
      if isAccepted {
        deliver(key: attempt.key, ordinal: place, wasRefused: false)
      } else {
        refuse(print, attempt, ordinal: place, arrived: arrived, answered: answered)
      }
      return Finding(isNew: true)
    }
    guard !known.wasAccepted else {
      counts.repeats &+= 1
      if isAccepted { counts.duplicates &+= 1 }
      return Finding(isNew: false)
    }
    counts.retries &+= 1
    guard var before = refused[print] else {
      // Not watched: there were too many.
      if isAccepted { deliver(key: attempt.key, ordinal: known.ordinal, wasRefused: false) }
      return Finding(isNew: false)
    }
    gaps.record(max(arrived - before.answered, 0))
    episodes.note(at: arrived)
    if isAccepted {
      refused[print] = nil
      deliver(key: attempt.key, ordinal: before.ordinal, wasRefused: true)
      return Finding(isNew: false, refusedSince: before.firstSeen)
    }
    before.answered = answered
    before.tries &+= 1
    refused[print] = before
    return Finding(isNew: false)
  }

  /// Counts a try of which it is not asked whose it is: it is taken for a record of its own.
  mutating func count(_ attempt: ObservedTry) -> Finding {
    tally(attempt)
    counts.distinct &+= 1
    if attempt.outcome == .accepted { counts.delivered &+= 1 }
    return Finding(isNew: true)
  }

  private mutating func tally(_ attempt: ObservedTry) {
    counts.attempted &+= 1
    switch attempt.outcome {
    case .accepted: counts.accepted &+= 1
    case .throttled: counts.throttled &+= 1
    case .fault: counts.fault &+= 1
    }
  }

  private mutating func refuse(
    _ print: UInt64, _ attempt: ObservedTry, ordinal: UInt64, arrived: Int64, answered: Int64
  ) {
    guard refused.count < Self.mostRefused else {
      counts.unwatched &+= 1
      return
    }
    refused[print] = Refused(firstSeen: arrived, answered: answered, ordinal: ordinal, key: attempt.key)
    keys[attempt.key, default: Key()].refused += 1
  }

  private mutating func deliver(key: UInt64, ordinal: UInt64, wasRefused: Bool) {
    counts.delivered &+= 1
    guard !keys.isEmpty, var state = keys[key] else { return }
    if ordinal < state.top { counts.reordered &+= 1 }
    state.top = max(state.top, ordinal + 1)
    if wasRefused { state.refused -= 1 }
    keys[key] = state.refused > 0 ? state : nil
  }
}

extension ObservedTry {
  /// By which order is kept: half of the key's hash, since two keys that share it only look like one.
  fileprivate var key: UInt64 { UInt64(truncatingIfNeeded: keyHash) }
}

/// Finds how many retries come within the same 10 ms. An *episode* is a run of retries without a pause of a second.
struct RetryEpisodes {
  private static let together: Int64 = 10_000_000
  private static let pause: Int64 = 1_000_000_000
  /// An episode of fewer retries says nothing about how they are spread.
  static let fewest = 10

  private var recent: [(at: Int64, count: Int)] = []
  private var first = 0
  private var inWindow = 0
  private var most = 0
  private var all = 0
  private var last: Int64 = .min
  private var closed: Double?
  private var closedCount = 0

  /// Takes a retry; times do not fall.
  mutating func note(at time: Int64) {
    if all > 0, time - last >= Self.pause { close() }
    last = time
    all += 1
    if let newest = recent.last, newest.at == time {
      recent[recent.count - 1].count += 1
    } else {
      recent.append((time, 1))
    }
    inWindow += 1
    while recent[first].at <= time - Self.together {
      inWindow -= recent[first].count
      first += 1
    }
    if first > 1_024, first * 2 > recent.count {
      recent.removeFirst(first)
      first = 0
    }
    most = max(most, inWindow)
  }

  private mutating func close() {
    if let share = current {
      closed = max(closed ?? 0, share)
      closedCount += 1
    }
    (recent, first, inWindow, most, all) = ([], 0, 0, 0, 0)
  }

  private var current: Double? { all >= Self.fewest ? Double(most) / Double(all) : nil }

  /// Episodes of enough retries so far.
  var count: Int { closedCount + (current == nil ? 0 : 1) }

  /// The largest share of an episode's retries within 10 ms; `nil` without an episode of enough retries.
  var largestShare: Double? { [closed, current].compactMap(\.self).max() }
}
