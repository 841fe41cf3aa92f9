import Measurement

@testable import Transport

/// A server without sockets: what clients send is put into its connections, what they read is kept, and time is moved.
final class ScriptedServer {
  /// One connection's two directions.
  struct Wire {
    /// What the client sent and the server has not read.
    var arriving: [UInt8] = []
    /// Whether the client has ended its side.
    var hasEnded = false
    /// The bytes that the client has got.
    var bytes: [UInt8] = []
    /// What the client has got as text, with `<end>`, `<closed>` or `<reset>` when that is what it saw.
    var got = ""
    /// How many bytes the socket takes before the client reads again.
    var room = Int.max
    /// The most bytes that one read gives.
    var pieces = Int.max
    var isHTTP2Agreed = false
    var isOpen = true
  }

  let clock = ManualClock(Instant(nanoseconds: 1_000_000_000))
  let core: HTTPServerCore
  private(set) var wires: [Int: Wire] = [:]

  init(
    limits: HTTPServerLimits = HTTPServerLimits(),
    _ handler: @escaping (HTTPRequestView, inout HTTPAnswer) -> Void = echo
  ) {
    core = HTTPServerCore(handler: ClosureHandler(handler), limits: limits, now: clock.now())
  }

  func connect(pieces: Int = .max, room: Int = .max, isHTTP2Agreed: Bool = false) -> Int {
    let slot = core.accept(isDrainedByShortTransfer: true, clock.now())
    wires[slot] = Wire(room: room, pieces: pieces, isHTTP2Agreed: isHTTP2Agreed)
    serve(slot)
    return slot
  }

  /// The client sends, and with `end` nothing afterwards: both are reported at once.
  func send(_ slot: Int, _ bytes: some Sequence<UInt8>, end: Bool = false) {
    wires[slot]?.arriving += bytes
    if end { wires[slot]?.hasEnded = true }
    core.ready(slot, end ? [.readable, .peerEnded] : .readable, clock.now())
    serve(slot)
  }

  /// The client ends its side, or is gone altogether.
  func leave(_ slot: Int, isGone: Bool = false) {
    wires[slot]?.hasEnded = true
    core.ready(slot, isGone ? [.readable, .peerEnded, .broken] : [.readable, .peerEnded], clock.now())
    serve(slot)
  }

  /// The client reads, which makes room for so many more bytes.
  func read(_ slot: Int, room: Int) {
    wires[slot]?.room = room
    core.ready(slot, .writable, clock.now())
    serve(slot)
  }

  /// Lets time pass, stopping whenever the server wants to be woken.
  func pass(_ length: Nanoseconds) {
    let end = clock.now() + length
    while clock.now() < end {
      clock.set(to: max(clock.now(), min(core.deadline, end)))
      _ = core.tick(clock.now())
      serveReady()
    }
  }

  func serveReady() {
    while let slot = core.takeReady() { serve(slot) }
  }

  func got(_ slot: Int) -> String { wires[slot]?.got ?? "" }

  private func serve(_ slot: Int) {
    guard var wire = wires[slot], wire.isOpen else { return }
    defer { wires[slot] = wire }
    while true {
      switch core.next(slot, clock.now()) {
      case .wait: return
      case .shakeHands: core.shookHands(slot, isDone: true, isHTTP2: wire.isHTTP2Agreed, clock.now())
      case .receive(let room):
        let count = min(room.count, wire.pieces, wire.arriving.count)
        if count == 0 {
          core.received(slot, wire.hasEnded ? .bytes(0) : .wouldBlock)
        } else {
          room.copyBytes(from: wire.arriving[..<count])
          wire.arriving.removeFirst(count)
          core.received(slot, .bytes(count))
          // A short read is the last one until the next event; this socket has more, so the event comes at once.
          if !wire.arriving.isEmpty { core.ready(slot, .readable, clock.now()) }
        }
      case .send(let bytes):
        let count = min(wire.room, bytes.count)
        wire.room -= count
        wire.bytes += bytes.prefix(count)
        wire.got += String(decoding: bytes.prefix(count), as: UTF8.self)
        core.sent(slot, count == 0 ? .wouldBlock : .bytes(count))
      case .endSending: wire.got += "<end>"
      case .close(let reset):
        wire.got += reset ? "<reset>" : "<closed>"
        wire.isOpen = false
        return
      }
    }
  }
}
