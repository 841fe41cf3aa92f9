import CNGHTTP2
import Measurement

/// One connection of HTTP/2 as a server sees it: bytes in, what to do next out (RFC 9113). Frames, streams and requests are
/// its session's; this side moves bytes and keeps the connection's times.
///
/// Like `HTTP1ServerConnection` it knows no socket and no clock. Objects are used again for later connections. While one
/// idles it holds nothing but nghttp2's session: what is read and sent lies in memory that all share.
final class HTTP2ServerConnection {
  private enum State {
    /// There is no connection.
    case closed
    /// Frames are exchanged.
    case open
    /// This side has ended; what still arrives is dropped until the other side ends too.
    case lingering
    /// It is to be closed.
    case closing(reset: Bool)
  }

  /// How many bytes are dropped at most while lingering.
  private static let lingeringBytes = 1 << 20

  private let shared: HTTPServerShared
  private let common: HTTP2Shared
  private let session: HTTP2Session
  private var state = State.closed
  private var opened = Instant(nanoseconds: 0)

  private var isDrainedByShortTransfer = true
  private var mayHaveMore = false
  private var isFull = false
  private var hasPeerEnded = false
  /// How much of the shared memory was read for this connection and not yet passed on.
  private var unread = 0
  /// What the socket did not take at once, and where its unsent part begins.
  private var leftover: ByteBuffer?
  private var leftoverStart = 0
  /// Since when the socket has taken nothing.
  private var stuckSince: Instant?
  private var droppedBytes = 0
  private var lingeringSince = Instant(nanoseconds: 0)

  /// A connection to be opened.
  init(shared: HTTPServerShared, common: HTTP2Shared) {
    self.shared = shared
    self.common = common
    session = HTTP2Session(shared: shared, common: common)
  }

  /// Takes over a connection on which data may flow.
  ///
  /// - Parameter beginning: what has been read from it already, from the preface on.
  func open(
    serial: UInt64, isDrainedByShortTransfer: Bool, hasPeerEnded: Bool, beginning: UnsafeRawBufferPointer,
    _ now: Instant
  ) {
    guard case .closed = state else { preconditionFailure("the connection is in use") }
    self.isDrainedByShortTransfer = isDrainedByShortTransfer
    self.hasPeerEnded = hasPeerEnded
    opened = now
    mayHaveMore = true
    isFull = false
    unread = 0
    stuckSince = nil
    state = session.open(serial: serial, now) ? .open : .closing(reset: false)
    if !beginning.isEmpty { feed(beginning, now) }
  }

  // MARK: What happened

  /// The socket is ready for something.
  func ready(_ readiness: EventLoop.Readiness) {
    isFull = false
    if !readiness.isDisjoint(with: [.readable, .peerEnded, .broken]) { mayHaveMore = true }
    if readiness.contains(.peerEnded) { hasPeerEnded = true }
  }

  /// A read into the room that `receive` named has ended so. A client that has ended its side is gone: it could neither open
  /// a window nor acknowledge anything.
  func received(_ transfer: StreamTransfer) {
    switch transfer {
    case .bytes(0), .broken, .violated:
      state = .closing(reset: false)
    case .bytes(let count):
      if count < common.received.capacity && isDrainedByShortTransfer && !hasPeerEnded { mayHaveMore = false }
      unread = count
    case .wouldBlock:
      mayHaveMore = false
    }
  }

  /// Sending what `send` named has ended so.
  func sent(_ transfer: StreamTransfer) {
    let taken: Int
    switch transfer {
    case .bytes(let count): taken = count
    case .wouldBlock: taken = 0
    case .broken, .violated:
      state = .closing(reset: false)
      return
    }
    if taken > 0 { stuckSince = nil }
    let left: Int
    if let leftover {
      leftoverStart += taken
      left = leftover.count - leftoverStart
      if left == 0 { self.leftover = nil }
    } else {
      left = common.output.count - taken
      if left > 0 {
        let rest = ByteBuffer(capacity: left)
        rest.append(UnsafeRawBufferPointer(rebasing: common.output.bytes[taken...]))
        leftover = rest
        leftoverStart = 0
      }
    }
    isFull = left > 0 && (isDrainedByShortTransfer || taken == 0)
  }

