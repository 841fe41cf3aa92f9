import StrictJSON

/// What was loaded.
package struct SummaryTarget: SummarySection {
  package var endpoint = ""
  package var stream = ""
  package var shards = 0
  /// The limits assumed for each shard; absent when none are.
  package var limits: SummaryLimits?
  /// `embedded`, `url` or `aws`.
  package var kind = ""
  package var region: String?
  /// The name of the limits profile.
  package var limitsProfile: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("endpoint", &endpoint)
    try visitor.member("stream", &stream)
    try visitor.member("shards", &shards)
    try visitor.member("limits", &limits)
    try visitor.member("kind", &kind)
    try visitor.member("region", &region)
    try visitor.member("limits_profile", &limitsProfile)
  }
}
