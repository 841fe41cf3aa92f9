/// The whole command line of one command, as data.
///
/// Options stand in groups, which are headings in the help; operands are the words that are no options, in order.
struct OptionTable<Values>: Sendable {
  /// A heading and the options under it.
  struct Group: Sendable {
    let title: String
    let options: [Option<Values>]

    init(_ title: String, _ options: [Option<Values>]) {
      self.title = title
      self.options = options
    }
  }

  /// A word that is no option.
  struct Operand: Sendable {
    /// Its name in the help, in capitals.
    let placeholder: String
    /// One sentence without a final stop.
    let help: String
    /// Whether the command does without it.
    let isOptional: Bool
    /// What a shell may offer for it.
    let completion: ValueCompletion
    /// Whether it stands for all words behind `--`, one or more, each of which is put where it belongs.
    let isRest: Bool
    /// Puts the word where it belongs.
    let assign: @Sendable (inout Values, String) throws(ValueProblem) -> Void

    init(
      _ placeholder: String, help: String, isOptional: Bool = false, isRest: Bool = false,
      completion: ValueCompletion = .nothing,
      assign: @escaping @Sendable (inout Values, String) throws(ValueProblem) -> Void
    ) {
      self.placeholder = placeholder
      self.help = help
      self.isOptional = isOptional
      self.isRest = isRest
      self.completion = completion
      self.assign = assign
    }
  }

  /// The operands in the order they are given.
  let operands: [Operand]
  /// The options under their headings, in the order the help shows them.
  let groups: [Group]
  /// The words of a command line that is worth showing first; empty for the command alone.
  let example: String
  /// The names of the options that the short help shows, where it does not show all.
  let common: [String]

  init(operands: [Operand] = [], groups: [Group] = [], example: String = "", common: [String] = []) {
    self.operands = operands
    self.groups = groups
    self.example = example
    self.common = common
  }

  /// Every option of every group.
  var options: [Option<Values>] { groups.flatMap(\.options) }

  /// The table without its types: all that help, completion, README and masking need.
  var description: CommandLineDescription {
    CommandLineDescription(
      operands: operands.map {
        .init(
          placeholder: $0.isRest ? "-- \($0.placeholder)" : $0.placeholder, help: $0.help, isOptional: $0.isOptional,
          completion: $0.completion)
      },
      groups: groups.map { group in
        .init(
          title: group.title,
          options: group.options.map { option in
            var placeholder: String?
            if case .value(let word) = option.argument { placeholder = word }
            return .init(
              name: option.name, letter: option.letter, placeholder: placeholder, isRepeatable: option.isRepeatable,
              help: option.help, completion: option.completion, isSecret: option.isSecret)
          })
      }, example: example, common: common)
  }
}

/// A command's operands and options as plain values.
struct CommandLineDescription: Sendable, Equatable {
  /// An operand, see ``OptionTable/Operand``.
  struct Operand: Sendable, Equatable {
    var placeholder: String
    var help: String
    var isOptional: Bool
    var completion: ValueCompletion
  }

  /// An option, see ``Option``.
  struct Option: Sendable, Equatable {
    var name: String
    var letter: Character?
    /// Nil for an option without a value.
    var placeholder: String?
    var isRepeatable: Bool
    var help: String
    var completion: ValueCompletion
    var isSecret: Bool

    /// Whether a word may follow: a value, or what is offered without being one.
    var takesWord: Bool { placeholder != nil || completion != .nothing }

    /// As it is typed: `-q, --quiet` or `--out DIR`.
    var synopsis: String {
      let long = "--\(name)" + (placeholder.map { " \($0)" } ?? "")
      return letter.map { "-\($0), \(long)" } ?? long
    }
  }

  /// A heading and its options.
  struct Group: Sendable, Equatable {
    var title: String
    var options: [Option]
  }

  var operands: [Operand]
  var groups: [Group]
  /// See ``OptionTable/example``.
  var example: String
  /// See ``OptionTable/common``.
  var common: [String]

  /// Every option of every group, then `--help`, which every command has.
  var options: [Option] { groups.flatMap(\.options) + [Self.helpOption] }

  /// The option that every command has without declaring it.
  static let helpOption = Option(
    name: "help", letter: "h", placeholder: nil, isRepeatable: true,
    help: "print the help; --help all has every option",
    completion: .words([helpOfAll]), isSecret: false)
  /// The word after `--help`, or after `help COMMAND`, that asks for every option.
  static let helpOfAll = "all"
}
