import Transport

/// Where requests go: the endpoint, its addresses, and whom to trust there.
package struct Destination: Sendable {
  /// The endpoint as the user named it.
  package let endpoint: Endpoint
  /// Its addresses, at least one, used in turn.
  package let addresses: [SocketAddress]
  /// Shared by all connections; present exactly for `https`.
  package let tls: TLSClientContext?

  /// A destination.
  package init(endpoint: Endpoint, addresses: [SocketAddress], tls: TLSClientContext?) {
    self.endpoint = endpoint
    self.addresses = addresses
    self.tls = tls
  }

  /// A connection of its own to it, not yet made.
  func connection(slot: Int, loop: EventLoop) -> ClientConnection {
    ClientConnection(slot: slot, endpoint: endpoint, addresses: addresses, loop: loop, tls: tls)
  }
}
