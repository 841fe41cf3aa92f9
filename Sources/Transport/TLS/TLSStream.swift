import COpenSSL
import Glibc

/// A socket inside TLS 1.2 or 1.3, as client or server.
package final class TLSStream: ByteStream {
  /// Which side of the handshake.
  enum Side {
    case client
    case server
  }

  /// The socket.
  package let descriptor: Int32
  /// OpenSSL's words for a handshake that failed.
  package private(set) var failureDetail: String?

  private let ssl: OpaquePointer
  /// Takes the session of a client's connection when it is closed, to be resumed by the next one.
  private let keepSession: ((OpaquePointer) -> Void)?
  /// After a fatal error OpenSSL must not be asked to end the connection in order.
  private var isBroken = false
  private var isClosed = false

  /// Takes over a socket and one `SSL` object; nil for lack of memory, with both released.
  init?(descriptor: Int32, ssl: OpaquePointer, side: Side, keepSession: ((OpaquePointer) -> Void)? = nil) {
    guard let bio = TLSSocket.makeBIO(descriptor) else {
      SSL_free(ssl)
      SystemCalls.close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.ssl = ssl
    self.keepSession = keepSession
    SSL_set_bio(ssl, bio, bio)
    // A write may end early and be repeated from memory that has moved meanwhile.
    SSL_ctrl(ssl, SSL_CTRL_MODE, Int(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER), nil)
    // One read of the socket for several records instead of two for each.
    SSL_set_read_ahead(ssl, 1)
    SSL_set_default_read_buffer_len(ssl, 64 << 10)
    switch side {
    case .client: SSL_set_connect_state(ssl)
    case .server: SSL_set_accept_state(ssl)
    }
  }

  deinit { SSL_free(ssl) }

  /// Never: records arrive one by one, and OpenSSL may hold some of them.
  package var isDrainedByShortTransfer: Bool { false }

  /// Goes on with the TLS handshake; the peer's certificate has been checked when it is done.
  package func shakeHands() -> StreamHandshake {
    ERR_clear_error()
    let result = SSL_do_handshake(ssl)
    if result == 1 { return .done }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
      return .wouldBlock
    default:
      isBroken = true
      let verification = SSL_get_verify_result(ssl)
      if verification != Int(X509_V_OK) {
        failureDetail = String(cString: X509_verify_cert_error_string(verification))
        ERR_clear_error()
        return .failed(.tlsCertificate)
      }
      failureDetail = TLSFailure.takeReason() ?? "the connection ended during the handshake"
      return .failed(.tlsHandshake)
    }
  }

  /// Decrypts what has arrived, at most one record's worth for each call.
  package func receive(into room: UnsafeMutableRawBufferPointer) -> StreamTransfer {
    var count = 0
    ERR_clear_error()
    let result = SSL_read_ex(ssl, room.baseAddress, room.count, &count)
    return result == 1 ? .bytes(count) : outcome(result)
  }

  /// Encrypts and sends at most one record's worth.
  package func send(_ bytes: UnsafeRawBufferPointer) -> StreamTransfer {
    var count = 0
    ERR_clear_error()
    let result = SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &count)
    return result == 1 ? .bytes(count) : outcome(result)
  }

  /// Sends the end of the encrypted stream, then that of the socket's.
  package func endSending() {
    sayGoodbye()
    SystemCalls.shutDownWriting(descriptor)
  }

  /// Ends the encrypted stream without waiting for the peer's word, and closes the socket.
  package func close(reset: Bool) {
    precondition(!isClosed, "the stream is closed already")
    isClosed = true
    if !isBroken { keepSession?(ssl) }
    if !reset { sayGoodbye() }
    // Without this OpenSSL takes the session for spoilt by an attack that cuts streams off.
    SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN)
    if reset { SystemCalls.closeWithReset(descriptor) } else { SystemCalls.close(descriptor) }
  }

  /// Whether this connection resumed an earlier one's session.
  package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

  /// Whether ALPN has chosen HTTP/2 (RFC 7301); this side's clients do not offer it.
  package var isHTTP2Agreed: Bool {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &name, &count)
    return UnsafeBufferPointer(start: name, count: Int(count)).elementsEqual(TLSSettings.http2.dropFirst())
  }

  private func sayGoodbye() {
    if isBroken || SSL_in_init(ssl) != 0 || SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN != 0 { return }
    ERR_clear_error()
    // Best effort: a socket without room or peer takes no goodbye.
    _ = SSL_shutdown(ssl)
    ERR_clear_error()
  }

  private func outcome(_ result: Int32) -> StreamTransfer {
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wouldBlock
    case SSL_ERROR_ZERO_RETURN: return .bytes(0)
    case SSL_ERROR_SYSCALL:
      isBroken = true
      return .broken(errno)
    default:
      isBroken = true
      failureDetail = TLSFailure.takeReason()
      return .violated
    }
  }
}
