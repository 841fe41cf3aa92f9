/// A binary min-heap of elements with a 64-bit integer priority; equal priorities leave in order of a tie-break number,
/// so that a run's order never depends on the heap's history.
///
/// Inlinable, since other modules use it for each request: a generic type that is not specialised allocates.
///
/// - Complexity: `push` and `pop` O(log n), `first` O(1). No allocation once its capacity has been reached.
public struct MinimumHeap<Element> {
  @usableFromInline struct Node {
    @usableFromInline var priority: Int64
    @usableFromInline var tieBreak: Int
    @usableFromInline var element: Element

    @inlinable init(priority: Int64, tieBreak: Int, element: Element) {
      self.priority = priority
      self.tieBreak = tieBreak
      self.element = element
    }

    @inlinable func isBefore(_ other: Node) -> Bool {
      (priority, tieBreak) < (other.priority, other.tieBreak)
    }
  }

  @usableFromInline var nodes: [Node] = []

  /// An empty heap.
  @inlinable public init() {}

  /// Number of elements.
  @inlinable public var count: Int { nodes.count }
  /// Whether there is none.
  @inlinable public var isEmpty: Bool { nodes.isEmpty }
  /// The lowest priority, if any.
  @inlinable public var firstPriority: Int64? { nodes.first?.priority }
  /// The element with it.
  @inlinable public var first: Element? { nodes.first?.element }

  /// Makes room for so many elements, so that none of them allocates.
  @inlinable public mutating func reserveCapacity(_ capacity: Int) {
    nodes.reserveCapacity(capacity)
  }

  /// Puts an element in; of two with equal priority the one with the lower tie-break leaves first.
  @inlinable public mutating func push(_ element: Element, priority: Int64, tieBreak: Int = 0) {
    nodes.append(Node(priority: priority, tieBreak: tieBreak, element: element))
    var child = nodes.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard nodes[child].isBefore(nodes[parent]) else { break }
      nodes.swapAt(child, parent)
      child = parent
    }
  }

  /// Looks at every element, in no particular order. O(count).
  @inlinable public func forEach(_ body: (Element) -> Void) {
    for node in nodes { body(node.element) }
  }

  /// Takes the element with the lowest priority; nil when there is none.
  @inlinable public mutating func pop() -> Element? {
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
