import Kinesis
import Measurement
import Observations

/// Everything an observation ends with, as far as it has come.
package struct ObservedTraffic: Sendable {
  package var producer: ProducerObservation
  /// The stream observed.
  package var stream: String
  /// The wall clock at its first request, microseconds since the Unix epoch.
  package var startMicroseconds: Int64
  /// From the first request to the last answer, at least a second.
  package var duration: Nanoseconds
  /// Seconds of the bins its traffic is kept in.
  package var binSeconds: Int
  /// The shards open at the first request.
  package var shardsAtStart: ShardMap
  package var keyCount: Int?
  package var isRoutedByKey: Bool
  package var keys: KeyCounts
  package var names: KeyNames
  private let bins: TrafficBins
  private let changes: [(at: Int64, map: ShardMap, change: ShardChange)]

  /// What a collector takes for results of this layout.
  package func entries(_ layout: RunLayout) -> [JournalEntry] {
    var entries: [JournalEntry] = []
    var waiting = changes[...]
    for entry in bins.entries(layout) {
      if case .shards(let bin) = entry {
        while let next = waiting.first, next.at < layout.start(ofSecond: bin.second + bin.seconds) {
          entries += [.map(next.map), .change(next.change)]
          waiting.removeFirst()
        }
      }
      entries.append(entry)
    }
    entries.append(.keys(KeySnapshot(second: .max, counts: keys)))
    return entries
  }

  fileprivate init?(_ state: ObserverState, mode: KeyNames.Mode) {
    guard let start = state.start, let stream = state.stream, let map = state.shards.start else { return nil }
    producer = state.wholeObservation
    self.stream = stream
    startMicroseconds = start.wall
    duration = Nanoseconds(max(state.lastAnswer - start.arrived, 1_000_000_000))
    let whole = state.bins.whole
    binSeconds = whole.width
    bins = whole
    shardsAtStart = map
    changes = state.shards.changes
    keyCount = state.keys.keyCount
    isRoutedByKey = state.keys.isPlacing
    (keys, names) = state.keys.result(mode: mode)
  }
}

/// What a `ProducerObserver` has seen so far: a value that is told of each request, with its times.
struct ObserverState {
  private(set) var stream: String?
  private(set) var start: (arrived: Int64, wall: Int64)?
  private(set) var lastAnswer: Int64 = 0
  private(set) var bins = TrafficBins()
  private(set) var keys: ObservedKeys
  private(set) var shards = ObservedShards()
  private var book: RecordBook
  private var userBook: RecordBook?
  private var fill = RequestFill()
  private var observation = ProducerObservation()
  private var calls: [String: Int] = [:]
  private var refusals: [String: Int] = [:]
  private var elsewhere: [String: Int] = [:]
  private var otherServices: [String: Int] = [:]
  private var expected: Set<UInt64>?
  private var newConnections = 0
  private let identifies: Bool

  /// Names from outside that are kept of each kind; what comes beyond is counted under one name.
  private static let mostNames = 64
  private static let furtherName = "(others)"

  init(_ settings: ObserverSettings) {
    book = RecordBook(slots: settings.slots, printBits: settings.printBits)
    keys = ObservedKeys(keepsTexts: settings.keys == .show)
    identifies = settings.identifies
    expected = settings.expected?.prints
    observation.expected = settings.expected?.count
  }

  /// Takes note of a stream that records are put into.
  ///
  /// - Parameter shards: all it ever had, by number.
  mutating func look(at name: String, _ shards: [ShardDescription]) {
    if stream == nil { stream = name }
    if stream == name { self.shards.look(at: shards) }
  }

  /// Forgets all but the stream and its shards.
  mutating func reset(_ settings: ObserverSettings) {
    var fresh = ObserverState(settings)
    fresh.stream = stream
    fresh.shards = ObservedShards(latest: shards)
    self = fresh
  }

  /// Takes a request with its answer.
  mutating func take(_ request: ObservedRequest, _ end: ObservedEnd) {
    if end.isFirstOfConnection {
      newConnections += 1
      observation.connections += 1
    }
    if !request.call.isEmpty {
      if request.isOtherService { Self.count(request.call, &otherServices) } else { Self.count(request.call, &calls) }
    }
    observation.withoutIdentifier += request.withoutIdentifier
    if let name = request.missing { Self.count("\(name) (not there)", &elsewhere) }
    guard !request.tries.isEmpty, let name = request.stream else {
      if let code = request.refusal { Self.count(code, &refusals) }
      return
    }
    guard name == stream else { return Self.count(name, times: request.tries.count, &elsewhere) }
    takePut(request, end)
  }

