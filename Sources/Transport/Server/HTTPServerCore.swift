import Glibc
import Measurement

/// The inside of `HTTPServer`: listener, connections and timers of one loop.
final class HTTPServerCore {
  private static let listenerToken: UInt32 = 0
  /// What a slot's buffers may keep between connections: a usual PutRecords request or answer.
  private static let keptBytes = 256 << 10

  let loop: EventLoop
  /// The port listened at.
  let port: UInt16
  private let handler: any HTTPHandler
  private let limits: HTTPServerLimits
  private let tls: TLSServerContext?
  private let clock: any MonotonicClock
  private let notice: (HTTPServerNotice) -> Void
  private var hasNoticedDescriptors = false
  private var hasNoticedHTTP2 = false

  private var listener: Int32?
  private var isListenerPaused = false
  /// By slot; free slots keep their memory for the next connection.
  private var connections: [ServerConnection] = []
  private var freeSlots: [Int] = []
  private var openCount = 0
  /// What all buffers hold beyond `keptBytes`.
  private var largeBytes = 0
  private var nextSerial: UInt64 = 1
  private var timer = AnswerTimer()
  /// Whether a connection may wait for an answer whose client has ended its side.
  private var hasLeavers = false
  /// About how many entries of the timer belong to connections that have ended.
  private var forgottenAnswers = 0
  private let answerFields = ByteBuffer(capacity: 1024)
  private var isStopping = false
  /// A connection quiet for so long between requests gives back the room of a large one.
  private var sweepGrace = Nanoseconds(0)

  /// Takes over a listening socket, and closes it when it cannot be watched.
  init(
    listener: Int32, loop: EventLoop, handler: any HTTPHandler, limits: HTTPServerLimits, tls: TLSServerContext?,
    clock: any MonotonicClock, notice: @escaping (HTTPServerNotice) -> Void
  ) throws(SystemCallFailure) {
    do throws(SystemCallFailure) {
      port = try SystemCalls.localAddress(of: listener).port
      try loop.add(listener, interest: .read, token: HTTPServerCore.listenerToken)
    } catch {
      SystemCalls.close(listener)
      throw error
    }
    self.listener = listener
    self.loop = loop
    self.handler = handler
    self.limits = limits
    self.tls = tls
    self.clock = clock
    self.notice = notice
  }

  deinit {
    closeListener()
    for connection in connections { close(connection) }
  }

  // MARK: The loop

  /// Serves as long as the condition holds, then until answers under way are out or out of time.
  func run(while isWanted: () -> Bool) throws(SystemCallFailure) {
    // A quarter of the shortest limit keeps each limit to within 25 %; connections are looked at this often only.
    let shortest = min(limits.idle, limits.requestTime, limits.lingering)
    let sweepInterval = Nanoseconds(max(1_000_000, shortest.value / 4))
    sweepGrace = sweepInterval
    var nextSweep = clock.now() + sweepInterval
    var deadline = Instant.distantFuture
    while true {
      if !isStopping && !isWanted() {
        deadline = clock.now() + limits.stopping
        beginStopping()
      }
      if isStopping && (openCount == 0 || clock.now() >= deadline) { break }
      try loop.wait(until: min(timer.earliest ?? .distantFuture, nextSweep, deadline))
      var now = clock.now()
      while let event = loop.nextEvent() {
        if event.token == HTTPServerCore.listenerToken {
          acceptConnections(now)
        } else {
          now = clock.now()
          handle(connections[Int(event.token) - 1], event.readiness, now)
        }
      }
      now = clock.now()
      sendDueAnswers(now)
      if now >= nextSweep {
        sweep(now)
        nextSweep = now + sweepInterval
      }
    }
    for connection in connections { close(connection) }
  }

  private func beginStopping() {
    isStopping = true
    closeListener()
    for connection in connections {
      switch connection.state {
      case .shakingHands, .reading, .silent, .lingering: close(connection)
      case .delayed, .writing: connection.ending = connection.ending == .nextRequest ? .end : connection.ending
      case .closed: break
      }
    }
  }

  private func closeListener() {
    guard let listener else { return }
    loop.remove(listener, token: HTTPServerCore.listenerToken)
    SystemCalls.close(listener)
    self.listener = nil
  }

