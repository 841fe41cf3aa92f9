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

/// Which way a threshold bounds a metric.
package enum Bound: String, Hashable, Sendable, CaseIterable {
  case atMost = "at most"
  case atLeast = "at least"
}

extension Threshold {
  /// The limit on one side; `nil` for none.
  package func limit(_ bound: Bound) -> Double? {
    switch bound {
    case .atMost: max
    case .atLeast: min
    }
  }

  /// What one of its bounds is called: metric, side, phase, shards and window, such as `throttle.ratio at most, in ramp, per
  /// shard, over 10 s`. Neither the limit nor a value is in it, so that histories of runs line up.
  func name(_ bound: Bound) -> String {
    var parts = ["\(metric.name) \(bound.rawValue)"]
    if let phase { parts.append("in \(phase)") }
    if perShard { parts.append("per shard") }
    if let window { parts.append("over \(UnitText.duration(window.value))") }
    return parts.joined(separator: ", ")
  }
}

extension [Threshold] {
  /// Every bound by the threshold's index, with a name that no other has: names that are alike are numbered in the
  /// scenario's order, from ` (2)` on.
  package var namedBounds: [(index: Int, bound: Bound, name: String)] {
    var seen: [String: Int] = [:]
    return indices.flatMap { index in
      Bound.allCases.filter { self[index].limit($0) != nil }.map { bound in
        let name = self[index].name(bound)
        let count = (seen[name] ?? 0) + 1
        seen[name] = count
        return (index, bound, count == 1 ? name : "\(name) (\(count))")
      }
    }
  }
}
