/// How a month compares with the scenario, as `--month` says: the same word in every command that reckons costs.
enum MonthOption {
  /// `mean=` and the mean of a month over the busiest minute.
  @Sendable static func read(_ word: String) throws(ValueProblem) -> Double? {
    guard word.hasPrefix("mean="), let value = share(String(word.dropFirst(5))), (0...1).contains(value) else {
      throw ValueProblem(expected: "mean= and a share from 0 to 1, as mean=30%")
    }
    return value
  }

  /// A share, `30%` or `0.3`.
  static func share(_ word: String) -> Double? {
    word.hasSuffix("%") ? Double(word.dropLast()).map { $0 / 100 } : Double(word)
  }
}
