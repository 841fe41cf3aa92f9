import Measurement

/// Answers that wait for their time: a binary heap, earliest first. Equal times keep no order.
struct AnswerTimer {
  /// One answer to be sent.
  struct Entry {
    let due: Instant
    let slot: Int
    let serial: UInt64
  }

  private var heap: [Entry] = []

  /// The earliest entry's time.
  var earliest: Instant? { heap.first?.due }

  /// How many answers wait.
  var count: Int { heap.count }

  /// Keeps the entries for which the test holds. Complexity: O(n log n).
  mutating func keep(where isKept: (Entry) -> Bool) {
    let kept = heap.filter(isKept)
    heap.removeAll(keepingCapacity: false)
    for entry in kept { add(entry) }
  }

  /// Adds an entry. Complexity: O(log n).
  mutating func add(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent].due <= heap[child].due { return }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  /// Takes out the earliest entry when its time has come. Complexity: O(log n).
  mutating func next(at now: Instant) -> Entry? {
    guard let first = heap.first, first.due <= now else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      let (left, right) = (2 * parent + 1, 2 * parent + 2)
      if left < heap.count && heap[left].due < heap[least].due { least = left }
      if right < heap.count && heap[right].due < heap[least].due { least = right }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
