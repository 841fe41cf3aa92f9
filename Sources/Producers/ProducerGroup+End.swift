import Kinesis
import Measurement
import Observations
import Scenarios

/// The end of a run, when everything that was not sent is accounted for.
extension ProducerGroup {
  /// Ends a batch that was handed out and not sent, and takes it back.
  package mutating func endUnsent(_ batch: RecordBatch, at now: Int64, ends: any EndedRecords) {
    if dropExpired(from: batch, at: now, ends: ends) { end(batch.records, as: .unfinished, at: now, ends: ends) }
    recycle(batch)
  }

  /// Accounts for everything that waits for a try, and for what came due and is in no batch. Batches in flight are their
  /// owner's to end. The last call but `takeLoad`.
  package mutating func finish(at now: Int64, ends: any EndedRecords) {
    let horizon = min(stopAt ?? .max, now)
    let timeToLive = retries.rule.timeToLive
    while let record = retries.pop() {
      var last = record
      let isExpired = timeToLive.map { now - record.planned.due > $0 } ?? false
      withUnsafeMutablePointer(to: &last) {
        end(
          UnsafeMutableBufferPointer(start: $0, count: 1), as: isExpired ? .expired : .unfinished, at: now, ends: ends)
      }
    }
    while let batch = batches.popOpen() {
      let records = batch.records
      // Due times rise within a planned batch.
      let due = records.prefix { $0.planned.due < horizon }.count
      let expired = timeToLive.map { life in records.prefix { now - $0.planned.due > life }.count } ?? 0
      let split = min(expired, due)
      begun += due
      end(UnsafeMutableBufferPointer(rebasing: records[0..<split]), as: .expired, at: now, ends: ends)
      end(UnsafeMutableBufferPointer(rebasing: records[split..<due]), as: .unfinished, at: now, ends: ends)
      batches.recycle(batch)
    }
    for phase in plan.phases.indices { endUnprepared(of: phase, before: horizon, at: now, ends: ends) }
  }

  /// Ends the records of an open phase that came due before `horizon` and that no batch was made of.
  ///
  /// There may be any number of them, so they are counted by the plan's arithmetic, as many at once as have the same place
  /// in the histogram of ages: O(places x log records), and O(batch) for each producer.
  private mutating func endUnprepared(
    of phase: Int, before horizon: Int64, at now: Int64, ends: any EndedRecords
  ) {
    let due = plan.plannedRecords(in: phase, before: Nanoseconds(horizon))
    let expired = min(
      due, retries.rule.timeToLive.map { plan.plannedRecords(in: phase, before: Nanoseconds(now &- $0)) } ?? 0)
    let next = batches.firstUntaken(in: phase)
    // From here on no producer has taken any. They are in step but for what an open batch holds, since the batch that
    // closes first is always taken first: what lies before is looked at one by one.
    let level = min(due, next.max() ?? due)
    let step = UInt64(plan.scenario.client.producers)
    for var index in next {
      while index < level {
        endUnprepared(
          1, of: phase, due: plan.due(of: index, in: phase), isExpired: index < expired, at: now, ends: ends)
        index += step
      }
    }
    var index = level
    while index < due {
      let instant = plan.due(of: index, in: phase)
      let youngest = now - LatencySet.empty.lowestEquivalent(now - instant)
      let end = min(index < expired ? expired : due, plan.plannedRecords(in: phase, before: Nanoseconds(youngest + 1)))
      endUnprepared(
        ownRecords(before: end) - ownRecords(before: index), of: phase, due: instant, isExpired: index < expired,
        at: now, ends: ends)
      index = max(end, index + 1)
    }
  }

  private mutating func endUnprepared(
    _ count: Int, of phase: Int, due: Int64, isExpired: Bool, at now: Int64, ends: any EndedRecords
  ) {
    begun += count
    ends.endUntried(count, of: phase, as: isExpired ? .expired : .unfinished, age: now - due, at: now)
  }
}
