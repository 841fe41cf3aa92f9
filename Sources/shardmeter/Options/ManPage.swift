import RunResults

/// Manual pages in `man` macros, made from the same declarations as parser, help and completions.
///
/// They carry no date: the same source gives the same bytes whenever it is built.
enum ManPage {
  /// A page's text and the name of its file, as `shardmeter-run.1`.
  struct File: Equatable {
    let name: String
    let text: String
  }

  /// All pages: the program's, then one a command.
  static func all(_ registry: CommandRegistry, build: BuildInfo) -> [File] {
    [File(name: "shardmeter.1", text: overview(registry, build: build))]
      + registry.commands.map { File(name: "shardmeter-\($0.name).1", text: page(of: $0, build: build)) }
  }

  /// `shardmeter(1)`: what it is, its commands, exit codes, files and formats.
  static func overview(_ registry: CommandRegistry, build: BuildInfo) -> String {
    var text = head("shardmeter", build: build)
    text += ".SH NAME\nshardmeter \\- load tests and benchmarks for Amazon Kinesis PutRecords endpoints\n"
    text += ".SH SYNOPSIS\n\\fBshardmeter\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n"
    text += ".SH DESCRIPTION\n"
    text += sentences(
      "shardmeter replays a scenario (record sizes, key skew, rates) against an endpoint that speaks the Amazon Kinesis "
        + "Data Streams API, and writes CSV files and an HTML report that tell, shard by shard, what was accepted, what "
        + "was throttled, and how long it took. It brings its own target, whose shards throttle as Kinesis shards do: "
        + "\"shardmeter run quickstart\" needs neither account nor network.")
    text += ".PP\n" + sentences("Results go to standard output, progress and warnings to standard error.")
    text += ".SH COMMANDS\n"
    for command in registry.commands {
      text += ".TP\n\\fBshardmeter\\-\(escaped(command.name))\\fR(1)\n\(line(command.abstract))\n"
    }
    text += ".SH OPTIONS\n"
    text += ".TP\n\\fB\\-\\-help\\fR, \\fB\\-h\\fR\nprint the help\n"
    text += ".TP\n\\fB\\-\\-version\\fR\nprint the version, and those of the formats\n"
    text += exitStatus()
    text += ".SH FILES\n"
    text += ".TP\n\\fIresults/\\fR\nresult folders, unless \\-\\-out says otherwise\n"
    text += ".TP\n\\fI~/.aws/credentials\\fR, \\fI~/.aws/config\\fR\nprofiles, for targets that are not this machine\n"
    text += ".SH NOTES\n"
    text += sentences("The formats of this version, and what a later one may change:")
    for format in FormatVersion.all {
      text += ".TP\n\\fB\(escaped(format.name))\\fR \(escaped(format.version))\n\(line(format.promise))\n"
    }
    return text + seeAlso(registry.commands.map(\.name))
  }

  /// `shardmeter-COMMAND(1)`.
  static func page(of command: Command, build: BuildInfo) -> String {
    var text = head("shardmeter-\(command.name)", build: build)
    text += ".SH NAME\nshardmeter\\-\(escaped(command.name)) \\- \(escaped(command.abstract))\n"
    text += ".SH SYNOPSIS\n\\fBshardmeter \(escaped(command.name))\\fR"
    if !command.line.groups.isEmpty { text += " [\\fIOPTION\\fR]..." }
    for operand in command.line.operands {
      let word = "\\fI\(escaped(operand.placeholder))\\fR"
      text += operand.isOptional ? " [\(word)]" : " \(word)"
    }
    text += "\n"
    if !command.line.operands.isEmpty || !command.discussion.isEmpty {
      text += ".SH DESCRIPTION\n"
      for operand in command.line.operands {
        text += ".TP\n\\fI\(escaped(operand.placeholder))\\fR\n\(line(operand.help))\n"
      }
      // Laid out by hand, for a terminal of 80 columns.
      if !command.discussion.isEmpty {
        let lines = command.discussion.split(separator: "\n", omittingEmptySubsequences: false)
        text +=
          (command.line.operands.isEmpty ? ".nf\n" : ".PP\n.nf\n") + lines.map { line(String($0)) + "\n" }.joined()
          + ".fi\n"
      }
    }
    text += ".SH OPTIONS\n"
    for group in command.line.groups {
      text += ".SS \(escaped(group.title))\n" + group.options.map(entry).joined()
    }
    if !command.line.groups.isEmpty { text += ".SS Help\n" }
    text += entry(CommandLineDescription.helpOption)
    return text + exitStatus() + seeAlso([])
  }

  private static func head(_ name: String, build: BuildInfo) -> String {
    ".TH \(escaped(name.uppercased())) 1 \"\" \"shardmeter \(escaped(build.version))\" \"User Commands\"\n"
  }

  private static func exitStatus() -> String {
    ".SH EXIT STATUS\n"
      + ExitCode.allCases.map { ".TP\n\\fB\($0.rawValue)\\fR\n\(line($0.meaning))\n" }.joined()
  }

  private static func seeAlso(_ commands: [String]) -> String {
    let names = ["shardmeter"] + commands.map { "shardmeter-\($0)" }
    let pages = (commands.isEmpty ? names : Array(names.dropFirst())).map { "\\fB\(escaped($0))\\fR(1)" }
    return ".SH SEE ALSO\n" + pages.joined(separator: ",\n") + "\n"
  }

  private static func entry(_ option: CommandLineDescription.Option) -> String {
    var name = option.letter.map { "\\fB\\-\(escaped(String($0)))\\fR, " } ?? ""
    name += "\\fB\\-\\-\(escaped(option.name))\\fR"
    if let placeholder = option.placeholder { name += " \\fI\(escaped(placeholder))\\fR" }
    let repeats = option.isRepeatable && option.placeholder != nil ? " (repeatable)" : ""
    return ".TP\n\(name)\n\(line(option.help + repeats))\n"
  }

  private static func sentences(_ text: String) -> String { line(text) + "\n" }

  /// Text as a line of its own: one that begins like a request is none.
  private static func line(_ text: String) -> String {
    let escaped = escaped(text)
    return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
  }

  /// A character beyond ASCII, which formatters would take for bytes of Latin-1.
  private static func unicode(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
  }

  /// Every character as itself, so that what is copied from a page can be typed: groff draws a bare hyphen, quote, caret
  /// or tilde as typographic ones.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      default:
        for scalar in character.unicodeScalars {
          if scalar.isASCII { result.unicodeScalars.append(scalar) } else { result += unicode(scalar) }
        }
      }
    }
    return result
  }
}
