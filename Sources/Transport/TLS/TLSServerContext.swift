import COpenSSL
import Glibc

/// What all encrypted connections of a server share: its certificate and key.
///
/// `@unchecked Sendable`: OpenSSL's context may be used from any thread once it is set up.
package final class TLSServerContext: @unchecked Sendable {
  private let context: OpaquePointer

  /// A server's context.
  ///
  /// - Parameters:
  ///   - certificateFile: PEM, the server's certificate first, then the chain to its issuer.
  ///   - keyFile: PEM, the certificate's private key, without a pass phrase.
  package convenience init(certificateFile: String, keyFile: String) throws(TLSFailure) {
    try self.init { context throws(TLSFailure) in
      if SSL_CTX_use_certificate_chain_file(context, certificateFile) != 1 {
        throw TLSFailure("reading the certificate \(certificateFile)")
      }
      if SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) != 1 {
        throw TLSFailure("reading the key \(keyFile)")
      }
    }
  }

  /// The context of a server that vouches for itself.
  package convenience init(_ certificate: SelfSignedCertificate) throws(TLSFailure) {
    try self.init { context throws(TLSFailure) in
      if SSL_CTX_use_certificate(context, certificate.certificate) != 1
        || SSL_CTX_use_PrivateKey(context, certificate.key) != 1
      {
        throw TLSFailure("using the certificate made")
      }
    }
  }

  private init(_ load: (OpaquePointer) throws(TLSFailure) -> Void) throws(TLSFailure) {
    guard let context = TLSSettings.makeContext(TLS_server_method()) else { throw TLSFailure("setting up TLS") }
    self.context = context
    try load(context)
    if SSL_CTX_check_private_key(context) != 1 { throw TLSFailure("matching certificate and key") }
    SSL_CTX_set_alpn_select_cb(context, TLSServerContext.choose, nil)
    let name = Array("shardmeter".utf8)
    SSL_CTX_set_session_id_context(context, name, UInt32(name.count))
  }

  deinit { SSL_CTX_free(context) }

  /// Wraps a socket, which it takes over (and closes when it fails, for lack of memory).
  func makeStream(descriptor: Int32) -> TLSStream? {
    guard let ssl = SSL_new(context) else {
      SystemCalls.close(descriptor)
      return nil
    }
    return TLSStream(descriptor: descriptor, ssl: ssl, side: .server)
  }

  /// Takes HTTP/2 out of the client's list, or else HTTP/1.1; a list with neither is passed over, and HTTP/1.1 spoken all the
  /// same.
  private static let choose:
    @convention(c) (
      OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?,
      UInt32, UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, chosenCount, list, count, _ in
      guard let list, let chosen, let chosenCount else { return SSL_TLSEXT_ERR_NOACK }
      for wanted in [TLSSettings.http2, TLSSettings.applicationProtocol] {
        var offset = 0
        while offset < Int(count) {
          let length = Int(list[offset])
          if offset + 1 + length > Int(count) { break }
          if length + 1 == wanted.count && memcmp(list + offset, wanted, wanted.count) == 0 {
            chosen.pointee = list + offset + 1
            chosenCount.pointee = list[offset]
            return SSL_TLSEXT_ERR_OK
          }
          offset += 1 + length
        }
      }
      return SSL_TLSEXT_ERR_NOACK
    }
}
