import Kinesis
import Measurement
import Observations
import Producers
import Scenarios

/// The end of a run, when everything that has not ended is accounted for, and how the worker fares until then.
extension WorkerEngine {
  /// Accounts for everything that has not ended: what is on the wire or waiting, retries, and what came due unsent.
  func finish(at now: Int64) {
    finished = true
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
        producers.recycle(batch)
      }
    }
    while let batch = waiting.popFirst() { producers.endUnsent(batch, at: now, ends: lane) }
    producers.finish(at: now, ends: lane)
  }

  /// What happened since the last call, for the generator's health.
  package func takeLoad(at now: Int64) -> EngineLoad {
    let load = producers.takeLoad(at: now)
    var unsent = load.unclosed
    // In a closed loop records wait by intention; those of retries were sent before.
    waiting.forEach { if $0.producer >= 0, !$0.isClosedLoop { unsent += $0.count } }
    defer { sendBufferFull = 0 }
    return EngineLoad(
      inFlightMax: load.inFlightMax, wasCapped: load.wasCapped, unsent: unsent, sendBufferFull: sendBufferFull)
  }

  /// What is waited for now. O(connections), and O(records) of requests that are older than is usual.
  package func outstanding(at now: Int64, wasCapped: Bool) -> Outstanding {
    var found = Outstanding(at: now)
    found.requests = slots.carried + waiting.count
    found.lastAnswer = lastAnswer
    found.isCapped = wasCapped
    found.behind = producers.behind(at: now)
    for slot in 0..<slots.count {
      guard let request = slots.request(on: slot) else { continue }
      let sent = request.sent
      if let sent { found.oldestSent = min(found.oldestSent ?? sent, sent) }
      let since = sent ?? request.batch.closed
      guard now - since >= Outstanding.minimumAge else { continue }
      note(request.batch, in: &found)
      if let sent { found.sent[lane.layout.second(of: sent), default: 0] += request.batch.count }
    }
    waiting.forEach { batch in
      if now - batch.closed >= Outstanding.minimumAge { note(batch, in: &found) }
    }
    return found
  }

  private func note(_ batch: RecordBatch, in found: inout Outstanding) {
    for record in batch.records where record.attempt == 1 {
      found.add(due: record.planned.due, phase: Int(record.planned.phase))
    }
  }

  /// Whether something may come from the target at any time: an answer, or a connection.
  package var awaitsTarget: Bool { slots.oldestOutstanding != nil }

  /// When the oldest request without an outcome was sent, or now: earlier seconds will not change any more.
  package func oldestOutstanding(_ now: Int64) -> Int64 {
    min(now, slots.oldestOutstanding ?? now)
  }
}