  private func sendDueAnswers(_ now: Instant) {
    while let entry = timer.next(at: now) {
      let connection = connections[entry.slot]
      // The connection may have ended since, and its slot been taken.
      if connection.serial == entry.serial && connection.state == .delayed {
        connection.state = .writing
        pump(connection, now)
      }
    }
  }

  // MARK: Connections

  private func acceptConnections(_ now: Instant) {
    // Bounded, so that a storm of connections leaves time for those that exist; the rest is reported again.
    for _ in 0..<64 {
      guard let listener else { return }
      switch SystemCalls.accept(listener) {
      case .bytes(let descriptor):
        adopt(Int32(descriptor), now)
      case .wouldBlock:
        return
      case .failed(let code):
        if closeLeavers() { continue }
        noticeDescriptors(code)
        // For lack of descriptors, mostly: the listener would be reported without end, so it rests until the next sweep.
        pauseListener(true)
        return
      }
    }
  }

  private func noticeDescriptors(_ code: Int32) {
    guard code == EMFILE, !hasNoticedDescriptors else { return }
    hasNoticedDescriptors = true
    notice(.outOfDescriptors(limit: ProcessUsage.descriptorLimit()))
  }

  private func noticeHTTP2() {
    guard !hasNoticedHTTP2 else { return }
    hasNoticedHTTP2 = true
    notice(.clientOfHTTP2)
  }

  private func pauseListener(_ isPaused: Bool) {
    guard let listener, isPaused != isListenerPaused else { return }
    // Cannot fail for a registered descriptor but by lack of memory; then the listener stays as it is.
    try? loop.modify(listener, interest: isPaused ? [] : .read, token: HTTPServerCore.listenerToken)
    isListenerPaused = isPaused
  }

