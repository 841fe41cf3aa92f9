import Kinesis
import Measurement

/// The fixed shape of a run's results: what lanes and collector agree on before the first record.
package struct RunLayout: Sendable {
  /// The phases in the order they run, without gaps.
  package var phases: [PhaseLayout]
  /// The stream's open shards.
  package var shards: ShardMap
  /// The start of the first measured phase, since the run's start: second 0 of all results.
  package var origin: Nanoseconds
  /// How long a request may take: bounds how far a second's results may lie behind.
  package var timeout: Nanoseconds
  /// How many keys the plan has; `nil` when there is no bound. Ids are below it.
  package var keyCount: UInt64?
  /// False when records carry explicit hash keys, so that a key says nothing about its records' shard.
  package var isRoutedByKey: Bool
  /// What a shard is assumed to take.
  package var limits: AssumedLimits
  /// The lateness p99 from which a second counts as the generator's fault: 5 ms, or a quarter of the batch interval if
  /// that is more.
  package var latenessBound: Nanoseconds
  /// The scenario's cap on requests in flight.
  package var inFlightCap: Int?
  /// The scenario's connections, each of which carries one request at a time.
  package var connections: Int?
  /// The phases for which response times are kept shard by shard, beside those over everything measured.
  package var phasesWithShardResponses: Set<Int>
  /// Whether somebody asks for what each shard got in each second.
  package var needsShardSeconds: Bool
  /// How many workers drive the run, each with a lane.
  package var workers: Int
  /// The least seconds in any bin: what was observed may come in wider ones than the time asks for.
  package var binSeconds = 1

  /// Seconds that a run can have: 30,000 years either way.
  static let seconds = -(1 << 40)..<(1 << 40)
  /// More phases and shards than any run has, for reading what may have been spoilt.
  static let maximumPhases = 1 << 20
  static let maximumShards = 1 << 20
  /// The most bins of single shards that are kept of a run.
  package static let maximumShardBins = 250_000

  /// Keys are counted one by one up to this many; beyond it the heaviest are found by a sketch.
  package static let maximumExactKeys: UInt64 = 1_000_000

  /// The shape of a run over these phases and shards.
  ///
  /// - Parameter batchInterval: how long a batch usually takes to fill, for the lateness bound.
  package init(
    phases: [PhaseLayout], shards: ShardMap, timeout: Nanoseconds = .seconds(5), keyCount: UInt64? = nil,
    isRoutedByKey: Bool = true, limits: AssumedLimits = AssumedLimits(.kinesis(ShardLimits())),
    batchInterval: Nanoseconds = .zero, inFlightCap: Int? = nil, connections: Int? = nil,
    phasesWithShardResponses: Set<Int> = [], needsShardSeconds: Bool = false, workers: Int = 1
  ) {
    self.phases = phases
    self.shards = shards
    origin = phases.first { $0.isMeasured }?.start ?? .zero
    self.timeout = timeout
    self.keyCount = keyCount
    self.isRoutedByKey = isRoutedByKey
    self.limits = limits
    latenessBound = max(.milliseconds(5), Nanoseconds(batchInterval.value / 4))
    self.inFlightCap = inFlightCap
    self.connections = connections
    self.phasesWithShardResponses = phasesWithShardResponses
    self.needsShardSeconds = needsShardSeconds
    self.workers = workers
  }

  /// The second an instant belongs to, counted from `origin`; negative before it.
  package func second(of nanosecondsSinceRunStart: Int64) -> Int {
    let since = nanosecondsSinceRunStart - origin.value
    return Int(since >= 0 ? since / 1_000_000_000 : -((-since + 999_999_999) / 1_000_000_000))
  }

  /// Where a second starts, since the run's start.
  package func start(ofSecond second: Int) -> Int64 { origin.value + Int64(second) * 1_000_000_000 }

  /// How many whole seconds the results may span: the plan, and a drain of the whole time-out.
  private var spannedSeconds: Int { Int((end.seconds + timeout.seconds).rounded(.up)) + 2 }

  /// The seconds in one bin of distributions: 1 for half an hour, then so many that there are at most 1,800 bins.
  package var timeBinSeconds: Int {
    Self.width { $0 % binSeconds == 0 && spannedSeconds <= $0 * Self.maximumTimeBins }
  }

  /// The seconds in one bin of response times per shard, so that shards × bins stay within their bound.
  package var responseBinSeconds: Int {
    Self.width { shards.count * ((spannedSeconds + $0 - 1) / $0 + 2) <= Self.maximumResponseBins }
  }

  /// The seconds in one bin of counts per shard: those of `shard_seconds.csv`, unless somebody needs each second.
  package var trafficBinSeconds: Int { needsShardSeconds ? 1 : shardBinSeconds }

  /// The most bins of distributions that are kept of a run.
  package static let maximumTimeBins = 1_800
  /// The most bins of single shards' response times that are kept of a run; a run on more shards than that has one.
  package static let maximumResponseBins = 20_000

  private static func width(_ fits: (Int) -> Bool) -> Int {
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600]
    if let step = steps.first(where: fits) { return step }
    var width = 7_200
    while !fits(width), width < 1 << 40 { width *= 2 }
    return width
  }

  /// The number of the bin of so many seconds that a second belongs to.
  package static func bin(of second: Int, seconds width: Int) -> Int {
    second >= 0 ? second / width : -((-second + width - 1) / width)
  }

  /// Where the last phase ends, since the run's start.
  package var end: Nanoseconds { phases.map(\.end).max() ?? .zero }

  /// The seconds in one line of `shard_seconds.csv`, so that shards × bins stay within its bound even when the drain
  /// takes the whole time-out.
  package var shardBinSeconds: Int {
    let seconds = spannedSeconds
    // Two more for the cut bins at both ends, and one wherever measured traffic shares a bin with what is not: the drain's,
    // and that of phases beside it.
    let changes = phases.indices.count { phases[$0].isMeasured != isMeasured($0 + 1) }
    return Self.width { width in
      guard width % binSeconds == 0 else { return false }
      return shards.count * ((seconds + width - 1) / width + 2 + changes) <= Self.maximumShardBins
        || width > 2 * seconds
    }
  }

  /// Whether keys are counted one by one.
  package var countsKeysExactly: Bool { keyCount.map { $0 <= Self.maximumExactKeys } ?? false }

  /// Whether a snapshot of the keys is due: after 1, 2, 4 … seconds, then each hour.
  ///
  /// - Parameters:
  ///   - next: the second of the next one, which moves on.
  ///   - second: everything before it is known.
  /// - Returns: the second of the one that is due, the last if there are several.
  func snapshot(of next: inout Int, at second: Int) -> Int? {
    var due: Int?
    let first = self.second(of: 0)
    while next <= second, second < .max {
      due = next
      let passed = next - first
      next = first + (passed < 2_048 ? passed * 2 : (passed / 3_600 + 1) * 3_600)
    }
    return due
  }
}

