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
      for record in records where record.attempt == 1 { sketch.count(record.key) }
      return
    }
    let exact = exact
    for index in records.indices where records[index].attempt == 1 {
      let key = records[index].key
      if key < UInt64(exact.count) { exact[Int(truncatingIfNeeded: key)] &+= 1 }
    }
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
