import Testing

@testable import Producers

@Suite("The queue by priority")
struct MinimumHeapTests {
  @Test("The heap gives elements by priority, then by tie-break", arguments: [0, 1, 2, 3, 10, 200])
  func heapSorts(count: Int) {
    var random = SystemLikeRandom(state: UInt64(count))
    var heap = MinimumHeap<Int>()
    var expected: [(Int64, Int)] = []
    for element in 0..<count {
      let priority = Int64(random.next() % 16)
      heap.push(element, priority: priority, tieBreak: element)
      expected.append((priority, element))
    }
    expected.sort { $0 < $1 }
    for (priority, element) in expected {
      #expect(heap.firstPriority == priority)
      #expect(heap.pop() == element)
    }
    #expect(heap.pop() == nil)
    #expect(heap.isEmpty)
  }
}
