import Measurement

/// One phase of a plan: when it runs and how its records come due.
package struct PlannedPhase: Sendable {
  /// How records come due.
  package enum Loop: Hashable, Sendable {
    /// By schedule: this many in all.
    case open(recordCount: UInt64)
    /// As fast as the target answers; due is the moment a batch could be sent.
    case closed
  }

  /// Unique in the scenario.
  package let name: String
  /// Since the start of the run.
  package let start: Nanoseconds
  /// How long it lasts.
  package let duration: Nanoseconds
  /// False for warm-ups.
  package let measured: Bool
  /// How records come due.
  package let loop: Loop

  /// Since the start of the run; no record of the phase is due here or later.
  package var end: Nanoseconds { start + duration }
}

/// One record of a plan, without its bytes.
public struct PlannedRecord: Hashable, Sendable {
  /// The record's number within its phase, from 0.
  public var index: UInt64
  /// When it is due, nanoseconds since the start of the run.
  public var due: Int64
  /// Its partition key's number in the `KeyCatalog`.
  public var key: UInt64
  /// Bytes of its data, before base64.
  public var dataBytes: UInt32
  /// UTF-8 bytes of its partition key.
  public var keyBytes: UInt32
  /// The phase's number, from 0.
  public var phase: UInt16

  /// Data and key, as Kinesis counts.
  @inlinable public var bytes: Int { Int(dataBytes) + Int(keyBytes) }

  /// Creates a record.
  @inlinable
  public init(index: UInt64, due: Int64, key: UInt64, dataBytes: UInt32, keyBytes: UInt32, phase: UInt16) {
    self.index = index
    self.due = due
    self.key = key
    self.dataBytes = dataBytes
    self.keyBytes = keyBytes
    self.phase = phase
  }
}

/// A batch that a producer closed.
package struct PlannedBatch: Hashable, Sendable {
  /// The phase of all its records.
  package let phase: Int
  /// How many records.
  package let count: Int
  /// The instant its last limit was reached, nanoseconds since the start of the run: the record limit at its last
  /// record's due time, the byte limit when the record came due that no longer fitted, linger, or the phase's end.
  package let closesAt: Int64
  /// Data and keys of all records.
  package let bytes: Int
  /// How many records were cut to what the stream takes in one.
  package var clamped = 0
}
