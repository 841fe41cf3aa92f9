import Measurement

/// Foreign text inside Markdown.
enum MarkdownText {
  /// Text that starts no markup, ends no table cell and opens no tag.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for character in VisibleText.line(text) {
      switch character {
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~":
        escaped.append("\\")
        escaped.append(character)
      default: escaped.append(character)
      }
    }
    return escaped
  }

  /// A code span that its text cannot close, fit for a table cell: fenced by one more backtick than the text holds in a
  /// row, with the bars of the table escaped (GitHub's rule). What could be read as a tag is escaped text instead: renderers
  /// that pair single backticks would end the span before it.
  static func code(_ text: String) -> String {
    let shown = VisibleText.line(text)
    guard !shown.isEmpty else { return "` `" }
    guard !shown.contains("<") else { return escape(text) }
    var longest = 0
    var run = 0
    for character in shown {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: longest + 1)
    let pad = longest > 0 ? " " : ""
    var cell = ""
    for character in shown {
      if character == "|" { cell.append("\\") }
      cell.append(character)
    }
    return fence + pad + cell + pad + fence
  }
}
