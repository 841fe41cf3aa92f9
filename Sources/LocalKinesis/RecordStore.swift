import Kinesis

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

/// A record kept for GetRecords.
package struct RetainedRecord: Sendable, Equatable {
  package var sequenceNumber: SequenceNumber
  package var arrivalMilliseconds: Int64
  package var partitionKey: [UInt8]
  package var data: [UInt8]

  /// A record of these parts.
  package init(sequenceNumber: SequenceNumber, arrivalMilliseconds: Int64, partitionKey: [UInt8], data: [UInt8]) {
    self.sequenceNumber = sequenceNumber
    self.arrivalMilliseconds = arrivalMilliseconds
    self.partitionKey = partitionKey
    self.data = data
  }

  /// What it counts against the size of an answer: data and key.
  package var byteCount: Int { partitionKey.count + data.count }

  /// What it counts against the bound of the store: data, key and about what their bookkeeping takes.
  package var memoryBytes: Int { byteCount + Self.overheadBytes }

  /// About what the bookkeeping of one record takes.
  package static let overheadBytes = 192

  /// The record as GetRecords writes it.
  package var value: ServiceValue {
    .members(
      ("SequenceNumber", .text(sequenceNumber.digits.description)),
      ("ApproximateArrivalTimestamp", .timestamp(milliseconds: arrivalMilliseconds)), ("Data", .blob(data)),
      ("PartitionKey", .text(String(decoding: partitionKey, as: UTF8.self))))
  }
}

/// The kept records of one shard, oldest first.
package final class ShardLog {
  /// Removed records that may still take a place.
  private static let slack = 16

  private var records: [RetainedRecord] = []
  private var head = 0
  /// Set when the stream is deleted: the store's queue still names the log until its turn comes.
  private(set) var isDropped = false
  /// Entries the store's queue still holds for records that went by age.
  var expiredEntries = 0

  /// When the oldest kept record arrived; nil when none is kept.
  var oldestArrival: Int64? { head < records.count ? records[head].arrivalMilliseconds : nil }

  /// Places in memory it takes, used or not.
  package var places: Int { records.capacity }

  /// A log without records.
  package init() {}

  func append(_ record: RetainedRecord) {
    records.append(record)
  }

  /// Removes the oldest record; its size, or 0 when there is none. Amortised O(1).
  func removeFirst() -> Int {
    guard head < records.count else { return 0 }
    let size = records[head].memoryBytes
    records[head] = RetainedRecord(
      sequenceNumber: records[head].sequenceNumber, arrivalMilliseconds: records[head].arrivalMilliseconds,
      partitionKey: [], data: [])
    head += 1
    if head > Self.slack, head * 2 > records.count {
      // A new array: the old one would keep the room of the shard's busiest time, in each of thousands of shards.
      records = Array(records[head...])
      head = 0
    }
    return size
  }

  func drop() -> Int {
    isDropped = true
    defer { (records, head) = ([], 0) }
    return records[head...].reduce(0) { $0 + $1.memoryBytes }
  }

  /// The kept records from the first whose counter is at least `counter`. O(log n).
  func records(from counter: UInt64) -> ArraySlice<RetainedRecord> {
    records[firstIndex { $0.sequenceNumber.counter >= counter }...]
  }

  /// The counter of the first record that arrived at or after that instant; nil when there is none. O(log n).
  func counter(arrivedFrom milliseconds: Int64) -> UInt64? {
    let index = firstIndex { $0.arrivalMilliseconds >= milliseconds }
    return index < records.count ? records[index].sequenceNumber.counter : nil
  }

  /// The first kept record for which the test holds; it must stay true from there on.
  private func firstIndex(where test: (RetainedRecord) -> Bool) -> Int {
    var low = head
    var high = records.count
    while low < high {
      let middle = (low + high) / 2
      if test(records[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
