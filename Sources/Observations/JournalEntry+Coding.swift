import Kinesis
import Measurement

extension JournalEntry {
  /// The entry's kind in a journal; 0 is the header's.
  var kind: UInt8 {
    switch self {
    case .second: 1
    case .shards: 2
    case .responses: 3
    case .keys: 4
    case .map: 5
    case .change: 6
    case .stopped: 7
    case .warning: 8
    case .planHash: 9
    case .ending: 10
    case .aborted: 11
    }
  }

  /// Writes the entry without its kind.
  func encode(to bytes: inout JournalBytes) {
    switch self {
    case .second(let value): value.encode(to: &bytes)
    case .shards(let value): value.encode(to: &bytes)
    case .responses(let value): value.encode(to: &bytes)
    case .keys(let value): value.encode(to: &bytes)
    case .map(let value): value.encode(to: &bytes)
    case .change(let value): value.encode(to: &bytes)
    case .stopped(let value): bytes.append(value)
    case .warning(let value), .planHash(let value): bytes.append(value)
    case .ending(let value):
      bytes.append(UInt64(value.reason.rawValue))
      bytes.append(value.ended)
    case .aborted(let value): value.encode(to: &bytes)
    }
  }

  /// Reads the entry of a kind.
  init(kind: UInt8, from cursor: inout JournalCursor) throws(JournalFailure) {
    switch kind {
    case 1: self = .second(try SecondEntry(from: &cursor))
    case 2: self = .shards(try ShardTrafficEntry(from: &cursor))
    case 3: self = .responses(try ShardResponses(from: &cursor))
    case 4: self = .keys(try KeySnapshot(from: &cursor))
    case 5: self = .map(try ShardMap(from: &cursor))
    case 6: self = .change(try ShardChange(from: &cursor))
    case 7: self = .stopped(try cursor.time())
    case 8: self = .warning(try cursor.string())
    case 9: self = .planHash(try cursor.string())
    case 10:
      guard let reason = RunEnding.Reason(rawValue: UInt8(clamping: try cursor.unsigned())) else {
        throw JournalFailure("the ending has no known reason")
      }
      self = .ending(RunEnding(reason, ended: try cursor.time()))
    case 11: self = .aborted(try BrokenBound(from: &cursor))
    default: throw JournalFailure("kind \(kind) is not known")
    }
    guard cursor.isAtEnd else { throw JournalFailure("it is longer than its content") }
  }
}

extension SecondEntry: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(second)
    bytes.append(phases) { bytes, phase in
      bytes.append(phase.index)
      bytes.append(phase.planned)
      bytes.append(phase.isUnderWay)
      bytes.append(phase.shardsThrottled)
    }
    bytes.append(counts) { bytes, counts in
      bytes.append(sparse: counts.traffic.numbers)
      bytes.append(sparse: counts.delivery.numbers)
    }
    bytes.append(lateness) { $0.append($1) }
    health.encode(to: &bytes)
    bytes.append(steal) { $0.append($1) }
    errors.encode(to: &bytes)
    bytes.append(sparse: checks.numbers)
    bytes.append(latencies) { bytes, sets in bytes.append(sets) { bytes, set in set.encode(to: &bytes) } }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    self.init(second: try cursor.int(in: RunLayout.seconds, "second"))
    phases = try cursor.array { (cursor) throws(JournalFailure) in
      var phase = Phase(index: try cursor.int(in: 0..<RunLayout.maximumPhases, "phase"))
      phase.planned = try cursor.int()
      phase.isUnderWay = try cursor.bool()
      phase.shardsThrottled = try cursor.int()
      return phase
    }
    counts = try cursor.byPhases { (cursor) throws(JournalFailure) in
      var counts = RunCounts()
      try counts.traffic.read(from: &cursor)
      try counts.delivery.read(from: &cursor)
      return counts
    }
    lateness = try cursor.optional { (cursor) throws(JournalFailure) in try cursor.time() }
    health = try WorkerHealth(from: &cursor)
    steal = try cursor.optional { (cursor) throws(JournalFailure) in try cursor.double() }
    errors = try ErrorTable(from: &cursor)
    try checks.read(from: &cursor)
    latencies = try cursor.optional { (cursor) throws(JournalFailure) in
      try cursor.byPhases { (cursor) throws(JournalFailure) in try LatencySet(from: &cursor) }
    }
  }
}

