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

/// What came of an action or of readiness on a client connection.
package enum ClientEvent {
  /// Nothing to tell yet.
  case none
  /// The connection is made (and its handshake done): a request may be sent.
  case connected
  /// The answer is complete. When it is not `isKeepAlive`, the connection is closed and may be made anew.
  case response(HTTPResponseView)
  /// The attempt to connect or the request failed; the connection is closed and may be made anew. `requestMayHaveBeenReceived`
  /// says whether any byte of a request had been handed to the peer's side, so that the request may have had its effect.
  case failed(TransportFailure, requestMayHaveBeenReceived: Bool)
  /// The peer ended an idle connection: no request is lost. The connection is closed and may be made anew.
  case disconnected
}

/// An answer as it lies in the connection's buffer: valid until the connection is used again.
package struct HTTPResponseView {
  /// 200...999.
  package let status: Int
  /// Whether the connection takes another request; otherwise it has been closed already.
  package let isKeepAlive: Bool
  /// The header fields.
  package let fields: HTTPFields
  /// The body, contiguous, transfer coding taken off.
  package let body: UnsafeRawBufferPointer
  /// Bytes of the answer as they came over the stream, head and coding included.
  package let bytesOnWire: Int

  /// The value of `Content-Type`, without parameters taken apart.
  package var contentType: UnsafeRawBufferPointer? { fields.bytes(named: "Content-Type") }
}

/// Buffers for answers, lent to the connections of one event loop while one arrives and is looked at.
///
/// The one given back last is lent first: with answers that are read at once there are few in use, whatever the number of
/// connections, and they stay in the processor's cache. Used by the loop's thread alone.
final class ReceiveMemory {
  /// What a buffer keeps when it is given back, bytes: a gigantic answer is not to leave its size behind. The usual answer
  /// to 500 records has 60 KB.
  private static let kept = 256 << 10

  @exclusivity(unchecked) private var spare: [ByteBuffer] = []

  /// An empty buffer, with the room it grew to in earlier use.
  func take() -> ByteBuffer {
    spare.popLast() ?? ByteBuffer(capacity: 16 << 10)
  }

  /// Takes a buffer back; whoever had it keeps no pointer into it.
  func give(_ buffer: ByteBuffer) {
    buffer.giveBack(beyond: Self.kept)
    spare.append(buffer)
  }
}
