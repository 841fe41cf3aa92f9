import Kinesis
import Testing

/// That the wrappers hand OpenSSL what they should: published vectors and every length around the block borders.
@Suite struct DigestTests {
  /// RFC 1321 appendix A.5.
  @Test(arguments: [
    ("", "d41d8cd98f00b204e9800998ecf8427e"),
    ("a", "0cc175b9c0f1b6a831c399e269772661"),
    ("abc", "900150983cd24fb0d6963f7d28e17f72"),
    ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
    (String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"),
  ])
  func md5MatchesRFC1321(_ message: String, _ hex: String) {
    #expect(PartitionKeyHash.md5(of: message) == UInt128(hex, radix: 16))
  }

  /// One block is padded here, more by OpenSSL: both ways must agree at every length, checked through a chained digest
  /// made independently with Python's hashlib.
  @Test func md5AgreesAtEveryLengthUpTo200() {
    var chain: UInt128 = 0
    for length in 0...200 {
      var message = [UInt8](repeating: UInt8(length), count: length)
      withUnsafeBytes(of: chain.bigEndian) { message.append(contentsOf: $0) }
      chain = message.withUnsafeBytes { MD5.digest($0) }
    }
    #expect(String(chain, radix: 16) == "25f57bbfe1d8b9e307eef97f4fd53b94")
  }

  /// FIPS 180-4 examples (NIST, "Examples with Intermediate Values").
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func sha256MatchesFIPS180(_ message: String, _ hex: String) {
    #expect(SHA256.digest(message).hex == hex)
    // In pieces, and going on from a state that was finished once.
    var pieces = SHA256()
    let bytes = Array(message.utf8)
    for start in stride(from: 0, to: bytes.count, by: 61) {
      bytes[start..<min(start + 61, bytes.count)].withUnsafeBytes { pieces.update($0) }
      if start < 200 { _ = pieces.finish() }
    }
    #expect(pieces.finish().hex == hex)
  }

  struct HMACVector {
    var key: [UInt8]
    var message: [UInt8]
    var hex: String
  }

  /// RFC 4231 sections 4.2 to 4.8 without 4.6, whose result is truncated.
  static let hmacVectors: [HMACVector] = [
    HMACVector(
      key: [UInt8](repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
      hex: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    HMACVector(
      key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
      hex: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    HMACVector(
      key: [UInt8](repeating: 0xAA, count: 20), message: [UInt8](repeating: 0xDD, count: 50),
      hex: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    HMACVector(
      key: Array(1...25), message: [UInt8](repeating: 0xCD, count: 50),
      hex: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    HMACVector(
      key: [UInt8](repeating: 0xAA, count: 131),
      message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      hex: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    HMACVector(
      key: [UInt8](repeating: 0xAA, count: 131),
      message: Array(
        """
        This is a test using a larger than block-size key and a larger than block-size data. The key needs to be \
        hashed before being used by the HMAC algorithm.
        """.utf8),
      hex: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
  ]

  @Test(arguments: hmacVectors) func hmacMatchesRFC4231(_ vector: HMACVector) {
    var code = vector.key.withUnsafeBytes { HMACSHA256(key: $0) }
    vector.message.withUnsafeBytes { code.update($0) }
    #expect(code.finish().hex == vector.hex)
    // Finishing leaves the state as it was.
    #expect(code.finish().hex == vector.hex)
  }
}
