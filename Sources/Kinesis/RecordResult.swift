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
