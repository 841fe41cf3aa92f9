import Kinesis

/// First tries per partition key: exact up to a million keys, else the heaviest by a sketch.
///
/// Sendable by the lane's rule: filled by one worker, then handed over whole at the end.
package final class KeyCounts: @unchecked Sendable {
  /// One counter a key id; empty when the sketch is used. A plain allocation, since it is touched for every record.
  package let exact: UnsafeMutableBufferPointer<UInt32>
  /// Used when there are too many keys, or no bound on them.
  package private(set) var sketch: KeySketch
  private let usesSketch: Bool

  /// Counters for the layout's keys.
  package init(layout: RunLayout) {
    let isExact = layout.countsKeysExactly
    exact = .allocate(capacity: isExact ? Int(layout.keyCount ?? 0) : 0)
    exact.initialize(repeating: 0)
    usesSketch = !isExact
    sketch = KeySketch(capacity: isExact ? 0 : KeySketch.defaultCapacity)
  }

  deinit { exact.deallocate() }

  /// Whether `exact` is in use.
  package var isExact: Bool { !usesSketch }

  /// Counts the first tries among these.
  ///
  /// A loop of its own, and a short one, so that the processor waits for many counters at once: keys are drawn at
  /// random, and each is a cache miss when there are many.
  func countFirstTries(_ records: UnsafeMutableBufferPointer<RecordObservation>) {
    if usesSketch {
      for record in records where record.attempt == 1 { sketch.count(record.planned.key) }
      return
    }
    let exact = exact
    for index in records.indices where records[index].attempt == 1 {
      let key = records[index].planned.key
      if key < UInt64(exact.count) { exact[Int(truncatingIfNeeded: key)] &+= 1 }
    }
  }

  /// Counters that were read back.
  init(exact counts: [UInt32]) {
    exact = .allocate(capacity: counts.count)
    _ = exact.initialize(from: counts)
    usesSketch = false
    sketch = KeySketch(capacity: 0)
  }

  /// A sketch that was read back.
  init(sketch: KeySketch) {
    exact = .allocate(capacity: 0)
    usesSketch = true
    self.sketch = sketch
  }

  /// The counters as they are now. O(keys).
  func copy() -> KeyCounts { isExact ? KeyCounts(copying: exact) : KeyCounts(sketch: sketch) }

  private init(copying counts: UnsafeMutableBufferPointer<UInt32>) {
    exact = .allocate(capacity: counts.count)
    _ = exact.initialize(from: counts)
    usesSketch = false
    sketch = KeySketch(capacity: 0)
  }

  /// Adds another lane's counters.
  package func add(_ other: KeyCounts) {
    if isExact {
      for index in exact.indices { exact[index] &+= other.exact[index] }
    } else {
      sketch.add(other.sketch)
    }
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
