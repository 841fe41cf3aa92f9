/// Text of another encoding than UTF-8, told by its first bytes: what editors of some systems save as "Unicode".
package enum ForeignEncoding: String, Sendable, CustomStringConvertible {
  case utf16 = "UTF-16"
  case utf32 = "UTF-32"

  /// The encoding of a text that begins with these bytes; nil for UTF-8, and for what is no such text.
  ///
  /// By a byte order mark (The Unicode Standard, 23.8), else by where the zero bytes of a first ASCII character are
  /// (RFC 4627, section 3).
  package init?(_ bytes: some Sequence<UInt8>) {
    let first = Array(bytes.prefix(4))
    switch first {
    case [0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF]: self = .utf32
    case _ where first.starts(with: [0xFF, 0xFE]) || first.starts(with: [0xFE, 0xFF]): self = .utf16
    default:
      switch first.map({ $0 == 0 }) {
      case [false, true, true, true], [true, true, true, false]: self = .utf32
      case [false, true, false, true], [true, false, true, false]: self = .utf16
      default: return nil
      }
    }
  }

  package var description: String { rawValue }
}
