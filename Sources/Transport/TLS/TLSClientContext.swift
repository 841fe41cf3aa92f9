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

/// What client and server contexts have in common.
enum TLSSettings {
  /// The protocol that clients offer, as ALPN writes it: its length, then its name (RFC 7301 section 3.1).
  static let applicationProtocol: [UInt8] = [8] + Array("http/1.1".utf8)
  /// What servers take rather, when it is offered.
  static let http2: [UInt8] = [2] + Array("h2".utf8)

  /// `SSL_OP_IGNORE_UNEXPECTED_EOF`, which is a macro that Swift cannot see: servers close without TLS's own goodbye all the
  /// time, and HTTP's framing tells a message that was cut off.
  private static let ignoreUnexpectedEnd: UInt64 = 1 << 7
  /// `SSL_OP_NO_RENEGOTIATION`, likewise.
  private static let noRenegotiation: UInt64 = 1 << 30

  /// A context that speaks TLS 1.2 and later; nil for lack of memory.
  static func makeContext(_ method: OpaquePointer?) -> OpaquePointer? {
    guard let context = SSL_CTX_new(method) else { return nil }
    SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
    SSL_CTX_set_options(context, ignoreUnexpectedEnd | noRenegotiation)
    return context
  }
}

/// Why encryption cannot be set up, in OpenSSL's own words.
package struct TLSFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was being done, for example `reading the certificate cert.pem`.
  package let action: String
  /// OpenSSL's reason; empty when it names none.
  package let reason: String

  /// A failure of this action, with the reason of OpenSSL's last error, whose queue is emptied.
  init(_ action: String) {
    self.action = action
    reason = TLSFailure.takeReason() ?? ""
  }

  /// For example `reading the certificate cert.pem: No such file or directory`.
  package var description: String { reason.isEmpty ? "\(action) failed" : "\(action): \(reason)" }

  /// The reason of the first error in this thread's queue, which is emptied.
  static func takeReason() -> String? {
    let code = ERR_get_error()
    ERR_clear_error()
    if code == 0 { return nil }
    if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &text, text.count)
    // `error:80000002:system library::No such file or directory`: the last part is for people.
    let whole = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return whole.split(separator: ":").last.map(String.init) ?? whole
  }
}
