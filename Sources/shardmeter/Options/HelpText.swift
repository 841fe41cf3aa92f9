import RunResults

/// The help, made from the tables: plain ASCII, wrapped to a width.
enum HelpText {
  /// The first thing a user reads: the commands, the streams, the exit codes. It fits on one screen.
  static func overview(_ registry: CommandRegistry, width: Int) -> String {
    var text = "shardmeter: load tests and benchmarks for Amazon Kinesis PutRecords endpoints\n\n"
    text += "Usage: shardmeter COMMAND [OPTION]...\nExample: shardmeter run quickstart\n\nCommands\n"
    text += columns(registry.commands.map { ($0.name, $0.abstract) }, left: 14, width: width)
    text += "\nOptions\n"
    text += columns(
      [("--help", "print this help; after a command's name, explain that"), ("--version", "print the version")],
      left: 14, width: width)
    text += "\nExit codes\n"
    text += columns(ExitCode.allCases.map { (String($0.rawValue), $0.meaning) }, left: 7, width: width)
    return text
  }

  /// What a command does: an example, the usage, the operands and its common options; with `isWhole` every option.
  static func command(_ command: Command, isWhole: Bool, width: Int) -> String {
    let line = command.line
    let name = "shardmeter \(command.name)"
    var text = wrapped("\(name): \(command.abstract)", width: width).joined(separator: "\n") + "\n\n"
    text += "Example: \(name)\(line.example.isEmpty ? "" : " " + line.example)\n"
    var usage = "Usage: \(name)"
    if !line.groups.isEmpty { usage += " [OPTION]..." }
    for operand in line.operands {
      usage += operand.isOptional ? " [\(operand.placeholder)]" : " \(operand.placeholder)"
    }
    text += wrapped(usage, width: max(width, 47)).joined(separator: "\n") + "\n"
    if !line.operands.isEmpty {
      text += "\n" + columns(line.operands.map { ($0.placeholder, $0.help) }, width: width)
    }
    if !isWhole, !line.common.isEmpty {
      let options = line.options.filter { line.common.contains($0.name) }
      text += "\nCommon options\n" + columns((options + [CommandLineDescription.helpOption]).map(entry), width: width)
      text += "\nAll \(line.options.count) options: \(name) --help \(CommandLineDescription.helpOfAll)\n"
      return text
    }
    for group in line.groups {
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
  private static func columns(_ entries: [(name: String, text: String)], left: Int = 26, width: Int) -> String {
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
