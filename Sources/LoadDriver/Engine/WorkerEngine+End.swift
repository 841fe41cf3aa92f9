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
        lookup.assign(batch.records)
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

  /// What is waited for now. O(connections), and O(records) of requests that are older than is usual and of retries where
  /// a threshold on delivery may stop the run.
  ///
  /// - Parameter wasCapped: whether requests in flight were at their cap lately.
  package func outstanding(at now: Int64, wasCapped: Bool) -> Outstanding {
    var found = Outstanding(at: now)
    found.requests = slots.carried + waiting.count
    found.lastAnswer = lastAnswer
    found.isCapped = wasCapped
    found.behind = producers.behind(at: now)
    let perShard = plan.scenario.thresholds.contains { $0.perShard && $0.abortAfter != nil }
    for slot in 0..<slots.count {
      guard let request = slots.request(on: slot) else { continue }
      if let sent = request.sent {
        found.oldestSent = min(found.oldestSent ?? sent, sent)
        found.sent[lane.layout.second(of: sent), default: 0] += request.batch.count
      }
      note(request.batch, sent: request.sent, perShard: perShard, in: &found)
    }
    waiting.forEach { note($0, sent: nil, perShard: perShard, in: &found) }
    if isDeliveryWatched { producers.forEachRetry { found.addRetry($0) } }
    return found
  }

  /// Whether a threshold on delivery may stop the run.
  private var isDeliveryWatched: Bool {
    plan.scenario.thresholds.contains { threshold in
      guard threshold.abortAfter != nil, case .latency(.delivery, _) = threshold.metric.formula else { return false }
      return true
    }
  }

  private func note(_ batch: RecordBatch, sent: Int64?, perShard: Bool, in found: inout Outstanding) {
    guard found.at - (sent ?? batch.closed) >= Outstanding.minimumAge else { return }
    if perShard { lookup.assign(batch.records) }
    found.add(batch.records, phase: batch.phase, closed: batch.closed, sent: sent, perShard: perShard)
  }

  /// Whether something may come from the target at any time: an answer, or a connection.
  package var awaitsTarget: Bool { slots.oldestOutstanding != nil }

  /// When the oldest request without an outcome was sent, or now: earlier seconds will not change any more.
  package func oldestOutstanding(_ now: Int64) -> Int64 {
    min(now, slots.oldestOutstanding ?? now)
  }
}
