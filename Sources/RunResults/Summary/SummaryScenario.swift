import StrictJSON

/// Which work the run did.
package struct SummaryScenario: SummarySection {
  package var name = ""
  /// The workload hash: equal hashes did the same work.
  package var sha256 = ""
  package var seed: Int64 = 0
  package var description: String?
  /// Hash over the planned records themselves.
  package var planSHA256: String?
  /// The command line, secrets masked.
  package var command: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("name", &name)
    try visitor.member("sha256", &sha256)
    try visitor.member("seed", &seed)
    try visitor.member("description", &description)
    try visitor.member("plan_sha256", &planSHA256)
    try visitor.member("command", &command)
  }
}
