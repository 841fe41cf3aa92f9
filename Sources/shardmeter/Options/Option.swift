/// One option of a command, as data: the parser, the help, the completions and the README's table are made from it.
struct Option<Values>: Sendable {
  /// What may follow the name.
  enum Argument: Sendable {
    /// Nothing: the option is its own meaning.
    case none
    /// One value, called by this word in the help.
    case value(String)
  }

  /// The long name without its dashes.
  let name: String
  /// The one-letter name, if it has one.
  let letter: Character?
  /// Whether a value follows.
  let argument: Argument
  /// Whether the option may be given more than once.
  let isRepeatable: Bool
  /// One sentence without a final stop, for help and README.
  let help: String
  /// What a shell may offer for the value.
  let completion: ValueCompletion
  /// Whether the value must never be shown again.
  let isSecret: Bool
  /// Puts the value (empty for a flag) where it belongs.
  let assign: @Sendable (inout Values, String) throws(ValueProblem) -> Void

  private init(
    name: String, letter: Character?, argument: Argument, isRepeatable: Bool, help: String,
    completion: ValueCompletion, isSecret: Bool = false,
    assign: @escaping @Sendable (inout Values, String) throws(ValueProblem) -> Void
  ) {
    self.name = name
    self.letter = letter
    self.argument = argument
    self.isRepeatable = isRepeatable
    self.help = help
    self.completion = completion
    self.isSecret = isSecret
    self.assign = assign
  }

  /// The same option of a command whose options hold this one's as a part.
  func within<Whole>(_ part: any WritableKeyPath<Whole, Values> & Sendable) -> Option<Whole> {
    let own: Option<Whole>.Argument
    switch argument {
    case .none: own = .none
    case .value(let placeholder): own = .value(placeholder)
    }
    let assign = assign
    return Option<Whole>(
      name: name, letter: letter, argument: own, isRepeatable: isRepeatable, help: help, completion: completion,
      isSecret: isSecret
    ) { (values: inout Whole, word: String) throws(ValueProblem) in try assign(&values[keyPath: part], word) }
  }

  /// An option without a value that switches something on.
  static func flag(
    _ name: String, _ letter: Character? = nil, help: String, _ field: any WritableKeyPath<Values, Bool> & Sendable
  ) -> Option {
    Option(name: name, letter: letter, argument: .none, isRepeatable: false, help: help, completion: .nothing) {
      (values: inout Values, _: String) throws(ValueProblem) in values[keyPath: field] = true
    }
  }

  /// An option without a value that means more each time it is given.
  static func count(
    _ name: String, _ letter: Character? = nil, help: String, _ field: any WritableKeyPath<Values, Int> & Sendable
  ) -> Option {
    Option(name: name, letter: letter, argument: .none, isRepeatable: true, help: help, completion: .nothing) {
      (values: inout Values, _: String) throws(ValueProblem) in values[keyPath: field] += 1
    }
  }

  /// An option with one value, given at most once.
  ///
  /// - Parameters:
  ///   - placeholder: the value's name in the help, in capitals.
  ///   - secret: true for a value that must not appear in the command line shown in reports.
  ///   - read: makes the typed value of the word, or says what was expected.
  static func value<Value>(
    _ name: String, _ placeholder: String, help: String, completion: ValueCompletion = .nothing, secret: Bool = false,
    _ field: any WritableKeyPath<Values, Value> & Sendable,
    _ read: @escaping @Sendable (String) throws(ValueProblem) -> Value
  ) -> Option {
    Option(
      name: name, letter: nil, argument: .value(placeholder), isRepeatable: false, help: help, completion: completion,
      isSecret: secret
    ) { (values: inout Values, word: String) throws(ValueProblem) in values[keyPath: field] = try read(word) }
  }

  /// An option with one value that may be given again; the values are kept in order.
  static func list<Value>(
    _ name: String, _ placeholder: String, help: String, completion: ValueCompletion = .nothing,
    _ field: any WritableKeyPath<Values, [Value]> & Sendable,
    _ read: @escaping @Sendable (String) throws(ValueProblem) -> Value
  ) -> Option {
    Option(
      name: name, letter: nil, argument: .value(placeholder), isRepeatable: true, help: help, completion: completion
    ) { (values: inout Values, word: String) throws(ValueProblem) in values[keyPath: field].append(try read(word)) }
  }
}

/// What a shell may offer where a value is due.
enum ValueCompletion: Sendable, Equatable {
  /// Nothing sensible can be offered.
  case nothing
  /// File names.
  case file
  /// Folder names.
  case folder
  /// A scenario: file names, and those of the built-in ones.
  case scenario
  /// A run's folder: those below `results` that are whole, and other folders.
  case run
  /// A run's folder, or a baseline file.
  case side
  /// The name of a command.
  case command
  /// These words.
  case words([String])
}
