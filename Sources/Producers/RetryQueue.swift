import Kinesis
import Observations
import Scenarios

/// Records whose try failed and that wait for their next one.
struct RetryQueue {
  let rule: RetryRule
  private var waiting = MinimumHeap<RecordObservation>()
  /// Of the record queued last: those of one instant leave in the order they came.
  private var number = 0

  init(_ rule: RetryRule) {
    self.rule = rule
  }

  var isEmpty: Bool { waiting.isEmpty }
  /// When the next record is ready to be sent again.
  var firstDue: Int64? { waiting.firstPriority }

  /// Sets the end of each record of a request by its outcome, and queues those that are tried again.
  ///
  /// - Parameters:
  ///   - request: the request's number.
  ///   - now: when the outcome was known.
  ///   - stop: the instant from which nothing is sent; what would be tried again then is unfinished.
  mutating func settle(
    _ records: UnsafeMutableBufferPointer<RecordObservation>, of request: UInt64, at now: Int64, stop: Int64?
  ) {
    for index in records.indices {
      if records[index].outcome == .accepted {
        records[index].end = .accepted
        continue
      }
      let verdict = rule.verdict(
        attempt: Int(records[index].attempt), due: records[index].planned.due, now: now, request: request)
      switch verdict {
      case .gaveUp: records[index].end = .gaveUp
      case .expired: records[index].end = .expired
      case .again(let instant) where instant >= stop ?? .max: records[index].end = .unfinished
      case .again(let instant):
        records[index].end = .none
        var next = records[index]
        next.attempt += 1
        // The next try has a code of its own, or none when it is accepted.
        next.code = ErrorCodes.none
        next.mayBeDuplicate = next.mayBeDuplicate || next.outcome == .unknown
        number += 1
        waiting.push(next, priority: instant, tieBreak: number)
      }
    }
  }

  /// Moves the records that are ready into a batch, up to its limits; the first always goes.
  mutating func fill(_ batch: RecordBatch, at now: Int64, records limit: Int, bytes byteLimit: Int) {
    batch.count = 0
    batch.bytes = 0
    batch.clamped = 0
    batch.producer = -1
    batch.isClosedLoop = false
    batch.plannedClose = firstDue ?? now
    while let ready = waiting.firstPriority, ready <= now, batch.count < limit, let next = waiting.first {
      let size = next.planned.bytes
      if batch.count > 0 && batch.bytes + size > byteLimit { break }
      batch.bytes += size
      batch.storage[batch.count] = next
      batch.count += 1
      _ = waiting.pop()
    }
    batch.phase = Int(batch.storage[0].planned.phase)
  }

  /// Looks at every record that waits. O(records).
  func forEach(_ body: (RecordObservation) -> Void) { waiting.forEach(body) }

  /// Takes the records one by one.
  mutating func pop() -> RecordObservation? { waiting.pop() }
}
