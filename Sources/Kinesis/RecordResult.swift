/// What a PutRecords answer says about one record, in 16 bytes.
public struct RecordResult: Hashable, Sendable {
  /// Accepted or why not.
  package var code: RecordCode = .other

  /// The digits of the sequence number; 0 when there is none or it was written with escapes. Of an entry with another
  /// code, the length of that code as it is written.
  package var sequenceLength: UInt16 = 0

  /// The shard's index in the map; ``notNamed`` or ``notInMap``.
  package var shard: Int32 = Self.notNamed

  /// Where the sequence number's digits, or those of another code, start in the scanned body.
  package var sequenceOffset: UInt32 = 0

  /// The entry names no shard, neither as `ShardId` nor inside `ErrorMessage`.
  package static let notNamed: Int32 = -1

  /// The entry names a shard that is not in the map.
  package static let notInMap: Int32 = -2

  /// A record about which nothing is known yet.
  package init() {}
}

/// What a PutRecords answer says about one record.
package enum RecordCode: UInt8, Sendable {
  /// Stored: the entry has a sequence number and no error code.
  case accepted

  /// `ProvisionedThroughputExceededException`.
  case throttled

  /// `InternalFailure`.
  case internalFailure

  /// Any other error code, or an entry that holds neither a sequence number nor an error code.
  case other
}

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
