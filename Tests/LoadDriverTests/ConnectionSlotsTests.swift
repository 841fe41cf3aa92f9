import Producers
import Testing

@testable import LoadDriver

private let ms: Int64 = 1_000_000

@Suite("The connections of a worker as a state machine")
struct ConnectionSlotsTests {
  /// Slots with a time-out of 100 ms at time 0.
  private func slots(_ count: Int, connected: Set<Int>) -> ConnectionSlots {
    ConnectionSlots(count: count, connected: connected, timeout: 100 * ms, now: 0)
  }

  @Test(
    "Idle slots are taken first, the longest at rest before the others; then those that are not up", arguments: 1...3)
  func order(count: Int) {
    var slots = slots(count, connected: Set(1..<count))
    let first = slots.takeFree(at: 0)
    let taken = [first].compactMap { $0 } + (1..<count).compactMap { _ in slots.takeFree(at: 0) }
    #expect(taken == Array(1..<count) + [0])
    #expect(slots.takeFree(at: 0) == nil)
    for slot in taken.reversed() { slots.rest(slot) }
    #expect(slots.takeFree(at: 0) == 0)
  }

  @Test("A slot that rests twice is listed once, and one that closed meanwhile is not taken as idle")
  func listed() {
    var slots = slots(2, connected: [0, 1])
    slots.rest(0)
    #expect(slots.listed == 2)
    slots.closedUnused(0, now: 300 * ms)
    slots.connect(0, now: 300 * ms)
    #expect(slots.takeFree(at: 300 * ms) == 1)
    #expect(slots.takeFree(at: 300 * ms) == nil)
    slots.connected(0, now: 301 * ms)
    slots.rest(0)
    #expect((slots.listed, slots.takeFree(at: 301 * ms)) == (1, 0))
  }

  @Test("A request is on its slot from load to unload, and its memory comes back with it")
  func requests() {
    var slots = slots(1, connected: [0])
    let batch = RecordBatch(capacity: 1)
    #expect(slots.unload(0) == nil)
    let buffer = slots.takeBuffer()
    slots.load(batch, on: 0)
    #expect((slots.carried, slots.request(on: 0)?.sent) == (1, nil))
    slots.send(0, encoded: 7, bytes: 99, now: 5)
    slots.lend(buffer, to: 0)
    #expect(slots.takeBuffer() !== buffer)
    #expect(slots.state(of: 0) == .busy)
    #expect(slots.oldestOutstanding == 5)
    let request = slots.unload(0)
    #expect(request?.batch === batch)
    #expect((request?.sent, request?.bytesOnWire, slots.carried) == (7, 99, 0))
    #expect(slots.oldestOutstanding == nil)
    #expect(slots.takeBuffer() === buffer)
    #expect(slots.unload(0) == nil)
  }

  @Test("A request is on a reused connection when that has answered before, and not after it was made anew")
  func reuse() {
    var slots = slots(1, connected: [0])
    func send(at now: Int64) -> Bool? {
      slots.load(RecordBatch(capacity: 1), on: 0)
      slots.send(0, encoded: now, bytes: 1, now: now)
      return slots.unload(0)?.isOnReusedConnection
    }
    #expect(send(at: 1) == false)
    slots.answered(0)
    #expect(send(at: 2) == true)
    slots.reopen(0, now: 3)
    slots.connect(0, now: 4)
    slots.connected(0, now: 5)
    #expect(send(at: 6) == false)
  }

  @Test("Connecting and sending time out alike, the first begun first; the wait ends with the request")
  func timeouts() {
    var slots = slots(3, connected: [0])
    for slot in [0, 1, 2] {
      #expect(slots.takeFree(at: 0) == slot)
      slots.load(RecordBatch(capacity: 1), on: slot)
    }
    slots.connect(1, now: 0)
    slots.connect(2, now: 10 * ms)
    slots.send(0, encoded: 20 * ms, bytes: 1, now: 20 * ms)
    slots.connected(1, now: 30 * ms)
    slots.send(1, encoded: 30 * ms, bytes: 1, now: 30 * ms)
    var order: [Int] = []
    #expect(slots.firstExpired(at: 110 * ms - 1) == nil)
    for due in [110, 120, 130] as [Int64] {
      #expect(slots.nextEvent == due * ms)
      guard let slot = slots.firstExpired(at: due * ms) else { break }
      order.append(slot)
      // Its connection is tried again, later than the time-outs still to come.
      _ = slots.unload(slot)
      slots.failed(slot, now: due * ms)
    }
    #expect(order == [2, 0, 1])
    #expect(slots.nextEvent == 160 * ms)
  }

  @Test(
    "The pause before a slot is connected again",
    arguments: [(0, 0), (1, 50), (2, 100), (3, 200), (6, 1_600), (7, 2_000), (8, 2_000), (1_000, 2_000)]
      as [(Int, Int64)])
  func pauses(failures: Int, pause: Int64) {
    #expect(ConnectionSlots.reconnectDelay(failures: failures) == pause * ms)
    guard failures <= 8 else { return }
    var slots = slots(1, connected: [0])
    #expect(slots.takeFree(at: 0) == 0)
    for _ in 0..<failures { slots.failed(0, now: -10_000 * ms) }
    while slots.takeReopening(at: 0) != nil {}
    slots.reopen(0, now: 0)
    #expect(slots.takeFree(at: pause * ms - 1) == nil)
    #expect(slots.takeFree(at: pause * ms) == 0)
  }

  /// How an unused connection ended, and whether the next is made at once.
  @Test(
    "Only a connection that answered or stood for a while is made again at once",
    arguments: [(false, 1, false), (false, 249, false), (false, 250, true), (true, 1, true)] as [(Bool, Int64, Bool)])
  func soundness(hasAnswered: Bool, lifetime: Int64, isSound: Bool) {
    var slots = slots(1, connected: [])
    #expect(slots.takeReopening(at: 0) == 0)
    slots.connect(0, now: 0)
    slots.connected(0, now: 0)
    if hasAnswered { slots.answered(0) }
    slots.rest(0)
    slots.closedUnused(0, now: lifetime * ms)
    #expect(slots.nextEvent == (isSound ? lifetime : lifetime + 50) * ms)
  }

  @Test("A connection that ends under a request is no unused one")
  func closedInUse() {
    var slots = slots(1, connected: [0])
    #expect(slots.takeFree(at: 0) == 0)
    slots.load(RecordBatch(capacity: 1), on: 0)
    slots.send(0, encoded: 1, bytes: 1, now: 1)
    slots.closedUnused(0, now: 2)
    #expect(slots.state(of: 0) == .busy)
  }

  @Test("An answer sets the failures back to none")
  func answers() {
    var slots = slots(1, connected: [0])
    for _ in 0..<5 { slots.failed(0, now: 0) }
    slots.answered(0)
    while slots.takeReopening(at: 10_000 * ms) != nil {}
    slots.failed(0, now: 20_000 * ms)
    #expect(slots.nextEvent == 20_050 * ms)
  }
}
