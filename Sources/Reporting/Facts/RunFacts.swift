import RunResults

/// What the surfaces say about a run, worked out once from the files: sums on the time axis, the heat map's matrix, the
/// worst shards, where throttling is concentrated and which limit binds.
struct RunFacts {
  /// A bound on a response percentile, for the chart.
  struct ResponseLimit {
    /// `p50`, `p99` and so on.
    let name: String
    /// In ms.
    let limit: Double
  }
  /// Where throttling sits.
  struct Concentration {
    /// The shard with most throttled tries.
    let shard: ShardRow
    /// Its share of all throttled tries, 0 to 1.
    let share: Double
    /// Its heaviest key, when that has more than 30 % of the shard's records.
    let key: String?
    /// That key's share of the shard's records.
    let keyShare: Double
    /// The key's most records in one second, when the files hold it.
    let keyPeak: Int?
  }

  /// Everything read back from the folder.
  let run: LoadedRun
  /// The time axis of the charts over time.
  let frame: TimeFrame
  /// One entry per column of `frame`.
  let columns: [TimeColumn]
  /// Every phase in order.
  let phases: [PhaseSpan]
  /// The line over all measured phases; zeros when nothing was measured.
  let total: PhaseRow
  /// Throttling of every shard over time; its columns may be wider than those of `frame`.
  let heat: HeatMatrix
  /// Shards by their index.
  let shards: [ShardRow]
  /// Positions in `shards`, most throttled tries first; ties by ratio, then by place.
  let worst: [Int]
  /// What the stream may take, step by step as its shards change.
  let limitSteps: LimitSteps
  /// What the stream may take in the mean, records/s; nil when not assumed.
  let recordLimit: Double?
  /// What the stream may take in the mean, bytes/s; nil when not assumed.
  let byteLimit: Double?
  /// Whether bytes are nearer to their limit than records.
  let bytesBind: Bool

  init(_ run: LoadedRun) {
    self.run = run
    let shards = (run.shards ?? []).sorted { $0.shardIndex < $1.shardIndex }
    self.shards = shards
    let spans = (run.phases ?? []).filter { $0.phase != PhaseRow.allName }
    total = run.phases?.last { $0.phase == PhaseRow.allName } ?? PhaseRow()
    phases = spans.map {
      PhaseSpan(
        name: $0.phase, start: $0.startS, end: $0.startS + $0.durationS, measured: $0.measured,
        plannedPerSecond: $0.plannedRecordsPerS)
    }
    let rows = run.timeseries ?? []
    let start = phases.map(\.start).min() ?? rows.map { Double($0.tS) }.min() ?? 0
    let end = phases.map(\.end).max() ?? rows.map { Double($0.tS + $0.binS) }.max() ?? 0
    let bin = rows.map(\.binS).max() ?? 1
    let frame = TimeFrame(start: start, end: end, binSeconds: bin)
    self.frame = frame
    columns = RunFacts.columns(rows, frame)

    let cells = run.shardSeconds ?? []
    let shardBin = cells.map(\.binS).max() ?? 1
    let heatFrame =
      shardBin <= frame.columnSeconds && frame.columnSeconds % shardBin == 0
      ? frame : TimeFrame(start: start, end: end, binSeconds: shardBin)
    heat = RunFacts.matrix(cells, rows: shards.count, heatFrame)
    worst = RunFacts.ranking(shards)

    let steps = LimitSteps(shards, from: spans.filter(\.measured).map(\.startS).min() ?? start, to: end)
    limitSteps = steps
    recordLimit = steps.mean(\.records)
    byteLimit = steps.mean(\.bytes)
    if let recordLimit, let byteLimit {
      bytesBind = Double(total.attemptedBytes) / byteLimit > Double(total.attemptedRecords) / recordLimit
    } else {
      bytesBind = false
    }
  }

  /// Seconds of the phases that count.
  var measuredSeconds: Double { total.durationS }
  /// Seconds in which measured records were sent: the drain may add one to the measured time.
  var trafficSeconds: Int {
    let rows = (run.timeseries ?? []).filter { $0.measured && $0.attemptedRecords > 0 }
    return Set(rows.map(\.tS)).count * (rows.first?.binS ?? 1)
  }
  /// Records due in the measured phases.
  var planned: Int { total.plannedRecords }
  /// First tries of measured records.
  var firstTries: Int { total.firstTryRecords }
  /// All tries of measured records.
  var attempted: Int { total.attemptedRecords }

  /// Throttled tries over all tries; nil when nothing was tried.
  var throttleRatio: Double? {
    attempted > 0 ? Double(total.throttledRecords) / Double(attempted) : nil
  }
  /// How many shards throttled at least one try.
  var throttledShards: Int { shards.count { $0.throttledRecords > 0 } }

  /// Part of the stream's limit in records that the tries took on average; nil without limit or time.
  var recordUse: Double? {
    recordLimit.flatMap { measuredSeconds > 0 ? Double(attempted) / measuredSeconds / $0 : nil }
  }
  /// Part of the stream's limit in bytes that the tries took on average; nil without limit or time.
  var byteUse: Double? {
    byteLimit.flatMap { measuredSeconds > 0 ? Double(total.attemptedBytes) / measuredSeconds / $0 : nil }
  }

