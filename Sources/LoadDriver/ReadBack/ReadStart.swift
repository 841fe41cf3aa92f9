/// Where the reading of a shard begins (API page GetShardIterator).
enum ReadStart: Equatable, Sendable {
  /// With the oldest record that is kept.
  case oldest
  /// With the first record that arrived at that instant or later, milliseconds since the epoch.
  case time(milliseconds: Int64)
  /// Behind a record, by its sequence number.
  case after(sequence: String)

  /// The value of `ShardIteratorType` and what goes with it.
  var json: String {
    switch self {
    case .oldest: return #""TRIM_HORIZON""#
    case .time(let milliseconds):
      let seconds = milliseconds / 1_000
      let rest = String(1_000 + milliseconds % 1_000).dropFirst()
      return #""AT_TIMESTAMP","Timestamp":\#(seconds).\#(rest)"#
    case .after(let sequence):
      return #""AFTER_SEQUENCE_NUMBER","StartingSequenceNumber":"\#(sequence)""#
    }
  }
}
