import Observations
import RunResults

/// Makes result folders in memory: a small model of shards, deterministic, whose counts add up as a real run's do.
struct SyntheticRun {
  var shards = 24
  var measuredSeconds = 120
  var warmUpSeconds = 10
  /// Seconds one row stands for.
  var bin = 1
  /// Mean first tries a second of one shard outside the burst.
  var perShard = 420.0
  /// Factor of the middle third.
  var burst = 2.1
  /// Bytes of a record.
  var recordBytes = 640
  /// The shard whose heaviest key alone exceeds it, or nil.
  var hotShard: Int? = 13
  /// Name of the heaviest key.
  var topKey = "tenant-0042"
  /// What the endpoint accepts a second and shard; 0 throttles everything.
  var capacity = 1000
  /// Part of what would be accepted that fails instead, in the measured phases, and the code it fails with.
  var failing = 0.0
  var failure = "connect-refused"
  var validity = GeneratorVerdict.valid
  /// Seconds in which the generator was bound.
  var boundSeconds: Range<Int> = 0..<0
  /// Seconds in which the cap on requests in flight held the load back.
  var cappedSeconds: Range<Int> = 0..<0
  /// Requests for which the kernel had no room at once.
  var sendBufferFull: Int?
  /// When the run was stopped, in seconds since t = 0; nil for its full length.
  var stoppedAt: Int?
  var thresholds = true

  /// The names of the phases with their first second, length and factor of the load.
  private var plan: [(name: String, start: Int, length: Int, factor: Double, measured: Bool)] {
    let third = max(measuredSeconds / 3 / bin * bin, bin)
    var plan: [(name: String, start: Int, length: Int, factor: Double, measured: Bool)] = []
    if warmUpSeconds > 0 { plan.append(("warm-up", -warmUpSeconds, warmUpSeconds, 0.5, false)) }
    plan.append(("steady", 0, third, 1, true))
    if measuredSeconds > third {
      plan.append(("burst", third, min(third, measuredSeconds - third), burst, true))
      if measuredSeconds > 2 * third { plan.append(("recover", 2 * third, measuredSeconds - 2 * third, 1.1, true)) }
    }
    guard let stoppedAt else { return plan }
    return plan.filter { $0.start < stoppedAt }.map {
      ($0.name, $0.start, min($0.length, stoppedAt - $0.start), $0.factor, $0.measured)
    }
  }

