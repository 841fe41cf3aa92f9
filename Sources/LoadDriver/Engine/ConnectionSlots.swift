import Kinesis
import Producers

/// A batch on a connection: on the wire, or waiting for the connection to come up.
struct SlotRequest {
  let batch: RecordBatch
  /// When it was encoded and signed, and its sending began, nanoseconds since the run's start; nil while it was not sent.
  var sent: Int64?
  /// Length of its message, the HTTP head included; 0 while it was not sent.
  var bytesOnWire = 0
  /// Whether its connection had carried a request before.
  var isOnReusedConnection = false
}

/// The connections of one worker as a state machine: which are up, what each carries, when one is tried again, what times
/// out when. It never touches a socket: its owner opens, sends and closes as it says, and tells it what came of it.
///
/// A slot is *closed*, *connecting*, *idle* or *busy*. One that carries a request is connecting or busy; an idle one
/// carries none and stands in a queue, so that the one that rested longest is used first; a closed one has a time from which
/// it may be tried again.
///
/// All times are nanoseconds since the run's start. Nothing is allocated in a steady state.
struct ConnectionSlots: ~Copyable {
  enum State {
    case closed
    case connecting
    case idle
    case busy
  }

  private struct Slot {
    var state = State.closed
    /// Whether it stands in `idle`.
    var isListed = false
    /// Attempts and requests that failed since the last answer.
    var failures = 0
    /// When its present or last connection came up.
    var opened: Int64
    /// Whether that has brought an answer.
    var hasAnswered = false
    var request: SlotRequest?
    /// The memory of a message that is not sent to its end.
    var lent: RequestBuffer?
  }

  private let timeout: Int64
  private var slots: [Slot]
  private var idle: FirstInFirstOut<Int>
  private var reopening = MinimumHeap<Int>()
  private var deadlines: DeadlineList
  /// Memory for messages that no request uses. A message is mostly taken over by the kernel at once, and its memory is
  /// then used for the next one, so that it stays in the processor's cache whatever the number of connections.
  private var spareBuffers: [RequestBuffer] = []

  /// How many slots carry a request.
  private(set) var carried = 0

  /// Slots without requests, of which some are connected.
  ///
  /// - Parameters:
  ///   - count: at least 1.
  ///   - connected: those that are up already; the others may be tried at once.
  ///   - timeout: of one request and of one attempt to connect, nanoseconds.
  init(count: Int, connected: Set<Int>, timeout: Int64, now: Int64) {
    self.timeout = timeout
    slots = Array(repeating: Slot(opened: now), count: count)
    idle = FirstInFirstOut(capacity: count)
    deadlines = DeadlineList(slots: count)
    spareBuffers.reserveCapacity(count)
    for slot in 0..<count {
      if connected.contains(slot) {
        rest(slot)
      } else {
        reopening.push(slot, priority: .min, tieBreak: slot)
      }
    }
  }

  var count: Int { slots.count }
  /// How many slots are listed as free; each at most once.
  var listed: Int { idle.count }

  func state(of slot: Int) -> State { slots[slot].state }
  func request(on slot: Int) -> SlotRequest? { slots[slot].request }

  // Requests

  /// Takes a slot for a request: an idle one, the longest at rest first, else a closed one that may be tried again.
  ///
  /// - Returns: a slot that is either idle or closed; nil when there is none at `now`.
  mutating func takeFree(at now: Int64) -> Int? {
    while let slot = idle.popFirst() {
      slots[slot].isListed = false
      if slots[slot].state == .idle { return slot }
    }
    return takeReopening(at: now)
  }

  /// Puts a batch on a slot that was taken.
  mutating func load(_ batch: RecordBatch, on slot: Int) {
    slots[slot].request = SlotRequest(batch: batch)
    carried += 1
  }

  /// Takes a slot's request back, with the memory lent to it, and ends the wait for it.
  ///
  /// - Returns: nil when it carries none.
  mutating func unload(_ slot: Int) -> SlotRequest? {
    deadlines.remove(slot: slot)
    guard let request = slots[slot].request else { return nil }
    slots[slot].request = nil
    if let buffer = slots[slot].lent {
      slots[slot].lent = nil
      spareBuffers.append(buffer)
    }
    carried -= 1
    return request
  }

