import Measurement

/// A windowed threshold's values: sums over the last so many seconds, sliding by one.
struct SlidingWindow {
  let threshold: Threshold
  /// The phases that count.
  let phases: Set<Int>
  private let width: Int
  /// One ring of quotients a shard, or a single one.
  private var rings: [[MetricQuotient]]
  private var sums: [MetricQuotient]
  private var filled = 0
  private(set) var range = ObservedRange()
  private var isShardJudged: [Bool]

  /// Memory: 24 bytes for each second of the window, times the shards for a threshold that holds for each.
  init(threshold: Threshold, window: Nanoseconds, phases: Set<Int>, shardCount: Int) {
    self.threshold = threshold
    self.phases = phases
    width = max(1, Int((window.seconds).rounded(.up)))
    let subjects = threshold.perShard ? shardCount : 1
    rings = Array(repeating: Array(repeating: MetricQuotient(), count: width), count: subjects)
    sums = Array(repeating: MetricQuotient(), count: subjects)
    isShardJudged = Array(repeating: false, count: subjects)
  }

  /// How many values a second has: one a shard, or a single one.
  var subjects: Int { sums.count }

  /// Takes in further shards, of which nothing was counted yet.
  mutating func makeRoom(forShards count: Int) {
    guard threshold.perShard, count > sums.count else { return }
    let more = count - sums.count
    rings += Array(repeating: Array(repeating: MetricQuotient(), count: width), count: more)
    sums += Array(repeating: MetricQuotient(), count: more)
    isShardJudged += Array(repeating: false, count: more)
  }

  /// Takes the next second; `nil` for one that is not wholly inside the phases that count, with which windows begin anew.
  mutating func push(second: Int, _ quotients: [MetricQuotient]?) {
    guard let quotients else {
      guard filled > 0 else { return }
      filled = 0
      for subject in sums.indices {
        sums[subject] = MetricQuotient()
        for position in 0..<width { rings[subject][position] = MetricQuotient() }
      }
      return
    }
    let position = filled % width
    filled += 1
    for subject in sums.indices {
      sums[subject].add(rings[subject][position], sign: -1)
      rings[subject][position] = quotients[subject]
      sums[subject].add(quotients[subject])
      guard filled >= width, let value = sums[subject].value, sums[subject].samples >= max(threshold.minSamples, 1)
      else { continue }
      isShardJudged[subject] = true
      range.note(
        Observed(
          value: value, samples: sums[subject].samples, shard: threshold.perShard ? subject : nil,
          second: second - width + 1))
    }
  }

  /// What was found, with the shards that never had enough samples counted.
  var result: ObservedRange {
    var result = range
    if threshold.perShard { result.shardsLeftOut = isShardJudged.count { !$0 } }
    return result
  }
}