  /// Ends what lasts too long.
  ///
  /// - Parameter quiet: since the socket was last ready.
  /// - Returns: whether there is something to do `next`.
  func sweep(quiet: Nanoseconds, _ now: Instant) -> Bool {
    let limits = shared.limits
    switch state {
    case .closed, .closing: return false
    case .lingering:
      guard now - lingeringSince > limits.lingering else { return false }
      state = .closing(reset: true)
    case .open:
      if let stuckSince, now - stuckSince > limits.idle {
        state = .closing(reset: true)
      } else if !session.hasSettings {
        guard now - opened > limits.requestTime else { return false }
        end(NGHTTP2_SETTINGS_TIMEOUT)
      } else if session.isIdle {
        guard quiet > limits.idle else { return false }
        session.drain()
      } else {
        return session.sweep(now)
      }
    }
    return true
  }

  /// The server is about to end: only answers under way go out.
  func stop() {
    switch state {
    case .closed, .closing: break
    case .lingering: state = .closing(reset: false)
    case .open: session.stop()
    }
  }

  // MARK: What to do next

  /// How many requests the open connection has carried that are not in the server's count yet.
  var uncountedRequests: Int { if case .closed = state { 0 } else { session.requests } }

  /// What the edge has to do now.
  func next(_ now: Instant) -> HTTPServerAction {
    while true {
      switch state {
      case .closed:
        return .wait(until: nil)
      case .open:
        if let action = exchange(now) { return action }
      case .lingering:
        droppedBytes += unread
        unread = 0
        if droppedBytes <= HTTP2ServerConnection.lingeringBytes { return receive() ?? .wait(until: nil) }
        state = .closing(reset: true)
      case .closing(let reset):
        session.close()
        leftover = nil
        state = .closed
        return .close(reset: reset)
      }
    }
  }

  /// One step of an open connection; nil when the state is another.
  private func exchange(_ now: Instant) -> HTTPServerAction? {
    if unread > 0 {
      let count = unread
      unread = 0
      feed(UnsafeRawBufferPointer(start: common.received.base, count: count), now)
    }
    session.submitDue(now)
    guard case .open = state else { return nil }
    if let action = send() { return action }
    guard case .open = state else { return nil }
    if leftover == nil, session.isOver {
      state = .lingering
      lingeringSince = now
      droppedBytes = 0
      return .endSending
    }
    if leftover != nil, stuckSince == nil { stuckSince = now }
    // A client that takes no answers need not be read either, once there are many.
    let isHeldUp = leftover != nil && session.waitingFrames > shared.limits.strikes
    return (isHeldUp ? nil : receive()) ?? .wait(until: session.earliestAnswer)
  }

  private func receive() -> HTTPServerAction? {
    if !mayHaveMore { return nil }
    return .receive(
      into: UnsafeMutableRawBufferPointer(start: common.received.base, count: common.received.capacity))
  }

  /// Passes what has been read to the session.
  private func feed(_ bytes: UnsafeRawBufferPointer, _ now: Instant) {
    guard case .open = state else { return }
    if let violation = session.feed(bytes, now) { end(violation) }
  }

  /// What is to be sent, when there is something and the socket takes it.
  private func send() -> HTTPServerAction? {
    if isFull { return nil }
    if let leftover { return .send(UnsafeRawBufferPointer(rebasing: leftover.bytes[leftoverStart...])) }
    guard session.fill(common.output) else {
      state = .closing(reset: true)
      return nil
    }
    return common.output.count == 0 ? nil : .send(common.output.bytes)
  }

  /// Ends the connection at once with a word that says why.
  private func end(_ code: nghttp2_error_code) {
    if !session.end(code) { state = .closing(reset: true) }
  }
}