  private func adopt(_ descriptor: Int32, _ now: Instant) {
    if openCount >= limits.connections, !closeLeavers() {
      // Inside TLS a word would need a handshake first, which is the work to be spared.
      let refusal: StaticString = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
      let bytes = UnsafeRawBufferPointer(start: refusal.utf8Start, count: refusal.utf8CodeUnitCount)
      if tls == nil { _ = SystemCalls.send(descriptor, bytes) }
      SystemCalls.close(descriptor)
      return
    }
    let slot: Int
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = connections.count
      connections.append(ServerConnection(slot: slot))
    }
    guard let stream = makeStream(descriptor) else {
      freeSlots.append(slot)
      return
    }
    do throws(SystemCallFailure) {
      try loop.add(descriptor, interest: [.read, .write, .edge], token: UInt32(slot + 1))
    } catch {
      stream.close(reset: false)
      freeSlots.append(slot)
      return
    }
    SystemCalls.disableDelay(descriptor)
    let connection = connections[slot]
    connection.open(stream, serial: nextSerial, limits: limits.message, now: now)
    nextSerial += 1
    openCount += 1
    pump(connection, now)
  }

  /// In the clear or inside TLS; nil, with the socket closed, for lack of memory.
  private func makeStream(_ descriptor: Int32) -> (any ByteStream)? {
    if let tls { return tls.makeStream(descriptor: descriptor) }
    return PlainStream(descriptor: descriptor)
  }

  private func close(_ connection: ServerConnection, reset: Bool = false) {
    guard let stream = connection.stream else { return }
    loop.remove(stream.descriptor, token: UInt32(connection.slot + 1))
    stream.close(reset: reset)
    connection.stream = nil
    let wasDelayed = connection.state == .delayed
    connection.state = .closed
    if wasDelayed { forgetAnswer() }
    giveBack(connection)
    freeSlots.append(connection.slot)
    openCount -= 1
  }

  /// Gives a connection back whose client has ended its side before its answer is due.
  ///
  /// One that has gone looks like one that only sends no more and still reads (RFC 9112 section 9.6 knows both): the answer
  /// goes out if it is due as soon as a connection may linger, and there is room for others as long.
  private func partFromLeaver(_ connection: ServerConnection, _ now: Instant) {
    if connection.due - now > limits.lingering { return close(connection) }
    hasLeavers = true
  }

  /// Closes all connections that wait for an answer although their client has ended its side; false when there are none.
  private func closeLeavers() -> Bool {
    guard hasLeavers else { return false }
    hasLeavers = false
    let before = openCount
    for connection in connections where connection.state == .delayed && connection.hasPeerEnded { close(connection) }
    return openCount < before
  }

  /// Counts an answer that waits in vain, and clears the timer of them once they are most of it: clients that come and go
  /// must not fill memory for as long as their answers would have been held back.
  private func forgetAnswer() {
    forgottenAnswers += 1
    guard forgottenAnswers > 1024, forgottenAnswers > timer.count / 2 else { return }
    timer.keep { connections[$0.slot].serial == $0.serial && connections[$0.slot].state == .delayed }
    forgottenAnswers = 0
  }

  /// Empties the buffers: one large message must not keep its memory for as long as the server lives.
  private func giveBack(_ connection: ServerConnection) {
    connection.received.giveBack(beyond: HTTPServerCore.keptBytes)
    connection.start = 0
    connection.answer.giveBack(beyond: HTTPServerCore.keptBytes)
    tally(connection)
  }

  /// Brings the sum of what large messages hold up to date; false when it is more than the limit.
  @discardableResult
  private func tally(_ connection: ServerConnection) -> Bool {
    let kept = HTTPServerCore.keptBytes
    let held = max(0, connection.received.capacity - kept) + max(0, connection.answer.capacity - kept)
    largeBytes += held - connection.countedBytes
    connection.countedBytes = held
    return held == 0 || largeBytes <= limits.largeMessageBytes
  }

  private func handle(_ connection: ServerConnection, _ readiness: EventLoop.Readiness, _ now: Instant) {
    connection.lastActivity = now
    if !readiness.isDisjoint(with: [.readable, .peerEnded, .broken]) { connection.mayHaveMore = true }
    if readiness.contains(.peerEnded) { connection.hasPeerEnded = true }
    switch connection.state {
    case .delayed where readiness.contains(.broken): close(connection)
    case .delayed where readiness.contains(.peerEnded): partFromLeaver(connection, now)
    case .silent where !readiness.isDisjoint(with: [.broken, .peerEnded]): close(connection)
    default: pump(connection, now)
    }
  }

  /// Ends what has lasted too long.
  private func sweep(_ now: Instant) {
    pauseListener(false)
    var hasGivenBack = false
    for connection in connections {
      let quiet = now - connection.lastActivity
      switch connection.state {
      case .closed, .delayed:
        break
      case .reading:
        if let began = connection.requestBegan {
          if now - began > limits.requestTime { refuse(connection, status: 408, now) }
        } else if quiet > limits.idle {
          close(connection)
        } else if connection.countedBytes > 0, quiet > sweepGrace {
          giveBack(connection)
          hasGivenBack = true
        }
      case .shakingHands: if quiet > limits.requestTime { close(connection) }
      case .writing, .silent: if quiet > limits.idle { close(connection, reset: true) }
      case .lingering: if quiet > limits.lingering { close(connection, reset: true) }
      }
    }
    // Once a large block was freed, the allocator takes later ones from its heap, where they stay between smaller ones.
    if hasGivenBack { SystemCalls.trimMemory() }
  }

  // MARK: Requests and answers

  /// Does for a connection all that can be done without waiting.
  private func pump(_ connection: ServerConnection, _ now: Instant) {
    while let stream = connection.stream {
      switch connection.state {
      case .closed, .delayed, .silent:
        return
      case .shakingHands:
        switch stream.shakeHands() {
        case .done:
          connection.state = .reading
          // The first request may have come along with the end of the handshake.
          connection.mayHaveMore = true
          if stream.isOfferedHTTP2Alone { noticeHTTP2() }
        case .wouldBlock: return
        case .failed:
          if stream.isOfferedHTTP2Alone { noticeHTTP2() }
          close(connection)
        }
      case .reading:
        if !readRequest(connection, stream, now) { return }
      case .writing:
        if !writeAnswer(connection, stream) { return }
      case .lingering:
        if !dropInput(connection, stream) { return }
      }
    }
  }

  /// Reads until a request is complete and answers it; false when more must arrive first.
  private func readRequest(_ connection: ServerConnection, _ stream: any ByteStream, _ now: Instant) -> Bool {
    let received = connection.received
    if received.count > connection.start {
      var count = received.count - connection.start
      let outcome = connection.parser.consume(received.base + connection.start, count: &count)
      received.count = connection.start + count
      switch outcome {
      case .complete:
        // A request may have come after the loop looked at the clock, and must not be answered sooner than its latency says.
        answerRequest(connection, clock.now())
        return true
      case .failed(let violation):
        if violation == .unsupportedVersion, opensHTTP2(connection) { noticeHTTP2() }
        refuse(connection, status: HTTPStatus.refusing(violation), now)
        return true
      case .incomplete:
        if connection.requestBegan == nil { connection.requestBegan = now }
        received.removeFirst(connection.start)
        connection.start = 0
        sayContinue(connection, stream)
        if let expected = connection.parser.expectedCount {
          // What a head announces is believed as far as bytes have come: at most as much again.
          received.reserve(total: min(expected, max(HTTPServerCore.keptBytes, 2 * received.count)))
        }
        guard tally(connection) else {
          giveBack(connection)
          refuse(connection, status: 503, now)
          return true
        }
      }
    } else {
      received.count = 0
      connection.start = 0
    }
    if !connection.mayHaveMore { return false }
    return receive(connection, stream)
  }

  /// Whether what a connection began with is HTTP/2 with prior knowledge (RFC 9113 section 3.4).
  private func opensHTTP2(_ connection: ServerConnection) -> Bool {
    let preface: StaticString = "PRI * HTTP/2.0\r\n"
    let bytes = connection.received.bytes.dropFirst(connection.start)
    return connection.requests == 0
      && bytes.starts(with: UnsafeBufferPointer(start: preface.utf8Start, count: preface.utf8CodeUnitCount))
  }

  /// One read; false when there was nothing (yet) or the connection has ended.
  private func receive(_ connection: ServerConnection, _ stream: any ByteStream) -> Bool {
    let received = connection.received
    received.reserve(4096)
    let room = received.room
    switch stream.receive(into: room) {
    case .bytes(0), .broken, .violated:
      close(connection)
      return false
    case .bytes(let count):
      received.count += count
      // After the end was reported there will be no further event: the end itself has to be read.
      if count < room.count && stream.isDrainedByShortTransfer && !connection.hasPeerEnded {
        connection.mayHaveMore = false
      }
      return true
    case .wouldBlock:
      connection.mayHaveMore = false
      return false
    }
  }

  private func sayContinue(_ connection: ServerConnection, _ stream: any ByteStream) {
    guard connection.parser.expectsContinue, !connection.hasSentContinue else { return }
    connection.hasSentContinue = true
    // Some of the body here already: the client did not wait (RFC 9110 section 10.1.1).
    if connection.received.count > connection.parser.body.lowerBound { return }
    let text: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"
    // On a connection with nothing else under way 25 bytes always fit; without them the client goes on by itself after a while.
    _ = stream.send(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private func answerRequest(_ connection: ServerConnection, _ now: Instant) {
    let parser = connection.parser
    let whole = UnsafeRawBufferPointer(rebasing: connection.received.bytes[connection.start...])
    connection.requests += 1
    let request = HTTPRequestView(
      method: UnsafeRawBufferPointer(rebasing: whole[parser.method]),
      target: UnsafeRawBufferPointer(rebasing: whole[parser.target]),
      fields: HTTPFields(lines: UnsafeRawBufferPointer(rebasing: whole[parser.fields])),
      body: UnsafeRawBufferPointer(rebasing: whole[parser.body]), receivedAt: now, connection: connection.serial,
      ordinal: connection.requests)
    var answer = HTTPAnswer(body: connection.answer, bodyStart: ServerConnection.headRoom, fields: answerFields)
    handler.respond(to: request, into: &answer)
    guard tally(connection) else {
      giveBack(connection)
      return refuse(connection, status: 503, now)
    }
    if isStopping || !parser.isKeepAlive { answer.closes = true }
    let isHead = HTTPText.isEqual(request.method, ignoringCase: "HEAD")
    connection.start += parser.end
    connection.parser = HTTPRequestParser(limits: limits.message)
    connection.requestBegan = nil
    connection.hasSentContinue = false
    begin(answer, on: connection, isVersion10: parser.isVersion10, isHead: isHead, now)
  }

  /// Answers what cannot be understood, and ends the connection: where the next request begins is not known.
  private func refuse(_ connection: ServerConnection, status: Int, _ now: Instant) {
    var answer = HTTPAnswer(body: connection.answer, bodyStart: ServerConnection.headRoom, fields: answerFields)
    answer.status = status
    answer.closes = true
    handler.refuse(status: status, into: &answer)
    connection.requestBegan = nil
    begin(answer, on: connection, isVersion10: false, isHead: false, now)
    if connection.state == .writing { pump(connection, now) }
  }

  /// Completes an answer's message and decides when and how much of it goes out.
  private func begin(
    _ answer: HTTPAnswer, on connection: ServerConnection, isVersion10: Bool, isHead: Bool, _ now: Instant
  ) {
    let message = compose(answer, on: connection, isVersion10: isVersion10, isHead: isHead)
    switch answer.delivery {
    case .whole:
      connection.unsent = message
      connection.ending = answer.closes ? .end : .nextRequest
    case .never:
      connection.state = .silent
      // The end was reported along with the request, and will not be again.
      if connection.hasPeerEnded { close(connection) }
      return
    case .reset(let count):
      connection.unsent = message.prefix(max(0, count))
      connection.ending = .reset
    case .truncate(let count):
      connection.unsent = message.prefix(max(0, count))
      connection.ending = .end
    }
    if let due = answer.notBefore, due > now {
      connection.state = .delayed
      connection.due = due
      timer.add(AnswerTimer.Entry(due: due, slot: connection.slot, serial: connection.serial))
      // The end was reported along with the request, and will not be again.
      if connection.hasPeerEnded { partFromLeaver(connection, now) }
    } else {
      connection.state = .writing
    }
  }

  /// Writes the head right before the body, so that both go out in one call.
  private func compose(
    _ answer: HTTPAnswer, on connection: ServerConnection, isVersion10: Bool, isHead: Bool
  ) -> Range<Int> {
    let buffer = connection.answer
    let fields = answerFields
    let bodyCount = answer.bodyCount
    if answer.status != 204 && answer.status != 304 {
      fields.append("Content-Length: ")
      fields.append(decimal: bodyCount)
      fields.append("\r\n")
    }
    if answer.closes {
      fields.append("Connection: close\r\n")
    } else if isVersion10 {
      fields.append("Connection: keep-alive\r\n")
    }
    fields.append("\r\n")

    let reason = HTTPStatus.reason(answer.status)
    // `HTTP/1.1 200 ` and the line end around the reason.
    let headCount = 15 + reason.utf8CodeUnitCount + fields.count
    var bodyStart = ServerConnection.headRoom
    if headCount > bodyStart {
      let missing = headCount - bodyStart
      buffer.insertGap(missing, at: bodyStart)
      bodyStart += missing
    }
    let start = bodyStart - headCount
    var place = buffer.base + start
    place = HTTPServerCore.copy("HTTP/1.1 ", to: place)
    place[0] = UInt8(ascii: "0") + UInt8(answer.status / 100 % 10)
    place[1] = UInt8(ascii: "0") + UInt8(answer.status / 10 % 10)
    place[2] = UInt8(ascii: "0") + UInt8(answer.status % 10)
    place[3] = UInt8(ascii: " ")
    place = HTTPServerCore.copy(reason, to: place + 4)
    place = HTTPServerCore.copy("\r\n", to: place)
    place.update(from: fields.base, count: fields.count)
    let hasBody = !isHead && answer.status != 204 && answer.status != 304
    return start..<(bodyStart + (hasBody ? bodyCount : 0))
  }

  private static func copy(
    _ text: StaticString, to place: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    place.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    return place + text.utf8CodeUnitCount
  }

  /// Sends what is left of the answer and does what follows it; false when the socket takes no more.
  private func writeAnswer(_ connection: ServerConnection, _ stream: any ByteStream) -> Bool {
    while !connection.unsent.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: connection.answer.bytes[connection.unsent])
      switch stream.send(part) {
      case .bytes(let count):
        connection.unsent = (connection.unsent.lowerBound + count)..<connection.unsent.upperBound
        if count < part.count && stream.isDrainedByShortTransfer { return false }
      case .wouldBlock:
        return false
      case .broken, .violated:
        close(connection)
        return false
      }
    }
    switch connection.ending {
    case .nextRequest:
      connection.state = .reading
      return true
    case .end:
      // Closing with bytes unread would reset the connection, and the client could lose the answer (RFC 9112 section 9.6).
      stream.endSending()
      connection.state = .lingering
      return true
    case .reset:
      close(connection, reset: true)
      return false
    }
  }

  /// Drops what a client sends that has been answered for good; false when it is silent or gone.
  private func dropInput(_ connection: ServerConnection, _ stream: any ByteStream) -> Bool {
    connection.received.count = 0
    connection.start = 0
    if !connection.mayHaveMore { return false }
    return receive(connection, stream)
  }
}
