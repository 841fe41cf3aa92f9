import Measurement

/// What the edge of a server does next for one connection.
enum HTTPServerAction {
  /// Nothing, until the socket is ready again or the time has come.
  case wait(until: Instant?)
  /// Go on with the encryption's handshake, and tell `HTTPServerCore.shookHands`.
  case shakeHands
  /// One read into this room, and tell `received`.
  case receive(into: UnsafeMutableRawBufferPointer)
  /// Send a first part of these bytes, and tell `sent`.
  case send(UnsafeRawBufferPointer)
  /// End this side's sending.
  case endSending
  /// Close the socket: the connection is gone.
  case close(reset: Bool)
}

/// What the connections of one server have in common.
final class HTTPServerShared {
  /// What a connection's buffers may keep between requests: a usual PutRecords request or answer.
  static let keptBytes = 256 << 10

  let handler: any HTTPHandler
  let limits: HTTPServerLimits
  /// Header fields of the answer being made.
  let answerFields = ByteBuffer(capacity: 1024)
  /// What all buffers hold beyond `keptBytes`.
  var largeBytes = 0
  /// Whether every answer from now on is its connection's last.
  var isStopping = false
  /// Whether a connection may wait for an answer whose client has ended its side.
  var hasLeavers = false
  /// Whether the present sweep has given large memory back.
  var hasGivenBack = false
  /// What connections that have ended have carried, and what is counted as it happens.
  var counts = ConnectionCounts()
  /// What connections of HTTP/2 share, from the first one on; nil for lack of memory.
  private(set) lazy var http2 = HTTP2Shared(limits: limits)

  init(handler: any HTTPHandler, limits: HTTPServerLimits) {
    self.handler = handler
    self.limits = limits
  }
}

/// One connection of HTTP/1.1 as a server sees it: bytes in, what to do next out (RFC 9112). It knows no socket and no
/// clock; `HTTPServerCore` passes on what the edge reports, and asks `next` until the answer is `wait` or `close`.
///
/// `HTTP2ServerConnection` is another version with the same methods: requests reach the handler as `HTTPRequestView`, and
/// answers leave it as `HTTPAnswer`, whatever carried them. Objects are used again for later connections, with their
/// buffers: in steady state a request allocates nothing.
final class HTTP1ServerConnection {
  private enum State {
    /// There is no connection.
    case closed
    /// Requests are read.
    case reading
    /// An answer waits for its time.
    case delayed
    /// An answer is on its way.
    case writing
    /// A request is left without an answer.
    case silent
    /// This side has ended; what still arrives is dropped until the other side ends too.
    case lingering
    /// It is to be closed.
    case closing(reset: Bool)
  }

  /// What follows the answer under way.
  private enum Ending {
    case nextRequest
    case end
    case reset
  }

  private static let continueText: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

  private let shared: HTTPServerShared
  private let received = ByteBuffer(capacity: 16 << 10)
  private let answer = ByteBuffer(capacity: 4 << 10)
  /// What the buffers hold beyond their usual size, as the server's sum has it.
  private var countedBytes = 0

  private var state = State.closed
  private var serial: UInt64 = 0
  private var requests = 0
  private var parser: HTTPRequestParser
  /// Where the request being read begins in `received`.
  private var start = 0
  /// Whether a transfer of fewer bytes than asked for means that the next one would block.
  private var isDrainedByShortTransfer = true
  /// Whether the socket may hold bytes that have not been read.
  private var mayHaveMore = false
  /// Whether the socket has taken less than it was offered since it was last ready.
  private var isFull = false
  /// Whether the client has ended its side: that was reported once, and only a read that finds nothing shows where.
  private var hasPeerEnded = false
  private var hasSaidContinue = false
  /// How much of the interim answer is still to be sent.
  private var unsentContinue = 0
  /// The part of `answer` still to be sent.
  private var unsent = 0..<0
  private var ending = Ending.nextRequest
  /// When a delayed answer goes out.
  private var due = Instant.distantFuture
  /// When the first byte of the unfinished request was read.
  private var requestBegan: Instant?

