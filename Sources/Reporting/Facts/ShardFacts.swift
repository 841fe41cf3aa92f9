import Measurement
import Observations
import RunResults

/// What the drawings by shard share: the rows of `shards.csv`, throttling over time, and what the shards may take.
struct ShardFacts {
  /// Shards by their index.
  let rows: [ShardRow]
  /// Positions in `rows`, most throttled and failed tries first; ties by peak, then by place.
  let worst: [Int]
  /// Throttling of every shard over time; its columns may be wider than those of the time line.
  let heat: HeatMatrix
  /// What the stream may take, step by step as its shards change.
  let limitSteps: LimitSteps
  /// What the stream may take in the mean, records/s; nil when not assumed.
  let recordLimit: Double?
  /// What the stream may take in the mean, bytes/s; nil when not assumed.
  let byteLimit: Double?
  /// Whether bytes are nearer to their limit than records.
  let bytesBind: Bool
  /// The bound on the throttle ratio: shards over it are bold.
  let throttleLimit: Double?
  /// Whether shards came or went while the run lasted.
  let changed: Bool
  /// How long the measured phases took, in seconds.
  let measuredSeconds: Double
  /// Bytes tried on each shard while measured phases ran, by place.
  let measuredBytes: [Int]
  /// Whether a shard's limit is a bucket that can be saved up, so that credit can be spoken of.
  let hasBuckets: Bool

  /// The shards of a run on its time line.
  ///
  /// - Parameters:
  ///   - total: the line over all measured phases.
  ///   - throttleLimit: of the thresholds.
  init(_ run: LoadedRun, time: Timeline, total: PhaseRow, throttleLimit: Double?) {
    let rows = (run.shards ?? []).sorted { $0.shardIndex < $1.shardIndex }
    self.rows = rows
    self.throttleLimit = throttleLimit
    changed = !time.shardChanges.isEmpty
    measuredSeconds = total.durationS
    var bytes = Array(repeating: 0, count: rows.count)
    for cell in run.shardSeconds ?? [] where cell.measured && bytes.indices.contains(cell.shardIndex) {
      bytes[cell.shardIndex] += cell.traffic.attemptedBytes
    }
    measuredBytes = bytes
    let unsaved = ["window", "second", "sliding"]
    hasBuckets =
      run.summary.map { $0.target.limits != nil && !unsaved.contains($0.target.limitsProfile ?? "") } ?? false
    let frame = time.frame
    let cells = run.shardSeconds ?? []
    let bin = cells.map(\.binS).max() ?? 1
    let heatFrame =
      bin <= frame.columnSeconds && frame.columnSeconds % bin == 0
      ? frame : TimeFrame(start: frame.start, end: frame.end, planEnd: frame.planEnd, binSeconds: bin)
    heat = HeatMatrix(cells, rows: rows.count, frame: heatFrame)
    worst = ShardFacts.ranking(rows)

    let steps = LimitSteps(
      rows, from: time.phases.filter(\.measured).map(\.start).min() ?? frame.start, to: frame.end)
    limitSteps = steps
    recordLimit = steps.mean(\.records)
    byteLimit = steps.mean(\.bytes)
    let bytesUse = byteLimit.flatMap { Quotient.divide(total.traffic.attemptedBytes, by: $0) }
    let recordUse = recordLimit.flatMap { Quotient.divide(total.traffic.attempted, by: $0) }
    bytesBind = bytesUse.flatMap { bytes in recordUse.map { bytes > $0 } } ?? false
  }

  /// How many shards there are, those that came and went included.
  var count: Int { rows.count }
  /// How many throttled at least one try.
  var throttledCount: Int { rows.count { $0.traffic.throttled > 0 } }

  /// How many had at least one try that failed otherwise.
  var failedCount: Int { rows.count { $0.traffic.failed > 0 } }
  /// The position of the shard that throttled most tries; nil where none did.
  var mostThrottled: Int? {
    rows.indices.filter { rows[$0].traffic.throttled > 0 }.min {
      (rows[$1].traffic.throttled, $0) < (rows[$0].traffic.throttled, $1)
    }
  }

  /// The columns of the heat map that belong to measured phases.
  private var measuredColumns: Range<Int> {
    let first = (0..<heat.frame.count).first { heat.frame.span(of: $0).to > 0 } ?? heat.frame.count
    let end = (first..<heat.frame.count).first { heat.frame.isDrain($0) } ?? heat.frame.count
    return first..<end
  }

