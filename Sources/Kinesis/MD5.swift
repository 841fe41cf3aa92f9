import COpenSSL

/// MD5 (RFC 1321) through OpenSSL's low-level functions.
///
/// The one-shot `MD5()` of OpenSSL 3 fetches an algorithm on each call, which costs several times the digest of a
/// partition key; the context functions do not.
package enum MD5 {
  /// The digest read as one big-endian number, the form in which Kinesis uses it.
  package static func digest(_ message: UnsafeRawBufferPointer) -> UInt128 {
    var context = MD5_CTX()
    MD5_Init(&context)
    if message.count < 56 {
      // One block: pad it here and run the compression function once, as the final call would do.
      var block = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
      withUnsafeMutableBytes(of: &block) { bytes in
        bytes.copyMemory(from: message)
        bytes[message.count] = 0x80
        bytes.storeBytes(of: UInt64(message.count * 8).littleEndian, toByteOffset: 56, as: UInt64.self)
        MD5_Transform(&context, bytes.bindMemory(to: UInt8.self).baseAddress)
      }
      return UInt128(UInt32(context.A).byteSwapped) << 96 | UInt128(UInt32(context.B).byteSwapped) << 64
        | UInt128(UInt32(context.C).byteSwapped) << 32 | UInt128(UInt32(context.D).byteSwapped)
    }
    var digest: UInt128 = 0
    withUnsafeMutableBytes(of: &digest) { bytes in
      MD5_Update(&context, message.baseAddress, message.count)
      MD5_Final(bytes.bindMemory(to: UInt8.self).baseAddress, &context)
    }
    return UInt128(bigEndian: digest)
  }
}
