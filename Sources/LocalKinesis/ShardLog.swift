import Kinesis

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
