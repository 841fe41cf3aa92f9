import Kinesis

/// First tries per partition key of the measured phases' records, and the busiest second of each: exact up to a million
/// keys, else the heaviest by a sketch, which knows no seconds.
///
/// Sendable by the rule of what is handed over: whoever made it fills it and lets go of it.
package final class KeyCounts: @unchecked Sendable {
  /// First tries by key id; empty when the sketch is used.
  package let exact: UnsafeMutableBufferPointer<UInt32>
  /// The most tries, retries included, in one second of the measured phases, by key id; empty when the sketch is used.
  package let peaks: UnsafeMutableBufferPointer<UInt32>
  /// Used when there are too many keys, or no bound on them.
  package private(set) var sketch: KeySketch
  private let usesSketch: Bool

  /// Counters for the layout's keys. Memory: 8 bytes a key up to a million keys.
  package init(layout: RunLayout) {
    let count = layout.countsKeysExactly ? Int(layout.keyCount ?? 0) : 0
    exact = .allocate(capacity: count)
    exact.initialize(repeating: 0)
    peaks = .allocate(capacity: count)
    peaks.initialize(repeating: 0)
    usesSketch = !layout.countsKeysExactly
    sketch = KeySketch(capacity: usesSketch ? KeySketch.defaultCapacity : 0)
  }

  /// Counters that were read back, of as many keys each.
  package init(exact counts: [UInt32], peaks most: [UInt32]) {
    precondition(counts.count == most.count, "every key has both counters")
    exact = .allocate(capacity: counts.count)
    _ = exact.initialize(from: counts)
    peaks = .allocate(capacity: most.count)
    _ = peaks.initialize(from: most)
    usesSketch = false
    sketch = KeySketch(capacity: 0)
  }

  /// A sketch as it is now, or that was read back.
  package init(sketch: KeySketch) {
    exact = .allocate(capacity: 0)
    peaks = .allocate(capacity: 0)
    usesSketch = true
    self.sketch = sketch
  }

  deinit {
    exact.deallocate()
    peaks.deallocate()
  }

  /// Whether `exact` and `peaks` are in use.
  package var isExact: Bool { !usesSketch }

  /// The counters as they are now. O(keys).
  func copy() -> KeyCounts { isExact ? KeyCounts(exact: Array(exact), peaks: Array(peaks)) : KeyCounts(sketch: sketch) }

  /// Adds another lane's sketch.
  func add(_ other: KeySketch) { sketch.add(other) }

  /// Adds what began in one second while one phase ran. O(keys).
  func addFirstTries(_ tries: KeyTries) {
    for key in exact.indices { exact[key] &+= tries.attempts[key] }
    guard tries.hasRetries else { return }
    for key in exact.indices { exact[key] &-= tries.retries[key] }
  }

  /// Takes note of all that began in one second. O(keys).
  func notePeaks(_ tries: KeyTries) {
    for key in peaks.indices { peaks[key] = max(peaks[key], tries.attempts[key]) }
  }
}

/// Tries per key that began in one second, of one phase's records and while one phase ran.
///
/// Sendable by the rule of the slice it belongs to.
package final class KeyTries: @unchecked Sendable {
  /// All of them, by key id. A plain allocation, since it is touched for every record.
  let attempts: UnsafeMutableBufferPointer<UInt32>
  /// Those that were not a record's first; without room until there is one.
  private(set) var retries: UnsafeMutableBufferPointer<UInt32>

  /// Counters for as many keys. Memory: 4 bytes a key, twice as much once something was tried again.
  init(keys count: Int) {
    attempts = .allocate(capacity: count)
    attempts.initialize(repeating: 0)
    retries = .allocate(capacity: 0)
  }

  deinit {
    attempts.deallocate()
    retries.deallocate()
  }

  var hasRetries: Bool { !retries.isEmpty }

  /// Counts these tries. Keys that have no counter are left out.
  ///
  /// A loop of its own, and a short one, so that the processor waits for many counters at once: keys are drawn at
  /// random, and each is a cache miss when there are many.
  func count(_ records: UnsafeMutableBufferPointer<RecordObservation>) {
    let attempts = attempts
    var again = 0
    for index in records.indices {
      let key = records[index].planned.key
      if key < UInt64(attempts.count) { attempts[Int(truncatingIfNeeded: key)] &+= 1 }
      again &+= records[index].attempt == 1 ? 0 : 1
    }
    if again > 0 { countRetries(records) }
  }

  private func countRetries(_ records: UnsafeMutableBufferPointer<RecordObservation>) {
    makeRoomForRetries()
    for record in records where record.attempt != 1 && record.planned.key < UInt64(retries.count) {
      retries[Int(truncatingIfNeeded: record.planned.key)] &+= 1
    }
  }

  private func makeRoomForRetries() {
    guard !hasRetries else { return }
    retries.deallocate()
    retries = .allocate(capacity: attempts.count)
    retries.initialize(repeating: 0)
  }

  /// Adds another lane's, or another phase's, of the same second. O(keys).
  func add(_ other: KeyTries) {
    for key in attempts.indices { attempts[key] &+= other.attempts[key] }
    guard other.hasRetries else { return }
    makeRoomForRetries()
    for key in retries.indices { retries[key] &+= other.retries[key] }
  }
}

