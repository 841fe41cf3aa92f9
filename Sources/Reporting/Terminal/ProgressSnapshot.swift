/// What the live lines show: the last five whole seconds of a run as they happened, never as they were planned.
package struct ProgressSnapshot: Sendable, Equatable {
  /// A shard among the most throttled ones.
  package struct Shard: Sendable, Equatable {
    /// Its place in hash order.
    package var index: Int
    /// Throttled tries over all tries, 0 to 1.
    package var throttleRatio: Double

    /// A shard and its ratio.
    package init(index: Int, throttleRatio: Double) {
      self.index = index
      self.throttleRatio = throttleRatio
    }
  }

  /// The scenario's name.
  package var scenario = ""
  /// The phase that is running.
  package var phase = ""
  /// Its place among the phases, from 1.
  package var phaseIndex = 1
  /// How many phases there are.
  package var phaseCount = 1
  /// Whole seconds since the first measured phase began; negative in warm-up.
  package var second = 0
  /// Seconds since the run began.
  package var elapsedSeconds = 0.0
  /// Seconds the whole plan takes.
  package var totalSeconds = 0.0
  /// What the plan asks for, records/s.
  package var plannedPerSecond = 0.0
  /// Tries on the wire, retries included, records/s.
  package var attemptedPerSecond = 0.0
  /// Accepted, records/s.
  package var acceptedPerSecond = 0.0
  /// Throttled tries over all tries, 0 to 1; nil when nothing was tried.
  package var throttleRatio: Double?
  /// Median response time in ms; nil when nothing was answered.
  package var responseP50: Double?
  /// 99th percentile of the response time in ms; nil when nothing was answered.
  package var responseP99: Double?
  /// The most throttled shards, worst first; three are shown.
  package var worstShards: [Shard] = []
  /// How many shards were throttled at all.
  package var throttledShardCount = 0
  /// How many shards the stream has.
  package var shardCount = 0
  /// The busiest worker's share of its core, 0 to 1; nil when unknown.
  package var cpuRatio: Double?
  /// 99th percentile of the lateness in ms; nil when nothing was sent.
  package var latenessP99: Double?
  /// How far the generator is behind its plan in seconds, once its lateness passed the bound; nil when it keeps up.
  package var behindSeconds: Double?

  /// A snapshot of nothing; fill in what is known.
  package init() {}
}
