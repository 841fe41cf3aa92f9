import Kinesis
import Measurement
import Observations
import Producers
import Scenarios

/// A plan run in virtual time against shards' limits: its own arrivals, batches and retries, record by record.
///
/// It sends with `Producers`, with which the driver sends, and throttles with `ShardLimiter`, with which the embedded target
/// throttles; what it predicts is what a run does where its assumptions hold: connections and requests in flight are
/// enough, the generator is never late, buckets start full, answers take the scenario's `embedded.latency`, and neither
/// faults, a capacity nor latencies of single shards are in the way.
///
/// Times are nanoseconds since the run's start.
package final class VirtualRun: EndedRecords {
  /// What became of the records of one phase on one shard.
  package struct Count: Sendable, Equatable {
    /// Records that were tried, and those of them whose first try was throttled.
    package var firstTries = 0
    package var firstThrottled = 0
    /// Tries, retries included.
    package var attempted = 0
    package var throttled = 0
    /// How records ended.
    package var accepted = 0
    package var gaveUp = 0
    package var expired = 0
    package var skipped = 0
    package var unfinished = 0
    /// Data and keys of all tries.
    package var attemptedBytes = 0
    /// Data and keys of what was accepted.
    package var acceptedBytes = 0

    /// Nothing.
    package init() {}

    /// Throttled tries over all; `nil` without any.
    package var throttleRatio: Double? { Quotient.divide(throttled, by: attempted) }
    /// Records that ended.
    package var ended: Int { accepted + gaveUp + expired + skipped + unfinished }
    /// Records that ended otherwise than accepted.
    package var lost: Int { ended - accepted }

    /// Adds another count.
    package mutating func add(_ other: Count) {
      firstTries += other.firstTries
      firstThrottled += other.firstThrottled
      attempted += other.attempted
      throttled += other.throttled
      accepted += other.accepted
      gaveUp += other.gaveUp
      expired += other.expired
      skipped += other.skipped
      unfinished += other.unfinished
      attemptedBytes += other.attemptedBytes
      acceptedBytes += other.acceptedBytes
    }

    fileprivate mutating func end(_ end: RecordEnd, bytes: Int) {
      switch end {
      case .none: break
      case .accepted:
        accepted += 1
        acceptedBytes += bytes
      case .gaveUp: gaveUp += 1
      case .expired: expired += 1
      case .skipped: skipped += 1
      case .unfinished: unfinished += 1
      }
    }
  }

  /// What a run would find.
  package struct Outcome: Sendable, Equatable {
    /// By phase and in it by shard, both in their order.
    package let counts: [[Count]]
    private let isMeasured: [Bool]

    fileprivate init(_ counts: [Count], shards: Int, plan: Plan) {
      self.counts = plan.phases.indices.map { Array(counts[$0 * shards..<($0 + 1) * shards]) }
      isMeasured = plan.phases.map(\.measured)
    }

    /// By shard over the measured phases; over all where none is measured.
    package var shards: [Count] {
      let takesAll = !isMeasured.contains(true)
      var sums = Array(repeating: Count(), count: counts.first?.count ?? 0)
      for (phase, isMeasured) in zip(counts, isMeasured) where isMeasured || takesAll {
        for shard in phase.indices { sums[shard].add(phase[shard]) }
      }
      return sums
    }

    /// Everything over the measured phases; over all where none is measured.
    package var total: Count {
      shards.reduce(into: Count()) { $0.add($1) }
    }
  }

  /// Sets the draws of answer times apart from all others.
  private static let latencyDomain: UInt64 = 0x616E_7377_6572

  private var group: ProducerGroup
  private var placement: RecordPlacement
  private var limiters: [ShardLimiter]
  private var counts: [Count]
  private let latency: LatencyModel?
  private let random: CounterRandom
  private var answers = MinimumHeap<RecordBatch>()

  /// Runs a plan to its end.
  ///
  /// - Parameters:
  ///   - draw: the plan and the names of its keys.
  ///   - map: the shards that records go to.
  ///   - rule: how each of them limits.
  ///   - latency: how long answers take; `nil`: no time.
  /// - Precondition: no phase is a closed loop, which takes what the target takes.
  /// - Complexity: O(tries x log tries waiting), O(shards x phases) memory.
  package static func outcome(
    of draw: KeyDraw, on map: ShardMap, rule: ShardLimiter.Rule, latency: LatencyModel?
  ) -> Outcome {
    let run = VirtualRun(draw, map: map, rule: rule, latency: latency)
    run.run()
    return Outcome(run.counts, shards: map.count, plan: draw.plan)
  }

  private init(_ draw: KeyDraw, map: ShardMap, rule: ShardLimiter.Rule, latency: LatencyModel?) {
    let plan = draw.plan
    precondition(!plan.phases.contains { $0.loop == .closed }, "a closed loop has no pace of its own")
    group = ProducerGroup(
      plan, producers: Array(0..<plan.scenario.client.producers), maximumInFlight: .max,
      timeout: plan.scenario.client.timeout.value, start: 0)
    placement = RecordPlacement(draw, on: map)
    limiters = Array(repeating: ShardLimiter(rule: rule), count: map.count)
    counts = Array(repeating: Count(), count: map.count * plan.phases.count)
    self.latency = latency
    random = CounterRandom(seed: plan.scenario.seed, domain: Self.latencyDomain)
  }

  private func run() {
    var now: Int64 = 0
    while true {
      switch group.next(at: now, ends: self) {
      case .send(let batch): send(batch, at: now)
      case .again: break
      case .wait(let instant):
        now = max(now, min(instant, answers.firstPriority ?? .max))
        while let due = answers.firstPriority, due <= now, let batch = answers.pop() { settle(batch, at: now) }
      case .over:
        while let batch = answers.pop() {
          for record in batch.records { end(record.planned, as: .unfinished) }
          group.recycle(batch)
        }
        group.finish(at: now, ends: self)
        return
      }
    }
  }

  private func send(_ batch: RecordBatch, at now: Int64) {
    let records = batch.records
    for index in records.indices {
      let planned = records[index].planned
      let shard = placement.shard(of: planned)
      let isTaken = limiters[shard].admit(bytes: planned.bytes, at: now)
      records[index].shard = Int32(shard)
      records[index].outcome = isTaken ? .accepted : .throttled
      let place = Int(planned.phase) * limiters.count + shard
      counts[place].attempted += 1
      counts[place].attemptedBytes += planned.bytes
      if !isTaken { counts[place].throttled += 1 }
      if records[index].attempt == 1 {
        counts[place].firstTries += 1
        if !isTaken { counts[place].firstThrottled += 1 }
      }
    }
    guard let latency else { return settle(batch, at: now) }
    let wait = latency.sample(random, batch.number, draw: 0)
    answers.push(batch, priority: now.addingSaturated(wait), tieBreak: Int(batch.number))
  }

  private func settle(_ batch: RecordBatch, at now: Int64) {
    group.settle(batch, at: now)
    for record in batch.records where record.end != .none {
      counts[Int(record.planned.phase) * limiters.count + Int(record.shard)]
        .end(record.end, bytes: record.planned.bytes)
    }
    group.recycle(batch)
  }

  private func end(_ record: PlannedRecord, as end: RecordEnd) {
    counts[Int(record.phase) * limiters.count + placement.shard(of: record)].end(end, bytes: record.bytes)
  }

  package func end(_ records: UnsafeMutableBufferPointer<RecordObservation>, at instant: Int64) {
    for record in records { end(record.planned, as: record.end) }
  }

  /// Never with a record: the schedule keeps its time, so every batch is made before the run ends.
  package func endUntried(_ count: Int, of phase: Int, as end: RecordEnd, age: Int64, at instant: Int64) {
    assert(count == 0, "\(count) records of phase \(phase) were never in a batch")
  }
}
