import Observations

/// A shard's busiest measured seconds.
struct ShardPeak {
  var records: UInt64 = 0
  var bytes: UInt64 = 0
  var firstTries: UInt64 = 0
  var secondsThrottled = 0

  /// Takes one second's counts over all measured phases.
  mutating func note(_ second: ShardTraffic) {
    records = max(records, second.attempted)
    bytes = max(bytes, second.attemptedBytes)
    firstTries = max(firstTries, second.firstTries)
    if second.throttled > 0 { secondsThrottled += 1 }
  }
}
