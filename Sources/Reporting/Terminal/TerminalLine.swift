/// A line of text for a terminal whose words may be coloured; its width is that of the words alone.
struct TerminalLine {
  /// What colour says again, after the word has said it.
  enum Style: String {
    case plain = ""
    case bold = "1"
    case dim = "2"
    case red = "31;1"
    case green = "32"
    case yellow = "33"
  }

  private var spans: [(text: String, style: Style)] = []

  /// An empty line.
  init() {}

  /// A line in one style.
  init(_ text: String, _ style: Style = .plain) { spans = [(text, style)] }

  /// The words.
  var plain: String { spans.map(\.text).joined() }

  /// Appends text.
  mutating func add(_ text: String, _ style: Style = .plain) { spans.append((text, style)) }

  /// The line at most so many columns wide, with colours or without.
  ///
  /// - Parameters:
  ///   - columns: what is beyond is cut.
  ///   - colour: whether to write ANSI sequences.
  func text(columns: Int, colour: Bool) -> String {
    var left = columns
    var line = ""
    for (text, style) in spans where left > 0 {
      let part = String(text.prefix(left))
      left -= part.count
      line += colour && style != .plain && !part.isEmpty ? "\u{1b}[\(style.rawValue)m\(part)\u{1b}[0m" : part
    }
    guard !colour else { return line }
    while line.last == " " { line.removeLast() }
    return line
  }
}
