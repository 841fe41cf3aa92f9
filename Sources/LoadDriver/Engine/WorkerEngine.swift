import Kinesis
import Measurement
import Observations
import Producers
import Scenarios
import StreamAccess

/// One worker's part of a run as a state machine: its producers say what is sent when, and it says which connection carries
/// that, with which bytes, and what became of each record. It never touches a socket or waits: the caller tells it the time
/// and the outcomes, it tells the channels what to send and the caller when to come back.
///
/// All times are nanoseconds since the run's start. Not thread-safe: it lives inside one worker's queue.
///
/// Its properties are not checked for exclusive access at run time, which would cost a tenth of a small request: no
/// method hands one out `inout` while another that uses it runs.
package final class WorkerEngine<Channels: RequestChannels> {
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

  // What is sent when, and again.
  @exclusivity(unchecked) var producers: ProducerGroup

  // Requests.
  /// Closed batches that wait for a connection.
  @exclusivity(unchecked) var waiting = FirstInFirstOut<RecordBatch>()
  @exclusivity(unchecked) var slots: ConnectionSlots
  /// Bodies that come again; nil when the scenario has no such pool.
  let bodies: BodyPool?

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

  /// When the last answer was read.
  @exclusivity(unchecked) var lastAnswer: Int64?
  @exclusivity(unchecked) var finished = false
  /// Requests since the last stock-taking whose bytes the kernel did not take at once.
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
    self.producers = ProducerGroup(
      configuration.plan, producers: producers, maximumInFlight: limits.maximumInFlight, timeout: limits.timeout,
      budget: configuration.budget, start: clock.now())
    self.shards = shards ?? SharedShardMap(configuration.shardMap)
    mapVersion = self.shards.version
    map = configuration.shardMap
    streamName = configuration.streamName
    streamARN = configuration.streamARN
    credentials = configuration.credentials
    // Read before the signer takes the value: one that is replaced in between is then taken twice, never missed.
    credentialsGeneration = credentials.generation
    signer = configuration.makeSigner()
    self.channels = channels
    self.lane = lane
    lane.mask = { [credentials] in credentials.masked($0) }
    self.clock = clock
    self.limits = limits
    results = .allocate(capacity: plan.scenario.batch.records)
    results.initialize(repeating: RecordResult())
    slots = ConnectionSlots(count: channels.count, connected: opened, timeout: limits.timeout, now: clock.now())
    bodies = BodyPool(plan.scenario, producers: producers.count)
    lookup = ShardLookup(plan: configuration.plan, map: configuration.shardMap)
    sequences = SequenceOracle(shardCount: configuration.shardMap.count)
  }

  deinit {
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
    switch producers.next(at: now, ends: lane) {
    case .send(let batch):
      lane.clampedRecords += batch.clamped
      if let slot = slots.takeFree(at: now) {
        attach(batch, to: slot, now: now)
      } else {
        waiting.append(batch)
      }
      return now
    case .again: return now
    case .wait(let instant):
      let wake = min(instant, slots.nextEvent ?? .max)
      return waiting.first.map { min(wake, waitDeadline(of: $0)) } ?? wake
    case .over:
      finish(at: now)
      return nil
    }
  }

  /// Ends the sending at an instant: what is under way then is drained, what comes due later is never sent.
  ///
  /// - Parameters:
  ///   - instant: records due from here on are `not_reached`; the first call counts.
  ///   - drain: how long answers are waited for.
  package func stop(at instant: Int64, drain: Int64) {
    producers.stop(at: instant, drain: drain)
    lane.stop(at: instant)
  }

  /// Whether a batch was held back because the run may not send more: the caller is to stop it.
  package var isBudgetSpent: Bool { producers.isBudgetSpent }
}

/// A worker's results take the ends of its producers' records.
extension WorkerLane: EndedRecords {}
