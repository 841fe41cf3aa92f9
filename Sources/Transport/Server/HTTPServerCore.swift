import Measurement

/// The inside of `HTTPServer`: its connections, their times and limits. It makes no system call and reads no clock: the
/// edge tells it what happened, and asks for each connection named by `takeReady`, and each one it told something about,
/// what to do `next` until that is `wait` or `close`.
///
/// A connection is a *slot*, a small number used again once it has been closed.
final class HTTPServerCore {
  /// What a client reads that finds no room.
  static let refusal: StaticString =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

  private enum Phase {
    /// The slot is free.
    case free
    /// Encryption is being agreed.
    case shakingHands
    /// HTTP/1.1 decides.
    case open
    /// HTTP/2 decides.
    case openHTTP2
    /// It is to be closed without having been open.
    case closing
  }

  /// One slot. Its connection's memory serves the next one too.
  private struct Slot {
    let connection: HTTP1ServerConnection
    /// There from the slot's first connection of HTTP/2 on.
    var http2: HTTP2ServerConnection?
    var phase = Phase.free
    /// Which connection of the server's life it is; tells a timer's connection from a later one in the same slot.
    var serial: UInt64 = 0
    /// When the socket was last reported as ready.
    var lastActivity = Instant(nanoseconds: 0)
    /// The time for which the timer has an entry.
    var scheduled: Instant?
    var hasPeerEnded = false
    var isDrainedByShortTransfer = true
  }

  private let shared: HTTPServerShared
  private var slots: [Slot] = []
  private var freeSlots: [Int] = []
  /// Slots that have something to do although their sockets were not reported, and how many of them were taken.
  private var readySlots: [Int] = []
  private var takenSlots = 0
  private var openCount = 0
  private var nextSerial: UInt64 = 1
  private var timer = AnswerTimer()
  /// About how many entries of the timer belong to connections that have ended.
  private var forgottenAnswers = 0
  private let sweepInterval: Nanoseconds
  private var nextSweep: Instant

  /// A server without connections.
  ///
  /// - Parameter now: when the first interval between sweeps begins.
  init(handler: any HTTPHandler, limits: HTTPServerLimits, now: Instant) {
    shared = HTTPServerShared(handler: handler, limits: limits)
    // A quarter of the shortest limit keeps each limit to within 25 %; connections are looked at this often only.
    let shortest = min(limits.idle, limits.requestTime, limits.lingering)
    sweepInterval = Nanoseconds(max(1_000_000, shortest.value / 4))
    nextSweep = now + sweepInterval
  }

  /// Whether there is no connection.
  var isEmpty: Bool { openCount == 0 }

  /// Whether a further connection finds no room.
  var isFull: Bool { openCount >= shared.limits.connections }

  /// When `tick` is due at the latest.
  var deadline: Instant { min(timer.earliest ?? .distantFuture, nextSweep) }

  /// What all connections have carried so far. Complexity: O(slots).
  var counts: ConnectionCounts {
    var counts = shared.counts
    for slot in slots {
      switch slot.phase {
      case .open: counts.http1.add(requests: slot.connection.uncountedRequests)
      case .openHTTP2: counts.http2.add(requests: slot.http2?.uncountedRequests ?? 0)
      case .free, .shakingHands, .closing: break
      }
    }
    return counts
  }

  /// How many answers the timer holds, those that wait in vain included.
  var waitingAnswers: Int { timer.count }

  // MARK: What happened

  /// Takes a new connection, which begins with a handshake, and returns its slot.
  func accept(isDrainedByShortTransfer: Bool, _ now: Instant) -> Int {
    let number: Int
    if let free = freeSlots.popLast() {
      number = free
    } else {
      number = slots.count
      slots.append(Slot(connection: HTTP1ServerConnection(shared: shared)))
    }
    slots[number].phase = .shakingHands
    slots[number].serial = nextSerial
    slots[number].lastActivity = now
    slots[number].hasPeerEnded = false
    slots[number].isDrainedByShortTransfer = isDrainedByShortTransfer
    nextSerial += 1
    openCount += 1
    return number
  }

