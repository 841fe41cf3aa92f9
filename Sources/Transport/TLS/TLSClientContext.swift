import COpenSSL
import Synchronization

/// What all encrypted connections to one host share: whom to trust, and the session to resume.
///
/// `@unchecked Sendable`: OpenSSL's context may be used from any thread once it is set up (it counts references and locks
/// itself), and the session is behind a mutex.
package final class TLSClientContext: @unchecked Sendable {
  /// Whose certificates are accepted.
  package enum Trust: Hashable, Sendable {
    /// Issuers in the system's store (or in `SSL_CERT_FILE`, `SSL_CERT_DIR`, as OpenSSL reads them).
    case system
    /// Issuers in a PEM file.
    case file(String)
    /// Everybody's: encryption without knowing to whom.
    case anyone
  }

  private struct Session: @unchecked Sendable {
    // Counted by OpenSSL with atomic references, and only touched under the mutex.
    var pointer: OpaquePointer?
  }

  private let context: OpaquePointer
  private let host: String
  /// Whether who answers has to prove by certificate that the host is its own.
  package let isVerifying: Bool
  private let session = Mutex(Session())

  /// A context for one host.
  ///
  /// - Parameters:
  ///   - host: the name the certificate must bear, also sent as SNI; or an address in numbers.
  ///   - trust: whose certificates are accepted.
  package init(host: String, trust: Trust) throws(TLSFailure) {
    guard let context = TLSSettings.makeContext(TLS_client_method()) else { throw TLSFailure("setting up TLS") }
    self.context = context
    self.host = host
    isVerifying = trust != .anyone
    switch trust {
    case .system:
      if SSL_CTX_set_default_verify_paths(context) != 1 { throw TLSFailure("reading the system's certificates") }
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    case .file(let path):
      if SSL_CTX_load_verify_file(context, path) != 1 { throw TLSFailure("reading certificates from \(path)") }
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    case .anyone:
      SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
    }
    // Zero is success here, unlike elsewhere in OpenSSL.
    let offer = TLSSettings.applicationProtocol
    if SSL_CTX_set_alpn_protos(context, offer, UInt32(offer.count)) != 0 { throw TLSFailure("setting up ALPN") }
    SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_CLIENT), nil)
  }

  deinit {
    session.withLock { if let pointer = $0.pointer { SSL_SESSION_free(pointer) } }
    SSL_CTX_free(context)
  }

  /// Wraps a socket, which it takes over (and closes when it fails, for lack of memory).
  func makeStream(descriptor: Int32) -> TLSStream? {
    guard let ssl = SSL_new(context) else {
      SystemCalls.close(descriptor)
      return nil
    }
    if SocketAddress(numeric: host, port: 0) != nil {
      // An address is matched with the certificate's addresses and is no server name (RFC 6066 section 3).
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host)
    } else {
      SSL_set1_host(ssl, host)
      var name = Array(host.utf8CString)
      SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name), &name)
    }
    session.withLock { if let pointer = $0.pointer { _ = SSL_set_session(ssl, pointer) } }
    return TLSStream(descriptor: descriptor, ssl: ssl, side: .client) { [self] ssl in keepSession(of: ssl) }
  }

  private func keepSession(of ssl: OpaquePointer) {
    guard let latest = SSL_get1_session(ssl) else { return }
    if SSL_SESSION_is_resumable(latest) != 1 {
      SSL_SESSION_free(latest)
      return
    }
    // The struct carries the pointer into the closure; OpenSSL counts the reference that changes hands.
    let new = Session(pointer: latest)
    session.withLock { kept in
      if let old = kept.pointer { SSL_SESSION_free(old) }
      kept = new
    }
  }
}
