import Measurement

/// The order statistics of N even points in [0, 1), each found by its number alone.
///
/// The interval is halved again and again; how many points fall to the left is a binomial draw that follows from the
/// node, so any reader finds the same points without having generated the others. At most `leafSize` points are drawn
/// directly and sorted.
struct PoissonArrivals: Sendable {
  private static let leafSize: UInt64 = 16
  private static let deepest: UInt64 = 50

  /// How many points.
  let count: UInt64
  private let random: CounterRandom

  /// Creates N points of a stream.
  init(count: UInt64, random: CounterRandom) {
    self.count = count
    self.random = random
  }

  /// The way from the root to the leaf that was used last: reading in order costs O(1) a point.
  struct Cursor: Sendable {
    fileprivate struct Node {
      let level: UInt64
      let position: UInt64
      let first: UInt64
      let count: UInt64
    }
    fileprivate var way: [Node] = []
    fileprivate var leaf: [Double] = []
    fileprivate var leafFirst: UInt64 = 0

    /// Creates a cursor at no particular place.
    init() {}
  }

  /// The i-th smallest point. O(log N), amortised O(1) in order.
  func point(_ index: UInt64, _ cursor: inout Cursor) -> Double {
    precondition(index < count, "point \(index) of \(count)")
    if index >= cursor.leafFirst, index < cursor.leafFirst + UInt64(cursor.leaf.count) {
      return cursor.leaf[Int(index - cursor.leafFirst)]
    }
    while let node = cursor.way.last, index < node.first || index >= node.first + node.count {
      cursor.way.removeLast()
    }
    if cursor.way.isEmpty { cursor.way.append(Cursor.Node(level: 0, position: 0, first: 0, count: count)) }
    while let node = cursor.way.last, node.count > Self.leafSize, node.level < Self.deepest {
      let name = 1 << node.level | node.position
      let left = Binomial.sample(trials: node.count, probability: 0.5, random, name)
      let goesLeft = index < node.first + left
      cursor.way.append(
        Cursor.Node(
          level: node.level + 1, position: node.position << 1 | (goesLeft ? 0 : 1),
          first: goesLeft ? node.first : node.first + left, count: goesLeft ? left : node.count - left))
    }
    if let node = cursor.way.last { draw(node, into: &cursor) }
    return cursor.leaf[Int(index - cursor.leafFirst)]
  }

  private func draw(_ node: Cursor.Node, into cursor: inout Cursor) {
    let width = 1 / Double(UInt64(1) << node.level)
    cursor.leaf.removeAll(keepingCapacity: true)
    for draw in 0..<node.count {
      // The high bit sets leaves apart from the splits, which count draws of the same node from 0.
      let unit = CounterRandom.unit(random.bits(1 << node.level | node.position, draw: 1 << 63 | draw).0)
      cursor.leaf.append((Double(node.position) + unit) * width)
    }
    cursor.leaf.sort()
    cursor.leafFirst = node.first
  }
}
