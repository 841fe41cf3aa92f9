import Kinesis
import Observations

/// How much of a shard's limits some traffic uses, readers included.
struct AssumedUse {
  /// What a shard takes.
  let limits: AssumedLimits
  /// Consumers that share what a shard hands out.
  let sharedConsumers: Int

  /// The nearest limit, and which it is.
  ///
  /// - Parameters:
  ///   - records: of one shard, a second.
  ///   - bytes: of one shard, a second.
  func use(records: Double, bytes: Double) -> (value: Double, term: SweepRow.Term) {
    let parts: [(Double, SweepRow.Term)] = [
      (limits.recordsPerSecond.map { records / Double($0) } ?? 0, .records),
      (limits.bytesPerSecond.map { bytes / Double($0) } ?? 0, .bytes),
      (bytes * Double(sharedConsumers) / Double(KinesisLimits.readBytesPerShardSecond), .reads),
    ]
    return parts.dropFirst().reduce((value: parts[0].0, term: parts[0].1)) { best, part in
      part.0 > best.value ? (value: part.0, term: part.1) : best
    }
  }
}