  init(shared: HTTPServerShared) {
    self.shared = shared
    parser = HTTPRequestParser()
  }

  /// Takes over a connection on which data may flow, the first bytes of which may be there.
  func open(serial: UInt64, isDrainedByShortTransfer: Bool, hasPeerEnded: Bool) {
    guard case .closed = state else { preconditionFailure("the connection is in use") }
    state = .reading
    self.serial = serial
    shared.counts.http1.connections += 1
    self.isDrainedByShortTransfer = isDrainedByShortTransfer
    self.hasPeerEnded = hasPeerEnded
    requests = 0
    beginRequest()
    start = 0
    mayHaveMore = true
    isFull = false
    unsentContinue = 0
    unsent = 0..<0
    ending = .nextRequest
  }

  // MARK: What happened

  /// The socket is ready for something.
  func ready(_ readiness: EventLoop.Readiness, _ now: Instant) {
    isFull = false
    if !readiness.isDisjoint(with: [.readable, .peerEnded, .broken]) { mayHaveMore = true }
    if readiness.contains(.peerEnded) { hasPeerEnded = true }
    switch state {
    case .delayed where readiness.contains(.broken): state = .closing(reset: false)
    case .delayed where readiness.contains(.peerEnded): partFromLeaver(now)
    case .silent where !readiness.isDisjoint(with: [.broken, .peerEnded]): state = .closing(reset: false)
    default: break
    }
  }

  /// A read into the room that `receive` named has ended so.
  func received(_ transfer: StreamTransfer) {
    switch transfer {
    case .bytes(0), .broken, .violated:
      state = .closing(reset: false)
    case .bytes(let count):
      // After the end was reported there will be no further event: the end itself has to be read.
      if count < received.room.count && isDrainedByShortTransfer && !hasPeerEnded { mayHaveMore = false }
      received.count += count
    case .wouldBlock:
      mayHaveMore = false
    }
  }

  /// Sending what `send` named has ended so.
  func sent(_ transfer: StreamTransfer) {
    switch transfer {
    case .bytes(let count) where unsentContinue > 0:
      unsentContinue -= count
      isFull = unsentContinue > 0 && isDrainedByShortTransfer
    case .bytes(let count):
      unsent = (unsent.lowerBound + count)..<unsent.upperBound
      isFull = !unsent.isEmpty && isDrainedByShortTransfer
    case .wouldBlock:
      isFull = true
    case .broken, .violated:
      state = .closing(reset: false)
    }
  }

  /// Ends what lasts too long, and gives back memory that is not in use.
  ///
  /// - Parameters:
  ///   - quiet: since the socket was last ready.
  ///   - grace: a connection quiet for longer between requests gives back the room of a large one.
  /// - Returns: whether there is something to do `next`.
  func sweep(quiet: Nanoseconds, grace: Nanoseconds, _ now: Instant) -> Bool {
    let limits = shared.limits
    switch state {
    case .reading:
      if let began = requestBegan {
        guard now - began > limits.requestTime else { return false }
        refuse(status: 408, now)
        return true
      }
      if quiet > limits.idle {
        state = .closing(reset: false)
        return true
      }
      if countedBytes > 0, quiet > grace {
        giveBack()
        shared.hasGivenBack = true
      }
      return false
    case .writing, .silent:
      guard quiet > limits.idle else { return false }
    case .lingering:
      guard quiet > limits.lingering else { return false }
    case .closed, .closing, .delayed:
      return false
    }
    state = .closing(reset: true)
    return true
  }

  /// The server is about to end: only an answer under way goes out.
  func stop() {
    switch state {
    case .reading, .silent, .lingering: state = .closing(reset: false)
    case .delayed, .writing: if ending == .nextRequest { ending = .end }
    case .closed, .closing: break
    }
  }

  /// Closes when an answer waits although its client has ended its side; false when it does not.
  func dismissLeaver() -> Bool {
    guard hasPeerEnded, case .delayed = state else { return false }
    state = .closing(reset: false)
    return true
  }

