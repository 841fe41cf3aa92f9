/// The help, made from the tables: plain ASCII, wrapped to a width.
enum HelpText {
  /// The first thing a user reads: the commands, the streams, the exit codes.
  static func overview(_ registry: CommandRegistry, width: Int) -> String {
    var text = "shardmeter: load tests and benchmarks for Amazon Kinesis PutRecords endpoints\n\n"
    text += "Usage: shardmeter COMMAND [OPTION]...\n\nCommands\n"
    text += columns(registry.commands.map { ($0.name, $0.abstract) }, width: width)
    text += "\nOptions\n"
    text += columns(
      [
        ("--help", "print this help; shardmeter COMMAND --help explains one command"),
        ("--version", "print the version"),
      ],
      width: width)
    text += "\nExit codes\n"
    text += columns(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }, width: width)
    text += "\nResults go to standard output, progress and warnings to standard error.\n"
    return text
  }

  /// Everything about one command.
  static func command(_ command: Command, width: Int) -> String {
    var text = wrapped("shardmeter \(command.name): \(command.abstract)", width: width).joined(separator: "\n") + "\n\n"
    text += "Usage: shardmeter \(command.name)"
    if !command.line.groups.isEmpty { text += " [OPTION]..." }
    for operand in command.line.operands {
      text += operand.isOptional ? " [\(operand.placeholder)]" : " \(operand.placeholder)"
    }
    text += "\n"
    if !command.line.operands.isEmpty {
      text += "\n" + columns(command.line.operands.map { ($0.placeholder, $0.help) }, width: width)
    }
    for group in command.line.groups {
      text += "\n\(group.title)\n" + columns(group.options.map(entry), width: width)
    }
    text += "\n" + columns([entry(CommandLineDescription.helpOption)], width: width)
    if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
    return text
  }

  private static func entry(_ option: CommandLineDescription.Option) -> (String, String) {
    (option.synopsis, option.help + (option.isRepeatable && option.placeholder != nil ? " (repeatable)" : ""))
  }

  /// Names on the left, what they mean wrapped on the right; a name that is too wide gets a line of its own.
  private static func columns(_ entries: [(name: String, text: String)], width: Int) -> String {
    let left = 26
    var text = ""
    for entry in entries {
      var prefix = "  " + entry.name
      if prefix.count + 2 > left {
        text += prefix + "\n"
        prefix = ""
      }
      for line in wrapped(entry.text, width: max(width - left, 20)) {
        text += prefix + String(repeating: " ", count: left - prefix.count) + line + "\n"
        prefix = ""
      }
    }
    return text
  }

  /// Breaks text at spaces; a word wider than the width stands alone.
  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }
}