  /// The run.
  func make() -> LoadedRun {
    var noise = Noise(state: 42)
    var run = LoadedRun()
    run.folder = "results/20260314T091502Z-orders-replay-7f3a"
    let id = "20260314T091502Z-orders-replay-7f3a"
    var weights = (0..<shards).map { _ in 0.75 + noise.unit() * 0.5 }
    if let hotShard, hotShard < shards { weights[hotShard] = 2.6 }
    var rows = (0..<shards).map { index -> ShardRow in
      var row = ShardRow()
      row.runID = id
      row.shardIndex = index
      row.shardID = "shardId-" + String(repeating: "0", count: 12 - String(index).count) + String(index)
      let width = UInt128.max / UInt128(shards)
      row.hashStart = UInt128(index) * width + (index == 0 ? 0 : 1)
      row.hashEnd = index == shards - 1 ? .max : UInt128(index + 1) * width
      row.limitRecordsPerS = 1000
      row.limitBytesPerS = 1_048_576
      row.topKey = index == hotShard ? topKey : "tenant-\(1000 + index * 37)"
      row.topKeyRatio = index == hotShard ? 0.59 : 0.12
      return row
    }
    var series: [TimeseriesRow] = []
    var cells: [ShardSecondRow] = []
    var phases: [PhaseRow] = []
    for phase in plan {
      var line = PhaseRow()
      (line.runID, line.phase, line.measured) = (id, phase.name, phase.measured)
      (line.startS, line.durationS) = (Double(phase.start), Double(phase.length))
      for second in stride(from: phase.start, to: phase.start + phase.length, by: bin) {
        let span = min(bin, phase.start + phase.length - second)
        var row = TimeseriesRow()
        (row.runID, row.tS, row.binS, row.phase, row.measured) = (id, second, span, phase.name, phase.measured)
        for shard in 0..<shards {
          let first = Int(perShard * phase.factor * weights[shard] * (0.94 + 0.12 * noise.unit())) * span
          let byBytes = capacity == 0 ? 0 : 1_048_576 * span / recordBytes
          let room = min(capacity * span, byBytes)
          let over = max(first - room, 0)
          let retried = over / 2
          let throttled = over + max(min(first, room) + retried - room, 0)
          let attempted = first + retried
          let failed = phase.measured ? Int(Double(attempted - throttled) * failing) : 0
          let accepted = attempted - throttled - failed
          var cell = ShardSecondRow()
          (cell.tS, cell.shardIndex, cell.binS, cell.measured) = (second, shard, span, phase.measured)
          (cell.traffic.firstTries, cell.traffic.attempted) = (first, attempted)
          (cell.traffic.accepted, cell.traffic.throttled) = (accepted, throttled)
          cell.traffic.attemptedBytes = attempted * recordBytes
          cell.traffic.acceptedBytes = accepted * recordBytes
          cell.traffic.fault = failed
          if attempted > 0 { cells.append(cell) }
          row.planned += first
          row.traffic.firstTries += first
          row.traffic.attempted += attempted
          row.traffic.accepted += accepted
          row.traffic.throttled += throttled
          row.traffic.fault += failed
          row.traffic.attemptedBytes += cell.traffic.attemptedBytes
          row.traffic.acceptedBytes += cell.traffic.acceptedBytes
          row.delivery.gaveUp += first - accepted
          row.shardsThrottled += throttled > 0 ? 1 : 0
          guard phase.measured else { continue }
          rows[shard].traffic.add(cell.traffic)
          rows[shard].peak.secondsThrottled += throttled > 0 ? span : 0
          rows[shard].peak.records = max(rows[shard].peak.records, attempted / span)
          rows[shard].peak.firstTries = max(rows[shard].peak.firstTries, first / span)
          rows[shard].peak.bytes = max(rows[shard].peak.bytes, attempted * recordBytes / span)
        }
        row.traffic.requests = row.traffic.attempted / 300 + 1
        row.traffic.requestsPartial = row.traffic.throttled > 0 ? row.traffic.requests / 3 : 0
        let base = 6 + 5 * phase.factor * noise.unit()
        (row.responseP50Ms, row.responseP90Ms) = (base, base * 1.7)
        (row.responseP99Ms, row.responseP999Ms) = (base * (2 + noise.unit()), base * (4 + noise.unit()))
        row.responseMaxMs = base * (5 + 6 * noise.unit())
        (row.latenessP99Ms, row.cpuRatio, row.inFlightMax) = (
          0.3 + 0.7 * noise.unit(), 0.3 + 0.2 * noise.unit(), Int(4 + 30 * noise.unit())
        )
        if boundSeconds.contains(second) {
          (row.generatorBound, row.latenessP99Ms, row.cpuRatio) = (true, 40 + 20 * noise.unit(), 0.97)
          row.unsentRecords = 12
        }
        row.capped = cappedSeconds.contains(second)
        series.append(row)
        line.add(row)
        line.generatorBoundS += row.generatorBound ? span : 0
      }
      line.shardsThrottled =
        Set(
          cells.filter { $0.tS >= phase.start && $0.tS < phase.start + phase.length && $0.traffic.throttled > 0 }.map(
            \.shardIndex)
        ).count
      SyntheticRun.finish(&line)
      phases.append(line)
    }
    for index in rows.indices where rows[index].traffic.attempted > 0 {
      rows[index].throttleRatio = Double(rows[index].traffic.throttled) / Double(rows[index].traffic.attempted)
    }
    let measured = phases.filter(\.measured)
    if !measured.isEmpty {
      var all = PhaseRow()
      (all.runID, all.phase, all.measured) = (id, PhaseRow.allName, true)
      for line in measured {
        all.add(line)
        all.startS = min(all.startS, line.startS)
        all.durationS += line.durationS
        all.generatorBoundS += line.generatorBoundS
      }
      all.shardsThrottled = rows.count { $0.traffic.throttled > 0 }
      SyntheticRun.finish(&all)
      phases.append(all)
    }
    (run.timeseries, run.shards, run.shardSeconds, run.phases) = (series, rows, cells, phases)
    run.latency = measured.isEmpty ? [] : SyntheticRun.latency(id, samples: phases.last?.traffic.firstTries ?? 0)
    run.keys = keys(id, rows)
    run.errors = errors(id, phases.last)
    run.summary = summary(id, phases.last { $0.phase == PhaseRow.allName }, rows)
    return run
  }

