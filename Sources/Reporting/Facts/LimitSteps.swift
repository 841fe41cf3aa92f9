import RunResults

/// What a stream may take over time: the sum over the shards open at each moment.
struct LimitSteps {
  /// A stretch without a change.
  struct Step {
    let from: Double
    let to: Double
    /// Records a second; nil when not assumed.
    let records: Double?
    /// Bytes a second; nil when not assumed.
    let bytes: Double?
  }

  /// In order of time, without gaps; seconds since the first measured phase.
  let steps: [Step]

  /// The steps of some shards, of which those without hash keys count for nothing.
  init(_ shards: [ShardRow], from start: Double, to end: Double) {
    let listed = shards.filter { $0.hashStart != nil }
    let changes = Set(
      listed.flatMap { [$0.openFromS, $0.openToS] }.compactMap { $0 }.filter { start < $0 && $0 < end })
    let edges = [start] + changes.sorted() + [max(end, start)]
    steps = zip(edges, edges.dropFirst()).map { from, to in
      let open = listed.filter { ($0.openFromS ?? -.infinity) <= from && ($0.openToS ?? .infinity) > from }
      func sum(_ limit: (ShardRow) -> Int?) -> Double? {
        let limits = open.compactMap(limit)
        return limits.count == open.count && !limits.isEmpty ? Double(limits.reduce(0, +)) : nil
      }
      return Step(from: from, to: to, records: sum(\.limitRecordsPerS), bytes: sum(\.limitBytesPerS))
    }
  }

  /// The mean over time of a limit; nil when it is not assumed throughout.
  func mean(_ limit: (Step) -> Double?) -> Double? {
    guard let first = steps.first, let last = steps.last, let start = limit(first) else { return nil }
    guard last.to > first.from, steps.count > 1 else { return start }
    var sum = 0.0
    for step in steps {
      guard let value = limit(step) else { return nil }
      sum += value * (step.to - step.from)
    }
    return sum / (last.to - first.from)
  }
}