  /// The shard with more than 30 % of all throttled tries, with its key if one carries more than 30 % of that shard.
  var concentration: Concentration? {
    guard let index = worst.first, total.throttledRecords > 0, shards.count > 1 else { return nil }
    let shard = shards[index]
    let share = Double(shard.throttledRecords) / Double(shards.reduce(0) { $0 + $1.throttledRecords })
    guard share > 0.3 else { return nil }
    let keyShare = shard.topKeyRatio ?? 0
    let key = keyShare > 0.3 ? shard.topKey.flatMap { $0.isEmpty ? nil : $0 } : nil
    let peak = key.flatMap { name in run.keys?.first { $0.partitionKey == name }?.peak1sRecords }
    return Concentration(shard: shard, share: share, key: key, keyShare: keyShare, keyPeak: peak)
  }

  /// The stream's limit in words: `24 × 1000 rec/s`, or the sum where shards differ.
  func limitText(bytes: Bool) -> String {
    guard shardChanges.isEmpty else { return "as its shards change" }
    let limits = shards.compactMap { bytes ? $0.limitBytesPerS : $0.limitRecordsPerS }
    guard let first = limits.first else { return "" }
    let unit = bytes ? "MiB/s" : "rec/s"
    func text(_ value: Int) -> String {
      bytes ? NumberFormat.brief(Double(value) / 1_048_576) : String(value)
    }
    guard limits.allSatisfy({ $0 == first }) else { return "\(text(limits.reduce(0, +))) \(unit)" }
    return limits.count == 1 ? "\(text(first)) \(unit)" : "\(limits.count) × \(text(first)) \(unit)"
  }

  /// Sums the rows into columns; percentiles take the worst second, or the middle one for p50 and p90.
  private static func columns(_ rows: [TimeseriesRow], _ frame: TimeFrame) -> [TimeColumn] {
    var columns = Array(repeating: TimeColumn(), count: frame.count)
    var middles = Array(repeating: (p50: [Double](), p90: [Double]()), count: frame.count)
    func larger(_ left: Double?, _ right: Double?) -> Double? {
      guard let left, let right else { return left ?? right }
      return max(left, right)
    }
    for row in rows {
      guard let index = frame.column(of: row.tS) else { continue }
      columns[index].planned += row.plannedRecords
      columns[index].firstTries += row.firstTryRecords
      columns[index].attempted += row.attemptedRecords
      columns[index].accepted += row.acceptedRecords
      columns[index].throttled += row.throttledRecords
      columns[index].faults += row.faultRecords + row.unknownRecords
      columns[index].attemptedBytes += row.attemptedBytes
      columns[index].acceptedBytes += row.acceptedBytes
      columns[index].unsent += row.unsentRecords ?? 0
      columns[index].generatorBound = columns[index].generatorBound || row.generatorBound
      columns[index].capped = columns[index].capped || row.capped
      columns[index].measured = columns[index].measured || row.measured
      columns[index].cpu = larger(columns[index].cpu, row.cpuRatio)
      columns[index].lateness = larger(columns[index].lateness, row.latenessP99Ms)
      columns[index].p99 = larger(columns[index].p99, row.responseP99Ms)
      columns[index].p999 = larger(columns[index].p999, row.responseP999Ms)
      columns[index].maximum = larger(columns[index].maximum, row.responseMaxMs)
      if let most = row.inFlightMax { columns[index].inFlight = max(columns[index].inFlight ?? 0, most) }
      if let p50 = row.responseP50Ms { middles[index].p50.append(p50) }
      if let p90 = row.responseP90Ms { middles[index].p90.append(p90) }
    }
    for index in columns.indices {
      columns[index].p50 = middle(middles[index].p50)
      columns[index].p90 = middle(middles[index].p90)
    }
    return columns
  }

  /// The middle value, the upper one of two.
  private static func middle(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }

  private static func matrix(_ rows: [ShardSecondRow], rows count: Int, _ frame: TimeFrame) -> HeatMatrix {
    var matrix = HeatMatrix(rows: count, frame: frame)
    for row in rows {
      guard let column = frame.column(of: row.tS), row.shardIndex >= 0, row.shardIndex < count else { continue }
      let cell = row.shardIndex * frame.count + column
      matrix.firstTries[cell] &+= UInt32(clamping: row.firstTryRecords)
      matrix.attempted[cell] &+= UInt32(clamping: row.attemptedRecords)
      matrix.accepted[cell] &+= UInt32(clamping: row.acceptedRecords)
      matrix.throttled[cell] &+= UInt32(clamping: row.throttledRecords)
      matrix.bytes[cell] &+= Int64(row.attemptedBytes)
    }
    return matrix
  }

  private static func ranking(_ shards: [ShardRow]) -> [Int] {
    shards.indices.sorted { left, right in
      let (one, other) = (shards[left], shards[right])
      if one.throttledRecords != other.throttledRecords { return one.throttledRecords > other.throttledRecords }
      if one.peak1sFirstTryRecords != other.peak1sFirstTryRecords {
        return one.peak1sFirstTryRecords > other.peak1sFirstTryRecords
      }
      return left < right
    }
  }
}
