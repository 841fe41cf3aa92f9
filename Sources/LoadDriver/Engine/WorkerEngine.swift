import Kinesis
import Measurement
import Observations
import Scenarios

/// One worker's part of a run as a state machine: which batch closes when, which connection carries it, what became of
/// each record. It never touches a socket or waits: the caller tells it the time and the outcomes, it tells the channels
/// what to send and the caller when to come back.
///
/// All times are nanoseconds since the run's start. Not thread-safe: it lives inside one worker's queue.
///
/// Its properties are not checked for exclusive access at run time, which would cost a tenth of a small request: no
/// method hands one out `inout` while another that uses it runs.
package final class WorkerEngine<Channels: RequestChannels> {
  struct ClosedLoopPhase {
    let phase: Int
    let start: Int64
    let end: Int64
  }

  /// Sets the draws of retry jitter apart from those of the plan.
  static var jitterDomain: UInt64 { 0x7265_7472_79 }

  let plan: Plan
  let channels: Channels
  let lane: WorkerLane
  let clock: RunClock
  let signer: RequestSigner
  let streamName: String
  let streamARN: String?
  let credentials: CurrentCredentials
  @exclusivity(unchecked) var credentialsGeneration: Int
  let limits: EngineLimits
  let budget: SendBudget?
  let retryRule: RetryRule

  // The schedule.
  @exclusivity(unchecked) var pacer: SchedulePacer
  @exclusivity(unchecked) var cursors: [BatchCursor]
  @exclusivity(unchecked) var open = MinimumHeap<PreparedBatch>()
  let planned: UnsafeMutableBufferPointer<PlannedRecord>
  @exclusivity(unchecked) var closedLoopProducer = 0
  @exclusivity(unchecked) var retries = MinimumHeap<RecordObservation>()
  var retryNumber = 0

  /// The `max` phases in order of time.
  let closedLoopPhases: [ClosedLoopPhase]
  /// The end of the last of them; the least number when there is none.
  let closedLoopEnd: Int64
  /// The end of the last phase.
  let planEnd: Int64

  // Requests.
  @exclusivity(unchecked) var pool: [PreparedBatch] = []
  @exclusivity(unchecked) var waiting = FirstInFirstOut<PreparedBatch>()
  @exclusivity(unchecked) var slots: ConnectionSlots
  /// Bodies that come again; nil when the scenario has no such pool.
  let bodies: BodyPool?
  var inFlight: Int { slots.carried + waiting.count }

  // Shards.
  let shards: SharedShardMap
  @exclusivity(unchecked) var map: ShardMap
  /// The version of the shared map that `map` was taken from.
  @exclusivity(unchecked) var mapVersion: Int

  // Answers.
  @exclusivity(unchecked) var scanner = PutRecordsResponseScanner()
  let results: UnsafeMutableBufferPointer<RecordResult>
  let lookup: ShardLookup
  @exclusivity(unchecked) var sequences: SequenceOracle

  // The end.
  @exclusivity(unchecked) var stopAt: Int64?
  @exclusivity(unchecked) var wasBlocked = false
  @exclusivity(unchecked) var finished = false
  @exclusivity(unchecked) var requestNumber: UInt64 = 0

  /// Whether a batch was held back because the run may not send more: the caller is to stop it.
  package internal(set) var isBudgetSpent = false

  // For the generator's health.
  let producers: [Int]
  /// Records of open phases that were sent for the first time or ended before that.
  @exclusivity(unchecked) var begun = 0
  @exclusivity(unchecked) var inFlightMax = 0
  @exclusivity(unchecked) var wasCapped = false
  @exclusivity(unchecked) var sendBufferFull = 0

  /// An engine at rest; nothing is sent before the first `advance`.
  ///
  /// - Parameters:
  ///   - configuration: the plan and what the run resolved for it.
  ///   - producers: the logical producers this worker serves.
  ///   - limits: this worker's share of connections and requests in flight.
  ///   - channels: its connections.
  ///   - opened: the slots already connected, so that no record waits for a handshake when the schedule begins.
  ///   - lane: where its observations go.
  ///   - shards: the run's shard map; nil: the configuration's, which no other worker shares.
  package init(
    configuration: DriverConfiguration, producers: [Int], limits: EngineLimits, channels: Channels, opened: Set<Int>,
    lane: WorkerLane, clock: RunClock, shards: SharedShardMap? = nil
  ) {
    plan = configuration.plan
    self.producers = producers
    self.shards = shards ?? SharedShardMap(configuration.shardMap)
    mapVersion = self.shards.version
    map = configuration.shardMap
    budget = configuration.budget
    streamName = configuration.streamName
    streamARN = configuration.streamARN
    credentials = configuration.credentials
    // Read before the signer takes the value: one that is replaced in between is then taken twice, never missed.
    credentialsGeneration = credentials.generation
    signer = configuration.makeSigner()
    retryRule = RetryRule(
      plan.scenario.client.retry,
      random: CounterRandom(seed: plan.scenario.seed, domain: Self.jitterDomain, UInt64(producers.first ?? 0)))
    self.channels = channels
    self.lane = lane
    lane.mask = { [credentials] in credentials.masked($0) }
    self.clock = clock
    self.limits = limits
    closedLoopPhases = plan.phases.enumerated().compactMap {
      guard case .closed = $0.element.loop else { return nil }
      return ClosedLoopPhase(phase: $0.offset, start: $0.element.start.value, end: $0.element.end.value)
    }
    closedLoopEnd = closedLoopPhases.last?.end ?? .min
    planEnd = plan.duration.value
    pacer = SchedulePacer(policy: plan.scenario.client.late, start: clock.now())
    cursors = producers.map { configuration.plan.batches(ofProducer: $0) }
    planned = .allocate(capacity: configuration.plan.scenario.batch.records)
    planned.initialize(repeating: PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0))
    results = .allocate(capacity: plan.scenario.batch.records)
    results.initialize(repeating: RecordResult())
    slots = ConnectionSlots(count: channels.count, connected: opened, timeout: limits.timeout, now: clock.now())
    bodies = BodyPool(plan.scenario, producers: producers.count)
    lookup = ShardLookup(plan: configuration.plan, map: configuration.shardMap)
    sequences = SequenceOracle(shardCount: configuration.shardMap.count)
    open.reserveCapacity(producers.count)
    for producer in cursors.indices { prepareNext(of: producer) }
  }

  deinit {
    planned.deallocate()
    results.deallocate()
  }

  /// Does what is due at `now`, at most one batch's worth of work, so that answers are read between batches.
  ///
  /// - Returns: when to call again at the latest: `now` or earlier when more is due already, nil when the run is over
  ///   for this worker.
  package func advance(to now: Int64) -> Int64? {
    guard !finished else { return nil }
    if shards.version != mapVersion { takeMap() }
    expire(now)
    sendWaiting(now)
    reconnect(now)
    let isStopping = stopAt.map { now >= $0 } ?? false
    if now >= drainDeadline {
      finish(at: now)
      return nil
    }
    let nextClose = isStopping ? nil : open.firstPriority
    pacer.advance(to: now, nextClose: nextClose, blocked: wasBlocked)
    if wasBlocked, let due = nextClose, due <= now { wasCapped = true }
    let worked = !isStopping && startOne(now)
    // What keeps a batch open from here to the next call, if one comes due meanwhile.
    wasBlocked = inFlight >= limits.maximumInFlight
    if inFlight == 0 && (isStopping || isPlanDone(now)) {
      finish(at: now)
      return nil
    }
    return worked ? now : nextWake(now)
  }

  /// Ends the sending at an instant: what is under way then is drained, what comes due later is never sent.
  ///
  /// - Parameters:
  ///   - instant: records due from here on are `not_reached`; the first call counts.
  ///   - drain: how long answers are waited for.
  package func stop(at instant: Int64, drain: Int64) {
    guard stopAt == nil else { return }
    stopAt = instant
    stopDrain = drain
  }
  @exclusivity(unchecked) var stopDrain: Int64 = 0

  var drainDeadline: Int64 {
    if let stopAt { return stopAt + stopDrain }
    return planEnd + limits.timeout
  }

  private func isPlanDone(_ now: Int64) -> Bool {
    open.isEmpty && retries.isEmpty && (closedLoopPhases.isEmpty || now >= closedLoopEnd)
  }

  /// The `max` phase that holds an instant.
  private func closedLoop(at now: Int64) -> ClosedLoopPhase? {
    guard now < closedLoopEnd else { return nil }
    for index in closedLoopPhases.indices {
      let phase = closedLoopPhases[index]
      if phase.start <= now && now < phase.end { return phase }
    }
    return nil
  }

  /// Closes and dispatches the one batch that is next, if one may go now.
  private func startOne(_ now: Int64) -> Bool {
    let scheduled = open.firstPriority.map { $0 <= pacer.scheduleTime } ?? false
    let retryDue = retries.firstPriority.map { $0 <= now } ?? false
    let closedLoop = closedLoop(at: now)
    guard scheduled || retryDue || closedLoop != nil else { return false }
    guard inFlight < limits.maximumInFlight else {
      // In a closed loop a full cap is the normal state, not a delay.
      if scheduled || retryDue { wasCapped = true }
      return false
    }
    if retryDue {
      dispatch(takeRetries(now), now: now)
    } else if scheduled, let batch = open.pop() {
      let producer = batch.producer
      batch.closed = now
      batch.lateness = pacer.lateness(closing: batch.plannedClose)
      if pacer.skips(batch.plannedClose) {
        endUntried(batch.records, as: .skipped, at: now)
        recycle(batch)
      } else {
        dispatch(batch, now: now)
      }
      prepareNext(of: producer)
    } else if let closedLoop {
      let batch = takeFromPool()
      let producer = closedLoopProducer
      closedLoopProducer = (closedLoopProducer + 1) % cursors.count
      let shape = cursors[producer].nextClosed(phase: closedLoop.phase, now: now, into: planned)
      batch.fill(from: planned, batch: shape, producer: producer)
      batch.isClosedLoop = true
      batch.closed = now
      batch.lateness = 0
      dispatch(batch, now: now)
    }
    return true
  }

  func prepareNext(of producer: Int) {
    guard let shape = cursors[producer].next(into: planned) else { return }
    let batch = takeFromPool()
    batch.fill(from: planned, batch: shape, producer: producer)
    open.push(batch, priority: batch.plannedClose, tieBreak: producer)
  }

  /// The retries that are ready, up to one batch's limits.
  private func takeRetries(_ now: Int64) -> PreparedBatch {
    let batch = takeFromPool()
    batch.count = 0
    batch.clamped = 0
    batch.producer = -1
    batch.closed = now
    batch.plannedClose = retries.firstPriority ?? now
    batch.lateness = 0
    var bytes = 0
    while let ready = retries.firstPriority, ready <= now, batch.count < plan.scenario.batch.records,
      let next = retries.first
    {
      let size = next.planned.bytes
      if batch.count > 0 && bytes + size > plan.scenario.batch.bytes { break }
      bytes += size
      batch.storage[batch.count] = next
      batch.count += 1
      _ = retries.pop()
    }
    batch.phase = Int(batch.storage[0].planned.phase)
    batch.bytes = bytes
    return batch
  }

  private func nextWake(_ now: Int64) -> Int64 {
    var wake = drainDeadline
    if let event = slots.nextEvent { wake = min(wake, event) }
    if let first = waiting.first { wake = min(wake, waitDeadline(of: first)) }
    if let stopAt, now < stopAt { wake = min(wake, stopAt) }
    if now < stopAt ?? .max, inFlight < limits.maximumInFlight {
      if let close = open.firstPriority { wake = min(wake, pacer.realTime(reaching: close)) }
      if let retry = retries.firstPriority { wake = min(wake, retry) }
      for phase in closedLoopPhases {
        if now < phase.start { wake = min(wake, phase.start) }
      }
      if inFlight == 0, now < closedLoopEnd { wake = min(wake, closedLoopEnd) }
    }
    return wake
  }

  func takeFromPool() -> PreparedBatch {
    pool.popLast() ?? PreparedBatch(capacity: plan.scenario.batch.records)
  }

  func recycle(_ batch: PreparedBatch) {
    pool.append(batch)
  }
}
