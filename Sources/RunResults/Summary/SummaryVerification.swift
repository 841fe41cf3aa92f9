import StrictJSON

/// What reading the stream back found of a run's records, warm-up included. Records, unless said otherwise.
package struct SummaryVerification: SummarySection {
  /// Whether every shard was read to its end, every accepted record was found, and none was altered.
  package var passed = false
  /// Whether every shard was read to its end; else what was not found may still be there.
  package var complete = false
  /// Why it is not complete.
  package var problem: String?
  /// That the run reports as accepted; `found` and `missing` sum to it.
  package var accepted = 0
  package var found = 0
  package var missing = 0
  /// Of the found, those that are there more than once.
  package var duplicated = 0
  /// Of the duplicated, those without a try of unknown outcome: no retry of the run explains the copy.
  package var duplicatedUnexplained = 0
  /// First sightings that stand behind a later record of their key (RFC 4737, section 3.3); absent where order cannot be
  /// judged.
  package var reordered: Int?
  /// First sightings of which the order was judged.
  package var orderJudged = 0
  /// Not accepted, with a try that got no usable answer.
  package var unknown = 0
  /// Of the unknown, those that are there.
  package var unknownFound = 0
  /// Refused or never sent, and yet there.
  package var refusedFound = 0
  /// Sightings whose key or data are not what was sent under that identity.
  package var altered = 0
  /// Sightings with an identity of this plan that arrived before the run began: an earlier run's.
  package var earlier = 0
  /// Sightings without an identity of this plan.
  package var foreign = 0
  /// Sightings in all.
  package var read = 0
  /// Shards read, closed ones included.
  package var shards = 0

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("passed", &passed)
    try visitor.member("complete", &complete)
    try visitor.member("problem", &problem)
    try visitor.member("accepted", &accepted)
    try visitor.member("found", &found)
    try visitor.member("missing", &missing)
    try visitor.member("duplicated", &duplicated)
    try visitor.member("duplicated_unexplained", &duplicatedUnexplained)
    try visitor.member("reordered", &reordered)
    try visitor.member("order_judged", &orderJudged)
    try visitor.member("unknown", &unknown)
    try visitor.member("unknown_found", &unknownFound)
    try visitor.member("refused_found", &refusedFound)
    try visitor.member("altered", &altered)
    try visitor.member("earlier", &earlier)
    try visitor.member("foreign", &foreign)
    try visitor.member("read", &read)
    try visitor.member("shards", &shards)
  }
}