  /// Gives a connection back whose client has ended its side before its answer is due.
  ///
  /// One that has gone looks like one that only sends no more and still reads (RFC 9112 section 9.6 knows both): the answer
  /// goes out if it is due as soon as a connection may linger, and there is room for others as long.
  private func partFromLeaver(_ now: Instant) {
    if due - now > shared.limits.lingering { state = .closing(reset: false) } else { shared.hasLeavers = true }
  }

  // MARK: What to do next

  /// How many requests the open connection has carried that are not in the server's count yet.
  var uncountedRequests: Int { if case .closed = state { 0 } else { requests } }

  /// Ends this object's part in a connection that turned out to be one of HTTP/2.
  ///
  /// - Parameter takeOver: gets what has been read.
  func handOver(_ takeOver: (UnsafeRawBufferPointer) -> Void) {
    shared.counts.http1.connections -= 1
    takeOver(UnsafeRawBufferPointer(rebasing: received.bytes[start...]))
    state = .closed
    giveBack()
  }

  /// What the edge has to do now; nil when the client has opened HTTP/2, and `handOver` is due.
  func next(_ now: Instant) -> HTTPServerAction? {
    while true {
      switch state {
      case .closed, .silent:
        return .wait(until: nil)
      case .reading:
        if let action = readRequest(now) { return action }
        if case .reading = state { return nil }
      case .delayed:
        if due > now { return .wait(until: due) }
        state = .writing
      case .writing:
        if let action = writeAnswer() { return action }
      case .lingering:
        received.count = 0
        return mayHaveMore ? receive() : .wait(until: nil)
      case .closing(let reset):
        shared.counts.http1.add(requests: requests)
        state = .closed
        giveBack()
        return .close(reset: reset)
      }
    }
  }

  /// Answers the next request once it is complete, whereupon the state is another and nil is returned; nil in the same state
  /// says that this is HTTP/2.
  private func readRequest(_ now: Instant) -> HTTPServerAction? {
    if received.count > start {
      var count = received.count - start
      let outcome = parser.consume(received.base + start, count: &count)
      received.count = start + count
      switch outcome {
      case .complete:
        answerRequest(now)
        return nil
      case .failed(let violation):
        if violation == .unsupportedVersion && opensHTTP2 { return nil }
        refuse(status: HTTPStatus.refusing(violation), now)
        return nil
      case .incomplete:
        if requestBegan == nil { requestBegan = now }
        received.removeFirst(start)
        start = 0
        sayContinue()
        if let expected = parser.expectedCount {
          // What a head announces is believed as far as bytes have come: at most as much again.
          received.reserve(total: min(expected, max(HTTPServerShared.keptBytes, 2 * received.count)))
        }
        guard tally() else {
          giveBack()
          refuse(status: 503, now)
          return nil
        }
      }
    } else {
      received.count = 0
      start = 0
    }
    if let interim = sendContinue() { return interim }
    return mayHaveMore ? receive() : .wait(until: nil)
  }

  private func receive() -> HTTPServerAction {
    received.reserve(4096)
    return .receive(into: received.room)
  }

  /// Whether what a connection began with is HTTP/2 with prior knowledge (RFC 9113 section 3.4).
  private var opensHTTP2: Bool {
    let preface: StaticString = "PRI * HTTP/2.0\r\n"
    let bytes = received.bytes.dropFirst(start)
    return requests == 0
      && bytes.starts(with: UnsafeBufferPointer(start: preface.utf8Start, count: preface.utf8CodeUnitCount))
  }

  private func sayContinue() {
    guard parser.expectsContinue, !hasSaidContinue else { return }
    hasSaidContinue = true
    // Some of the body here already: the client did not wait (RFC 9110 section 10.1.1).
    if received.count > parser.body.lowerBound { return }
    unsentContinue = HTTP1ServerConnection.continueText.utf8CodeUnitCount
  }

