/// Completion scripts, made from the same declarations as parser and help.
///
/// A value is offered for the option before the cursor, else one for the operand that is due there: operands are counted,
/// the values of options left out.
enum CompletionScript {
  /// For bash 4 or later; works without the bash-completion package.
  static func bash(_ commands: [Command]) -> String {
    var cases = ""
    for command in commands {
      let options = command.line.options
      let names = options.flatMap { option in ["--\(option.name)"] + (option.letter.map { ["-\($0)"] } ?? []) }
      let valued = options.filter { $0.placeholder != nil }
      cases += "    \(command.name))\n"
      let offered = options.filter(\.takesWord)
      if !offered.isEmpty {
        cases += "      case $previous in\n"
        for option in offered {
          cases += "      --\(option.name)) \(bashCall(option.completion, commands)); return ;;\n"
        }
        cases += "      esac\n"
      }
      cases += "      if [[ $current == -* ]]; then\n        _shardmeter_words '\(names.joined(separator: " "))'\n"
      let operands = command.line.operands.filter { $0.completion != .nothing }
      if !operands.isEmpty {
        cases += "      else\n        _shardmeter_operand '\(valued.map { "--\($0.name)" }.joined(separator: " "))'\n"
        cases += "        case $operand in\n"
        for (number, operand) in command.line.operands.enumerated() where operand.completion != .nothing {
          cases += "        \(number)) \(bashCall(operand.completion, commands)) ;;\n"
        }
        cases += "        esac\n"
      }
      cases += "      fi ;;\n"
    }
    let names = commands.map(\.name).joined(separator: " ")
    return """
      # bash completion for shardmeter
      _shardmeter_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }

      _shardmeter_files() {
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen "$1" -- "$current")
      }

      # Folders of results that are whole, besides what $1 says: -d for folders, -f for files.
      _shardmeter_runs() {
        local folder
        _shardmeter_files "$1"
        for folder in results/*/; do
          folder=${folder%/}
          if [[ -e $folder/summary.json && $folder == "$current"* ]]; then COMPREPLY+=("$folder"); fi
        done
      }

      _shardmeter_scenarios() {
        local built_in
        _shardmeter_files -f
        mapfile -t built_in < <(compgen -W '\(BuiltInScenarios.names.joined(separator: " "))' -- "$current")
        COMPREPLY+=("${built_in[@]}")
      }

      # Counts the operands before the cursor; $1 has the options that take a value.
      _shardmeter_operand() {
        local index
        operand=0
        for ((index = 2; index < COMP_CWORD; index++)); do
          case ${COMP_WORDS[index]} in
          -*)
            if [[ ${COMP_WORDS[index + 1]} == = ]]; then
              ((index += 2))
            elif [[ " $1 " == *" ${COMP_WORDS[index]} "* ]]; then
              ((index += 1))
            fi
            ;;
          =) ((index += 1)) ;;
          *) ((operand += 1)) ;;
          esac
        done
      }

      _shardmeter() {
        local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} operand
        COMPREPLY=()
        if ((COMP_CWORD == 1)); then
          _shardmeter_words '\(names) --help --version'
          return
        fi
        # bash takes --name=value for three words.
        if [[ $current == = ]]; then
          current=
        elif [[ $previous == = ]]; then
          previous=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        case ${COMP_WORDS[1]} in
      \(cases)  esac
      }
      complete -F _shardmeter shardmeter

      """
  }

  private static func bashCall(_ completion: ValueCompletion, _ commands: [Command]) -> String {
    switch completion {
    case .nothing: ":"
    case .file: "_shardmeter_files -f"
    case .folder: "_shardmeter_files -d"
    case .run: "_shardmeter_runs -d"
    case .side: "_shardmeter_runs -f"
    case .scenario: "_shardmeter_scenarios"
    case .command: "_shardmeter_words '\(commands.map(\.name).joined(separator: " "))'"
    case .words(let words): "_shardmeter_words '\(words.joined(separator: " "))'"
    }
  }