  private mutating func takePut(_ request: ObservedRequest, _ end: ObservedEnd) {
    let origin = start ?? (end.arrived, end.wallMicroseconds)
    start = origin
    if observation.requests > 0 {
      observation.longestPause = max(observation.longestPause, end.arrived - lastAnswer)
    }
    lastAnswer = max(lastAnswer, end.answered)
    let second = Int(max(end.arrived - origin.arrived, 0) / 1_000_000_000)
    if bins.go(to: second) { keys.endSecond() }
    shards.reach(end.arrived - origin.arrived)
    observation.requests += 1
    observation.aggregates += request.aggregates
    observation.brokenAggregates += request.broken
    fill.take(request.tries, arrived: end.arrived)
    if request.hasExplicitHashKeys { keys.noteExplicitHashKey() }
    if request.aggregates > 0, userBook == nil { userBook = book.copy() }

    count(request, end, second: second)
    if userBook != nil { countUserRecords(request, end) }
  }

  /// The Kinesis records: traffic by shard, failures, times; and keys, where they are the user's too.
  private mutating func count(_ request: ObservedRequest, _ end: ObservedEnd, second: Int) {
    let isUser = userBook == nil
    let service = max(end.answered - end.arrived, 0)
    var bin = Traffic()
    var firstDeliveries: Int64 = 0
    var indices: [ObservedTry.Outcome: Int] = [:]
    for (index, attempt) in request.tries.enumerated() {
      let finding =
        identifies
        ? book.take(attempt, arrived: end.arrived, answered: end.answered)
        : book.count(attempt)
      let (shard, size) = (Int(attempt.shard), Int(attempt.size))
      bins.current.makeRoom(forShard: shard)
      bins.current.shards[shard].attempted &+= 1
      bins.current.shards[shard].attemptedBytes &+= size
      bin.attemptedBytes &+= size
      if finding.isNew {
        bins.current.shards[shard].firstTries &+= 1
        bin.firstTries &+= 1
      }
      switch attempt.outcome {
      case .accepted:
        bins.current.shards[shard].accepted &+= 1
        bins.current.shards[shard].acceptedBytes &+= size
        bin.accepted &+= 1
        bin.acceptedBytes &+= size
        if finding.isNew { firstDeliveries &+= 1 }
        if let since = finding.refusedSince {
          bins.current.latencies.deliveryTimes.acceptedLater.record(end.answered - since)
        }
      case .throttled:
        bins.current.shards[shard].throttled &+= 1
        bin.throttled &+= 1
      case .fault:
        bins.current.shards[shard].fault &+= 1
        bin.fault &+= 1
      }
      if attempt.outcome != .accepted, request.refusal == nil {
        let kind =
          indices[attempt.outcome]
          ?? bins.current.errors.index(
            level: .record, code: attempt.outcome.code, status: UInt16(clamping: end.status), isMeasured: true,
            second: second)
        indices[attempt.outcome] = kind
        bins.current.errors.count(kind, second: second, shard: shard)
      }
      if isUser { countKey(attempt, isFirst: finding.isNew, request, index) }
    }
    if let code = request.refusal {
      let kind = bins.current.errors.index(
        level: .request, code: code, status: UInt16(clamping: end.status), isMeasured: true, second: second)
      bins.current.errors.count(
        kind, second: second, shard: request.tries.count == 1 ? Int(request.tries[0].shard) : -1)
    }
    bin.attempted = request.tries.count
    bin.requests = 1
    bin.requestsOnReusedConnections = end.isFirstOfConnection ? 0 : 1
    bin.bytesOnWire = end.bytes
    if bin.accepted == bin.attempted {
      bins.current.latencies.serviceTimes.accepted.record(service)
    } else if bin.accepted > 0 {
      bin.requestsPartial = 1
      bins.current.latencies.serviceTimes.partial.record(service)
    } else {
      bin.requestsRefused = 1
      bins.current.latencies.serviceTimes.refused.record(service)
    }
    // From first sight, whichever try it was: response times, of first tries, are a generator's.
    bins.current.latencies.deliveryTimes.acceptedLater.record(service, count: firstDeliveries)
    bins.current.traffic.add(bin)
    bins.current.connections += newConnections
    newConnections = 0
  }

  private mutating func countUserRecords(_ request: ObservedRequest, _ end: ObservedEnd) {
    for (index, attempt) in request.userTries.enumerated() {
      guard let finding = userBook?.take(attempt, arrived: end.arrived, answered: end.answered) else { return }
      countKey(attempt, isFirst: finding.isNew, request, index)
    }
  }

