/// Why a distribution cannot have the parameters it was given.
///
/// A scenario's reader puts its own path before `field`: `records.size.p99: expected …`.
package struct DistributionFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The parameter at fault, by its name in scenarios: `p99`, `values[2].weight`.
  package let field: String
  /// What it has to be: `a number of bytes above the median`.
  package let expected: String

  init(_ field: String, _ expected: String) {
    self.field = field
    self.expected = expected
  }

  /// Field and expectation in one line.
  package var description: String { "\(field): expected \(expected)" }
}