  /// For zsh, as an autoloaded function `_shardmeter`.
  static func zsh(_ commands: [Command]) -> String {
    var text = """
      #compdef shardmeter

      _shardmeter_scenarios() {
        _alternative 'built-in:built-in scenario:(\(BuiltInScenarios.names.joined(separator: " ")))' 'files:file:_files'
      }

      _shardmeter_runs() {
        local -a whole
        whole=(results/*/summary.json(N:h))
        _alternative 'runs:result folder:compadd -a whole' "files:file:_files $*"
      }

      _shardmeter() {
        local -a commands
        commands=(

      """
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
        let optional = option.takesWord ? ":: :\(zshAction(option.completion, commands))" : ""
        let value =
          option.placeholder.map { ":\(zshEscaped($0)):\(zshAction(option.completion, commands))" } ?? optional
        let repeats = option.isRepeatable ? "*" : ""
        text +=
          " \\\n        \(shellQuoted("\(repeats)--\(option.name)\(option.placeholder == nil ? "" : "=")\(help)\(value)"))"
        if let letter = option.letter { text += " \\\n        \(shellQuoted("\(repeats)-\(letter)\(help)"))" }
      }
      for operand in command.line.operands {
        let colons = operand.isOptional ? "::" : ":"
        text +=
          " \\\n        \(shellQuoted("\(colons)\(zshEscaped(operand.placeholder)):\(zshAction(operand.completion, commands))"))"
      }
      text += "\n      ;;\n"
    }
    return text + "  esac\n}\n\n_shardmeter \"$@\"\n"
  }

  private static func zshAction(_ completion: ValueCompletion, _ commands: [Command]) -> String {
    switch completion {
    case .nothing: " "
    case .file: "_files"
    case .folder: "_files -/"
    case .run: "_shardmeter_runs -/"
    case .side: "_shardmeter_runs"
    case .scenario: "_shardmeter_scenarios"
    case .command: "(\(commands.map(\.name).joined(separator: " ")))"
    case .words(let words): "(\(words.joined(separator: " ")))"
    }
  }

  private static func zshEscaped(_ text: String) -> String {
    text.map { "[]:\\".contains($0) ? "\\\($0)" : String($0) }.joined()
  }

  /// For fish.
  static func fish(_ commands: [Command]) -> String {
    var text = """
      # fish completion for shardmeter
      function __shardmeter_command
          set -l words (commandline -opc)
          test (count $words) -ge 2; and test $words[2] = $argv[1]
      end

      function __shardmeter_runs
          __fish_complete_directories
          for summary in results/*/summary.json
              echo (dirname $summary)\\t'result folder'
          end
      end

      complete -c shardmeter -f

      """
    let first = "-n __fish_is_first_arg"
    text += "complete -c shardmeter \(first) -l help -d 'print the help'\n"
    let all = CommandLineDescription.helpOfAll
    text += "complete -c shardmeter -n 'contains -- --help (commandline -opc)' -a \(all) -d 'with every option'\n"
    text += "complete -c shardmeter \(first) -l version -d 'print the version'\n"
    for command in commands {
      text += "complete -c shardmeter \(first) -a \(command.name) -d \(fishQuoted(command.abstract))\n"
    }
    for command in commands {
      let seen = "-n '__shardmeter_command \(command.name)'"
      for option in command.line.options {
        text += "complete -c shardmeter \(seen) -l \(option.name)"
        if let letter = option.letter { text += " -s \(letter)" }
        if option.placeholder != nil { text += " -x\(fishWords(option.completion, commands))" }
        text += " -d \(fishQuoted(option.help))\n"
      }
      for operand in command.line.operands where operand.completion != .nothing {
        text += "complete -c shardmeter \(seen)\(fishWords(operand.completion, commands))\n"
      }
    }
    return text
  }

  private static func fishWords(_ completion: ValueCompletion, _ commands: [Command]) -> String {
    switch completion {
    case .nothing: ""
    case .file: " -F"
    case .folder: " -a '(__fish_complete_directories)'"
    case .run: " -a '(__shardmeter_runs)'"
    case .side: " -F -a '(__shardmeter_runs)'"
    case .scenario: " -F -a '\(BuiltInScenarios.names.joined(separator: " "))'"
    case .command: " -a '\(commands.map(\.name).joined(separator: " "))'"
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