extension JournalBytes {
  /// Values by whose records they are of and which phase ran, in order.
  mutating func append<Value>(
    _ values: [PhasePair: Value], _ one: (inout JournalBytes, Value) -> Void
  ) {
    append(values.sorted { $0.key < $1.key }) { bytes, value in
      bytes.append(value.key.cohort)
      bytes.append(value.key.clock)
      one(&bytes, value.value)
    }
  }
}

extension JournalCursor {
  mutating func byPhases<Value>(
    _ one: (inout JournalCursor) throws(JournalFailure) -> Value
  ) throws(JournalFailure) -> [PhasePair: Value] {
    let read = try array { (cursor) throws(JournalFailure) in
      let cohort = try cursor.int(in: 0..<RunLayout.maximumPhases, "phase")
      let clock = try cursor.int(in: 0..<RunLayout.maximumPhases, "phase")
      return (PhasePair(cohort: cohort, clock: clock), try one(&cursor))
    }
    return Dictionary(read, uniquingKeysWith: { _, last in last })
  }
}

extension BrokenBound: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(threshold)
    bytes.append(bound == .atLeast)
    bytes.append(value)
    bytes.append(samples)
    for value in [shard, second] { bytes.append(value) { $0.append($1) } }
    bytes.append(at)
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    self.init(
      threshold: try cursor.int(), bound: try cursor.bool() ? .atLeast : .atMost, value: try cursor.double(),
      samples: try cursor.int(), shard: try cursor.optional { (cursor) throws(JournalFailure) in try cursor.int() },
      second: try cursor.optional { (cursor) throws(JournalFailure) in try cursor.int() }, at: try cursor.time())
  }
}

/// Counts side by side, of which a table names each once: a journal holds them in its order.
protocol JournalCounts {
  /// New ones go to the end.
  static var counters: [WritableKeyPath<Self, Int>] { get }
}

extension JournalCounts {
  /// All counts in the table's order.
  var numbers: [Int] { Self.counters.map { self[keyPath: $0] } }

  /// Reads them over those there are.
  mutating func read(from cursor: inout JournalCursor) throws(JournalFailure) {
    let counters = Self.counters
    for (path, number) in zip(counters, try cursor.sparse(counters.count)) {
      self[keyPath: path] = try JournalCursor.count(number)
    }
  }
}

extension Traffic: JournalCounts {
  static var counters: [WritableKeyPath<Traffic, Int>] {
    [
      \.firstTries, \.attempted, \.accepted, \.throttled, \.fault, \.unknown, \.attemptedBytes, \.acceptedBytes,
      \.throttledUnplaced, \.requests, \.requestsPartial, \.requestsRefused, \.transportErrors, \.bytesOnWire,
      \.requestsOnReusedConnections,
    ]
  }
}

extension Delivery: JournalCounts {
  static var counters: [WritableKeyPath<Delivery, Int>] {
    [\.gaveUp, \.expired, \.skipped, \.unfinished, \.untried, \.mayBeDuplicates]
  }
}

extension ShardTraffic: JournalCounts {
  static var counters: [WritableKeyPath<ShardTraffic, Int>] {
    [
      \.firstTries, \.attempted, \.accepted, \.throttled, \.fault, \.unknown, \.attemptedBytes, \.acceptedBytes,
      \.placedByPrediction,
    ]
  }
}

extension LaneChecks: JournalCounts {
  static var counters: [WritableKeyPath<LaneChecks, Int>] {
    [\.sequenceViolations, \.clampedRecords, \.shardMismatches]
  }
}

