import CLinux
import Glibc
import Measurement

/// Readiness of many descriptors and absolute deadlines for one thread, over epoll.
///
/// Each registration has a *token* (a small number of the caller's choice, such as a connection's slot) and a generation
/// that the loop keeps: when a token is removed and used anew inside one batch of events, the events that belong to the
/// former registration are dropped. Steady state costs one system call for each `wait` and allocates nothing.
///
/// Everything but `wake()` belongs to the thread that waits.
///
/// `@unchecked Sendable`: `wake()` only writes to a descriptor that is constant for the loop's life; the owner must not
/// release the loop while another thread can still call it, and all other state is used by the waiting thread alone.
package final class EventLoop: @unchecked Sendable {
  /// The highest token a caller may use; the ones above are the loop's own.
  package static let maximumToken: UInt32 = UInt32.max - 2

  private static let wakeToken = UInt32.max
  private static let timerToken = UInt32.max - 1

  private let epoll: Int32
  private let wakeDescriptor: Int32
  /// Present when the kernel has no wait with a time-out in nanoseconds.
  private let timer: Int32?
  private let clock: any MonotonicClock
  private let events: UnsafeMutableBufferPointer<epoll_event>
  @exclusivity(unchecked) private var pending = 0
  @exclusivity(unchecked) private var next = 0
  /// By token; odd while registered.
  @exclusivity(unchecked) private var generations: [UInt32] = []

  /// What the loop's connections read answers into.
  let receiveMemory = ReceiveMemory()

  /// Whether the last `wait` ended (also) because of `wake()`.
  @exclusivity(unchecked) package private(set) var wasWoken = false

  /// A loop with nothing registered.
  ///
  /// - Parameters:
  ///   - clock: what deadlines are measured against.
  ///   - capacity: events taken from the kernel by one `wait`; more simply come with the next.
  ///   - forcesTimerDescriptor: takes the way of older kernels, so that tests reach it.
  /// - Throws: `SystemCallFailure`, for lack of descriptors or memory.
  package init(
    clock: any MonotonicClock = SystemClock(), capacity: Int = 256, forcesTimerDescriptor: Bool = false
  ) throws(SystemCallFailure) {
    precondition(capacity > 0, "an event loop needs room for events")
    let epoll = try SystemCalls.epollCreate()
    var opened = [epoll]
    do throws(SystemCallFailure) {
      let wake = try SystemCalls.eventDescriptor()
      opened.append(wake)
      // Edge-triggered: each write is one event, so the counter need not be read back.
      try SystemCalls.epollControl(
        epoll, adding: true, wake, events: EventLoop.mask(for: [.read, .edge]),
        data: EventLoop.data(token: EventLoop.wakeToken, generation: 0))
      var timer: Int32?
      if forcesTimerDescriptor || !SystemCalls.hasNanosecondWait(epoll) {
        let descriptor = try SystemCalls.timerDescriptor()
        opened.append(descriptor)
        try SystemCalls.epollControl(
          epoll, adding: true, descriptor, events: EventLoop.mask(for: [.read, .edge]),
          data: EventLoop.data(token: EventLoop.timerToken, generation: 0))
        timer = descriptor
      }
      self.epoll = epoll
      self.wakeDescriptor = wake
      self.timer = timer
    } catch {
      for descriptor in opened { SystemCalls.close(descriptor) }
      throw error
    }
    self.clock = clock
    self.events = .allocate(capacity: capacity)
    self.events.initialize(repeating: epoll_event())
  }

  deinit {
    if let timer { SystemCalls.close(timer) }
    SystemCalls.close(wakeDescriptor)
    SystemCalls.close(epoll)
    events.deallocate()
  }

  /// Watches a descriptor under a token that is not in use.
  ///
  /// - Complexity: O(1) but for the first use of a token, which makes room for all lower ones.
  package func add(_ descriptor: Int32, interest: Interest, token: UInt32) throws(SystemCallFailure) {
    precondition(token <= EventLoop.maximumToken, "token \(token) is reserved")
    let index = Int(token)
    while generations.count <= index { generations.append(0) }
    precondition(generations[index] & 1 == 0, "token \(token) is registered already")
    let generation = generations[index] &+ 1
    try SystemCalls.epollControl(
      epoll, adding: true, descriptor, events: EventLoop.mask(for: interest),
      data: EventLoop.data(token: token, generation: generation))
    generations[index] = generation
  }

  /// Changes what a registered descriptor is watched for.
  package func modify(_ descriptor: Int32, interest: Interest, token: UInt32) throws(SystemCallFailure) {
    precondition(isRegistered(token), "token \(token) is not registered")
    try SystemCalls.epollControl(
      epoll, adding: false, descriptor, events: EventLoop.mask(for: interest),
      data: EventLoop.data(token: token, generation: generations[Int(token)]))
  }

  /// Stops watching; events of this registration not yet handed out are dropped. Call it before closing the descriptor.
  package func remove(_ descriptor: Int32, token: UInt32) {
    precondition(isRegistered(token), "token \(token) is not registered")
    generations[Int(token)] &+= 1
    SystemCalls.epollRemove(epoll, descriptor)
  }

  /// Waits until something is ready, another thread called `wake()`, or the deadline has come (nil waits without end; a
  /// deadline in the past only looks). Events of the previous wait that were not taken are forgotten.
  ///
  /// A signal may end the wait early, so callers look at their clock and not at the reason.
  package func wait(until deadline: Instant?) throws(SystemCallFailure) {
    wasWoken = false
    next = 0
    pending = 0
    let timeout = deadline.map { $0 == .distantFuture ? -1 : max(0, ($0 - clock.now()).value) } ?? -1
    if let timer {
      if timeout > 0 { try SystemCalls.setTimer(timer, after: timeout) }
      pending = try SystemCalls.epollWait(epoll, events, blocking: timeout != 0)
    } else {
      pending = try SystemCalls.epollWait(epoll, events, nanoseconds: timeout)
    }
  }

  /// The next event of the last wait whose registration still stands, or nil when all are taken.
  package func nextEvent() -> ReadyEvent? {
    while next < pending {
      let event = events[next]
      next += 1
      let data = event.data.u64
      let token = UInt32(truncatingIfNeeded: data)
      if token == EventLoop.wakeToken {
        wasWoken = true
        continue
      }
      if token == EventLoop.timerToken { continue }
      if generations[Int(token)] != UInt32(truncatingIfNeeded: data >> 32) { continue }
      return ReadyEvent(token: token, readiness: EventLoop.readiness(of: event.events))
    }
    return nil
  }

  /// Ends the present or the next wait at once. Safe from any thread and from a signal handler.
  package func wake() {
    SystemCalls.signal(eventDescriptor: wakeDescriptor)
  }

  private func isRegistered(_ token: UInt32) -> Bool {
    Int(token) < generations.count && generations[Int(token)] & 1 == 1
  }

  private static func data(token: UInt32, generation: UInt32) -> UInt64 {
    UInt64(generation) << 32 | UInt64(token)
  }

  private static func mask(for interest: Interest) -> UInt32 {
    var mask: UInt32 = 0
    if interest.contains(.read) { mask |= EPOLLIN.rawValue | EPOLLRDHUP.rawValue }
    if interest.contains(.write) { mask |= EPOLLOUT.rawValue }
    if interest.contains(.edge) { mask |= EPOLLET.rawValue }
    return mask
  }

  private static func readiness(of mask: UInt32) -> Readiness {
    var readiness: Readiness = []
    if mask & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
    if mask & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
    if mask & EPOLLRDHUP.rawValue != 0 { readiness.insert(.peerEnded) }
    if mask & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { readiness.insert(.broken) }
    return readiness
  }
}

