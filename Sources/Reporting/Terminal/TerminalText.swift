import Measurement

/// What a terminal shows of foreign text, apart from what no terminal may be told.
package enum TerminalCharset: Sendable {
  /// ASCII; everything else as an escape.
  case ascii
  /// Every character that can be seen.
  case unicode

  /// Foreign text as it is shown.
  package func shown(_ text: String) -> String {
    switch self {
    case .ascii: VisibleText.ascii(text)
    case .unicode: VisibleText.line(text)
    }
  }
}

/// How text is laid out on a terminal: ASCII, never wider than 80 columns.
package enum TerminalText {
  /// The widest line.
  package static let widest = 80

  /// Text at the right of a column.
  static func right(_ text: String, _ width: Int) -> String {
    // A number too wide for its column still keeps one space from its neighbour.
    String(repeating: " ", count: max(width - text.count, 1)) + text
  }

  /// Text at the left of a column.
  static func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(width - text.count, 0))
  }

  /// Lines broken at spaces; a word that is too long is broken inside.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
      while line.count > width {
        let part = VisibleText.prefix(line, width)
        lines.append(part)
        line = String(line.dropFirst(part.count))
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }

  /// A path broken behind slashes where it must be.
  static func broken(_ path: String, to width: Int) -> [String] {
    var lines: [String] = []
    var rest = Substring(path)
    while rest.count > width {
      let room = rest.prefix(VisibleText.prefix(String(rest), width).count)
      let end = room.lastIndex(of: "/").map { rest.index(after: $0) } ?? room.endIndex
      lines.append(String(rest[..<end]))
      rest = rest[end...]
    }
    return lines + [String(rest)]
  }
}

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
      let part = VisibleText.prefix(text, left)
      left -= part.count
      line += colour && style != .plain && !part.isEmpty ? "\u{1b}[\(style.rawValue)m\(part)\u{1b}[0m" : part
    }
    guard !colour else { return line }
    while line.last == " " { line.removeLast() }
    return line
  }
}
