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
