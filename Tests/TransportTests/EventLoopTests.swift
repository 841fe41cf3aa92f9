import Dispatch
import Measurement
import Testing
import Transport

@Suite("The event loop")
struct EventLoopTests {
  /// Two connected sockets, closed at the end.
  private final class Pair {
    let near: Int32
    let far: Int32

    init() throws { (near, far) = try SystemCalls.socketPair() }

    deinit {
      SystemCalls.close(near)
      SystemCalls.close(far)
    }

    func writeFar(_ count: Int = 1) {
      let bytes = [UInt8](repeating: 1, count: count)
      #expect(bytes.withUnsafeBytes { SystemCalls.send(far, $0) } == .bytes(count))
    }
  }

  private func events(_ loop: EventLoop) throws -> [UInt32] {
    try loop.wait(until: Instant(nanoseconds: 0))
    var tokens: [UInt32] = []
    while let event = loop.nextEvent() { tokens.append(event.token) }
    return tokens
  }

  @Test("reports what is ready under its token", arguments: [false, true])
  func readiness(_ forcesTimer: Bool) throws {
    let loop = try EventLoop(forcesTimerDescriptor: forcesTimer)
    let (one, two) = (try Pair(), try Pair())
    try loop.add(one.near, interest: .read, token: 5)
    try loop.add(two.near, interest: .read, token: 0)
    #expect(try events(loop) == [])
    two.writeFar()
    #expect(try events(loop) == [0])
    one.writeFar()
    #expect(try events(loop).sorted() == [0, 5])
  }

  @Test("reports an edge once, and a level until it is gone")
  func edges() throws {
    let loop = try EventLoop()
    let (edge, level) = (try Pair(), try Pair())
    try loop.add(edge.near, interest: [.read, .edge], token: 1)
    try loop.add(level.near, interest: .read, token: 2)
    edge.writeFar()
    level.writeFar()
    #expect(try events(loop).sorted() == [1, 2])
    #expect(try events(loop) == [2])
    edge.writeFar()
    #expect(try events(loop).sorted() == [1, 2])
  }

  @Test("says who has room, who has ended, and who is gone")
  func kinds() throws {
    let loop = try EventLoop()
    let pair = try Pair()
    try loop.add(pair.near, interest: [.read, .write], token: 0)
    try loop.wait(until: nil)
    #expect(loop.nextEvent()?.readiness == .writable)
    SystemCalls.shutDownWriting(pair.far)
    try loop.modify(pair.near, interest: .read, token: 0)
    try loop.wait(until: nil)
    #expect(loop.nextEvent()?.readiness == [.readable, .peerEnded])
    SystemCalls.shutDownWriting(pair.near)
    try loop.wait(until: nil)
    #expect(loop.nextEvent()?.readiness == [.readable, .peerEnded, .broken])
  }

  @Test("drops events of a registration that is gone, also when its token is in use again")
  func staleEvents() throws {
    let loop = try EventLoop()
    let pairs = [try Pair(), try Pair(), try Pair()]
    for (token, pair) in pairs.enumerated() {
      try loop.add(pair.near, interest: .read, token: UInt32(token))
      pair.writeFar()
    }
    try loop.wait(until: nil)
    let first = try #require(loop.nextEvent())
    // While the first event is dealt with, one of the others is removed and the other's token goes to a quiet socket.
    let others = (0..<3).filter { $0 != Int(first.token) }
    loop.remove(pairs[others[0]].near, token: UInt32(others[0]))
    loop.remove(pairs[others[1]].near, token: UInt32(others[1]))
    let quiet = try Pair()
    try loop.add(quiet.near, interest: .read, token: UInt32(others[1]))
    #expect(loop.nextEvent() == nil)
  }

  @Test("wakes at a deadline and not before", arguments: [false, true])
  func deadline(_ forcesTimer: Bool) throws {
    let loop = try EventLoop(forcesTimerDescriptor: forcesTimer)
    let clock = SystemClock()
    for delay in [0, 1, 2_000_000] as [Int64] {
      let deadline = clock.now() + Nanoseconds(delay)
      repeat { try loop.wait(until: deadline) } while clock.now() < deadline && loop.nextEvent() == nil
      #expect(clock.now() >= deadline)
      #expect(loop.nextEvent() == nil)
    }
  }

  @Test("returns at once for a deadline that has passed", arguments: [false, true])
  func pastDeadline(_ forcesTimer: Bool) throws {
    let loop = try EventLoop(forcesTimerDescriptor: forcesTimer)
    try loop.wait(until: Instant(nanoseconds: .min / 2))
    #expect(loop.nextEvent() == nil)
  }

  @Test("is woken by another thread, before or while it waits", arguments: [false, true])
  func wake(_ forcesTimer: Bool) throws {
    let loop = try EventLoop(forcesTimerDescriptor: forcesTimer)
    loop.wake()
    loop.wake()
    try loop.wait(until: nil)
    #expect(loop.nextEvent() == nil)
    #expect(loop.wasWoken)
    #expect(try events(loop) == [])
    #expect(!loop.wasWoken)
    DispatchQueue.global().async { @Sendable in loop.wake() }
    try loop.wait(until: .distantFuture)
    #expect(loop.nextEvent() == nil)
    #expect(loop.wasWoken)
  }

  @Test("hands out more events than one wait takes, over several")
  func manyEvents() throws {
    let loop = try EventLoop(capacity: 2)
    let pairs = try (0..<5).map { _ in try Pair() }
    for (token, pair) in pairs.enumerated() {
      try loop.add(pair.near, interest: [.read, .edge], token: UInt32(token))
      pair.writeFar()
    }
    var seen: Set<UInt32> = []
    for _ in 0..<3 { seen.formUnion(try events(loop)) }
    #expect(seen == [0, 1, 2, 3, 4])
  }
}
