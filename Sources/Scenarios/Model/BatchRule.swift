import Measurement

/// `batch`: when a producer closes a batch.
package struct BatchRule: Hashable, Sendable {
  /// At most this many records, 1...500.
  package let records: Int
  /// At most this many bytes, data and keys counted; a single larger record makes a batch of its own.
  package let bytes: Int
  /// After the first record's due time; `nil` waits for full batches.
  package let linger: Nanoseconds?
}
