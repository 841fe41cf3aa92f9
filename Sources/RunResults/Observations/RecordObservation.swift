/// One try of one record, filled in place by the driver as the answer is read.
public struct RecordObservation: Sendable {
  /// The record's number within its phase.
  public var index: UInt64
  /// When the record came due, in nanoseconds since the run's start.
  public var due: Int64
  /// The key's id in the plan's catalog.
  public var key: UInt64
  /// Length of the data, before base64.
  public var dataBytes: UInt32
  /// Length of the partition key in UTF-8.
  public var keyBytes: UInt32
  /// The shard's index in the map: the one the answer names, else the one predicted from the key; -1 when neither is known.
  public var shard: Int32
  /// The record's own phase; a retry keeps it.
  public var phase: UInt16
  /// 1 for the first try.
  public var attempt: UInt16
  /// The record's error code in a 200 answer, as interned by the lane (`ErrorCodes`); 0 for none.
  public var code: UInt16
  /// What became of this try.
  public var outcome: AttemptOutcome
  /// Whether the record ended with this try, and how.
  public var end: RecordEnd
  /// True when `shard` was predicted because the answer named none.
  public var isPlacedByPrediction: Bool
  /// True when an earlier try of the record has an unknown fate.
  public var mayBeDuplicate: Bool

  /// Accepted at the first try, on a shard that the answer named.
  var isPlainSuccess: Bool {
    outcome == .accepted && attempt == 1 && end == .accepted && code == ErrorCodes.none && !isPlacedByPrediction
      && !mayBeDuplicate
  }

  /// A record before its first try: outcome unknown, no end, no shard.
  @inlinable public init(index: UInt64, due: Int64, key: UInt64, dataBytes: UInt32, keyBytes: UInt32, phase: UInt16) {
    self.index = index
    self.due = due
    self.key = key
    self.dataBytes = dataBytes
    self.keyBytes = keyBytes
    shard = -1
    self.phase = phase
    attempt = 1
    code = 0
    outcome = .unknown
    end = .none
    isPlacedByPrediction = false
    mayBeDuplicate = false
  }
}