  private static func finish(_ line: inout PhaseRow) {
    line.metrics = MetricValues(of: line, seconds: line.durationS)
    guard line.traffic.attempted > 0, line.durationS > 0 else { return }
    line.plannedRecordsPerS = Double(line.planned) / line.durationS
    line.firstTryRecordsPerS = Double(line.traffic.firstTries) / line.durationS
    line.clock = line.traffic
    line.attemptedRecordsPerS = Double(line.traffic.attempted) / line.durationS
    line.acceptedRecordsPerS = Double(line.traffic.accepted) / line.durationS
    line.throttleRatio = Double(line.traffic.throttled) / Double(line.traffic.attempted)
    (line.responseP50Ms, line.responseP99Ms) = (8.16, 25.3)
    if line.traffic.accepted > 0 { (line.deliveryP50Ms, line.deliveryP99Ms) = (8.7, 275) }
  }

  private static func latency(_ id: String, samples: Int) -> [LatencyRow] {
    var rows: [LatencyRow] = []
    let percentiles = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 99.999, 100]
    let shapes: [(String, String, [Double])] = [
      ("response", "accepted", [2.1, 2.9, 3.4, 4, 5.6, 8.16, 11, 14.2, 16.7, 25.3, 40, 160, 170, 205, 215, 217]),
      ("delivery", "all", [2.1, 2.9, 3.5, 4.1, 5.9, 8.7, 12, 98, 130, 275, 290, 312, 330, 420, 470, 512]),
      ("service", "all", [1.1, 1.9, 2.4, 3, 4.6, 7.1, 9, 12, 14, 22, 35, 150, 160, 190, 199, 210]),
      ("lateness", "all", [0, 0, 0, 0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5]),
    ]
    for (metric, outcome, values) in shapes {
      for (percentile, value) in zip(percentiles, values) {
        var row = LatencyRow()
        (row.runID, row.metric, row.outcome, row.phase) = (id, metric, outcome, "all")
        (row.percentile, row.valueMs, row.samples) = (percentile, value, samples)
        row.samplesBeyond = Int(Double(samples) * (1 - percentile / 100))
        row.supported = row.samplesBeyond >= 10 || percentile == 100
        rows.append(row)
      }
    }
    return rows
  }

  private func keys(_ id: String, _ rows: [ShardRow]) -> [KeyRow] {
    let total = rows.reduce(0) { $0 + $1.traffic.firstTries }
    guard total > 0 else { return [] }
    let heaviest = rows.sorted {
      (Double($1.traffic.firstTries) * ($1.topKeyRatio ?? 0), $0.shardIndex) < (
        Double($0.traffic.firstTries) * ($0.topKeyRatio ?? 0), $1.shardIndex
      )
    }
    return heaviest.prefix(100).enumerated().map { rank, shard in
      var key = KeyRow()
      (key.runID, key.rank, key.partitionKey, key.shardIndex) = (id, rank + 1, shard.topKey ?? "", shard.shardIndex)
      key.hash = (shard.hashStart ?? 0) / 3 * 2 + (shard.hashEnd ?? 0) / 3
      key.records = Int(Double(shard.traffic.firstTries) * (shard.topKeyRatio ?? 0))
      key.shareRatio = Double(key.records) / Double(total)
      key.peak1sRecords = Int(Double(shard.peak.firstTries) * (shard.topKeyRatio ?? 0))
      return key
    }
  }

  private func errors(_ id: String, _ all: PhaseRow?) -> [ErrorRow] {
    guard let all else { return [] }
    var rows: [ErrorRow] = []
    if all.traffic.fault > 0 {
      var row = ErrorRow()
      (row.runID, row.level, row.code, row.count, row.measured) = (id, "record", failure, all.traffic.fault, true)
      rows.append(row)
    }
    guard all.traffic.throttled > 0 else { return rows }
    var row = ErrorRow()
    (row.runID, row.level, row.code, row.count) = (
      id, "record", "ProvisionedThroughputExceededException", all.traffic.throttled
    )
    (row.firstTS, row.lastTS, row.shards, row.measured) = (0, measuredSeconds - 1, all.shardsThrottled, true)
    row.sampleMessage = "Rate exceeded for shard shardId-000000000013 in stream orders under account xxxxxxxxxxxx."
    return rows + [row]
  }

  private func summary(_ id: String, _ all: PhaseRow?, _ rows: [ShardRow]) -> Summary {
    let all = all ?? PhaseRow()
    var summary = Summary()
    summary.runID = id
    summary.complete = stoppedAt == nil
    summary.validity = validity.rawValue
    var scenario = SummaryScenario()
    (scenario.name, scenario.seed) = ("orders-replay", 42)
    scenario.sha256 = "5d0e8a7b" + String(repeating: "0", count: 52) + "91c4"
    scenario.command = "shardmeter run orders-replay.json --target http://127.0.0.1:4567"
    summary.scenario = scenario
    (summary.tool.version, summary.tool.revision, summary.tool.dirty) = ("0.4.0", "a41c9e2", false)
    (summary.tool.swift, summary.tool.mode) = ("6.3.1", "release")
    (summary.target.endpoint, summary.target.stream, summary.target.shards) = (
      "http://127.0.0.1:4567", "orders", shards
    )
    (summary.target.kind, summary.target.limitsProfile) = ("embedded", "kinesis")
    summary.target.limits = SummaryLimits()
    summary.target.limits?.recordsPerS = 1000
    summary.target.limits?.bytesPerS = 1_048_576
    (summary.time.start, summary.time.end) = ("2026-03-14T09:15:02.113Z", "2026-03-14T09:17:12.525Z")
    (summary.time.warmupS, summary.time.measuredS, summary.time.drainS) = (Double(warmUpSeconds), all.durationS, 0.412)
    summary.records.planned = all.planned
    (summary.records.traffic, summary.records.delivery) = (all.traffic, all.delivery)
    summary.warmupRecords = SummaryRecords()
    summary.warmupRecords?.traffic.attempted = Int(Double(warmUpSeconds) * perShard * 0.5) * shards
    summary.requests.traffic = all.traffic
    (summary.latencyMs.response, summary.latencyMs.delivery) = (SummaryLatency(), SummaryLatency())
    summary.latencyMs.response?.mean = 9.45
    summary.latencyMs.delivery?.mean = 23.2
    var generator = SummaryGenerator()
    (generator.cpuMaxRatio, generator.latenessP99Ms) = (0.59, 0.9)
    (generator.inFlightMax, generator.inFlightCap, generator.workers) = (37, 64, 2)
    (generator.boundS, generator.seconds) = (boundSeconds.count, measuredSeconds)
    (generator.cappedS, generator.sendBufferFullRequests) = (cappedSeconds.count, sendBufferFull)
    if validity == .capped {
      generator.littlesLaw = SummaryLittlesLaw(
        atOnce: 32, serviceMeanMs: 800, recordsPerRequest: 300, busiestPlannedRecords: 24_001)
    }
    summary.generator = generator
    var machine = SummaryMachine()
    (machine.cpu, machine.cores, machine.memoryBytes) = ("EPYC 7R13", 4, 17_179_869_184)
    (machine.os, machine.kernel) = ("Debian 12", "Linux 6.1")
    summary.machine = machine
    summary.files = ["report.html", "summary.json", "timeseries.csv", "shards.csv", "latency.csv"]
    if thresholds { summary.thresholds = judged(all) }
    let failed = summary.thresholds.contains { !$0.passed }
    let verdict: RunVerdict =
      stoppedAt != nil
      ? .incomplete
      : validity == .generatorBound || all.planned == 0 ? .invalid : failed ? .fail : thresholds ? .pass : .none
    (summary.verdict, summary.exitCode) = (verdict.rawValue, [.pass, .none].contains(verdict) ? 0 : 3)
    var worst = rows.filter { $0.traffic.throttled > 0 }
    worst.sort { ($1.traffic.throttled, $0.shardIndex) < ($0.traffic.throttled, $1.shardIndex) }
    summary.shards = SummaryShards()
    summary.shards?.throttled = worst.count
    return summary
  }

  private func judged(_ all: PhaseRow) -> [SummaryThreshold] {
    func one(_ metric: String, _ unit: String, _ limit: Double, _ observed: Double?, phase: String? = nil)
      -> SummaryThreshold
    {
      var threshold = SummaryThreshold()
      (threshold.metric, threshold.unit, threshold.op, threshold.limit) = (metric, unit, "<=", limit)
      (threshold.observed, threshold.phase, threshold.id) = (
        observed, phase, "\(metric) at most\(phase.map { ", in \($0)" } ?? "")"
      )
      threshold.passed = observed.map { $0 <= limit } ?? false
      threshold.status = threshold.passed ? "pass" : observed == nil ? "error" : "fail"
      if observed == nil { threshold.reason = "no sample" }
      return threshold
    }
    let lost = all.planned > 0 ? 1 - Double(all.traffic.accepted) / Double(all.planned) : nil
    return [
      one("response.p99", "ms", 50, all.responseP99Ms), one("throttle.ratio", "ratio", 0.01, all.throttleRatio),
      one("lost.ratio", "ratio", 0.005, lost), one("delivery.p99", "ms", 500, all.deliveryP99Ms, phase: "burst"),
    ]
  }

  /// A small generator with a fixed sequence; quality does not matter here.
  private struct Noise {
    var state: UInt64

    mutating func unit() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31)
    }
  }
}
