/// How keys are called in results.
package struct KeyNames: Sendable {
  /// `--keys`: what may be shown of a key, which can be a customer's name.
  package enum Mode: String, Sendable, CaseIterable { case show, hash, hide }

  package var mode: Mode
  /// A key's text in UTF-8 by its id.
  package var bytes: @Sendable (UInt64) -> [UInt8]
  /// A key's place in the hash-key space by its id.
  package var hash: @Sendable (UInt64) -> UInt128

  /// Names by id.
  package init(
    mode: Mode, bytes: @escaping @Sendable (UInt64) -> [UInt8], hash: @escaping @Sendable (UInt64) -> UInt128
  ) {
    self.mode = mode
    self.bytes = bytes
    self.hash = hash
  }

  /// The name to write; `nil` when none may be shown.
  package func name(of id: UInt64) -> String? {
    switch mode {
    case .show:
      return String(decoding: bytes(id), as: UTF8.self)
    case .hash:
      let digits = String(hash(id), radix: 16)
      return "0x" + String(repeating: "0", count: 32 - digits.utf8.count) + digits
    case .hide:
      return nil
    }
  }
}