  /// A slot's request is encoded and about to be sent.
  mutating func send(_ slot: Int, encoded: Int64, bytes: Int, now: Int64) {
    slots[slot].state = .busy
    slots[slot].request?.sent = encoded
    slots[slot].request?.bytesOnWire = bytes
    // One that did not answer its first request carries no second.
    let isReused = slots[slot].hasAnswered
    slots[slot].request?.isOnReusedConnection = isReused
    deadlines.remove(slot: slot)
    deadlines.append(slot: slot, deadline: now + timeout)
  }

  // Memory for messages

  /// Memory for a message, which goes to `keep` or `lend` next.
  mutating func takeBuffer() -> RequestBuffer { spareBuffers.popLast() ?? RequestBuffer() }

  /// Takes memory back whose message is with the kernel.
  mutating func keep(_ buffer: RequestBuffer) { spareBuffers.append(buffer) }

  /// Leaves memory with a slot until its request ends.
  mutating func lend(_ buffer: RequestBuffer, to slot: Int) { slots[slot].lent = buffer }

  // Connections

  /// A slot is about to be connected.
  mutating func connect(_ slot: Int, now: Int64) {
    slots[slot].state = .connecting
    deadlines.append(slot: slot, deadline: now + timeout)
  }

  /// A slot's connection is up; it is to send what it carries, or to rest.
  mutating func connected(_ slot: Int, now: Int64) {
    slots[slot].opened = now
    slots[slot].hasAnswered = false
    deadlines.remove(slot: slot)
  }

  /// Lists a connected slot as free, once.
  mutating func rest(_ slot: Int) {
    slots[slot].state = .idle
    if slots[slot].isListed { return }
    slots[slot].isListed = true
    idle.append(slot)
  }

  /// A slot's connection brought an answer, which sets its failures back to none.
  mutating func answered(_ slot: Int) {
    slots[slot].failures = 0
    slots[slot].hasAnswered = true
  }

  /// A slot's connection, or an attempt at one, failed; one is made anew after a pause.
  mutating func failed(_ slot: Int, now: Int64) {
    slots[slot].failures += 1
    reopen(slot, now: now)
  }

  /// A slot's connection was closed by the target while it carried nothing, and is opened again. That is no failure, unless
  /// the target closes connections as fast as they are made: only one that has brought an answer, or has stood for a while,
  /// is opened again at once.
  mutating func closedUnused(_ slot: Int, now: Int64) {
    guard slots[slot].request == nil else { return }
    let wasSound = slots[slot].hasAnswered || now - slots[slot].opened >= Self.soundLifetime
    slots[slot].failures = wasSound ? 0 : slots[slot].failures + 1
    reopen(slot, now: now)
  }

  /// A slot's connection is no more; one is made anew after the pause that its failures ask for.
  mutating func reopen(_ slot: Int, now: Int64) {
    slots[slot].state = .closed
    reopening.push(slot, priority: now + Self.reconnectDelay(failures: slots[slot].failures), tieBreak: slot)
  }

  /// Takes a closed slot whose pause is over.
  mutating func takeReopening(at now: Int64) -> Int? {
    while let due = reopening.firstPriority, due <= now, let slot = reopening.pop() {
      if slots[slot].state == .closed { return slot }
    }
    return nil
  }

  /// How long an unused connection stands before its end is no failure, nanoseconds: longer than a refusal takes, and
  /// shorter than servers let idle connections stand.
  static var soundLifetime: Int64 { 250_000_000 }

  /// Wait before a connection is tried again: none after a clean close, then 50 ms doubled up to 2 s. Only an answer sets
  /// the failures back to none: a target that accepts connections and then drops them is not there either.
  static func reconnectDelay(failures: Int) -> Int64 {
    failures == 0 ? 0 : min(2_000_000_000, 50_000_000 << Int64(min(failures - 1, 10)))
  }

  // Time

  /// A slot whose request or attempt to connect has timed out; it stays the same until it is closed and reported as failed.
  func firstExpired(at now: Int64) -> Int? {
    guard let deadline = deadlines.firstDeadline, deadline <= now else { return nil }
    return deadlines.firstSlot
  }

  /// When something times out or a closed slot may be tried again; nil when nothing of the kind lies ahead.
  var nextEvent: Int64? {
    guard let deadline = deadlines.firstDeadline else { return reopening.firstPriority }
    return min(deadline, reopening.firstPriority ?? .max)
  }

  /// When the oldest request without an outcome was sent; a slot that is still connecting counts from when it began to.
  var oldestOutstanding: Int64? {
    // Deadlines are a fixed time after the sending.
    deadlines.firstDeadline.map { $0 - timeout }
  }
}
