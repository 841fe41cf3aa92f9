/// A first-in-first-out queue over a ring that only grows: no allocation in a steady state.
///
/// - Complexity: O(1) amortised for both ends.
struct FirstInFirstOut<Element> {
  private var ring: [Element?] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }
  var first: Element? { count == 0 ? nil : ring[head] }

  init(capacity: Int = 0) {
    ring = Array(repeating: nil, count: capacity)
  }

  mutating func append(_ element: Element) {
    if count == ring.count { grow() }
    var tail = head + count
    if tail >= ring.count { tail -= ring.count }
    ring[tail] = element
    count += 1
  }

  mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = ring[head]
    ring[head] = nil
    head = head + 1 == ring.count ? 0 : head + 1
    count -= 1
    return element
  }

  /// Visits the elements, oldest first.
  func forEach(_ body: (Element) -> Void) {
    for offset in 0..<count {
      if let element = ring[(head + offset) % ring.count] { body(element) }
    }
  }

  private mutating func grow() {
    var larger: [Element?] = []
    larger.reserveCapacity(max(8, ring.count * 2))
    for offset in 0..<count { larger.append(ring[(head + offset) % ring.count]) }
    larger += Array(repeating: nil, count: max(8, ring.count * 2) - count)
    ring = larger
    head = 0
  }
}