  /// A connection's socket is ready for something.
  func ready(_ number: Int, _ readiness: EventLoop.Readiness, _ now: Instant) {
    slots[number].lastActivity = now
    switch slots[number].phase {
    case .open: slots[number].connection.ready(readiness, now)
    case .openHTTP2: slots[number].http2?.ready(readiness)
    case .shakingHands: if readiness.contains(.peerEnded) { slots[number].hasPeerEnded = true }
    case .free, .closing: break
    }
  }

  /// The handshake has come to its end.
  ///
  /// - Parameter isHTTP2: whether that was agreed; without, the client's first bytes decide.
  func shookHands(_ number: Int, isDone: Bool, isHTTP2: Bool = false, _ now: Instant) {
    guard isDone else {
      slots[number].phase = .closing
      return
    }
    if isHTTP2 { return openHTTP2(number, UnsafeRawBufferPointer(start: nil, count: 0), now) }
    let slot = slots[number]
    slots[number].phase = .open
    slot.connection.open(
      serial: slot.serial, isDrainedByShortTransfer: slot.isDrainedByShortTransfer, hasPeerEnded: slot.hasPeerEnded)
  }

  /// Goes on in HTTP/2, from the client's preface on.
  private func openHTTP2(_ number: Int, _ beginning: UnsafeRawBufferPointer, _ now: Instant) {
    guard let common = shared.http2 else {
      slots[number].phase = .closing
      return
    }
    let slot = slots[number]
    let connection = slot.http2 ?? HTTP2ServerConnection(shared: shared, common: common)
    slots[number].http2 = connection
    slots[number].phase = .openHTTP2
    connection.open(
      serial: slot.serial, isDrainedByShortTransfer: slot.isDrainedByShortTransfer, hasPeerEnded: slot.hasPeerEnded,
      beginning: beginning, now)
  }

  /// A read that was asked for has ended so.
  func received(_ number: Int, _ transfer: StreamTransfer) {
    if slots[number].phase == .openHTTP2 {
      slots[number].http2?.received(transfer)
    } else {
      slots[number].connection.received(transfer)
    }
  }

  /// A transfer that was asked for has ended so.
  func sent(_ number: Int, _ transfer: StreamTransfer) {
    if slots[number].phase == .openHTTP2 {
      slots[number].http2?.sent(transfer)
    } else {
      slots[number].connection.sent(transfer)
    }
  }

  /// Time has passed: answers whose time has come are ready, and so is what has lasted too long.
  ///
  /// - Returns: nil, or when connections were looked at, whether large memory was given back.
  func tick(_ now: Instant) -> Bool? {
    while let entry = timer.next(at: now) {
      // The connection may have ended since, and its slot been taken.
      guard isPending(entry) else { continue }
      slots[entry.slot].scheduled = nil
      readySlots.append(entry.slot)
    }
    guard now >= nextSweep else { return nil }
    nextSweep = now + sweepInterval
    shared.hasGivenBack = false
    for number in slots.indices {
      let quiet = now - slots[number].lastActivity
      switch slots[number].phase {
      case .free, .closing:
        continue
      case .shakingHands:
        guard quiet > shared.limits.requestTime else { continue }
        slots[number].phase = .closing
      case .open:
        guard slots[number].connection.sweep(quiet: quiet, grace: sweepInterval, now) else { continue }
      case .openHTTP2:
        guard let connection = slots[number].http2, connection.sweep(quiet: quiet, now) else { continue }
      }
      readySlots.append(number)
    }
    return shared.hasGivenBack
  }

  /// Makes all connections that wait for an answer although their client has ended its side ready to be closed; false when
  /// there are none.
  func dismissLeavers() -> Bool {
    guard shared.hasLeavers else { return false }
    shared.hasLeavers = false
    var hasDismissed = false
    for number in slots.indices where slots[number].phase == .open && slots[number].connection.dismissLeaver() {
      readySlots.append(number)
      hasDismissed = true
    }
    return hasDismissed
  }

