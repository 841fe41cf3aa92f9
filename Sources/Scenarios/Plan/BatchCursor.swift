import Kinesis
import Measurement

/// The batches of one producer, in time order: what it would send if nothing were ever late.
package struct BatchCursor: Sendable {
  private let storage: Plan.Storage
  private let producer: UInt64
  private let step: UInt64
  private let recordLimit: Int
  private let byteLimit: Int
  private let linger: Int64?
  private var phase = 0
  private var nextIndex: UInt64
  private var schedule = ArrivalSchedule.Cursor()
  /// The first record of the next batch: drawn already, because the one before ended with it.
  private var waiting: PlannedRecord?
  private var closedIndex: [UInt64]

  init(_ storage: Plan.Storage, producer: Int) {
    let scenario = storage.scenario
    self.storage = storage
    self.producer = UInt64(producer)
    step = UInt64(scenario.client.producers)
    recordLimit = scenario.batch.records
    byteLimit = scenario.batch.bytes
    linger = scenario.batch.linger?.value
    nextIndex = UInt64(producer)
    closedIndex = storage.generators.map { _ in UInt64(producer) }
  }

  /// Starts in the middle: the producer of record `index` of an open phase, its next batch beginning there.
  init(_ storage: Plan.Storage, phase: Int, index: UInt64) {
    self.init(storage, producer: Int(index % UInt64(storage.scenario.client.producers)))
    self.phase = phase
    nextIndex = index
  }

  /// The next batch of the open phases; `nil` after the last. It never spans two phases.
  ///
  /// - Parameter records: room for `batch.records` records; the batch's come first.
  /// - Complexity: O(records of the batch).
  package mutating func next(into records: UnsafeMutableBufferPointer<PlannedRecord>) -> PlannedBatch? {
    precondition(records.count >= recordLimit, "room for \(records.count) records of \(recordLimit)")
    while phase < storage.generators.count {
      let generator = storage.generators[phase]
      if let first = waiting ?? draw(generator) {
        return batch(beginningWith: first, of: generator, into: records)
      }
      phase += 1
      nextIndex = producer
      schedule = ArrivalSchedule.Cursor()
    }
    return nil
  }

  /// The first of the producer's records of an open phase that no batch has taken; beyond every record once the producer
  /// is done with the phase.
  package func firstUntaken(in number: Int) -> UInt64 {
    if number == phase { return waiting?.index ?? nextIndex }
    return number > phase ? producer : .max
  }

  private mutating func batch(
    beginningWith first: PlannedRecord, of generator: PhaseGenerator,
    into records: UnsafeMutableBufferPointer<PlannedRecord>
  ) -> PlannedBatch {
    waiting = nil
    records[0] = first
    var count = 1
    var bytes = first.bytes
    let deadline = linger.map { min(first.due + $0, generator.end) } ?? generator.end
    var closesAt = first.due
    while count < recordLimit, bytes < byteLimit {
      guard let record = draw(generator) else {
        closesAt = deadline
        break
      }
      if record.due > deadline {
        waiting = record
        closesAt = deadline
        break
      }
      if bytes + record.bytes > byteLimit {
        waiting = record
        closesAt = record.due
        break
      }
      records[count] = record
      count += 1
      bytes += record.bytes
      closesAt = record.due
    }
    return PlannedBatch(
      phase: phase, count: count, closesAt: closesAt, bytes: bytes, clamped: generator.clamped(records.prefix(count)))
  }

  /// The producer's next record of the phase.
  @inline(__always)
  private mutating func draw(_ generator: PhaseGenerator) -> PlannedRecord? {
    guard let times = generator.schedule, nextIndex < times.count else { return nil }
    let due = generator.start + times.due(nextIndex, &schedule)
    let record = generator.record(nextIndex, due: due, catalog: storage.keys)
    nextIndex += step
    return record
  }

  /// The next batch of a closed phase: full at once, by its record or byte limit, and due now.
  ///
  /// - Parameters:
  ///   - phase: a phase whose loop is closed.
  ///   - now: nanoseconds since the start of the run.
  ///   - records: room for `batch.records` records.
  package mutating func nextClosed(
    phase: Int, now: Int64, into records: UnsafeMutableBufferPointer<PlannedRecord>
  ) -> PlannedBatch {
    precondition(records.count >= recordLimit, "room for \(records.count) records of \(recordLimit)")
    let generator = storage.generators[phase]
    precondition(generator.schedule == nil, "phase \(phase) has a schedule")
    var count = 0
    var bytes = 0
    while count < recordLimit {
      let record = generator.record(closedIndex[phase], due: now, catalog: storage.keys)
      if count > 0, bytes + record.bytes > byteLimit { break }
      records[count] = record
      count += 1
      bytes += record.bytes
      closedIndex[phase] += step
    }
    return PlannedBatch(
      phase: phase, count: count, closesAt: now, bytes: bytes, clamped: generator.clamped(records.prefix(count)))
  }
}
