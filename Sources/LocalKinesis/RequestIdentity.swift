/// Makes the two identifiers every answer carries: `x-amzn-RequestId`, a UUID, and `x-amz-id-2`, base64.
///
/// They only have to differ and look right, so a small sequential generator makes them; the same seed gives the same
/// ones.
struct RequestIdentity {
  /// Characters of `x-amz-id-2`: base64 of 72 bytes; AWS sends 64 to 80 (mhart/kinesalite test/helpers.js).
  private static let extendedCharacters = 96

  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// A random UUID, version 4.
  mutating func requestID() -> String {
    let high = next() & ~0xF000 | 0x4000
    let low = next() & ~(0b11 << 62) | 0b10 << 62
    return String(unsafeUninitializedCapacity: 36) { text in
      var end = 0
      for digit in 0..<32 {
        if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
          text[end] = UInt8(ascii: "-")
          end += 1
        }
        let word = digit < 16 ? high : low
        text[end] = Self.hexDigits[Int(word >> UInt64(60 - 4 * (digit & 15)) & 15)]
        end += 1
      }
      return end
    }
  }

  /// The second identifier: any characters of the alphabet, four for every three bytes, are base64 of something.
  mutating func extendedID() -> String {
    String(unsafeUninitializedCapacity: Self.extendedCharacters) { text in
      var word: UInt64 = 0
      for index in 0..<Self.extendedCharacters {
        if index % 10 == 0 { word = next() }
        text[index] = Self.alphabet[Int(word & 63)]
        word >>= 6
      }
      return Self.extendedCharacters
    }
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
