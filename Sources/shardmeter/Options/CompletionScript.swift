/// Completion scripts, made from the same declarations as parser and help.
enum CompletionScript {
  /// For bash 4 or later; works without the bash-completion package.
  static func bash(_ commands: [Command]) -> String {
    var cases = ""
    for command in commands {
      let names = command.line.options.flatMap { option in
        ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? [])
      }
      var values = ""
      for option in command.line.options where option.takesWord {
        values += "        --\(option.name)) \(bashWords(option.completion)); return ;;\n"
      }
      let operand = command.line.operands.first.map(\.completion) ?? .nothing
      cases += """
            \(command.name))
              case $previous in
        \(values.isEmpty ? "" : values)      esac
              if [[ $current == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W '\(names.joined(separator: " "))' -- "$current")
              else
                \(bashWords(operand))
              fi ;;

        """
    }
    return """
      # bash completion for shardmeter
      _shardmeter() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
        COMPREPLY=()
        if ((COMP_CWORD == 1)); then
          mapfile -t COMPREPLY < <(compgen -W '\(commands.map(\.name).joined(separator: " ")) --help --version' -- "$current")
          return
        fi
        case ${COMP_WORDS[1]} in
      \(cases)  esac
      }
      complete -F _shardmeter shardmeter

      """
  }

  private static func bashWords(_ completion: ValueCompletion) -> String {
    switch completion {
    case .nothing: ":"
    case .file: #"mapfile -t COMPREPLY < <(compgen -f -- "$current")"#
    case .folder: #"mapfile -t COMPREPLY < <(compgen -d -- "$current")"#
    case .words(let words):
      #"mapfile -t COMPREPLY < <(compgen -W '\#(words.joined(separator: " "))' -- "$current")"#
    }
  }

  /// For zsh, as an autoloaded function `_shardmeter`.
  static func zsh(_ commands: [Command]) -> String {
    var text = "#compdef shardmeter\n\n_shardmeter() {\n  local -a commands\n  commands=(\n"
    for command in commands { text += "    \(shellQuoted("\(command.name):\(command.abstract)"))\n" }
    text += """
        )
        if ((CURRENT == 2)); then
          _describe command commands
          return
        fi
        case $words[2] in

      """
    for command in commands {
      text += "    \(command.name))\n      shift words\n      ((CURRENT--))\n      _arguments"
      for option in command.line.options {
        let help = "[\(zshEscaped(option.help))]"
        // A word that may be left out has a second colon.
        let value =
          option.takesWord
          ? "\(option.placeholder == nil ? "::" : ":")\(option.placeholder ?? " "):\(zshAction(option.completion))" : ""
        let repeats = option.isRepeatable ? "*" : ""
        text +=
          " \\\n        \(shellQuoted("\(repeats)--\(option.name)\(option.placeholder == nil ? "" : "=")\(help)\(value)"))"
        if let letter = option.letter { text += " \\\n        \(shellQuoted("\(repeats)-\(letter)\(help)"))" }
      }
      for operand in command.line.operands {
        let colons = operand.isOptional ? "::" : ":"
        text += " \\\n        \(shellQuoted("\(colons)\(operand.placeholder):\(zshAction(operand.completion))"))"
      }
      text += "\n      ;;\n"
    }
    return text + "  esac\n}\n\n_shardmeter \"$@\"\n"
  }

  private static func zshAction(_ completion: ValueCompletion) -> String {
    switch completion {
    case .nothing: " "
    case .file: "_files"
    case .folder: "_files -/"
    case .words(let words): "(\(words.joined(separator: " ")))"
    }
  }

  private static func zshEscaped(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// For fish.
  static func fish(_ commands: [Command]) -> String {
    var text = "# fish completion for shardmeter\ncomplete -c shardmeter -f\n"
    let first = "-n __fish_use_subcommand"
    text += "complete -c shardmeter \(first) -l help -d 'print the help'\n"
    let all = CommandLineDescription.helpOfAll
    text += "complete -c shardmeter -n 'contains -- --help (commandline -opc)' -a \(all) -d 'with every option'\n"
    text += "complete -c shardmeter \(first) -l version -d 'print the version'\n"
    for command in commands {
      text += "complete -c shardmeter \(first) -a \(command.name) -d \(fishQuoted(command.abstract))\n"
    }
    for command in commands {
      let seen = "-n '__fish_seen_subcommand_from \(command.name)'"
      for option in command.line.options {
        text += "complete -c shardmeter \(seen) -l \(option.name)"
        if let letter = option.letter { text += " -s \(letter)" }
        if option.placeholder != nil { text += " -x\(fishWords(option.completion))" }
        text += " -d \(fishQuoted(option.help))\n"
      }
      for operand in command.line.operands where operand.completion != .nothing {
        text += "complete -c shardmeter \(seen)\(fishWords(operand.completion))\n"
      }
    }
    return text
  }

  private static func fishWords(_ completion: ValueCompletion) -> String {
    switch completion {
    case .nothing: ""
    case .file: " -F"
    case .folder: " -a '(__fish_complete_directories)'"
    case .words(let words): " -a '\(words.joined(separator: " "))'"
    }
  }

  private static func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  private static func fishQuoted(_ text: String) -> String {
    "'" + text.map { "'\\".contains($0) ? "\\\($0)" : String($0) }.joined() + "'"
  }
}
