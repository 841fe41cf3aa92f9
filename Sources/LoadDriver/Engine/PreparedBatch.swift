import Kinesis
import Observations
import Scenarios

/// One batch of records on its way: planned, closed, on the wire, answered. Reused, so that a steady state allocates
/// nothing. Owned by one worker.
final class PreparedBatch {
  /// Room for the most records a request may have; the first `count` are in use.
  let storage: UnsafeMutableBufferPointer<RecordObservation>
  /// Number of records in the batch.
  var count = 0
  /// Data and keys of its records.
  var bytes = 0
  /// Names it among all of its worker's, from 1, once it is on its way.
  var number: UInt64 = 0
  /// How many of its records were cut to what the stream takes; 0 for retries.
  var clamped = 0
  /// The phase whose plan made the batch (of its first record, when it carries retries).
  var phase = 0
  /// The worker's own number of the producer it came from; -1 for retries.
  var producer = -1
  /// Whether it was made by a `max` phase, whose records come due as they are taken.
  var isClosedLoop = false
  /// When its last limit was reached by the plan, nanoseconds since the run's start.
  var plannedClose: Int64 = 0
  /// When it was closed.
  var closed: Int64 = 0
  /// How late that was by the generator's own fault, nanoseconds.
  var lateness: Int64 = 0

  init(capacity: Int) {
    storage = .allocate(capacity: capacity)
    storage.initialize(
      repeating: RecordObservation(PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0)))
  }

  deinit {
    storage.deallocate()
  }

  /// The records in use.
  var records: UnsafeMutableBufferPointer<RecordObservation> {
    UnsafeMutableBufferPointer(rebasing: storage[0..<count])
  }

  /// Takes over planned records as first tries.
  func fill(from planned: UnsafeMutableBufferPointer<PlannedRecord>, batch: PlannedBatch, producer: Int) {
    count = batch.count
    bytes = batch.bytes
    clamped = batch.clamped
    phase = batch.phase
    self.producer = producer
    isClosedLoop = false
    plannedClose = batch.closesAt
    for index in 0..<batch.count { storage[index] = RecordObservation(planned[index]) }
  }
}

extension RecordObservation {
  /// Notes the shard a try went to, as the answer named it; without that the predicted one stays.
  ///
  /// - Returns: whether the answer named another shard than predicted, or one that is not in the map.
  @inline(__always)
  mutating func takeShard(_ named: Int32) -> Bool {
    let predicted = shard
    isPlacedByPrediction = named < 0
    if named >= 0 { shard = named }
    return named != predicted && named != RecordResult.notNamed
  }
}