  /// The server is to end: answers under way go out, and connections with none are ready to be closed.
  func stop() {
    shared.isStopping = true
    for number in slots.indices {
      switch slots[number].phase {
      case .free, .closing: continue
      case .shakingHands: slots[number].phase = .closing
      case .open: slots[number].connection.stop()
      case .openHTTP2: slots[number].http2?.stop()
      }
      readySlots.append(number)
    }
  }

  // MARK: What to do next

  /// A connection to ask for its `next` action although its socket was not reported; nil when there are no more.
  func takeReady() -> Int? {
    if takenSlots < readySlots.count {
      takenSlots += 1
      return readySlots[takenSlots - 1]
    }
    readySlots.removeAll(keepingCapacity: true)
    takenSlots = 0
    return nil
  }

  /// What the edge has to do for a connection now. After `close` the slot is free.
  func next(_ number: Int, _ now: Instant) -> HTTPServerAction {
    switch slots[number].phase {
    case .free: return .wait(until: nil)
    case .shakingHands: return .shakeHands
    case .closing:
      release(number)
      return .close(reset: false)
    case .open, .openHTTP2: break
    }
    let action = nextOfOpen(number, now)
    switch action {
    case .wait(let time):
      if let time { schedule(number, at: time) }
    case .close:
      release(number)
    case .shakeHands, .receive, .send, .endSending:
      break
    }
    return action
  }

  private func nextOfOpen(_ number: Int, _ now: Instant) -> HTTPServerAction {
    if slots[number].phase == .open {
      let connection = slots[number].connection
      if let action = connection.next(now) { return action }
      connection.handOver { openHTTP2(number, $0, now) }
    }
    return slots[number].http2?.next(now) ?? .close(reset: false)
  }

  private func schedule(_ number: Int, at time: Instant) {
    if let scheduled = slots[number].scheduled {
      // Whoever is asked sooner than need be says again when.
      if scheduled <= time { return }
      forgetAnswer()
    }
    slots[number].scheduled = time
    timer.add(AnswerTimer.Entry(due: time, slot: number, serial: slots[number].serial))
  }

  private func release(_ number: Int) {
    if slots[number].scheduled != nil {
      slots[number].scheduled = nil
      forgetAnswer()
    }
    slots[number].phase = .free
    freeSlots.append(number)
    openCount -= 1
  }

  private func isPending(_ entry: AnswerTimer.Entry) -> Bool {
    slots[entry.slot].serial == entry.serial && slots[entry.slot].scheduled == entry.due
  }

  /// Counts an answer that waits in vain, and clears the timer of them once they are most of it: clients that come and go
  /// must not fill memory for as long as their answers would have been held back.
  private func forgetAnswer() {
    forgottenAnswers += 1
    guard forgottenAnswers > 1024, forgottenAnswers > waitingAnswers / 2 else { return }
    timer.keep { isPending($0) }
    forgottenAnswers = 0
  }
}

/// Answers that wait for their time: a binary heap, earliest first. Equal times keep no order.
struct AnswerTimer {
  /// One answer to be sent.
  struct Entry {
    let due: Instant
    let slot: Int
    let serial: UInt64
  }

  private var heap: [Entry] = []

  /// The earliest entry's time.
  var earliest: Instant? { heap.first?.due }

  /// How many answers wait.
  var count: Int { heap.count }

  /// Keeps the entries for which the test holds. Complexity: O(n log n).
  mutating func keep(where isKept: (Entry) -> Bool) {
    let kept = heap.filter(isKept)
    heap.removeAll(keepingCapacity: false)
    for entry in kept { add(entry) }
  }

  /// Adds an entry. Complexity: O(log n).
  mutating func add(_ entry: Entry) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if heap[parent].due <= heap[child].due { return }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  /// Takes out the earliest entry when its time has come. Complexity: O(log n).
  mutating func next(at now: Instant) -> Entry? {
    guard let first = heap.first, first.due <= now else { return nil }
    let last = heap.removeLast()
    if heap.isEmpty { return first }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      let (left, right) = (2 * parent + 1, 2 * parent + 2)
      if left < heap.count && heap[left].due < heap[least].due { least = left }
      if right < heap.count && heap[right].due < heap[least].due { least = right }
      if least == parent { return first }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
