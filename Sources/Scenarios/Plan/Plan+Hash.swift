import Kinesis
import StrictJSON

extension Plan {
  private static let sampledRecords: UInt64 = 4_096

  /// SHA-256 of the workload hash, the generator's version, and 4,096 evenly spaced records with their batches: equal
  /// for two programs that send the same records in the same batches.
  ///
  /// A record's batch here is the one its producer would form beginning with it, so that an hours-long plan need not be
  /// walked from its start. Closed phases give their first records, which have no due time.
  ///
  /// - Complexity: O(4,096 batches), some tenths of a second at most; computed on each call.
  package var planHash: String {
    var hash = SHA256()
    hash.update("\(scenario.workloadHash) \(Self.generatorVersion)\n")
    let open = storage.generators.reduce(UInt64(0)) { $0 + ($1.schedule?.count ?? 0) }
    var records = [PlannedRecord](
      repeating: PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 0, keyBytes: 0, phase: 0),
      count: scenario.batch.records)
    let samples = min(Self.sampledRecords, open)
    var phase = 0
    var before: UInt64 = 0
    for sample in 0..<samples {
      let place = UInt64(UInt128(open) * UInt128(sample) / UInt128(samples))
      while place - before >= storage.generators[phase].schedule?.count ?? 0 {
        before += storage.generators[phase].schedule?.count ?? 0
        phase += 1
      }
      var cursor = BatchCursor(storage, phase: phase, index: place - before)
      records.withUnsafeMutableBufferPointer { buffer in
        guard let batch = cursor.next(into: buffer), let first = buffer.first else { return }
        update(&hash, with: first)
        hash.update("\(batch.count) \(batch.bytes) \(batch.closesAt)\n")
      }
    }
    for (phase, generator) in storage.generators.enumerated() where generator.schedule == nil {
      var cursor = BatchCursor(storage, phase: phase, index: 0)
      records.withUnsafeMutableBufferPointer { buffer in
        let batch = cursor.nextClosed(phase: phase, now: 0, into: buffer)
        for record in buffer.prefix(batch.count) { update(&hash, with: record) }
      }
    }
    return hash.finish().hex
  }

  private func update(_ hash: inout SHA256, with record: PlannedRecord) {
    let place = self.hash(of: record)
    hash.update("\(record.phase) \(record.index) \(record.due) \(record.dataBytes) \(place) ")
    keys.bytes(of: record.key).withUnsafeBytes { hash.update($0) }
    data(of: record).withUnsafeBytes { hash.update($0) }
    hash.update("\n")
  }
}
