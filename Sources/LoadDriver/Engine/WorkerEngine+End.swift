import Kinesis
import Measurement
import Observations
import Scenarios

/// The end of a run, when everything that has not ended is accounted for, and how the worker fares until then.
extension WorkerEngine {
  /// Accounts for everything that has not ended: what is on the wire or waiting, retries, and what came due unsent.
  func finish(at now: Int64) {
    finished = true
    let horizon = min(stopAt ?? .max, now)
    for slot in 0..<slots.count {
      if let request = slots.unload(slot) {
        channels.close(slot)
        let batch = request.batch
        let wasSent = request.sent != nil
        let code = lane.codes.number(of: "unfinished")
        lookup.place(batch.records)
        for index in 0..<batch.count {
          _ = batch.storage[index].takeShard(RecordResult.notNamed)
          batch.storage[index].outcome = wasSent ? .unknown : .fault
          batch.storage[index].code = code
          batch.storage[index].end = .unfinished
        }
        report(
          request, .transport, status: 0, code: code,
          stamps: RequestStamps(firstByte: request.sent, lastByte: nil, ended: now))
      }
    }
    while let batch = waiting.popFirst() {
      guard dropExpired(from: batch, now: now, wasBegun: true) else { continue }
      if batch.producer >= 0 { begun -= batch.count }
      endUntried(batch.records, as: .unfinished, at: now)
    }
    while let record = retries.pop() {
      var last = record
      let isExpired = retryRule.timeToLive.map { now - record.planned.due > $0 } ?? false
      withUnsafeMutablePointer(to: &last) {
        endUntried(UnsafeMutableBufferPointer(start: $0, count: 1), as: isExpired ? .expired : .unfinished, at: now)
      }
    }
    while let batch = open.pop() {
      let due = batch.records.prefix { $0.planned.due < horizon }.count
      // Due times rise within a planned batch.
      let expired = retryRule.timeToLive.map { life in batch.records.prefix { now - $0.planned.due > life }.count } ?? 0
      let split = min(expired, due)
      endUntried(UnsafeMutableBufferPointer(rebasing: batch.records[0..<split]), as: .expired, at: now)
      endUntried(UnsafeMutableBufferPointer(rebasing: batch.records[split..<due]), as: .unfinished, at: now)
      recycle(batch)
    }
    for phase in plan.phases.indices { endUnprepared(of: phase, before: horizon, at: now) }
  }

  /// Ends the records of an open phase that came due before `horizon` and that no batch was made of.
  ///
  /// There may be any number of them, so they are counted by the plan's arithmetic, as many at once as have the same place
  /// in the histogram of ages: O(places x log records), and O(batch) for each producer.
  private func endUnprepared(of phase: Int, before horizon: Int64, at now: Int64) {
    let due = plan.plannedRecords(in: phase, before: Nanoseconds(horizon))
    let expired = min(
      due, retryRule.timeToLive.map { plan.plannedRecords(in: phase, before: Nanoseconds(now &- $0)) } ?? 0)
    let next = cursors.map { $0.firstUntaken(in: phase) }
    // From here on no producer has taken any. They are in step but for what an open batch holds, since the batch that
    // closes first is always taken first: what lies before is looked at one by one.
    let level = min(due, next.max() ?? due)
    let step = UInt64(plan.scenario.client.producers)
    for var index in next {
      while index < level {
        endUnprepared(1, of: phase, at: now, due: plan.due(of: index, in: phase), isExpired: index < expired)
        index += step
      }
    }
    var index = level
    while index < due {
      let instant = plan.due(of: index, in: phase)
      let youngest = now - LatencySet.empty.lowestEquivalent(now - instant)
      let end = min(index < expired ? expired : due, plan.plannedRecords(in: phase, before: Nanoseconds(youngest + 1)))
      endUnprepared(
        ownRecords(before: end) - ownRecords(before: index), of: phase, at: now, due: instant,
        isExpired: index < expired)
      index = max(end, index + 1)
    }
  }

  /// How many of a phase's first records belong to this worker's producers.
  private func ownRecords(before index: UInt64) -> Int {
    let (rounds, rest) = index.quotientAndRemainder(dividingBy: UInt64(plan.scenario.client.producers))
    return Int(clamping: rounds) * producers.count + producers.count { UInt64($0) < rest }
  }

  private func endUnprepared(_ count: Int, of phase: Int, at now: Int64, due: Int64, isExpired: Bool) {
    begun += count
    lane.endUntried(count, of: phase, as: isExpired ? .expired : .unfinished, age: now - due, at: now)
  }

  /// Ends records that wait for a try: their number of tries is one less than the one they waited for.
  func endUntried(_ records: UnsafeMutableBufferPointer<RecordObservation>, as end: RecordEnd, at now: Int64) {
    for index in records.indices {
      if records[index].attempt == 1 { begun += 1 }
      records[index].attempt -= 1
      records[index].end = end
    }
    lane.end(records, at: now)
  }

  /// What happened since the last call, for the generator's health.
  package func takeLoad(at now: Int64) -> EngineLoad {
    // Records wait for their batch to fill without being late: only what linger has closed by now is unsent.
    var due: UInt64 = 0
    if let linger = plan.scenario.batch.linger {
      let horizon = min(now, stopAt ?? now) - linger.value
      for (number, phase) in plan.phases.enumerated() where phase.start.value < horizon {
        guard case .open = phase.loop else { continue }
        let all = plan.plannedRecords(in: number, before: Nanoseconds(horizon))
        let total = UInt64(plan.scenario.client.producers)
        for producer in producers where all > UInt64(producer) { due += (all - UInt64(producer) + total - 1) / total }
      }
    }
    let behind = max(0, Int(clamping: due) - begun)
    let load = EngineLoad(
      inFlightMax: max(inFlightMax, inFlight), wasCapped: wasCapped, unsent: behind + waitingRecords,
      sendBufferFull: sendBufferFull)
    inFlightMax = inFlight
    wasCapped = false
    sendBufferFull = 0
    return load
  }

  /// Records of closed batches that wait for a connection. In a closed loop they wait by intention.
  private var waitingRecords: Int {
    var sum = 0
    waiting.forEach { if !$0.isClosedLoop { sum += $0.count } }
    return sum
  }

  /// When the oldest request without an outcome was sent, or now: earlier seconds will not change any more.
  package func oldestOutstanding(_ now: Int64) -> Int64 {
    min(now, slots.oldestOutstanding ?? now)
  }
}
