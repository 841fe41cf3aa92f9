import Measurement
import Observations
import StreamAccess
import Transport

/// A worker's real connections: sockets in its event loop, one slot each.
///
/// A call can end at once, in a refused connection or a broken pipe; such outcomes wait here until the worker takes
/// them, so that the engine always hears of them later and never inside its own call.
///
/// Not thread-safe: it lives inside one worker's queue.
final class SocketChannels: RequestChannels {
  /// The most that an answer to PutRecords may measure: 500 entries of 2 KiB, where the service's have less than 300 bytes.
  /// Many connections receive such answers at once, so the bound is the memory a hostile target can make a run use.
  private static let recordAnswers = HTTPMessageLimits(headBytes: 64 << 10, bodyBytes: 1 << 20)

  let loop: EventLoop
  private let connections: [ClientConnection]
  private let clock: any MonotonicClock
  @exclusivity(unchecked) private var pending = FirstInFirstOut<(slot: Int, event: ClientEvent)>()

  init(count: Int, destination: Destination, clock: any MonotonicClock) throws {
    let loop = try EventLoop(clock: clock)
    self.loop = loop
    self.clock = clock
    connections = (0..<count).map {
      destination.connection(slot: $0, loop: loop, limits: Self.recordAnswers)
    }
  }

  var count: Int { connections.count }

  /// The connection of a slot, for its stamps.
  subscript(slot: Int) -> ClientConnection { connections[slot] }

  func open(_ slot: Int) {
    note(slot, connections[slot].connect(now: clock.now()))
  }

  /// What it took to make a slot's connection, which has just been reported as made.
  func observation(of slot: Int) -> ConnectionObservation {
    let connection = connections[slot]
    let now = clock.now()
    return ConnectionObservation(
      connect: connection.connectStarted.map { (now - $0).value } ?? 0,
      handshake: connection.handshakeStarted.map { (now - $0).value }, isResumed: connection.isSessionResumed)
  }

  func send(_ slot: Int, _ message: UnsafeRawBufferPointer) -> Bool {
    let connection = connections[slot]
    note(slot, connection.send(message, now: clock.now()))
    return connection.isMessageTaken
  }

  func close(_ slot: Int) {
    connections[slot].close()
  }

  /// Waits for outcomes until `deadline`, not at all when some are pending already.
  func wait(until deadline: Instant) throws(SystemCallFailure) {
    try loop.wait(until: pending.isEmpty ? deadline : Instant(nanoseconds: 0))
  }

  /// The next outcome, or nil when all that happened is told.
  func nextOutcome() -> (slot: Int, event: ClientEvent)? {
    if let outcome = pending.popFirst() { return outcome }
    while let ready = loop.nextEvent() {
      let slot = Int(ready.token)
      let event = connections[slot].handle(ready.readiness, now: clock.now())
      if case .none = event { continue }
      return (slot, event)
    }
    return nil
  }

  private func note(_ slot: Int, _ event: ClientEvent) {
    if case .none = event { return }
    pending.append((slot, event))
  }
}
