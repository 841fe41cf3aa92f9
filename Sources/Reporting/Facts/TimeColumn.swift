/// What happened in one column of the time axis: sums of its seconds, and for percentiles the worst or the middle second,
/// since percentiles of several seconds cannot be averaged.
struct TimeColumn: Equatable {
  /// Records due.
  var planned: Int = 0
  /// Tries that were a record's first.
  var firstTries: Int = 0
  /// All tries.
  var attempted: Int = 0
  /// Tries accepted.
  var accepted: Int = 0
  /// Tries throttled.
  var throttled: Int = 0
  /// Tries that failed otherwise.
  var faults: Int = 0
  /// Bytes tried: data and keys.
  var attemptedBytes: Int = 0
  /// Bytes accepted.
  var acceptedBytes: Int = 0
  /// Median response of the middle second, ms.
  var p50: Double?
  /// 90th percentile of the middle second, ms.
  var p90: Double?
  /// 99th percentile of the worst second, ms.
  var p99: Double?
  /// 99.9th percentile of the worst second, ms.
  var p999: Double?
  /// Longest response, ms.
  var maximum: Double?
  /// 99th percentile of the lateness in the worst second, ms.
  var lateness: Double?
  /// Busiest worker's share of its core in the worst second.
  var cpu: Double?
  /// Most requests in flight.
  var inFlight: Int?
  /// Records due that were never sent.
  var unsent: Int = 0
  /// Whether the generator was the bottleneck in one of the seconds.
  var generatorBound = false
  /// Whether the cap on requests in flight held the load back in one of the seconds.
  var capped = false
  /// Whether one of the seconds counts.
  var measured = false
}
