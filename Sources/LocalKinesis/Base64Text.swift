/// Base64 as the service reads it: standard alphabet, padded, strict, with its own wording of what is wrong.
package enum Base64Text {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The padded base64 text of some bytes.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var word: UInt32 = 0
    var held = 0
    for byte in bytes {
      word = word << 8 | UInt32(byte)
      held += 1
      guard held == 3 else { continue }
      for shift in [18, 12, 6, 0] { text.append(alphabet[Int(word >> UInt32(shift) & 63)]) }
      word = 0
      held = 0
    }
    if held > 0 {
      let padded = word << UInt32(8 * (3 - held))
      for position in 0...held { text.append(alphabet[Int(padded >> UInt32(18 - 6 * position) & 63)]) }
      for _ in held..<3 { text.append(UInt8(ascii: "=")) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes of a base64 text.
  ///
  /// - Throws: a SerializationException worded as the service words it, misspelling included.
  package static func decode(_ text: String) throws(ServiceFailure) -> [UInt8] {
    func failure(_ reason: String) -> ServiceFailure {
      .serialization("'\(text)' can not be converted to a Blob: \(reason)")
    }
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 4) else {
      // The service counts UTF-16 units; they differ from bytes only outside the alphabet.
      let length = text.utf16.count
      guard !length.isMultiple(of: 4) else { throw failure("Invalid Base64 character: '\(firstForeign(text))'") }
      throw failure("Base64 encoded length is expected a multiple of 4 bytes but found: \(length)")
    }
    let content = characters.prefix { $0 != UInt8(ascii: "=") }
    let padding = characters.count - content.count
    let isPaddingAtEnd = characters.suffix(padding).allSatisfy { $0 == UInt8(ascii: "=") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(content.count * 3 / 4)
    var word: UInt32 = 0
    var bits = 0
    for character in content {
      guard let value = value(of: character) else { throw failure("Invalid Base64 character: '\(firstForeign(text))'") }
      word = word << 6 | UInt32(value)
      bits += 6
      guard bits >= 8 else { continue }
      bits -= 8
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
    }
    guard isPaddingAtEnd else { throw failure("Invalid Base64 character: '='") }
    let leftover = word & (1 << UInt32(bits) &- 1)
    guard padding <= 2, leftover == 0 else { throw failure("Invalid last non-pad Base64 character dectected") }
    return bytes
  }

  private static func firstForeign(_ text: String) -> Character {
    text.first { character in
      guard let ascii = character.asciiValue else { return true }
      return value(of: ascii) == nil && character != "="
    } ?? "="
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
