/// One connection made: how long that took, which no request's service time has in it.
package struct ConnectionObservation: Sendable, Equatable {
  /// From the attempt's start until a request could be sent, nanoseconds: TCP, the proxy where there is one, TLS.
  package var connect: Int64
  /// The part of it after TCP was connected, nanoseconds: the TLS handshake, and the proxy's answer before it. `nil`
  /// without encryption.
  package var handshake: Int64?
  /// Whether the handshake took up an earlier connection's session, which spares it the certificate.
  package var isResumed: Bool

  /// An observation.
  package init(connect: Int64, handshake: Int64?, isResumed: Bool) {
    self.connect = connect
    self.handshake = handshake
    self.isResumed = isResumed
  }
}
