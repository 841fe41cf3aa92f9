/// Text from outside (keys, shard ids, codes and messages of a target, names in files) made safe to look at: nothing in it
/// can move a cursor, end a line, turn the direction of one, or hide. It is the one door that such text passes on its way
/// into a terminal, a page, a table or a log; each of these escapes what else is special to it.
package enum VisibleText {
  /// What stands for a character that must not be written as it is, or nil when it may.
  ///
  /// Control characters are written `\xNN`; line and paragraph separators, format characters such as direction marks,
  /// characters that are not drawn, and what is no character (which XML 1.0 does not take) `\u{NNNN}`. The two variation
  /// selectors of emoji may stay.
  package static func replacement(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x20...0x7e: return nil
    case 0x00...0x1f, 0x7f...0x9f:
      let digits = String(scalar.value, radix: 16)
      return "\\x" + (digits.count < 2 ? "0" : "") + digits
    case 0xfe0e, 0xfe0f: return nil
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: return code(scalar)
      default: return scalar.properties.isDefaultIgnorableCodePoint ? code(scalar) : nil
      }
    }
  }

  private static func code(_ scalar: Unicode.Scalar) -> String { "\\u{" + String(scalar.value, radix: 16) + "}" }

  /// Foreign text for a line of plain text or a cell of a table.
  package static func line(_ text: String) -> String {
    // Nearly all text is printable ASCII.
    guard !text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else { return text }
    return rendered(text) { replacement(for: $0) }
  }

  /// Foreign words inside a sentence: line ends and tabs are spaces, all else is as in `line`.
  package static func sentence(_ text: String) -> String {
    line(String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }))
  }

  /// Foreign text for a terminal that takes ASCII only: others as `\u{NNNN}`.
  package static func ascii(_ text: String) -> String {
    rendered(text) { replacement(for: $0) ?? ($0.isASCII ? nil : code($0)) }
  }

  /// Foreign text as the tag of a line of an HdrHistogram log, which ends at a comma: letters, digits, `.`, `-` and `_` as
  /// in the service's shard ids, `_` for everything else; at most 128 bytes.
  package static func tag(_ text: String) -> String {
    let bytes = text.utf8.prefix(128).map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        byte
      default: UInt8(ascii: "_")
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Text of several lines, some of it foreign: line feeds stay, all else is as in `line`, or in `ascii` but for the
  /// ellipsis, which our own messages have.
  package static func lines(_ text: String, isASCII: Bool = false) -> String {
    guard isASCII else { return rendered(text) { $0 == "\n" ? nil : replacement(for: $0) } }
    return rendered(text) { scalar in
      switch scalar {
      case "\n": nil
      case "\u{2026}": "..."
      default: replacement(for: scalar) ?? (scalar.isASCII ? nil : code(scalar))
      }
    }
  }

  private static func rendered(_ text: String, _ rule: (Unicode.Scalar) -> String?) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
      if let replacement = rule(scalar) {
        shown += replacement
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// Text cut in its middle to at most `limit` characters, which keeps both ends of a long key readable. An escape is kept
  /// whole or left out.
  ///
  /// - Parameters:
  ///   - text: what is cut, as it is shown.
  ///   - limit: at least 5.
  ///   - gap: what stands for the missing middle; `..` in ASCII surroundings.
  package static func cut(_ text: String, to limit: Int, gap: String = "..") -> String {
    guard text.count > limit else { return text }
    let kept = limit - gap.count
    return prefix(text, (kept + 1) / 2) + gap + suffix(text, kept / 2)
  }

  /// At most so many characters of shown text from its start, without a part of an escape.
  package static func prefix(_ text: String, _ limit: Int) -> String {
    var end = text.startIndex
    var left = limit
    while end < text.endIndex {
      let length = escapeLength(text[end...])
      guard length <= left else { break }
      left -= length
      end = text.index(end, offsetBy: length)
    }
    return String(text[..<end])
  }

  private static func suffix(_ text: String, _ limit: Int) -> String {
    var start = text.startIndex
    var left = text.count
    while left > limit {
      let length = escapeLength(text[start...])
      left -= length
      start = text.index(start, offsetBy: length)
    }
    return String(text[start...])
  }

  /// How many characters of shown text belong together: those of an escape, or one.
  private static func escapeLength(_ text: Substring) -> Int {
    guard text.first == "\\" else { return 1 }
    let rest = text.dropFirst()
    if rest.first == "x", rest.dropFirst().prefix(2).count(where: isHexDigit) == 2 { return 4 }
    guard rest.hasPrefix("u{") else { return 1 }
    let digits = rest.dropFirst(2).prefix(7).prefix(while: isHexDigit)
    return (1...6).contains(digits.count) && rest.dropFirst(2 + digits.count).first?.unicodeScalars.first == "}"
      ? digits.count + 4 : 1
  }

  /// A mark that follows an escape is drawn over its last character and makes one of both.
  private static func isHexDigit(_ character: Character) -> Bool {
    character.unicodeScalars.first.map { $0.isASCII && Character($0).isHexDigit } ?? false
  }
}
