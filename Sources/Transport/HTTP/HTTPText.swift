/// Small questions about bytes of HTTP text (RFC 9110 section 5.6).
enum HTTPText {
  /// Whether bytes spell an ASCII word, letters in any case.
  static func isEqual(_ bytes: UnsafeRawBufferPointer, ignoringCase word: String) -> Bool {
    guard bytes.count == word.utf8.count else { return false }
    var index = 0
    for letter in word.utf8 {
      if lowercased(bytes[index]) != lowercased(letter) { return false }
      index += 1
    }
    return true
  }

  /// Whether a comma-separated list has the word as one of its members, letters in any case.
  static func list(_ bytes: UnsafeRawBufferPointer, contains word: String) -> Bool {
    for member in HTTPListMembers(bytes) where isEqual(member, ignoringCase: word) { return true }
    return false
  }

  /// The bytes without spaces, tabs and the carriage return of a line end around them.
  static func trimmed(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var first = 0
    var last = bytes.count
    while first < last, isBlank(bytes[first]) { first += 1 }
    while first < last, isBlank(bytes[last - 1]) { last -= 1 }
    return UnsafeRawBufferPointer(rebasing: bytes[first..<last])
  }

  /// Whether all bytes may stand in a token, and there is at least one (RFC 9110 section 5.6.2).
  static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes.isEmpty { return false }
    for byte in bytes {
      // One bit per character below 64, and one per character from 64 on.
      let mask = byte < 64 ? tokenLow : tokenHigh
      if byte >= 128 || (mask >> UInt64(byte & 63)) & 1 == 0 { return false }
    }
    return true
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  /// `! # $ % & ' * + - .` and the digits.
  private static let tokenLow: UInt64 = 0x03FF_6CFA_0000_0000
  /// The letters and ``^ _ ` | ~``.
  private static let tokenHigh: UInt64 = 0x57FF_FFFF_C7FF_FFFE
}
