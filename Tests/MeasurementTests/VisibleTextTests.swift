import Measurement
import Testing

@Suite struct VisibleTextTests {
  @Test(arguments: [
    ("", "", nil as String?), ("plain text", "plain text", "plain text"), ("Schlüssel", "Schlüssel", "Schl\\u{fc}ssel"),
    ("日本", "日本", "\\u{65e5}\\u{672c}"), ("❤️", "❤️", "\\u{2764}\\u{fe0f}"),
    ("\0\u{1B}[2J\r\n\t", "\\x00\\x1b[2J\\x0d\\x0a\\x09", "\\x00\\x1b[2J\\x0d\\x0a\\x09"),
    ("\u{7F}\u{9B}", "\\x7f\\x9b", "\\x7f\\x9b"),
    ("\u{202E}\u{2066}\u{61C}\u{200B}\u{FEFF}", "\\u{202e}\\u{2066}\\u{61c}\\u{200b}\\u{feff}", nil as String?),
    ("\u{2028}\u{2029}\u{AD}\u{3164}\u{E0041}", "\\u{2028}\\u{2029}\\u{ad}\\u{3164}\\u{e0041}", nil as String?),
    ("\u{FFFE}\u{FFFF}\u{1FFFE}\u{10FFFF}", "\\u{fffe}\\u{ffff}\\u{1fffe}\\u{10ffff}", nil as String?),
  ])
  func nothingActsOrHides(text: String, line: String, ascii: String?) {
    #expect(VisibleText.line(text) == line)
    #expect(VisibleText.ascii(text) == ascii ?? line)
  }

  @Test func linesStay() {
    #expect(VisibleText.lines("one\r\ntwo\u{1B}[2K\n…é") == "one\\x0d\ntwo\\x1b[2K\n…é")
    #expect(VisibleText.lines("one\ntwo\u{1B}\n…é", isASCII: true) == "one\ntwo\\x1b\n...\\u{e9}")
  }

  /// Every character of Unicode: what is left has no control, format or separator among it, and XML 1.0 takes it.
  @Test func everyCharacter() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let shown = VisibleText.line(String(scalar))
      for left in shown.unicodeScalars {
        let isXML =
          (0x20...0xD7FF).contains(left.value) || (0xE000...0xFFFD).contains(left.value) || left.value >= 0x10000
        let category = left.properties.generalCategory
        if !isXML || [.control, .format, .lineSeparator, .paragraphSeparator, .unassigned].contains(category) {
          Issue.record("U+\(String(value, radix: 16)) is shown as \(shown.debugDescription)")
        }
      }
    }
  }

  @Test(arguments: [
    ("shardId-000000000000", "shardId-000000000000"), ("a,b \n\"c\"", "a_b___c_"), ("é", "__"), ("", ""),
    (String(repeating: "x", count: 200), String(repeating: "x", count: 128)),
  ])
  func tags(text: String, tag: String) { #expect(VisibleText.tag(text) == tag) }

  @Test(arguments: [
    ("abcdefghij", 10, "abcdefghij"), ("abcdefghijk", 7, "abc..jk"), ("\\x1b\\x1b\\x1b", 8, ".."),
    ("\\x1b\\x1b\\x1b", 10, "\\x1b..\\x1b"), ("ab\\u{202e}cd", 9, "ab..cd"), ("\\\\\\\\\\\\\\\\", 6, "\\\\..\\\\"),
    ("ab\\x1b\u{301}cd", 6, "ab..cd"), ("ab\\u{202e}\u{301}cd", 9, "ab..cd"), ("äöüäöü日本", 6, "äö..日本"),
    ("\\u{}\\u{}\\x", 5, "\\u..x"), ("\\u{1234567}", 8, "\\u{..67}"),
  ])
  func escapesAreKeptWhole(text: String, limit: Int, cut: String) {
    #expect(VisibleText.cut(text, to: limit) == cut)
  }
}
