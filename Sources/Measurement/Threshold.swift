/// A bound on a metric that a run has to keep.
package struct Threshold: Hashable, Sendable {
  /// What is bounded.
  package var metric: Metric
  /// The least value that passes, in the metric's unit; nil for no lower bound.
  package var min: Double?
  /// The greatest value that passes, in the metric's unit; nil for no upper bound.
  package var max: Double?
  /// The phase whose records count, nil for everything measured.
  package var phase: String?
  /// Whether every shard has to keep it by itself rather than the run as a whole.
  package var perShard: Bool
  /// The length of a window that slides by one second, each of which has to keep it; nil for the whole time at once.
  package var window: Nanoseconds?
  /// How many samples a shard or window needs to be judged at all.
  package var minSamples: Int
  /// How long into the run a breach may first stop it; nil for never.
  package var abortAfter: Nanoseconds?

  /// A bound on `metric`.
  package init(
    metric: Metric, min: Double? = nil, max: Double? = nil, phase: String? = nil, perShard: Bool = false,
    window: Nanoseconds? = nil, minSamples: Int = 1, abortAfter: Nanoseconds? = nil
  ) {
    self.metric = metric
    self.min = min
    self.max = max
    self.phase = phase
    self.perShard = perShard
    self.window = window
    self.minSamples = minSamples
    self.abortAfter = abortAfter
  }

  /// Whether `value`, in the metric's unit, is within the bounds. The bounds themselves pass; NaN never does.
  package func isKept(by value: Double) -> Bool {
    guard !value.isNaN else { return false }
    if let min, value < min { return false }
    if let max, value > max { return false }
    return true
  }
}
