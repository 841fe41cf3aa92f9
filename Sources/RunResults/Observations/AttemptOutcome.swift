/// What became of one try of one record.
public enum AttemptOutcome: UInt8, Sendable {
  /// The answer gave it a shard and a sequence number.
  case accepted
  /// Refused for the shard's limits, alone or with its whole request.
  case throttled
  /// Refused for any other reason, alone or with its whole request, or never sent because no connection came about.
  case fault
  /// Sent, but no usable answer came: it may have been accepted.
  case unknown
}