  private mutating func countKey(_ attempt: ObservedTry, isFirst: Bool, _ request: ObservedRequest, _ index: Int) {
    keys.count(attempt.keyHash, isFirst: isFirst) { index < request.keys.count ? request.keys[index] : [] }
    guard attempt.outcome == .accepted, expected != nil, index < request.names.count else { return }
    if expected?.remove(request.names[index]) != nil { observation.expectedDelivered += 1 }
  }

  mutating func countGarbage() { observation.garbage += 1 }

  private static func count(_ name: String, times: Int = 1, _ counts: inout [String: Int]) {
    let isKept = counts[name] != nil || counts.count < mostNames
    counts[isKept ? name : furtherName, default: 0] += times
  }

  /// What is known of the producer so far.
  var wholeObservation: ProducerObservation {
    var whole = observation
    whole.identifies = identifies
    whole.records = book.now
    whole.userRecords = userBook?.now
    let judged = userBook ?? book
    whole.retryGaps = judged.gaps
    whole.retriesTogether = judged.episodes.largestShare
    whole.retryEpisodes = judged.episodes.count
    whole.requestsNeeded = fill.needed
    func sorted(_ counts: [String: Int]) -> [(name: String, count: Int)] {
      counts.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
    whole.calls = sorted(calls)
    whole.refusals = sorted(refusals)
    whole.elsewhere = sorted(elsewhere)
    whole.otherServices = sorted(otherServices)
    return whole
  }

  /// Everything an observation ends with; `nil` before records were put.
  func traffic(mode: KeyNames.Mode) -> ObservedTraffic? { ObservedTraffic(self, mode: mode) }
}

extension ObservedTry.Outcome {
  /// The code a record fails with.
  fileprivate var code: String {
    self == .throttled ? "ProvisionedThroughputExceededException" : "InternalFailure"
  }
}

/// How full requests could have been: those of the same tenth of a second together.
struct RequestFill {
  private static let span: Int64 = 100_000_000
  private var number: Int64 = .min
  private var records = 0
  private var bytes = 0
  private var ended = 0
  private let limits = RequestLimits()

  /// Takes a request's records. Times do not fall.
  mutating func take(_ tries: [ObservedTry], arrived: Int64) {
    if arrived / Self.span != number {
      ended = needed
      (number, records, bytes) = (arrived / Self.span, 0, 0)
    }
    records += tries.count
    for attempt in tries { bytes &+= Int(attempt.size) }
  }

  /// Requests that would have held the records of each tenth of a second.
  var needed: Int {
    guard records > 0 else { return ended }
    let byRecords = (records + limits.records - 1) / limits.records
    let byBytes = (bytes + limits.bytesPerRequest - 1) / limits.bytesPerRequest
    return ended + max(byRecords, byBytes, 1)
  }
}

/// The shards of the observed stream as they changed.
struct ObservedShards {
  /// Those open at first.
  private(set) var start: ShardMap?
  private(set) var changes: [(at: Int64, map: ShardMap, change: ShardChange)] = []
  private var latest: ShardMap?
  /// A change that was met by the request in hand.
  private var met: (map: ShardMap, change: ShardChange)?

  /// No shards yet.
  init() {}

  /// A beginning with the shards that others ended with.
  init(latest others: ObservedShards) { (start, latest) = (others.latest, others.latest) }

  /// Takes the stream's shards, as they are at first or have changed.
  mutating func look(at shards: [ShardDescription]) {
    let all = shards.map { Shard(id: $0.id, range: $0.range) }
    let open = shards.indices.filter { shards[$0].closedMilliseconds == nil }
      .sorted { all[$0].range.start < all[$1].range.start }
    guard let map = ShardMap(shards: all, open: open, unlisted: [], revision: changes.count + 1) else { return }
    if let before = latest {
      let (was, isNow) = (Set(before.openIndices), Set(open))
      met = (
        map,
        ShardChange(
          noticed: 0, listed: 0, opened: isNow.subtracting(was).sorted(), closed: was.subtracting(isNow).sorted())
      )
    } else {
      start = map
    }
    latest = map
  }

  /// Says when the request in hand came, nanoseconds since the first.
  mutating func reach(_ time: Int64) {
    guard var found = met else { return }
    met = nil
    (found.change.noticed, found.change.listed) = (time, time)
    changes.append((time, found.map, found.change))
  }
}
