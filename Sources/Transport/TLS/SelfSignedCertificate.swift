import COpenSSL

/// A fresh key (P-256) and a certificate it signed itself, for a local server that clients are told to trust.
///
/// Not Sendable: made and used up on one thread.
package final class SelfSignedCertificate {
  let certificate: OpaquePointer
  let key: OpaquePointer

  /// Makes key and certificate.
  ///
  /// - Parameters:
  ///   - names: whom it names: host names and addresses in numbers, at least one.
  ///   - validFor: how many days it is valid, from a day ago on, so that clocks may differ.
  package init(names: [String], validFor days: Int = 30) throws(TLSFailure) {
    precondition(!names.isEmpty, "a certificate names somebody")
    key = try SelfSignedCertificate.makeKey()
    guard let certificate = X509_new() else {
      EVP_PKEY_free(key)
      throw TLSFailure("making a certificate")
    }
    self.certificate = certificate
    let list = names.map { SocketAddress(numeric: $0, port: 0) == nil ? "DNS:\($0)" : "IP:\($0)" }
    try fill(alternativeNames: list.joined(separator: ","), days: days)
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  /// The certificate as PEM, to be trusted by clients (`--ca-file`, `AWS_CA_BUNDLE`).
  package func certificatePEM() throws(TLSFailure) -> String {
    guard let memory = BIO_new(BIO_s_mem()) else { throw TLSFailure("writing the certificate") }
    defer { BIO_free(memory) }
    if PEM_write_bio_X509(memory, certificate) != 1 { throw TLSFailure("writing the certificate") }
    var text: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1024)
    while true {
      let count = BIO_read(memory, &part, Int32(part.count))
      if count <= 0 { break }
      text += part.prefix(Int(count))
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func makeKey() throws(TLSFailure) -> OpaquePointer {
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { throw TLSFailure("making a key") }
    defer { EVP_PKEY_CTX_free(context) }
    var key: OpaquePointer?
    if EVP_PKEY_keygen_init(context) != 1 || EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) != 1
      || EVP_PKEY_keygen(context, &key) != 1
    {
      throw TLSFailure("making a key")
    }
    guard let key else { throw TLSFailure("making a key") }
    return key
  }

  private func fill(alternativeNames: String, days: Int) throws(TLSFailure) {
    let name = X509_get_subject_name(certificate)
    let common = Array("shardmeter".utf8)
    let isFilled =
      // Version 3 is written as 2. Serial numbers are positive (RFC 5280 section 4.1.2), and drawn, since clients refuse
      // two certificates of one issuer with one number.
      X509_set_version(certificate, 2) == 1
      && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), UInt64.random(in: 1...(1 << 63))) == 1
      && X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, nil) != nil
      && X509_time_adj_ex(X509_getm_notAfter(certificate), Int32(days), 0, nil) != nil
      && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, Int32(common.count), -1, 0) == 1
      && X509_set_issuer_name(certificate, name) == 1
      && X509_set_pubkey(certificate, key) == 1
    if !isFilled { throw TLSFailure("making a certificate") }
    try add(NID_subject_alt_name, alternativeNames)
    try add(NID_basic_constraints, "critical,CA:TRUE")
    if X509_sign(certificate, key, EVP_sha256()) == 0 { throw TLSFailure("signing a certificate") }
  }

  private func add(_ kind: Int32, _ value: String) throws(TLSFailure) {
    guard let part = X509V3_EXT_conf_nid(nil, nil, kind, value) else {
      throw TLSFailure("making a certificate for \(value)")
    }
    defer { X509_EXTENSION_free(part) }
    if X509_add_ext(certificate, part, -1) != 1 { throw TLSFailure("making a certificate for \(value)") }
  }
}
