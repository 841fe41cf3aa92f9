import StrictJSON

/// Connections of the whole run, those made before its start included; in no service time.
package struct SummaryConnections: SummarySection {
  package var opened = 0
  /// How many took up an earlier one's TLS session.
  package var resumed = 0
  /// From the attempt's start until a request could be sent: TCP, a proxy's answer, TLS.
  package var connectMs = SummaryLatency()
  /// Full TLS handshakes; with a proxy its answer is in them.
  package var handshakeMs = SummaryLatency()
  /// Handshakes that took up a session.
  package var resumedHandshakeMs = SummaryLatency()

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("opened", &opened)
    try visitor.member("resumed", &resumed)
    try visitor.member("connect_ms", &connectMs)
    try visitor.member("handshake_ms", &handshakeMs)
    try visitor.member("resumed_handshake_ms", &resumedHandshakeMs)
  }
}
