/// Where a shard iterator begins; the raw value is its name on the wire, the order the one AWS prints.
package enum ShardIteratorType: String, Sendable, CaseIterable {
  case afterSequenceNumber = "AFTER_SEQUENCE_NUMBER"
  case latest = "LATEST"
  case atTimestamp = "AT_TIMESTAMP"
  case atSequenceNumber = "AT_SEQUENCE_NUMBER"
  case trimHorizon = "TRIM_HORIZON"
}
