extension JSONNode {
  /// The value as a closed object.
  ///
  /// - Parameter expected: completes "expected …" when it is something else.
  package func object(expected: String = "an object") throws(JSONFailure) -> JSONObjectReader {
    guard case .object(let members) = kind else { throw failure(expected: expected) }
    return JSONObjectReader(node: self, members: members)
  }

  /// The elements of a list.
  package func array(expected: String = "a list") throws(JSONFailure) -> [JSONNode] {
    guard case .array(let nodes) = kind else { throw failure(expected: expected) }
    return nodes
  }

  /// The value as a string.
  package func string(expected: String = "a string") throws(JSONFailure) -> String {
    guard case .string(let text) = kind else { throw failure(expected: expected) }
    return text
  }

  /// The value as `true` or `false`.
  package func bool(expected: String = "true or false") throws(JSONFailure) -> Bool {
    guard case .bool(let value) = kind else { throw failure(expected: expected) }
    return value
  }

  /// The value as a whole number; `1e3` and `2.0` are whole numbers too.
  ///
  /// - Parameters:
  ///   - range: what is allowed; without it any 64-bit integer.
  ///   - expected: completes "expected …"; by default it names the range.
  package func integer(
    in range: ClosedRange<Int64> = Int64.min...Int64.max, expected: String? = nil
  ) throws(JSONFailure) -> Int64 {
    let value: Int64?
    switch kind {
    case .integer(let integer): value = integer
    case .number(let number): value = Int64(exactly: number)
    default: value = nil
    }
    guard let value, range.contains(value) else {
      throw failure(expected: expected ?? Self.words("a whole number", range))
    }
    return value
  }

  /// The value as a finite number.
  ///
  /// - Parameters:
  ///   - range: what is allowed; without it every finite number.
  ///   - expected: completes "expected …"; by default it names the range.
  package func number(in range: ClosedRange<Double>? = nil, expected: String? = nil) throws(JSONFailure) -> Double {
    let value: Double
    switch kind {
    case .integer(let integer): value = Double(integer)
    case .number(let number): value = number
    default: throw failure(expected: expected ?? Self.words(range))
    }
    if let range, !range.contains(value) { throw failure(expected: expected ?? Self.words(range)) }
    return value
  }

  private static func words(_ noun: String, _ range: ClosedRange<Int64>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (Int64.min, Int64.max): noun
    case (let low, Int64.max): "\(noun) of at least \(low)"
    case (let low, let high): "\(noun) from \(low) to \(high)"
    }
  }

  private static func words(_ range: ClosedRange<Double>?) -> String {
    guard let range else { return "a number" }
    let low = JSONNumberText.text(of: range.lowerBound)
    guard range.upperBound.isFinite else { return "a number of at least \(low)" }
    return "a number from \(low) to \(JSONNumberText.text(of: range.upperBound))"
  }
}
