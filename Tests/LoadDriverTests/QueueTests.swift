import Testing

@testable import LoadDriver

@Suite("The worker's queues")
struct QueueTests {
  @Test("The ring keeps order across growth and wrap-around")
  func ringOrder() {
    var ring = FirstInFirstOut<Int>(capacity: 3)
    var next = 0
    var expected = 0
    for round in 0..<50 {
      for _ in 0..<(round % 7) {
        ring.append(next)
        next += 1
      }
      for _ in 0..<(round % 5) where !ring.isEmpty {
        #expect(ring.first == expected)
        #expect(ring.popFirst() == expected)
        expected += 1
      }
      #expect(ring.count == next - expected)
    }
  }

  @Test("Deadlines come in order of starting, whatever ends between")
  func deadlineOrder() {
    var list = DeadlineList(slots: 4)
    #expect(list.firstDeadline == nil)
    for slot in 0..<4 { list.append(slot: slot, deadline: Int64(10 * slot)) }
    list.remove(slot: 1)
    list.remove(slot: 1)
    list.remove(slot: 0)
    #expect(list.firstSlot == 2)
    #expect(list.firstDeadline == 20)
    list.append(slot: 0, deadline: 40)
    list.remove(slot: 2)
    list.remove(slot: 3)
    #expect(list.firstSlot == 0)
    list.remove(slot: 0)
    #expect(list.firstSlot == nil)
  }

  @Test(
    "Totals are dealt onto workers without loss",
    arguments: [
      (1, 2, 4, 10, 1), (8, 16, 2, 4, 2), (7, 15, 3, 5, 3), (2, 16, 8, 8, 2), (32, 64, 4, 3, 3), (5, 1, 4, 4, 1),
    ])
  func shares(connections: Int, cap: Int, workers: Int, producers: Int, expected: Int) {
    let shares = EngineLimits.shares(
      connections: connections, maximumInFlight: cap, timeout: 5, workers: workers, producers: producers)
    #expect(shares.count == expected)
    #expect(shares.reduce(0) { $0 + $1.connections } == connections)
    #expect(shares.reduce(0) { $0 + $1.maximumInFlight } == cap)
    #expect(shares.allSatisfy { $0.connections >= 1 && $0.maximumInFlight >= 1 })
  }
}
