import Glibc
import Measurement

/// Requests and answers, one after the other, over one connected stream: what to do with each outcome of a transfer.
///
/// It neither opens nor watches sockets (`ClientConnection` does), so tests run it over a scripted stream. Nothing is
/// allocated for a request once the receive buffer has reached the size of the usual answer.
final class ClientExchange {
  private let limits: HTTPMessageLimits
  private let memory: ReceiveMemory
  /// Taken when an answer begins to arrive, given back when the next request is sent: until then the answer may be looked at.
  @exclusivity(unchecked) private var lent: ByteBuffer?
  @exclusivity(unchecked) private var parser: HTTPResponseParser
  @exclusivity(unchecked) private var unsent = UnsafeRawBufferPointer(start: nil, count: 0)
  @exclusivity(unchecked) private var bytesOnWire = 0
  @exclusivity(unchecked) private var isSendingBroken = false

  /// Whether a request is under way.
  @exclusivity(unchecked) private(set) var isBusy = false
  /// Whether any byte of the present request has been handed over.
  @exclusivity(unchecked) private(set) var mayHaveBeenReceived = false
  /// When the first byte of the present or last request was handed over.
  @exclusivity(unchecked) private(set) var firstByteWritten: Instant?
  /// When the last byte of the last answer was read.
  @exclusivity(unchecked) private(set) var lastByteRead: Instant?

  init(limits: HTTPMessageLimits, memory: ReceiveMemory) {
    self.limits = limits
    self.memory = memory
    parser = HTTPResponseParser(limits: limits)
  }

  /// Whether no byte of the present request is left to send.
  var isMessageTaken: Bool { unsent.isEmpty }

  /// Forgets the request under way, if any.
  func abandon() {
    isBusy = false
    unsent = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  private func giveBack() {
    guard let buffer = lent else { return }
    lent = nil
    memory.give(buffer)
  }

  /// Begins a request; the bytes must stay where they are until its end is reported.
  func send(_ message: UnsafeRawBufferPointer, over stream: any ByteStream, now: Instant) -> ClientEvent {
    precondition(!isBusy, "a connection carries one request at a time")
    precondition(!message.isEmpty, "a request has bytes")
    giveBack()
    parser = HTTPResponseParser(limits: limits)
    unsent = message
    bytesOnWire = 0
    isBusy = true
    isSendingBroken = false
    mayHaveBeenReceived = false
    firstByteWritten = nil
    lastByteRead = nil
    return write(to: stream, now: now)
  }

  /// Goes on after readiness was reported.
  func advance(_ readiness: EventLoop.Readiness, over stream: any ByteStream, now: Instant) -> ClientEvent {
    guard isBusy else { return lookWhileIdle(readiness, stream) }
    if !unsent.isEmpty {
      let event = write(to: stream, now: now)
      // A write that fails has read what there is already.
      if case .none = event, !isSendingBroken {} else { return event }
    }
    // All that was ready was room to write.
    if readiness == .writable { return .none }
    return read(from: stream, readiness, now: now)
  }

  private func write(to stream: any ByteStream, now: Instant) -> ClientEvent {
    while !unsent.isEmpty {
      switch stream.send(unsent) {
      case .bytes(let count):
        if !mayHaveBeenReceived {
          mayHaveBeenReceived = true
          firstByteWritten = now
        }
        let isShort = count < unsent.count
        unsent = UnsafeRawBufferPointer(rebasing: unsent[count...])
        if isShort && stream.isDrainedByShortTransfer { return .none }
      case .wouldBlock:
        return .none
      case .broken, .violated:
        // A server that refuses a request may answer and part before it has read all of it: that answer counts.
        isSendingBroken = true
        let event = read(from: stream, [.readable, .broken], now: now)
        if case .none = event { return fail(.resetBeforeAnswer, orWithin: .resetWithinAnswer) }
        return event
      }
    }
    return .none
  }

  private func read(from stream: any ByteStream, _ readiness: EventLoop.Readiness, now: Instant) -> ClientEvent {
    let isEnding = !readiness.isDisjoint(with: [.peerEnded, .broken])
    let received = lent ?? memory.take()
    lent = received
    while true {
      if let expected = parser.expectedCount { received.reserve(total: expected) }
      received.reserve(4096)
      let room = received.room
      switch stream.receive(into: room) {
      case .bytes(0):
        return finish(received, now: now)
      case .bytes(let count):
        received.count += count
        bytesOnWire += count
        switch parser.consume(received.base, count: &received.count) {
        case .complete:
          return deliver(received, isUsedUp: isEnding || parser.end != received.count, now: now)
        case .failed(let violation):
          return fail(violation == .headTooLarge || violation == .bodyTooLarge ? .answerTooLarge : .malformedHTTP)
        case .incomplete:
          if count < room.count && stream.isDrainedByShortTransfer && !isEnding { return .none }
        }
      case .wouldBlock:
        return .none
      case .broken:
        return fail(.resetBeforeAnswer, orWithin: .resetWithinAnswer)
      case .violated:
        return fail(.tlsProtocol)
      }
    }
  }

  private func finish(_ received: ByteBuffer, now: Instant) -> ClientEvent {
    if bytesOnWire > 0, case .complete = parser.finish() { return deliver(received, isUsedUp: true, now: now) }
    if isSendingBroken { return fail(.resetBeforeAnswer, orWithin: .resetWithinAnswer) }
    return fail(.closedBeforeAnswer, orWithin: .closedWithinAnswer)
  }

  private func deliver(_ received: ByteBuffer, isUsedUp: Bool, now: Instant) -> ClientEvent {
    let isKeepAlive = parser.isKeepAlive && unsent.isEmpty && !isSendingBroken && !isUsedUp
    lastByteRead = now
    abandon()
    let whole = received.bytes
    return .response(
      HTTPResponseView(
        status: parser.status, isKeepAlive: isKeepAlive,
        fields: HTTPFields(lines: UnsafeRawBufferPointer(rebasing: whole[parser.fields])),
        body: UnsafeRawBufferPointer(rebasing: whole[parser.body]), bytesOnWire: bytesOnWire))
  }

  private func fail(_ before: TransportFailure, orWithin within: TransportFailure? = nil) -> ClientEvent {
    abandon()
    let failure = bytesOnWire > 0 ? within ?? before : before
    return .failed(failure, requestMayHaveBeenReceived: mayHaveBeenReceived)
  }

  /// No request, no answer: anything but silence ends the connection, and bytes nobody asked for do too.
  private func lookWhileIdle(_ readiness: EventLoop.Readiness, _ stream: any ByteStream) -> ClientEvent {
    if readiness.isDisjoint(with: [.readable, .peerEnded, .broken]) { return .none }
    // The last answer may still be looked at, so its bytes stay where they are.
    return withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { room in
      if case .wouldBlock = stream.receive(into: room) { return .none }
      return .disconnected
    }
  }
}
