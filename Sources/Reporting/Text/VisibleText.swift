/// Foreign text made safe to look at: nothing in it can move a cursor, turn the direction of a line or hide.
package enum VisibleText {
  /// What stands for a character that must not be written as it is, or nil when it may.
  ///
  /// C0 and C1 controls, DEL, the line and paragraph separators, zero-width and direction marks, and the byte order
  /// mark are written `\xNN` or `\u{NNNN}`.
  static func replacement(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x00...0x1f, 0x7f...0x9f:
      let digits = String(scalar.value, radix: 16)
      return "\\x" + (digits.count < 2 ? "0" : "") + digits
    case 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb:
      return "\\u{" + String(scalar.value, radix: 16) + "}"
    default: return nil
    }
  }

  /// Foreign text for a line of plain text.
  package static func line(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if let replacement = replacement(for: scalar) {
        shown += replacement
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// Foreign text for the terminal: ASCII only, others as `\u{NNNN}`.
  package static func ascii(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if let replacement = replacement(for: scalar) {
        shown += replacement
      } else if scalar.isASCII {
        shown.unicodeScalars.append(scalar)
      } else {
        shown += "\\u{" + String(scalar.value, radix: 16) + "}"
      }
    }
    return shown
  }

  /// Text cut in its middle to at most `limit` characters, which keeps both ends of a long key readable.
  ///
  /// - Parameters:
  ///   - text: what is cut.
  ///   - limit: at least 5.
  ///   - gap: what stands for the missing middle; `..` in ASCII surroundings.
  package static func cut(_ text: String, to limit: Int, gap: String = "..") -> String {
    guard text.count > limit else { return text }
    let kept = limit - gap.count
    return String(text.prefix((kept + 1) / 2)) + gap + String(text.suffix(kept / 2))
  }
}