  /// What is left of the interim answer, when there is something and the socket takes it.
  private func sendContinue() -> HTTPServerAction? {
    if unsentContinue == 0 || isFull { return nil }
    let text = HTTP1ServerConnection.continueText
    let rest = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount).suffix(unsentContinue)
    return .send(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: rest)))
  }

  private func answerRequest(_ now: Instant) {
    let whole = UnsafeRawBufferPointer(rebasing: received.bytes[start...])
    requests += 1
    let request = HTTPRequestView(
      method: UnsafeRawBufferPointer(rebasing: whole[parser.method]),
      target: UnsafeRawBufferPointer(rebasing: whole[parser.target]),
      fields: HTTPFields(lines: UnsafeRawBufferPointer(rebasing: whole[parser.fields])),
      body: UnsafeRawBufferPointer(rebasing: whole[parser.body]), receivedAt: now, connection: serial,
      ordinal: requests)
    var message = HTTPAnswer(body: answer, fields: shared.answerFields)
    shared.handler.respond(to: request, into: &message)
    guard tally() else {
      giveBack()
      return refuse(status: 503, now)
    }
    if shared.isStopping || !parser.isKeepAlive { message.closes = true }
    let isHead = HTTPText.isEqual(request.method, ignoringCase: "HEAD")
    let isVersion10 = parser.isVersion10
    start += parser.end
    beginRequest()
    begin(message, isVersion10: isVersion10, isHead: isHead, now)
  }

  private func beginRequest() {
    parser = HTTPRequestParser(limits: shared.limits.message)
    requestBegan = nil
    hasSaidContinue = false
  }

  /// Answers what cannot be understood, and ends the connection: where the next request begins is not known.
  private func refuse(status: Int, _ now: Instant) {
    var message = HTTPAnswer(body: answer, fields: shared.answerFields)
    message.status = status
    message.closes = true
    shared.handler.refuse(status: status, into: &message)
    requestBegan = nil
    begin(message, isVersion10: false, isHead: false, now)
  }

  /// Completes an answer's message and decides when and how much of it goes out.
  private func begin(_ message: HTTPAnswer, isVersion10: Bool, isHead: Bool, _ now: Instant) {
    let whole = message.complete(isVersion10: isVersion10, isHead: isHead)
    switch message.delivery {
    case .whole:
      unsent = whole
      ending = message.closes ? .end : .nextRequest
    case .never:
      // The end was reported along with the request, and will not be again.
      state = hasPeerEnded ? .closing(reset: false) : .silent
      return
    case .reset(let count):
      unsent = whole.prefix(max(0, count))
      ending = .reset
    case .truncate(let count):
      unsent = whole.prefix(max(0, count))
      ending = .end
    }
    if let notBefore = message.notBefore, notBefore > now {
      state = .delayed
      due = notBefore
      // The end was reported along with the request, and will not be again.
      if hasPeerEnded { partFromLeaver(now) }
    } else {
      state = .writing
    }
  }

  /// Sends what is left of the answer; once it is out the state is another, and nil may be returned.
  private func writeAnswer() -> HTTPServerAction? {
    if isFull { return .wait(until: nil) }
    if let interim = sendContinue() { return interim }
    if !unsent.isEmpty { return .send(UnsafeRawBufferPointer(rebasing: answer.bytes[unsent])) }
    switch ending {
    case .nextRequest:
      state = .reading
      return nil
    case .end:
      // Closing with bytes unread would reset the connection, and the client could lose the answer (RFC 9112 section 9.6).
      state = .lingering
      start = 0
      return .endSending
    case .reset:
      state = .closing(reset: true)
      return nil
    }
  }

  // MARK: Memory

  /// Empties the buffers: one large message must not keep its memory for as long as the server lives.
  private func giveBack() {
    received.giveBack(beyond: HTTPServerShared.keptBytes)
    start = 0
    answer.giveBack(beyond: HTTPServerShared.keptBytes)
    _ = tally()
  }

  /// Brings the sum of what large messages hold up to date; false when it is more than the limit.
  private func tally() -> Bool {
    let kept = HTTPServerShared.keptBytes
    let held = max(0, received.capacity - kept) + max(0, answer.capacity - kept)
    shared.largeBytes += held - countedBytes
    countedBytes = held
    return held == 0 || shared.largeBytes <= shared.limits.largeMessageBytes
  }
}
