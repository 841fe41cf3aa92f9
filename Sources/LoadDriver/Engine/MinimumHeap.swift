/// A binary min-heap of elements with a 64-bit integer priority; equal priorities leave in order of a tie-break number,
/// so that a run's order never depends on the heap's history.
///
/// - Complexity: `push` and `pop` O(log n), `first` O(1). No allocation once its capacity has been reached.
struct MinimumHeap<Element> {
  private struct Node {
    var priority: Int64
    var tieBreak: Int
    var element: Element

    func isBefore(_ other: Node) -> Bool {
      (priority, tieBreak) < (other.priority, other.tieBreak)
    }
  }

  private var nodes: [Node] = []

  var count: Int { nodes.count }
  var isEmpty: Bool { nodes.isEmpty }
  /// The lowest priority, if any.
  var firstPriority: Int64? { nodes.first?.priority }
  var first: Element? { nodes.first?.element }

  mutating func reserveCapacity(_ capacity: Int) {
    nodes.reserveCapacity(capacity)
  }

  mutating func push(_ element: Element, priority: Int64, tieBreak: Int = 0) {
    nodes.append(Node(priority: priority, tieBreak: tieBreak, element: element))
    var child = nodes.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard nodes[child].isBefore(nodes[parent]) else { break }
      nodes.swapAt(child, parent)
      child = parent
    }
  }

  mutating func pop() -> Element? {
    guard !nodes.isEmpty else { return nil }
    nodes.swapAt(0, nodes.count - 1)
    let least = nodes.removeLast()
    var parent = 0
    while true {
      var smallest = parent
      for child in (2 * parent + 1)..<(2 * parent + 3) where child < nodes.count {
        if nodes[child].isBefore(nodes[smallest]) { smallest = child }
      }
      guard smallest != parent else { break }
      nodes.swapAt(parent, smallest)
      parent = smallest
    }
    return least.element
  }
}
