import StrictJSON

/// What was read of one shard. Records.
package struct VerificationShard: SummarySection {
  package var id = ""
  /// The shards it was split or merged from, which were read before it.
  package var parents: [String] = []
  /// Sightings in all.
  package var read = 0
  /// First sightings of this run's records.
  package var found = 0
  /// Further sightings of records that were seen before, here or elsewhere.
  package var copies = 0
  package var reordered = 0
  package var altered = 0
  package var foreign = 0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("id", &id)
    try visitor.member("parents", &parents)
    try visitor.member("read", &read)
    try visitor.member("found", &found)
    try visitor.member("copies", &copies)
    try visitor.member("reordered", &reordered)
    try visitor.member("altered", &altered)
    try visitor.member("foreign", &foreign)
  }
}