extension RunLayout {
  /// Whether a phase counts for the results; what comes after the last does not.
  package func isMeasured(_ phase: Int) -> Bool { phases.indices.contains(phase) && phases[phase].isMeasured }

  /// The phases of a name, or all measured ones without a name.
  package func phaseIndices(of name: String?) -> Set<Int> {
    guard let name else { return Set(phases.indices.filter { phases[$0].isMeasured }) }
    return Set(phases.indices.filter { phases[$0].name == name })
  }
}

/// What the results need to know of a phase. Times are since the run's start.
package struct PhaseLayout: Sendable, Hashable {
  package var name: String
  package var start: Nanoseconds
  package var duration: Nanoseconds
  /// Whether what comes due in the phase counts for the results.
  package var isMeasured: Bool
  /// A `max` phase: records come due when a slot takes them, so what was taken is what was planned.
  package var isClosedLoop: Bool
  /// How many records the plan has for it; `nil` where that is not known.
  package var records: Int?

  /// A phase of the plan.
  package init(
    name: String, start: Nanoseconds, duration: Nanoseconds, isMeasured: Bool = true, isClosedLoop: Bool = false,
    records: Int? = nil
  ) {
    self.name = name
    self.start = start
    self.duration = duration
    self.isMeasured = isMeasured
    self.isClosedLoop = isClosedLoop
    self.records = records
  }

  /// Where the phase ends.
  package var end: Nanoseconds { start + duration }
}

/// What one shard is assumed to take in a second, as the reports draw it.
package struct AssumedLimits: Sendable, Hashable {
  /// `nil` for no limit.
  package var recordsPerSecond: Int?
  /// Data and partition keys; `nil` for no limit.
  package var bytesPerSecond: Int?

  /// Limits for every shard of a stream.
  package init(recordsPerSecond: Int?, bytesPerSecond: Int?) {
    self.recordsPerSecond = recordsPerSecond
    self.bytesPerSecond = bytesPerSecond
  }

  /// The rates a limiter of this rule lets through in the long run.
  package init(_ rule: ShardLimiter.Rule) {
    switch rule {
    case .kinesis(let limits):
      self.init(recordsPerSecond: Int(limits.recordsPerSecond), bytesPerSecond: Int(limits.bytesPerSecond))
    case .window(let records, let bytes), .sliding(let records, let bytes):
      self.init(recordsPerSecond: Int(records), bytesPerSecond: Int(bytes))
    case .none:
      self.init(recordsPerSecond: nil, bytesPerSecond: nil)
    }
  }

  /// How much of the limits a second's traffic uses, the nearer limit counting; `nil` without limits.
  package func use(records: Double, bytes: Double) -> Double? {
    let parts = [(records, recordsPerSecond), (bytes, bytesPerSecond)]
    return parts.compactMap { rate, limit in limit.flatMap { Quotient.divide(rate, by: Double($0)) } }.max()
  }
}