/// Finds the heaviest keys of an unbounded number in constant memory.
///
/// The summary of Misra and Gries with a counter table that is thinned when full: the median counter is taken off all of
/// them (Anderson et al., "A High-Performance Algorithm for Identifying Frequent Items in Data Streams", 2017). Its bounds
/// are those of space-saving, to which it is equivalent (Agarwal et al., "Mergeable Summaries", 2012), at a tenth of the
/// cost for streams of keys that are all different. A key's true count lies between its counter and its counter plus
/// `error`; every key with more than `error` is in the table.
package struct KeySketch: Sendable {
  /// Counters kept after thinning are at most half of this many.
  package static let defaultCapacity = 8_192

  private var keys: [UInt64]
  private var counts: [Int64]
  private var used = 0
  /// What has been taken off all counters so far: by how much any of them may be too low.
  package private(set) var error: Int64 = 0

  /// A sketch of `capacity` counters, a power of two; of none it cannot be used.
  package init(capacity: Int) {
    precondition(capacity & (capacity - 1) == 0, "the capacity is a power of two")
    keys = [UInt64](repeating: 0, count: capacity * 2)
    counts = [Int64](repeating: 0, count: capacity * 2)
  }

  /// A sketch of these counters; `nil` for more than it can have.
  init?(entries: [(key: UInt64, count: Int64)], error: Int64) {
    self.init(capacity: Self.defaultCapacity)
    guard entries.count <= Self.defaultCapacity else { return nil }
    for entry in entries { count(entry.key, times: entry.count) }
    self.error = error
  }

  /// Counts a key once. Amortised O(1).
  package mutating func count(_ key: UInt64, times: Int64 = 1) {
    let mask = keys.count - 1
    var place = Self.place(of: key, mask: mask)
    while counts[place] != 0 {
      if keys[place] == key {
        counts[place] += times
        return
      }
      place = (place + 1) & mask
    }
    keys[place] = key
    counts[place] = times
    used += 1
    if used * 2 > keys.count { thin() }
  }

  /// Adds another sketch: counters and errors add up.
  package mutating func add(_ other: KeySketch) {
    error += other.error
    for place in other.keys.indices where other.counts[place] > 0 {
      count(other.keys[place], times: other.counts[place])
    }
  }

  /// The keys in the table with their counters, in no particular order.
  package var entries: [(key: UInt64, count: Int64)] {
    keys.indices.filter { counts[$0] > 0 }.map { (keys[$0], counts[$0]) }
  }

  /// Takes the median counter off all and drops those that fall to nothing: at least half of them.
  private mutating func thin() {
    let kept = entries
    let median = kept.map(\.count).sorted()[kept.count / 2]
    error += median
    used = 0
    for place in counts.indices { counts[place] = 0 }
    let mask = keys.count - 1
    for entry in kept where entry.count > median {
      var place = Self.place(of: entry.key, mask: mask)
      while counts[place] != 0 { place = (place + 1) & mask }
      keys[place] = entry.key
      counts[place] = entry.count - median
      used += 1
    }
  }

  /// Fibonacci hashing: ids are often consecutive.
  private static func place(of key: UInt64, mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
  }
}
