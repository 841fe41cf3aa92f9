/// A place in a shard, as GetShardIterator gives it out sealed.
package struct ShardIterator: Sendable, Equatable {
  package var stream: String
  package var shard: Int
  /// The counter of the first record it reads; records are in the order of their counters.
  package var counter: UInt64
  /// When it was made; it is good for five minutes.
  package var madeMilliseconds: Int64

  /// An iterator of these parts.
  package init(stream: String, shard: Int, counter: UInt64, madeMilliseconds: Int64) {
    self.stream = stream
    self.shard = shard
    self.counter = counter
    self.madeMilliseconds = madeMilliseconds
  }

  /// How long an iterator is good for, in milliseconds (botocore, GetShardIterator).
  package static let lifeMilliseconds: Int64 = 300_000

  /// Its parts as text, for sealing; a stream's name holds no slash.
  package var text: String { "\(madeMilliseconds)/\(stream)/\(shard)/\(counter)" }

  /// Reads `text` back; nil when it is none.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, let made = Int64(parts[0]), let shard = Int(parts[2]), shard >= 0,
      let counter = UInt64(parts[3])
    else { return nil }
    self.init(stream: String(parts[1]), shard: shard, counter: counter, madeMilliseconds: made)
  }
}

/// Where a shard iterator begins; the raw value is its name on the wire, the order the one AWS prints.
package enum ShardIteratorType: String, Sendable, CaseIterable {
  case afterSequenceNumber = "AFTER_SEQUENCE_NUMBER"
  case latest = "LATEST"
  case atTimestamp = "AT_TIMESTAMP"
  case atSequenceNumber = "AT_SEQUENCE_NUMBER"
  case trimHorizon = "TRIM_HORIZON"
}
