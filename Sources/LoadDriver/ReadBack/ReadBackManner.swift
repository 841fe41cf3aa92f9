import Measurement

/// How a target is read back.
package struct ReadBackManner: Sendable {
  /// How far clocks may differ: that much before the run's start is read, and counts as the run's.
  package var clockTolerance: Nanoseconds
  /// The least time between two reads of one shard.
  package var interval: Nanoseconds
  /// How long accepted records that are not there are waited for.
  package var patience: Nanoseconds
  /// How long nothing may come forward, no record and no shard's end, until the reading ends. Twelve times the longest pause
  /// between two tries, so that limits which let anything through have done so; short enough that a CI job learns from the
  /// reading what is wrong, and not from a limit of its own.
  package static let longestStall = Nanoseconds.seconds(60)

  /// A target on this machine: one clock, and no limits to respect.
  package static let loopback = ReadBackManner(
    clockTolerance: .seconds(1), interval: .zero, patience: .seconds(1))
  /// Any other. Signatures are taken from clocks up to five minutes apart; a shard is read five times a second at most
  /// (API page GetRecords); what was accepted can usually be read within a second.
  package static let remote = ReadBackManner(
    clockTolerance: .seconds(300), interval: .milliseconds(200), patience: .seconds(10))
}
