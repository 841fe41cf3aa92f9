import COpenSSL

/// SHA-256 (FIPS 180-4) through OpenSSL's low-level functions: a state that can be copied in the middle of a message.
///
/// OpenSSL picks the processor's SHA instructions itself; there is no algorithm fetch per call.
package struct SHA256 {
  private var context = SHA256_CTX()

  /// Starts an empty message.
  package init() {
    SHA256_Init(&context)
  }

  /// Appends bytes to the message.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    SHA256_Update(&context, bytes.baseAddress, bytes.count)
  }

  /// Appends a string's UTF-8 bytes to the message.
  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// Ends the message and gives its digest. The value itself is unchanged and may go on.
  package func finish() -> Digest256 {
    var context = context
    var digest = Digest256()
    digest.withMutableBytes { SHA256_Final($0.baseAddress, &context) }
    return digest
  }

  /// The digest of a whole message.
  package static func digest(_ message: UnsafeRawBufferPointer) -> Digest256 {
    var hash = SHA256()
    hash.update(message)
    return hash.finish()
  }

  /// The digest of a string's UTF-8 bytes.
  package static func digest(_ text: String) -> Digest256 {
    var hash = SHA256()
    hash.update(text)
    return hash.finish()
  }
}
