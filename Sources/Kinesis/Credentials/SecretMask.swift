/// Takes secrets out of text that comes from outside: a server can echo what it was sent, whole or in part.
///
/// Any eight bytes in a row of a secret are masked, so that a piece of one is not shown either, and a backslash between
/// them does not help (JSON may write `\/`). Secrets of fewer bytes, such as the customary `test` of emulators, are no
/// secrets and would mask ordinary words; neither are digits, the account numbers that emulators take for keys and that
/// every shard's id has.
package struct SecretMask: Sendable {
  /// What stands in place of a secret or a piece of one.
  package static let mask = "****"

  private static let window = 8
  /// Every eight bytes in a row of a secret.
  private var pieces: Set<UInt64> = []

  /// Masks nothing.
  package init() {}

  /// Masks the parts of these credentials too, the public part included: it names an account's user.
  package mutating func add(_ credentials: Credentials) {
    for secret in [credentials.accessKeyID, credentials.secretAccessKey, credentials.sessionToken ?? ""] {
      Self.forEachPiece(of: Array(secret.utf8)) { _, piece in
        if !Self.isDigits(piece) { pieces.insert(piece) }
      }
    }
  }

  /// The text without secrets. O(bytes).
  package func masked(_ text: String) -> String {
    guard !pieces.isEmpty else { return text }
    let bytes = Array(text.utf8)
    let positions = bytes.indices.filter { bytes[$0] != UInt8(ascii: "\\") }
    var isSecret = [Bool](repeating: false, count: bytes.count)
    var found = false
    Self.forEachPiece(of: positions.map { bytes[$0] }) { start, piece in
      guard pieces.contains(piece) else { return }
      found = true
      for position in positions[start]...positions[start + Self.window - 1] { isSecret[position] = true }
    }
    guard found else { return text }
    var shown: [UInt8] = []
    for position in bytes.indices {
      if !isSecret[position] {
        shown.append(bytes[position])
      } else if position == 0 || !isSecret[position - 1] {
        shown.append(contentsOf: Self.mask.utf8)
      }
    }
    return String(decoding: shown, as: UTF8.self)
  }

  private static func isDigits(_ piece: UInt64) -> Bool {
    (0..<window).allSatisfy { (0x30...0x39).contains(UInt8(truncatingIfNeeded: piece >> UInt64(8 * $0))) }
  }

  private static func forEachPiece(of bytes: [UInt8], _ body: (Int, UInt64) -> Void) {
    var piece: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      piece = piece << 8 | UInt64(byte)
      if index + 1 >= window { body(index + 1 - window, piece) }
    }
  }
}
