import Glibc
import Measurement

/// One connection to an endpoint, driven by one thread: connects (again), sends one request at a time, reads its answer.
///
/// In steady state a request costs one `send`, its share of a wait, and one `recv`; no memory is allocated. The owner
/// hands it the readiness of its token and keeps the deadlines: when one passes, it calls `timeOut()`.
package final class ClientConnection {
  private enum State {
    case closed
    case connecting
    case shakingHands
    case open
  }

  /// The number under which the connection is registered with its event loop.
  package let slot: Int

  private let addresses: EndpointAddresses
  private let loop: EventLoop
  private let tunnel: ProxyTunnel?
  private let tls: TLSClientContext?
  private let exchange: ClientExchange
  private var turn: Int
  @exclusivity(unchecked) private var stream: (any ByteStream)?
  @exclusivity(unchecked) private var state = State.closed

  /// A connection not yet made.
  ///
  /// - Parameters:
  ///   - slot: its number, unlike that of any other user of the loop.
  ///   - endpoint: what it connects to, of which the scheme matters here.
  ///   - addresses: the endpoint's addresses. Connections begin at different ones and go on in turn.
  ///   - loop: where it is watched.
  ///   - limits: what an answer may measure.
  ///   - tunnel: the way through a proxy, whose addresses `addresses` then are; only with TLS.
  ///   - tls: whom to trust; present exactly when the endpoint's scheme is `https`.
  package init(
    slot: Int, endpoint: Endpoint, addresses: EndpointAddresses, loop: EventLoop, limits: HTTPMessageLimits = .answers,
    tunnel: ProxyTunnel? = nil, tls: TLSClientContext? = nil
  ) {
    precondition(tunnel == nil || tls != nil, "only encrypted connections lead through a proxy")
    precondition((endpoint.scheme == .https) == (tls != nil), "https goes with TLS, and http without")
    self.slot = slot
    self.addresses = addresses
    self.loop = loop
    self.tunnel = tunnel
    self.tls = tls
    exchange = ClientExchange(limits: limits, memory: loop.receiveMemory)
    turn = slot
  }

  deinit { close() }

  /// What OpenSSL says about the last handshake that failed, for a person.
  package private(set) var failureDetail: String?

  /// Whether the present or last connection resumed an earlier one's TLS session.
  package private(set) var isSessionResumed = false

  /// When the present or last attempt to connect began, where its caller said so.
  package private(set) var connectStarted: Instant?

  /// When the present or last connection began to shake hands; nil without encryption, and before that.
  package private(set) var handshakeStarted: Instant?

  /// Whether a request may be sent now.
  package var isReady: Bool { state == .open && !exchange.isBusy }

  /// Whether there is no connection, nor an attempt at one.
  package var isClosed: Bool { state == .closed }

  /// Whether no byte of the present request is left to send, so that its memory may be used for something else.
  package var isMessageTaken: Bool { exchange.isMessageTaken }

  /// When the first byte of the present or last request was written.
  package var firstByteWritten: Instant? { exchange.firstByteWritten }

  /// When the last byte of the last answer was read; nil while it is awaited and after a failure.
  package var lastByteRead: Instant? { exchange.lastByteRead }

  /// Starts to connect to the next address. The result is `none` while that takes its time.
  ///
  /// - Parameter now: where somebody will ask how long it took.
  package func connect(now: Instant? = nil) -> ClientEvent {
    precondition(state == .closed, "the connection exists already")
    guard let address = addresses.address(turn: turn) else {
      return .failed(addresses.failure, requestMayHaveBeenReceived: false)
    }
    turn += 1
    let descriptor: Int32
    do throws(SystemCallFailure) {
      descriptor = try SystemCalls.socket(family: address.family)
    } catch {
      return .failed(TransportFailure(connecting: error.errorNumber), requestMayHaveBeenReceived: false)
    }
    SystemCalls.disableDelay(descriptor)
    let outcome = SystemCalls.connect(descriptor, to: address)
    if case .failed(let code) = outcome {
      SystemCalls.close(descriptor)
      return .failed(TransportFailure(connecting: code), requestMayHaveBeenReceived: false)
    }
    let stream: any ByteStream
    if let tls {
      guard let encrypted = tls.makeStream(descriptor: descriptor) else {
        return .failed(.tlsHandshake, requestMayHaveBeenReceived: false)
      }
      stream = tunnel.map { TunnelledStream(encrypted, through: $0) } ?? encrypted
    } else {
      stream = PlainStream(descriptor: descriptor)
    }
    do throws(SystemCallFailure) {
      // Registered once for both directions: no request needs a further registration.
      try loop.add(descriptor, interest: [.read, .write, .edge], token: UInt32(slot))
    } catch {
      stream.close(reset: false)
      return .failed(TransportFailure(connecting: error.errorNumber), requestMayHaveBeenReceived: false)
    }
    self.stream = stream
    state = .connecting
    connectStarted = now
    handshakeStarted = nil
    if case .wouldBlock = outcome { return .none }
    return beginHandshake(now)
  }

  /// Sends a request. Its bytes must stay where they are until the answer or a failure is reported, which this call may
  /// do already.
  ///
  /// - Parameters:
  ///   - message: head and body, one after the other.
  ///   - now: when the first byte is written, unless the kernel has no room for it yet.
  package func send(_ message: UnsafeRawBufferPointer, now: Instant) -> ClientEvent {
    guard let stream, state == .open else { preconditionFailure("the connection is not open") }
    return conclude(exchange.send(message, over: stream, now: now))
  }

  /// Goes on after the loop has reported this connection's token as ready.
  ///
  /// - Parameters:
  ///   - readiness: as reported.
  ///   - now: when it was; becomes the time of the last byte when the answer is complete.
  package func handle(_ readiness: EventLoop.Readiness, now: Instant) -> ClientEvent {
    switch state {
    case .closed:
      return .none
    case .connecting:
      guard let stream else { return .none }
      let code = SystemCalls.pendingError(of: stream.descriptor)
      if code != 0 {
        close()
        return .failed(TransportFailure(connecting: code), requestMayHaveBeenReceived: false)
      }
      return readiness.contains(.writable) ? beginHandshake(now) : .none
    case .shakingHands:
      return shakeHands()
    case .open:
      guard let stream else { return .none }
      return conclude(exchange.advance(readiness, over: stream, now: now))
    }
  }

  /// Gives up what is under way, an attempt to connect or a request, and closes the connection. An idle one stays.
  package func timeOut() -> ClientEvent {
    switch state {
    case .closed:
      return .none
    case .connecting, .shakingHands:
      close()
      return .failed(.connectTimeout, requestMayHaveBeenReceived: false)
    case .open:
      if !exchange.isBusy { return .none }
      let mayHaveBeenReceived = exchange.mayHaveBeenReceived
      close()
      return .failed(.timeout, requestMayHaveBeenReceived: mayHaveBeenReceived)
    }
  }

  /// Closes the connection, whatever it is doing, without a report. The last answer's bytes stay valid.
  package func close() {
    exchange.abandon()
    state = .closed
    guard let stream else { return }
    self.stream = nil
    loop.remove(stream.descriptor, token: UInt32(slot))
    stream.close(reset: false)
  }

  private func beginHandshake(_ now: Instant?) -> ClientEvent {
    if tls != nil { handshakeStarted = now }
    return shakeHands()
  }

  private func shakeHands() -> ClientEvent {
    guard let stream else { return .none }
    state = .shakingHands
    switch stream.shakeHands() {
    case .done:
      state = .open
      isSessionResumed = stream.isResumed
      return .connected
    case .wouldBlock:
      return .none
    case .failed(let failure):
      failureDetail = stream.failureDetail
      close()
      return .failed(failure, requestMayHaveBeenReceived: false)
    }
  }

  /// Closes the connection where the event says that it is used up.
  private func conclude(_ event: ClientEvent) -> ClientEvent {
    switch event {
    case .none, .connected: break
    case .response(let response): if !response.isKeepAlive { close() }
    case .failed, .disconnected: close()
    }
    return event
  }
}
