/// Why a plan cannot be sized.
package struct StudyFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// One clause without a final stop.
  package let description: String

  init(_ description: String) { self.description = description }
}