  /// In how many seconds of the measured time a shard was throttled, as the picture shows it: what comes after the last
  /// phase's end, answers of the drain, is not part of it.
  func secondsThrottled(_ index: Int) -> (throttled: Int, of: Int) {
    let whole = Int(measuredSeconds.rounded(.up))
    guard heat.frame.columnSeconds == 1 else { return (min(rows[index].peak.secondsThrottled, whole), whole) }
    let columns = measuredColumns
    let throttled = heat.cells(row: index).count { columns.contains($0.column) && $0.traffic.throttled > 0 }
    return (throttled, columns.count)
  }

  // MARK: - Causes

  /// What a shard was asked for over the measured time; nil where no limit is assumed.
  func demand(_ index: Int) -> ShardDemand? {
    let row = rows[index]
    let bytesUse = row.limitBytesPerS.flatMap { Quotient.divide(row.traffic.attemptedBytes, by: $0) }
    let recordUse = row.limitRecordsPerS.flatMap { Quotient.divide(row.traffic.attempted, by: $0) }
    let inBytes = (bytesUse ?? 0) > (recordUse ?? 0)
    guard let limit = inBytes ? row.limitBytesPerS : row.limitRecordsPerS, limit > 0 else { return nil }
    var demand = ShardDemand()
    demand.isInBytes = inBytes
    (demand.attempted, demand.throttled) = (row.traffic.attempted, row.traffic.throttled)
    demand.topKey = row.topKey.flatMap { $0.isEmpty ? nil : $0 }
    demand.topKeyShare = row.topKey == nil ? 0 : row.topKeyRatio ?? 0
    var (all, hotAll) = ((first: 0.0, seconds: 0.0), (first: 0.0, seconds: 0.0))
    for column in measuredColumns {
      let (from, to) = heat.frame.span(of: column)
      let start = max(from, row.openFromS ?? from)
      let seconds = min(to, row.openToS ?? to) - start
      guard seconds > 1e-9 else { continue }
      let cell = heat[index, column]
      let unit = inBytes ? Quotient.divide(cell.attemptedBytes, by: cell.attempted) ?? 0 : 1
      let scale = unit / seconds / Double(limit)
      demand.bins.append(
        ShardDemand.Bin(
          seconds: seconds, first: Double(cell.firstTries) * scale, attempted: Double(cell.attempted) * scale))
      let open = Double(openCount(at: start))
      let mean = Double(heat.totals[column].firstTries) * scale / max(open, 1)
      all = (all.first + mean * seconds, all.seconds + seconds)
      if demand.bins[demand.bins.count - 1].first > 1 {
        hotAll = (hotAll.first + mean * seconds, hotAll.seconds + seconds)
      }
    }
    let over = hotAll.seconds > 0 ? hotAll : all
    demand.streamMean = Quotient.divide(over.first, by: over.seconds) ?? 0
    if let start = row.hashStart, let end = row.hashEnd, end >= start {
      let width = (Double(end - start) + 1) / 0x1p128
      demand.width = width * Double(max(openCount(at: row.openFromS ?? 0), 1))
    }
    return demand
  }

  /// Why a shard was throttled, in words; nil where it was not, or where the files cannot tell.
  func cause(_ index: Int) -> Prose? {
    guard rows[index].traffic.throttled > 0, let demand = demand(index) else { return nil }
    return ThrottleCause(demand)?.text(demand)
  }

  /// Shards that took more than their refill over the whole measured time without being throttled, by place.
  var credits: [BurstCredit] {
    guard hasBuckets else { return [] }
    return rows.filter { $0.openFromS == nil && $0.openToS == nil }.compactMap { row in
      // By the clock. Less than half a second short of what came due is no backlog: a batch's time of answers was cut off.
      let cohort = row.traffic.accepted
      let clock = row.clock?.accepted ?? cohort
      guard let missing = Quotient.divide(cohort - clock, by: cohort),
        let mean = Quotient.divide(row.traffic.acceptedBytes, by: cohort),
        let records = Quotient.divide(missing * measuredSeconds < 0.5 ? cohort : clock, by: measuredSeconds)
      else { return nil }
      return BurstCredit(row, records: records, bytes: records * mean)
    }
  }

