import StrictJSON

/// Readers of option values: each makes a typed value of a word or says what it expected.
enum OptionValue {
  /// Any text but the empty one.
  static func text(_ expected: String) -> @Sendable (String) throws(ValueProblem) -> String? {
    { (word: String) throws(ValueProblem) in
      guard !word.isEmpty else { throw ValueProblem(expected: expected) }
      return word
    }
  }

  /// A reader for an option that may be absent.
  static func optional<Value>(
    _ read: @escaping @Sendable (String) throws(ValueProblem) -> Value
  ) -> @Sendable (String) throws(ValueProblem) -> Value? {
    { (word: String) throws(ValueProblem) in try read(word) }
  }

  /// A whole number in decimal digits.
  static func whole<Number: FixedWidthInteger & Sendable>(
    _ range: ClosedRange<Number>
  ) -> @Sendable (String) throws(ValueProblem) -> Number {
    { (word: String) throws(ValueProblem) in
      guard let number = Number(word), word.first != "+", range.contains(number) else {
        throw ValueProblem(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
  }

  /// One of the words of an enumeration.
  static func word<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ type: Choice.Type
  ) -> @Sendable (String) throws(ValueProblem) -> Choice where Choice.RawValue == String {
    { (word: String) throws(ValueProblem) in
      if let choice = Choice(rawValue: word) { return choice }
      let words = Choice.allCases.map(\.rawValue)
      throw ValueProblem(
        expected: "one of " + words.joined(separator: ", "), suggestion: nearestWord(to: word, in: words))
    }
  }
}

extension ValueCompletion {
  /// The words of an enumeration.
  static func words<Choice: RawRepresentable & CaseIterable>(of type: Choice.Type) -> ValueCompletion
  where Choice.RawValue == String {
    .words(Choice.allCases.map(\.rawValue))
  }
}
