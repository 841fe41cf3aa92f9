import Measurement
import Transport

/// Where requests go: the endpoint, its addresses, and whom to trust there.
package struct Destination: Sendable {
  /// The endpoint as the user named it.
  package let endpoint: Endpoint
  /// Its addresses when the run began, at least one; the proxy's where there is one.
  package let addresses: [SocketAddress]
  /// The way through a proxy; nil connects straight.
  package let tunnel: ProxyTunnel?
  /// Shared by all connections; present exactly for `https`.
  package let tls: TLSClientContext?
  /// The addresses as they are now, shared by all connections.
  private let current: EndpointAddresses

  /// A destination.
  package init(endpoint: Endpoint, addresses: [SocketAddress], tunnel: ProxyTunnel? = nil, tls: TLSClientContext?) {
    self.endpoint = endpoint
    self.tunnel = tunnel
    self.addresses = addresses
    self.tls = tls
    let staysHere = tunnel == nil && addresses.allSatisfy(\.isThisMachine)
    current = EndpointAddresses(
      tunnel?.proxy ?? endpoint, known: addresses,
      following: staysHere ? .thisMachine : tls?.isVerifying == true ? .any : .agreed)
  }

  /// A connection of its own to it, not yet made.
  ///
  /// - Parameter limits: what an answer may measure.
  package func connection(slot: Int, loop: EventLoop, limits: HTTPMessageLimits = .answers) -> ClientConnection {
    ClientConnection(
      slot: slot, endpoint: endpoint, addresses: current, loop: loop, limits: limits, tunnel: tunnel, tls: tls)
  }

  /// A connection whose owner waits for each answer.
  package func blockingConnection(
    clock: any MonotonicClock, interruption: CallInterruption? = nil
  ) throws(SystemCallFailure) -> BlockingConnection {
    try BlockingConnection(
      endpoint: endpoint, addresses: current, tunnel: tunnel, tls: tls, clock: clock, interruption: interruption)
  }
}