  private func openCount(at second: Double) -> Int {
    rows.count {
      $0.hashStart != nil && ($0.openFromS ?? -.infinity) <= second && ($0.openToS ?? .infinity) > second
    }
  }

  /// Whether a shard deserves bold type: over the bound, or throttled at all where there is none.
  func isHot(_ shard: ShardRow) -> Bool {
    guard let ratio = shard.throttleRatio, ratio > 0 else { return false }
    return ratio > throttleLimit ?? 0
  }

  /// The stream's limit in words: `24 × 1000 rec/s`, or the sum where shards differ.
  func limitText(bytes: Bool) -> String {
    guard !changed else { return "as its shards change" }
    let limits = rows.compactMap { bytes ? $0.limitBytesPerS : $0.limitRecordsPerS }
    guard let first = limits.first else { return "" }
    let unit = bytes ? "MiB/s" : "rec/s"
    func text(_ value: Int) -> String {
      bytes ? NumberFormat.brief(Double(value) / 1_048_576) : String(value)
    }
    guard limits.allSatisfy({ $0 == first }) else { return "\(text(limits.reduce(0, +))) \(unit)" }
    return limits.count == 1 ? "\(text(first)) \(unit)" : "\(limits.count) × \(text(first)) \(unit)"
  }

  private static func ranking(_ shards: [ShardRow]) -> [Int] {
    shards.indices.sorted { left, right in
      let (one, other) = (shards[left], shards[right])
      let (more, less) = (one.traffic.throttled + one.traffic.failed, other.traffic.throttled + other.traffic.failed)
      if more != less { return more > less }
      if one.peak.firstTries != other.peak.firstTries {
        return one.peak.firstTries > other.peak.firstTries
      }
      return left < right
    }
  }
}

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

  /// What the shards that are open take together, and of how many it is known.
  private struct Sum {
    var open = 0
    var records = (known: 0, sum: 0)
    var bytes = (known: 0, sum: 0)

    /// Adds a shard (1) or takes it away again (-1).
    mutating func add(_ shard: ShardRow, _ sign: Int) {
      open += sign
      if let limit = shard.limitRecordsPerS { records = (records.known + sign, records.sum + sign * limit) }
      if let limit = shard.limitBytesPerS { bytes = (bytes.known + sign, bytes.sum + sign * limit) }
    }

    func limit(_ part: (known: Int, sum: Int)) -> Double? { part.known == open && open > 0 ? Double(part.sum) : nil }
  }

  /// The steps of some shards, of which those without hash keys count for nothing. O(shards log changes).
  init(_ shards: [ShardRow], from start: Double, to end: Double) {
    let listed = shards.filter { $0.hashStart != nil }
    let changes = Set(
      listed.flatMap { [$0.openFromS, $0.openToS] }.compactMap { $0 }.filter { start < $0 && $0 < end })
    let edges = [start] + changes.sorted() + [max(end, start)]
    func firstEdge(notBefore time: Double) -> Int {
      var (low, high) = (0, edges.count)
      while low < high {
        let middle = (low + high) / 2
        if edges[middle] < time { low = middle + 1 } else { high = middle }
      }
      return low
    }
    var opening = [[Int]](repeating: [], count: edges.count + 1)
    var closing = opening
    for (index, shard) in listed.enumerated() {
      let from = firstEdge(notBefore: shard.openFromS ?? -.infinity)
      let to = firstEdge(notBefore: shard.openToS ?? .infinity)
      guard from < to else { continue }
      opening[from].append(index)
      closing[to].append(index)
    }
    var sum = Sum()
    steps = zip(edges, edges.dropFirst()).enumerated().map { position, edge in
      for index in opening[position] { sum.add(listed[index], 1) }
      for index in closing[position] { sum.add(listed[index], -1) }
      return Step(from: edge.0, to: edge.1, records: sum.limit(sum.records), bytes: sum.limit(sum.bytes))
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

extension PhaseRow {
  /// Failed tries over all tries; nil when nothing was tried.
  var failedRatio: Double? { Metric.faultRatio.value(of: self) }
  /// Lost records over planned ones; nil when nothing was due.
  var lostShare: Double? { Metric.lostRatio.value(of: self) }
}
