import COpenSSL

/// What client and server contexts have in common.
enum TLSSettings {
  /// The protocol spoken inside, as ALPN writes it: its length, then its name (RFC 7301 section 3.1).
  static let applicationProtocol: [UInt8] = [8] + Array("http/1.1".utf8)

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
