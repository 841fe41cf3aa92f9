import Kinesis
import Measurement
import Observations
import Scenarios

/// Some of a plan's logical producers: which batch closes when, how many requests are under way at once, what is tried
/// again. It knows no bytes, sockets or clock: its owner tells it the time, sends what it hands out, and tells it what
/// became of each record.
///
/// The driver sends with it in real time; sizing runs it in virtual time against token buckets. Both go round like this:
/// - `next(at:)` until it asks to wait; each batch it hands out is sent, and is in flight until it is given back;
/// - at an answer the outcomes are set in the batch's records, `settle` turns them into ends and retries, and `recycle`
///   gives the batch back;
/// - when `next` says it is over, what is still in flight is ended as unfinished, and `finish` accounts for all the rest.
///
/// Every record of the plan that came due is then accounted for once: it ended in a batch that was settled, or was told to
/// `EndedRecords`.
///
/// All times are nanoseconds since the run's start. Nothing is allocated in a steady state.
package struct ProducerGroup: ~Copyable {
  /// What is to be done.
  package enum Step {
    /// Send this batch, and ask again.
    case send(RecordBatch)
    /// Ask again: something ended that was not to be sent.
    case again
    /// Nothing, before this instant or an outcome, whichever comes first.
    case wait(until: Int64)
    /// Nothing any more: the plan is through, or the time for answers is over.
    case over
  }

  /// How busy a group was since it was last asked.
  package struct Load: Equatable, Sendable {
    /// The most batches in flight at once.
    package var inFlightMax: Int
    /// Whether the cap on them kept a batch open that was due.
    package var wasCapped: Bool
    /// Records whose batch should have been closed by now (linger has passed) and was not.
    package var unclosed: Int
  }

  /// Sets the draws of retry jitter apart from those of the plan.
  static var jitterDomain: UInt64 { 0x7265_7472_79 }

  let plan: Plan
  let producers: [Int]
  private let maximumInFlight: Int
  private let timeout: Int64
  private let budget: SendBudget?
  private let rule: BatchRule
  /// The end of the last phase.
  private let planEnd: Int64

  private var pacer: SchedulePacer
  var batches: BatchSource
  var retries: RetryQueue
  private var requestNumber: UInt64 = 0
  private var wasBlocked = false
  private(set) var stopAt: Int64?
  private var stopDrain: Int64 = 0

  /// Batches handed out and not given back.
  package private(set) var inFlight = 0
  /// Whether a batch was held back because the run may not send more: the caller is to stop it.
  package private(set) var isBudgetSpent = false

  /// Records of open phases whose batch was closed, or that ended before that.
  var begun = 0
  private var inFlightMax = 0
  private var wasCapped = false

  /// Producers at rest.
  ///
  /// - Parameters:
  ///   - plan: what is sent and when.
  ///   - producers: the logical producers of the group, each of which belongs to one group alone.
  ///   - maximumInFlight: the most batches in flight at once, at least 1.
  ///   - timeout: of one request: how long answers are waited for after the end of the plan.
  ///   - budget: what all groups together may send.
  ///   - start: now; negative before the run's start.
  package init(
    _ plan: Plan, producers: [Int], maximumInFlight: Int, timeout: Int64, budget: SendBudget? = nil, start: Int64
  ) {
    let scenario = plan.scenario
    self.plan = plan
    self.producers = producers
    self.maximumInFlight = maximumInFlight
    self.timeout = timeout
    self.budget = budget
    rule = scenario.batch
    planEnd = plan.duration.value
    pacer = SchedulePacer(policy: scenario.client.late, start: start)
    batches = BatchSource(plan, producers: producers)
    retries = RetryQueue(
      RetryRule(
        scenario.client.retry,
        random: CounterRandom(seed: scenario.seed, domain: Self.jitterDomain, UInt64(producers.first ?? 0))))
  }

  /// What is to be done at an instant, at most one batch at a time, so that answers can be read between batches.
  ///
  /// - Parameters:
  ///   - now: not before the instant of the call before.
  ///   - ends: takes the ends of records that are not sent.
  package mutating func next(at now: Int64, ends: any EndedRecords) -> Step {
    guard now < drainDeadline else { return .over }
    batches.prepare()
    let isStopping = stopAt.map { now >= $0 } ?? false
    let nextClose = isStopping ? nil : batches.firstClose
    pacer.advance(to: now, nextClose: nextClose, blocked: wasBlocked)
    if wasBlocked, let nextClose, nextClose <= now { wasCapped = true }
    let step = isStopping ? nil : startOne(at: now, ends: ends)
    // What keeps a batch open from here to the next call, if one comes due meanwhile.
    wasBlocked = inFlight >= maximumInFlight
    if let step { return step }
    if inFlight == 0, isStopping || isPlanDone(at: now) { return .over }
    return .wait(until: wake(after: now))
  }

  /// Sets the end of each record of a batch by its outcome, and queues those that are tried again. A batch whose records
  /// were all accepted needs it only where their ends are not set yet.
  ///
  /// - Parameter now: when the outcomes were known.
  package mutating func settle(_ batch: RecordBatch, at now: Int64) {
    retries.settle(batch.records, of: batch.number, at: now, stop: stopAt)
  }

  /// Takes a batch back that was handed out: it is no longer in flight, and its memory is used again.
  package mutating func recycle(_ batch: RecordBatch) {
    inFlight -= 1
    batches.recycle(batch)
  }

  /// Ends the records of a batch, not sent yet, that are older than they may become; the others stay in their order.
  ///
  /// - Returns: whether anything is left to send.
  package func dropExpired(from batch: RecordBatch, at now: Int64, ends: any EndedRecords) -> Bool {
    guard let timeToLive = retries.rule.timeToLive else { return batch.count > 0 }
    var kept = 0
    for index in 0..<batch.count {
      if now - batch.storage[index].planned.due <= timeToLive {
        if kept < index { batch.storage[kept] = batch.storage[index] }
        kept += 1
        continue
      }
      batch.bytes -= batch.storage[index].planned.bytes
      end(UnsafeMutableBufferPointer(rebasing: batch.storage[index...index]), as: .expired, at: now, ends: ends)
    }
    batch.count = kept
    return kept > 0
  }

  /// Ends the sending at an instant: what is in flight then is waited for, what comes due later is never sent.
  ///
  /// - Parameters:
  ///   - instant: records due from here on are not reached; the first call counts.
  ///   - drain: how long answers are waited for.
  package mutating func stop(at instant: Int64, drain: Int64) {
    guard stopAt == nil else { return }
    stopAt = instant
    stopDrain = drain
  }

  /// When waiting for answers ends.
  private var drainDeadline: Int64 {
    if let stopAt { return stopAt + stopDrain }
    return planEnd + timeout
  }

  private func isPlanDone(at now: Int64) -> Bool {
    batches.isEmpty && retries.isEmpty && now >= batches.closedLoopEnd
  }

  /// Looks at every record that waits for its next try, in no particular order. O(records).
  package func forEachRetry(_ body: (RecordObservation) -> Void) { retries.forEach(body) }

  /// Closes the one batch that is next, if one may go now.
  private mutating func startOne(at now: Int64, ends: any EndedRecords) -> Step? {
    let isScheduled = batches.firstClose.map { $0 <= pacer.scheduleTime } ?? false
    let isRetryDue = retries.firstDue.map { $0 <= now } ?? false
    let closedLoop = batches.closedLoop(at: now)
    guard isScheduled || isRetryDue || closedLoop != nil else { return nil }
    guard inFlight < maximumInFlight else {
      // In a closed loop a full cap is the normal state, not a delay.
      if isScheduled || isRetryDue { wasCapped = true }
      return nil
    }
    if isRetryDue {
      let batch = batches.takeSpare()
      retries.fill(batch, at: now, records: rule.records, bytes: rule.bytes)
      return close(batch, at: now, lateness: 0, ends: ends)
    }
    if isScheduled, let batch = batches.takeOpen() {
      begun += batch.count
      guard !pacer.skips(batch.plannedClose) else {
        end(batch.records, as: .skipped, at: now, ends: ends)
        batches.recycle(batch)
        return .again
      }
      return close(batch, at: now, lateness: pacer.lateness(closing: batch.plannedClose), ends: ends)
    }
    guard let closedLoop else { return nil }
    return close(batches.takeClosed(phase: closedLoop, at: now), at: now, lateness: 0, ends: ends)
  }

  /// Closes a batch: it is to be sent, unless all its records have expired or the budget does not hold it.
  private mutating func close(
    _ batch: RecordBatch, at now: Int64, lateness: Int64, ends: any EndedRecords
  ) -> Step {
    batch.closed = now
    batch.lateness = lateness
    guard dropExpired(from: batch, at: now, ends: ends) else {
      batches.recycle(batch)
      return .again
    }
    if let budget, !budget.take(records: batch.count, bytes: batch.bytes) {
      isBudgetSpent = true
      end(batch.records, as: .unfinished, at: now, ends: ends)
      batches.recycle(batch)
      return .again
    }
    requestNumber += 1
    batch.number = requestNumber
    inFlight += 1
    inFlightMax = max(inFlightMax, inFlight)
    return .send(batch)
  }

  /// Ends records that wait for a try: their number of tries is one less than the one they waited for.
  func end(
    _ records: UnsafeMutableBufferPointer<RecordObservation>, as end: RecordEnd, at now: Int64, ends: any EndedRecords
  ) {
    for index in records.indices {
      records[index].attempt -= 1
      records[index].end = end
    }
    ends.end(records, at: now)
  }

  private func wake(after now: Int64) -> Int64 {
    var wake = drainDeadline
    if let stopAt, now < stopAt { wake = min(wake, stopAt) }
    if now < stopAt ?? .max, inFlight < maximumInFlight {
      if let close = batches.firstClose { wake = min(wake, pacer.realTime(reaching: close)) }
      if let retry = retries.firstDue { wake = min(wake, retry) }
      if let start = batches.closedLoopStart(after: now) { wake = min(wake, start) }
      if inFlight == 0, now < batches.closedLoopEnd { wake = min(wake, batches.closedLoopEnd) }
    }
    return wake
  }

  /// How long ago the open batch that is next should have been closed by the plan, nanoseconds; 0 when none is overdue, or
  /// none is to be sent any more.
  package func behind(at now: Int64) -> Int64 {
    guard now < stopAt ?? .max, let close = batches.firstClose else { return 0 }
    return max(0, now - close)
  }

  /// What happened since the last call, for the generator's health.
  package mutating func takeLoad(at now: Int64) -> Load {
    // Records wait for their batch to fill without being late: only what linger has closed by now is unclosed.
    var due = 0
    if let linger = rule.linger {
      let horizon = min(now, stopAt ?? now) - linger.value
      for (number, phase) in plan.phases.enumerated() where phase.start.value < horizon {
        guard case .open = phase.loop else { continue }
        due += ownRecords(before: plan.plannedRecords(in: number, before: Nanoseconds(horizon)))
      }
    }
    let load = Load(
      inFlightMax: max(inFlightMax, inFlight), wasCapped: wasCapped, unclosed: max(0, due - begun))
    inFlightMax = inFlight
    wasCapped = false
    return load
  }

  /// How many of a phase's first records belong to the group's producers.
  func ownRecords(before index: UInt64) -> Int {
    let (rounds, rest) = index.quotientAndRemainder(dividingBy: UInt64(plan.scenario.client.producers))
    return Int(clamping: rounds) * producers.count + producers.count { UInt64($0) < rest }
  }
}
