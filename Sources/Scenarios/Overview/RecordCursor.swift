import Kinesis
import Measurement

/// The records of one open phase in the order they come due, all producers together.
package struct RecordCursor: Sendable, IteratorProtocol {
  private let generator: PhaseGenerator
  private let keys: KeyCatalog
  private var index: UInt64 = 0
  private var schedule = ArrivalSchedule.Cursor()

  init(_ generator: PhaseGenerator, keys: KeyCatalog) {
    self.generator = generator
    self.keys = keys
  }

  /// The next record; `nil` after the last. O(1).
  package mutating func next() -> PlannedRecord? {
    guard let times = generator.schedule, index < times.count else { return nil }
    let due = generator.start + times.due(index, &schedule)
    defer { index += 1 }
    return generator.record(index, due: due, catalog: keys)
  }
}

extension Plan {
  /// The records of a phase in the order they come due; none for a closed phase.
  package func records(ofPhase phase: Int) -> RecordCursor {
    RecordCursor(storage.generators[phase], keys: keys)
  }

  /// A record's explicit hash key, when its kind has one.
  package func explicitHashKey(of record: PlannedRecord) -> UInt128? {
    storage.generators[Int(record.phase)].explicitHashKey(of: record.index)
  }
}
