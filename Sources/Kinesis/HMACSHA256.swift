/// HMAC with SHA-256 (RFC 2104, RFC 4231), its key already absorbed.
///
/// Both SHA-256 states that depend on the key alone are kept, so that each message costs two blocks less, and a state
/// with the constant beginning of a message absorbed can be kept as well.
package struct HMACSHA256 {
  private var inner = SHA256()
  private var outer = SHA256()

  /// Absorbs a key of any length.
  package init(key: UnsafeRawBufferPointer) {
    var block = [UInt8](repeating: 0, count: 64)
    if key.count > 64 {
      SHA256.digest(key).withBytes { block.replaceSubrange(0..<32, with: $0) }
    } else {
      block.replaceSubrange(0..<key.count, with: key)
    }
    for index in block.indices { block[index] ^= 0x36 }
    block.withUnsafeBytes { inner.update($0) }
    for index in block.indices { block[index] ^= 0x36 ^ 0x5C }
    block.withUnsafeBytes { outer.update($0) }
  }

  /// Absorbs the result of an earlier HMAC as key.
  package init(key: Digest256) {
    self = key.withBytes { HMACSHA256(key: $0) }
  }

  /// Appends bytes to the message.
  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    inner.update(bytes)
  }

  /// Appends a string's UTF-8 bytes to the message.
  package mutating func update(_ text: String) {
    inner.update(text)
  }

  /// Ends the message and gives its authentication code. The value itself is unchanged and may go on.
  package func finish() -> Digest256 {
    var outer = outer
    inner.finish().withBytes { outer.update($0) }
    return outer.finish()
  }

  /// The authentication code of a whole message.
  package func code(_ message: String) -> Digest256 {
    var copy = self
    copy.update(message)
    return copy.finish()
  }
}
