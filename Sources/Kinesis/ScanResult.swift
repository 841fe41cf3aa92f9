/// What ``PutRecordsResponseScanner`` found in a body.
package enum ScanResult: Hashable, Sendable {
  /// An answer with a `Records` array.
  case records(RecordTally)

  /// Not a PutRecords answer: the offset at which it stopped being one, and why.
  case malformed(offset: Int, reason: ScanFailure)
}

/// How many entries of each kind a PutRecords answer has.
package struct RecordTally: Hashable, Sendable {
  /// Entries in the array. It may exceed the buffer's length, then only the first were stored.
  package var count = 0

  /// Entries accepted.
  package var accepted = 0

  /// Entries with `ProvisionedThroughputExceededException`.
  package var throttled = 0

  /// Entries with `InternalFailure`.
  package var internalFailures = 0

  /// Entries with any other code or with neither code nor sequence number.
  package var other = 0

  /// Entries that name a shard which is not in the map.
  package var onUnknownShards = 0

  /// Where the first other code stands in the body, as JSON text without quotes; empty when there is none.
  package var firstOtherCode: Range<Int> = 0..<0

  /// Where the first message of a throttled entry stands, as JSON text without quotes; empty when there is none.
  package var throttledMessage: Range<Int> = 0..<0

  /// The same of the first entry with `InternalFailure`.
  package var internalFailureMessage: Range<Int> = 0..<0

  /// The message of the entry with the first other code.
  package var firstOtherMessage: Range<Int> = 0..<0

  /// No entries.
  package init() {}
}

/// Why a body is not a PutRecords answer.
package enum ScanFailure: String, Hashable, Sendable {
  /// The text ends in the middle of a value.
  case truncated = "the answer ends too early"
  /// The text is not JSON.
  case notJSON = "the answer is not JSON"
  /// Text follows the JSON value.
  case trailingText = "text follows the answer"
  /// Values are nested more than 64 deep.
  case tooDeep = "the answer is nested too deeply"
  /// The value is JSON but not an object.
  case notAnObject = "the answer is not a JSON object"
  /// There is no `Records` array.
  case noRecords = "the answer has no Records array"
  /// A member of the answer or of an entry has a value of the wrong type.
  case wrongType = "a member has the wrong type"
}
