import RunResults

/// The option tables of the guides, made from the same declarations as parser and help.
enum OptionMarkdown {
  /// A Markdown table of a command's operands and options, with a line feed at its end.
  static func table(_ command: Command) -> String {
    var text = "| `shardmeter \(command.name)` | |\n|---|---|\n"
    for operand in command.line.operands { text += row(operand.placeholder, operand.help) }
    for option in command.line.groups.flatMap(\.options) {
      text += row(
        option.synopsis, option.help + (option.isRepeatable && option.placeholder != nil ? " (repeatable)" : ""))
    }
    return text
  }

  /// The exit codes as a Markdown table.
  static func exitCodes() -> String {
    "| Exit code | Meaning |\n|--:|---|\n"
      + ExitCode.allCases.map { "| \($0.rawValue) | \($0.meaning) |\n" }.joined()
  }

  private static func row(_ name: String, _ text: String) -> String {
    "| `\(escaped(name))` | \(escaped(text)) |\n"
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }
}
