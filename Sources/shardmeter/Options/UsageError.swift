/// A command line that cannot be obeyed: what is wrong, at which word, and the nearest valid one.
struct UsageError: Error, Equatable, CustomStringConvertible {
  /// A word of the command line, with its place, so that a long line's fault is found at once.
  struct Origin: Equatable, Sendable {
    /// Position among the words after the command's name, from 1.
    var position: Int
    /// The word as it was written.
    var word: String
  }

  /// One clause without a final stop.
  var problem: String
  /// The word at fault; nil when something is missing.
  var origin: Origin?
  /// The nearest valid word, when one is near.
  var suggestion: String?
  /// The command whose line it is; nil before a command is known.
  var command: String?

  init(_ problem: String, at origin: Origin? = nil, suggestion: String? = nil, command: String? = nil) {
    self.problem = problem
    self.origin = origin
    self.suggestion = suggestion
    self.command = command
  }

  /// The message for standard error: place, problem, suggestion, and where help is.
  var description: String {
    let program = command.map { "shardmeter \($0)" } ?? "shardmeter"
    var text = "\(program): \(problem)"
    if let origin { text += " (argument \(origin.position))" }
    if let suggestion { text += "; did you mean \(suggestion)?" }
    return text + "\nsee: \(program) --help"
  }
}

/// Why one option's value was refused; the parser adds the option and the place.
struct ValueProblem: Error, Equatable {
  /// What would have been accepted, as in "a whole number from 1 to 64".
  var expected: String
  /// What was found instead, where it is only a part of the value; nil for the whole of it.
  var found: String?
  /// The nearest accepted word, when the values are words.
  var suggestion: String?

  init(expected: String, found: String? = nil, suggestion: String? = nil) {
    self.expected = expected
    self.found = found
    self.suggestion = suggestion
  }
}
