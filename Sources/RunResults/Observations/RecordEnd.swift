/// How a record's life ended; the five ends sum to what was planned.
public enum RecordEnd: UInt8, Sendable {
  /// Not yet: the record will be tried again.
  case none
  case accepted
  /// Failed for good: no retry left, or none configured.
  case gaveUp
  /// Older than the retry policy lets a record become.
  case expired
  /// Dropped by the late policy before its first try.
  case skipped
  /// Still waiting or in flight when the drain was over.
  case unfinished
}
