import Kinesis
import Observations

/// Records whose life is over before they could be sent.
extension WorkerEngine {
  /// Ends the records of a batch that are older than they may become; the others stay in their order.
  ///
  /// - Parameter wasBegun: whether the batch was dispatched already, and its records counted as begun.
  /// - Returns: whether anything is left to send.
  func dropExpired(from batch: PreparedBatch, now: Int64, wasBegun: Bool) -> Bool {
    guard let timeToLive = retryRule.timeToLive else { return batch.count > 0 }
    var kept = 0
    for index in 0..<batch.count {
      if now - batch.storage[index].planned.due <= timeToLive {
        if kept < index { batch.storage[kept] = batch.storage[index] }
        kept += 1
        continue
      }
      if wasBegun, batch.storage[index].attempt == 1 { begun -= 1 }
      batch.bytes -= batch.storage[index].planned.bytes
      endUntried(UnsafeMutableBufferPointer(rebasing: batch.storage[index...index]), as: .expired, at: now)
    }
    batch.count = kept
    return kept > 0
  }
}
