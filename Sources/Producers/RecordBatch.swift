import Kinesis
import Observations
import Scenarios

/// One batch of records on its way: planned, closed, sent, answered. Reused, so that a steady state allocates nothing.
/// Owned by one group of producers, and by whoever sends it from `ProducerGroup.next` to `ProducerGroup.recycle`. Its fields
/// are touched some twenty times a request from another module, where the compiler cannot see that no two accesses overlap:
/// they are single loads and stores, and are not checked.
package final class RecordBatch {
  /// Room for the most records a request may have; the first `count` are in use.
  package let storage: UnsafeMutableBufferPointer<RecordObservation>
  /// Number of records in the batch.
  @exclusivity(unchecked) package var count = 0
  /// Data and keys of its records.
  @exclusivity(unchecked) package var bytes = 0
  /// Names it among all of its group's, from 1, once it is on its way.
  @exclusivity(unchecked) package var number: UInt64 = 0
  /// How many of its records were cut to what the stream takes; 0 for retries.
  @exclusivity(unchecked) package var clamped = 0
  /// The phase whose plan made the batch (of its first record, when it carries retries).
  @exclusivity(unchecked) package var phase = 0
  /// The group's own number of the producer it came from; -1 for retries.
  @exclusivity(unchecked) package var producer = -1
  /// Whether it was made by a `max` phase, whose records come due as they are taken.
  @exclusivity(unchecked) package var isClosedLoop = false
  /// When its last limit was reached by the plan, nanoseconds since the run's start; for retries when the first came due.
  @exclusivity(unchecked) package var plannedClose: Int64 = 0
  /// When it was closed.
  @exclusivity(unchecked) package var closed: Int64 = 0
  /// How late that was by the generator's own fault, nanoseconds.
  @exclusivity(unchecked) package var lateness: Int64 = 0

  /// An empty batch with room for so many records.
  package init(capacity: Int) {
    storage = .allocate(capacity: capacity)
    storage.initialize(
      repeating: RecordObservation(PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0)))
  }

  deinit {
    storage.deallocate()
  }

  /// The records in use.
  package var records: UnsafeMutableBufferPointer<RecordObservation> {
    UnsafeMutableBufferPointer(rebasing: storage[0..<count])
  }

  /// Takes over planned records as first tries.
  func fill(
    from planned: UnsafeMutableBufferPointer<PlannedRecord>, batch: PlannedBatch, producer: Int, isClosedLoop: Bool
  ) {
    count = batch.count
    bytes = batch.bytes
    clamped = batch.clamped
    phase = batch.phase
    self.producer = producer
    self.isClosedLoop = isClosedLoop
    plannedClose = batch.closesAt
    for index in 0..<batch.count { storage[index] = RecordObservation(planned[index]) }
  }
}

/// Takes the ends of records that no request carried when they ended.
package protocol EndedRecords: AnyObject {
  /// Records that waited for a try: skipped or expired before it, or unfinished at the end of the run. Their `attempt` is
  /// the number of tries they had.
  func end(_ records: UnsafeMutableBufferPointer<RecordObservation>, at instant: Int64)
  /// Records of one phase that no batch was made of, all of about one age.
  ///
  /// - Parameter age: of one of them, nanoseconds; the others have the same place in a histogram.
  func endUntried(_ count: Int, of phase: Int, as end: RecordEnd, age: Int64, at instant: Int64)
}
