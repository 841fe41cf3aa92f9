import Measurement

/// One request at a time over a connection of its own, each waited for: for the few calls that are no load.
///
/// Not thread-safe; its owner's thread blocks, never longer than a call's time-out.
package final class BlockingConnection {
  private let connection: ClientConnection
  private let loop: EventLoop
  private let clock: any MonotonicClock
  private let addresses: EndpointAddresses
  private let interruption: CallInterruption?

  /// A connection not yet made.
  ///
  /// - Parameters:
  ///   - tunnel: the proxy that `addresses` are then those of; nil connects straight.
  ///   - tls: present exactly when the endpoint's scheme is `https`.
  ///   - interruption: ends calls that wait; nil where nobody does.
  /// - Throws: `SystemCallFailure` when no event loop can be made.
  package init(
    endpoint: Endpoint, addresses: EndpointAddresses, tunnel: ProxyTunnel? = nil, tls: TLSClientContext?,
    clock: any MonotonicClock, interruption: CallInterruption? = nil
  ) throws(SystemCallFailure) {
    self.interruption = interruption
    loop = try EventLoop(clock: clock)
    connection = ClientConnection(
      slot: 0, endpoint: endpoint, addresses: addresses, loop: loop, tunnel: tunnel, tls: tls)
    self.addresses = addresses
    self.clock = clock
    interruption?.watch(loop)
  }

  /// Sends a request, over a new connection where there is none, and waits for its answer.
  ///
  /// Every address is tried in turn: a name may stand for IPv6 and IPv4 where only one is served.
  ///
  /// - Parameters:
  ///   - message: head and body.
  ///   - timeout: for everything, connecting included.
  /// - Returns: the answer, valid until the next call.
  package func exchange(
    _ message: UnsafeRawBufferPointer, timeout: Nanoseconds
  ) throws(ExchangeFailure) -> HTTPResponseView {
    let deadline = clock.now() + timeout
    var untried = max(1, addresses.count)
    // An address that swallows everything leaves the others their share of the time.
    var share: Instant { clock.now() + Nanoseconds(max(0, (deadline - clock.now()).value / Int64(untried))) }
    var end = deadline
    var event: ClientEvent
    if connection.isReady {
      event = connection.send(message, now: clock.now())
    } else {
      end = share
      event = connection.connect()
    }
    while true {
      switch event {
      case .connected:
        end = deadline
        event = connection.send(message, now: clock.now())
      case .disconnected:
        // The peer ended the idle connection of the call before.
        end = share
        event = connection.connect()
      case .response(let response):
        return response
      case .failed(let failure, let mayHaveBeenReceived):
        guard !mayHaveBeenReceived, untried > 1, clock.now() < deadline else {
          throw ExchangeFailure(code: failure.code, detail: connection.failureDetail)
        }
        untried -= 1
        end = share
        event = connection.connect()
      case .none:
        event = try wait(until: end)
      }
    }
  }

  private func wait(until deadline: Instant) throws(ExchangeFailure) -> ClientEvent {
    if interruption?.isRequested == true { throw ExchangeFailure(code: CallInterruption.code, detail: nil) }
    do {
      try loop.wait(until: deadline)
    } catch {
      throw ExchangeFailure(code: error.call.rawValue, detail: nil)
    }
    if let ready = loop.nextEvent() { return connection.handle(ready.readiness, now: clock.now()) }
    if clock.now() >= deadline { return connection.timeOut() }
    return .none
  }
}

/// Why a call got no answer.
package struct ExchangeFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The code of a `TransportFailure`, or the name of the system call that failed.
  package let code: String
  /// More for a person, where there is more: OpenSSL's words, a proxy's answer.
  package let detail: String?

  /// For example `tls-certificate, self-signed certificate`.
  package var description: String { code + (detail.map { ", \($0)" } ?? "") }
}
