import StrictJSON

/// Which build wrote the result.
package struct SummaryTool: SummarySection {
  package var version = ""
  package var revision: String?
  package var dirty: Bool?
  package var swift: String?
  /// `release` or `debug`.
  package var mode: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("version", &version)
    try visitor.member("revision", &revision)
    try visitor.member("dirty", &dirty)
    try visitor.member("swift", &swift)
    try visitor.member("mode", &mode)
  }
}
