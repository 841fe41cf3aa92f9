import StrictJSON

/// One record that is not as it should be.
package struct VerificationExample: SummarySection {
  /// What is wrong with a record.
  package enum Kind: String, Sendable, CaseIterable {
    case missing, duplicated, reordered, altered
    case refusedFound = "refused-found"
  }

  /// A kind's name.
  package var kind = ""
  /// The record's phase.
  package var phase = ""
  /// Its number within the phase, from 0.
  package var record = 0
  /// Its partition key, masked as `keys` says.
  package var key: String?
  /// Where it was seen.
  package var shard: String?
  /// The sequence number it was seen under.
  package var sequenceNumber: String?

  package init() {}

  package mutating func members(_ visitor: inout some SummaryVisitor) throws(JSONFailure) {
    try visitor.member("kind", &kind)
    try visitor.member("phase", &phase)
    try visitor.member("record", &record)
    try visitor.member("key", &key)
    try visitor.member("shard", &shard)
    try visitor.member("sequence_number", &sequenceNumber)
  }
}
