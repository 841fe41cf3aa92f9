/// The 32 bytes of a SHA-256 or HMAC-SHA-256 result.
package struct Digest256: Hashable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// All zeros.
  package init() {}

  /// Gives the bytes to read.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withUnsafeBytes(of: words, body)
  }

  /// Gives the bytes to overwrite.
  mutating func withMutableBytes(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    withUnsafeMutableBytes(of: &words) { body($0.bindMemory(to: UInt8.self)) }
  }

  /// Writes the digest as 64 lower-case hexadecimal digits.
  package func writeHex(to destination: UnsafeMutablePointer<UInt8>) {
    withBytes { bytes in
      for (index, byte) in bytes.enumerated() {
        destination[2 * index] = Self.hexDigit(byte >> 4)
        destination[2 * index + 1] = Self.hexDigit(byte & 15)
      }
    }
  }

  /// The digest as 64 lower-case hexadecimal digits.
  package var hex: String {
    String(unsafeUninitializedCapacity: 64) { buffer in
      if let start = buffer.baseAddress { writeHex(to: start) }
      return 64
    }
  }

  package static func == (left: Digest256, right: Digest256) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: $0) }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? 0x30 + value : 0x61 - 10 + value
  }
}