extension EventLoop {
  /// What a descriptor is watched for.
  package struct Interest: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt8
    /// The set with these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Bytes to read, a connection to accept, or the peer's end of sending.
    package static let read = Interest(rawValue: 1)
    /// Room to write, or the outcome of a connect.
    package static let write = Interest(rawValue: 2)
    /// One event for each change instead of one for each wait: a stream that registers for both directions once then
    /// needs no further registration calls.
    package static let edge = Interest(rawValue: 4)
  }

  /// What a descriptor is ready for.
  package struct Readiness: OptionSet, Sendable {
    /// The bits.
    package let rawValue: UInt8
    /// The set with these bits.
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// A read has something to say: bytes, the end, or an error.
    package static let readable = Readiness(rawValue: 1)
    /// A write can go on, or a connect has ended.
    package static let writable = Readiness(rawValue: 2)
    /// The peer sends no more; what it sent before can still be read.
    package static let peerEnded = Readiness(rawValue: 4)
    /// The connection is over in both directions or has failed; what arrived before can still be read.
    package static let broken = Readiness(rawValue: 8)
  }

  /// A registration that became ready.
  package struct ReadyEvent: Sendable {
    /// The caller's number for it.
    package let token: UInt32
    /// What it is ready for.
    package let readiness: Readiness
  }
}
