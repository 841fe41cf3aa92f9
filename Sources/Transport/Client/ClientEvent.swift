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