extension ShardPeak: JournalCounts {
  static var counters: [WritableKeyPath<ShardPeak, Int>] { [\.records, \.bytes, \.firstTries, \.secondsThrottled] }
}

extension LatencySet: JournalCodable {
  private static var distributions: [WritableKeyPath<LatencySet, Histogram>] {
    [
      \.serviceTimes.accepted, \.serviceTimes.partial, \.serviceTimes.refused, \.deliveryTimes.accepted,
      \.deliveryTimes.lost, \.deliveryTimes.throttled, \.deliveryTimes.refused, \.deliveryTimes.acceptedLater,
      \.deliveryTimes.queue, \.deliveryTimes.lateness,
    ]
  }

  func encode(to bytes: inout JournalBytes) {
    for path in Self.distributions { bytes.append(self[keyPath: path]) }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    self.init()
    for path in Self.distributions { self[keyPath: path] = try cursor.histogram(LatencySet.empty) }
  }
}

extension WorkerHealth: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    for value in [inFlightMax, unsent, sendBufferFull, connections] { bytes.append(value) { $0.append($1) } }
    for value in [busiest, stopped, starved, connectMax, handshakeMax] { bytes.append(value) { $0.append($1) } }
    bytes.append(isCapped)
    made.encode(to: &bytes)
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    self.init()
    func count(_ cursor: inout JournalCursor) throws(JournalFailure) -> Int? {
      try cursor.optional { (cursor) throws(JournalFailure) in try cursor.int() }
    }
    func time(_ cursor: inout JournalCursor) throws(JournalFailure) -> Int64? {
      try cursor.optional { (cursor) throws(JournalFailure) in try cursor.time() }
    }
    inFlightMax = try count(&cursor)
    unsent = try count(&cursor)
    sendBufferFull = try count(&cursor)
    connections = try count(&cursor)
    busiest = try time(&cursor)
    stopped = try time(&cursor)
    starved = try time(&cursor)
    connectMax = try time(&cursor)
    handshakeMax = try time(&cursor)
    isCapped = try cursor.bool()
    made = try ConnectionSet(from: &cursor)
  }
}

extension ErrorTable: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(entries) { bytes, entry in
      bytes.append(entry.level.rawValue)
      bytes.append(entry.code)
      bytes.append(UInt64(entry.status))
      bytes.append(entry.isMeasured)
      bytes.append(entry.count)
      // One without failures is there for its message and has no seconds.
      if entry.count > 0 {
        bytes.append(entry.firstSecond)
        bytes.append(entry.lastSecond)
      }
      bytes.append(entry.shards) { $0.append($1) }
      bytes.append(entry.message)
    }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    self.init()
    let read = try cursor.array { (cursor) throws(JournalFailure) in
      let word = try cursor.string()
      guard let level = Level(rawValue: word) else { throw JournalFailure("there is no level of failures \"\(word)\"") }
      var entry = Entry(
        level: level, code: try cursor.string(), status: UInt16(clamping: try cursor.unsigned()),
        isMeasured: try cursor.bool(), count: try cursor.int(in: 0..<(1 << 40), "count"), firstSecond: .max,
        lastSecond: .min, shards: [], message: "")
      if entry.count > 0 {
        entry.firstSecond = try cursor.int(in: RunLayout.seconds, "second")
        entry.lastSecond = try cursor.int(in: RunLayout.seconds, "second")
      }
      entry.shards = try cursor.array { (cursor) throws(JournalFailure) in try cursor.unsigned() }
      entry.message = try cursor.string()
      return entry
    }
    self.init(entries: read)
  }
}

extension ConnectionSet: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(opened)
    bytes.append(resumed)
    for histogram in [connect, handshake, resumedHandshake] { bytes.append(histogram) }
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    self.init(
      opened: try cursor.int(), resumed: try cursor.int(), connect: try cursor.histogram(LatencySet.empty),
      handshake: try cursor.histogram(LatencySet.empty), resumedHandshake: try cursor.histogram(LatencySet.empty))
  }
}
