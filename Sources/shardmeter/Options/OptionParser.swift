import StrictJSON

/// Turns the words after a command's name into its typed options: a pure function of words and table.
struct OptionParser<Values: Sendable>: Sendable {
  /// What the words ask for.
  enum Outcome {
    /// The command, with these options.
    case values(Values)
    /// Its help: the common options, or every one.
    case help(isWhole: Bool)
  }

  private let command: String
  private let table: OptionTable<Values>

  /// - Parameters:
  ///   - command: the name that error messages carry.
  ///   - table: the options and operands that exist.
  init(command: String, table: OptionTable<Values>) {
    self.command = command
    self.table = table
  }

  /// Reads `--name value`, `--name=value`, `-q`, `-qq`, operands and `--`, after which everything is an operand.
  ///
  /// Names are never abbreviated: a script must not change its meaning when an option is added.
  ///
  /// - Parameters:
  ///   - words: the words after the command's name.
  ///   - defaults: the values of options that are not given.
  /// - Throws: ``UsageError`` for an unknown option, a missing, superfluous or unusable value, a repeated option that
  ///   holds one value, a missing operand or one too many.
  func parse(_ words: [String], defaults: Values) throws(UsageError) -> Outcome {
    var values = defaults
    var seen: Set<String> = []
    var operands: [UsageError.Origin] = []
    var index = 0
    var onlyOperands = false
    while index < words.count {
      let word = words[index]
      let origin = UsageError.Origin(position: index + 1, word: word)
      index += 1
      if onlyOperands || word == "-" || !word.hasPrefix("-") {
        operands.append(origin)
      } else if word == "--", let rest = table.operands.last, rest.isRest {
        try assign(operands, to: &values)
        return .values(try assign(words[index...], rest, to: values))
      } else if word == "--" {
        onlyOperands = true
      } else if word == "--help" || word == "-h" {
        return .help(isWhole: index < words.count && words[index] == CommandLineDescription.helpOfAll)
      } else if word == "--help=\(CommandLineDescription.helpOfAll)" {
        return .help(isWhole: true)
      } else if word.hasPrefix("--") {
        let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let option = try option(named: String(parts[0]), at: origin)
        var value: String? = parts.count == 2 ? String(parts[1]) : nil
        if case .value(let placeholder) = option.argument, value == nil {
          value = try separateValue(of: option, placeholder, words: words, at: index, origin)
          index += 1
        }
        try apply(option, value, to: &values, seen: &seen, at: origin)
      } else {
        for letter in word.dropFirst() {
          guard let option = table.options.first(where: { $0.letter == letter }) else {
            throw problem("unknown option -\(letter)", at: origin)
          }
          try apply(option, nil, to: &values, seen: &seen, at: origin)
        }
      }
    }
    try assign(operands, to: &values)
    if let rest = table.operands.last, rest.isRest {
      throw problem("missing -- \(rest.placeholder): \(rest.help)", at: nil)
    }
    return .values(values)
  }

  /// Everything behind `--`, which is another command's.
  private func assign(
    _ words: ArraySlice<String>, _ rest: OptionTable<Values>.Operand, to values: Values
  ) throws(UsageError) -> Values {
    var values = values
    guard !words.isEmpty else { throw problem("missing \(rest.placeholder) behind --: \(rest.help)", at: nil) }
    for (index, word) in zip(words.indices, words) {
      do throws(ValueProblem) {
        try rest.assign(&values, word)
      } catch {
        throw problem(
          "\(rest.placeholder): expected \(error.expected), found \(quoted(word))",
          at: UsageError.Origin(position: index + 1, word: word), suggestion: error.suggestion)
      }
    }
    return values
  }

  private func option(named name: String, at origin: UsageError.Origin) throws(UsageError) -> Option<Values> {
    if let option = table.options.first(where: { $0.name == name }) { return option }
    let names = table.description.options.map(\.name)
    throw problem(
      "unknown option --\(name)", at: origin, suggestion: nearestWord(to: name, in: names).map { "--\($0)" })
  }

  private func separateValue(
    of option: Option<Values>, _ placeholder: String, words: [String], at index: Int, _ origin: UsageError.Origin
  ) throws(UsageError) -> String {
    guard index < words.count else { throw problem("--\(option.name) needs a value \(placeholder)", at: origin) }
    let word = words[index]
    // A word with a space in it is no option, but may be a list of them.
    guard word == "-" || !word.hasPrefix("-") || word.contains(" ") else {
      throw problem(
        "--\(option.name) needs a value \(placeholder), found the option \(word)"
          + " (a value that starts with a dash is written --\(option.name)=\(word))", at: origin)
    }
    return word
  }

  private func apply(
    _ option: Option<Values>, _ value: String?, to values: inout Values, seen: inout Set<String>,
    at origin: UsageError.Origin
  ) throws(UsageError) {
    if case .none = option.argument, let value {
      throw problem("--\(option.name) takes no value, found \(quoted(value))", at: origin)
    }
    guard seen.insert(option.name).inserted || option.isRepeatable else {
      throw problem("--\(option.name) is given twice", at: origin)
    }
    do throws(ValueProblem) {
      try option.assign(&values, value ?? "")
    } catch {
      let found = option.isSecret ? "something else" : error.found ?? quoted(value ?? "")
      throw problem(
        "--\(option.name): expected \(error.expected), found \(found)", at: origin, suggestion: error.suggestion)
    }
  }

  private func assign(_ origins: [UsageError.Origin], to values: inout Values) throws(UsageError) {
    let single = table.operands.filter { !$0.isRest }
    for (index, operand) in single.enumerated() {
      guard index < origins.count else {
        if operand.isOptional { return }
        throw problem("missing \(operand.placeholder): \(operand.help)", at: nil)
      }
      do throws(ValueProblem) {
        try operand.assign(&values, origins[index].word)
      } catch {
        throw problem(
          "\(operand.placeholder): expected \(error.expected), found \(quoted(origins[index].word))",
          at: origins[index], suggestion: error.suggestion)
      }
    }
    if origins.count > single.count {
      let extra = origins[single.count]
      let hint = table.operands.last?.isRest == true ? ": the command stands behind --" : ""
      throw problem("unexpected argument \(quoted(extra.word))\(hint)", at: extra)
    }
  }

  private func problem(_ text: String, at origin: UsageError.Origin?, suggestion: String? = nil) -> UsageError {
    UsageError(text, at: origin, suggestion: suggestion, command: command)
  }

  /// Foreign text in a message: in quotes, control characters escaped, so that it cannot draw on the terminal.
  private func quoted(_ text: String) -> String { JSONNode.quoted(text) }
}
