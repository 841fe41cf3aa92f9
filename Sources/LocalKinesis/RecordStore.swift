/// Keeps the last records of all streams within a bound of bytes: when it is reached, the oldest go first, whatever
/// their shard, and the shards' trim horizons move with them.
package final class RecordStore {
  private let capacity: Int
  private var used = 0
  /// The log of each kept record, oldest first.
  private var order: [ShardLog] = []
  private var head = 0

  /// - Parameter capacity: bytes of memory, `RetainedRecord.memoryBytes` for each record; more than 0.
  package init(capacity: Int) {
    precondition(capacity > 0, "a store without room keeps nothing")
    self.capacity = capacity
  }

  /// Keeps a record and lets go of as many of the oldest as it takes. Amortised O(1).
  package func keep(_ record: RetainedRecord, in log: ShardLog) {
    log.append(record)
    order.append(log)
    used += record.memoryBytes
    while head < order.count, used > capacity || order[head].isDropped || order[head].expiredEntries > 0 {
      removeOldest()
    }
    if head > 4096, head * 2 > order.count {
      order.removeFirst(head)
      head = 0
    }
  }

  /// Forgets a deleted stream's records.
  func drop(_ logs: [ShardLog]) {
    for log in logs { used -= log.drop() }
  }

  /// Lets go of the records of a log that arrived before that instant: a stream's retention period.
  func expire(_ log: ShardLog, before milliseconds: Int64) {
    while let arrival = log.oldestArrival, arrival < milliseconds {
      used -= log.removeFirst()
      log.expiredEntries += 1
    }
  }

  private func removeOldest() {
    let log = order[head]
    head += 1
    if log.isDropped { return }
    if log.expiredEntries > 0 {
      log.expiredEntries -= 1
    } else {
      used -= log.removeFirst()
    }
  }
}
