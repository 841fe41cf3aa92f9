import Kinesis

/// Says of a record that was read from a stream whether the plan sent it, and whether it is unchanged.
///
/// What was planned is made again and compared: nothing is kept per record. Not thread-safe: it has memory of its own.
package final class RecordProbe {
  private let plan: Plan
  private let buffer = RequestBuffer()
  private var key: [UInt8]
  /// By phase: whether keys can be made again without knowing when the records came due.
  private let isTimeless: [Bool]

  /// A probe for the records of a plan whose scenario has `records.identity`.
  package init(_ plan: Plan) {
    self.plan = plan
    key = Array(repeating: 0, count: plan.keys.maximumKeyBytes)
    isTimeless = plan.storage.generators.map(\.isTimeless)
  }

  /// The record that an identity names; `nil` when the plan has none such.
  ///
  /// In a closed phase every number may have been taken, and where keys move with time they are not known: see
  /// `knowsKeys`.
  ///
  /// - Complexity: O(1); O(log records) where keys move with time.
  package func record(_ identity: RecordIdentity) -> PlannedRecord? {
    let phase = Int(identity.phase)
    guard phase < plan.phases.count else { return nil }
    let generator = plan.storage.generators[phase]
    guard let schedule = generator.schedule else {
      return generator.record(identity.index, due: generator.start, catalog: plan.keys)
    }
    guard identity.index < schedule.count else { return nil }
    if isTimeless[phase] { return generator.record(identity.index, due: generator.start, catalog: plan.keys) }
    return plan.record(identity.index, in: phase)
  }

  /// Whether the keys of a phase's records can be made again.
  package func knowsKeys(ofPhase phase: Int) -> Bool {
    isTimeless[phase] || plan.storage.generators[phase].schedule != nil
  }

  /// Whether a record was read as it was sent: the same data under the same key.
  ///
  /// - Parameters:
  ///   - data: the data as base64 text.
  ///   - key: the partition key's UTF-8 bytes.
  package func isUnchanged(
    _ record: PlannedRecord, data: UnsafeRawBufferPointer, key read: UnsafeRawBufferPointer
  ) -> Bool {
    let length = Base64.encodedLength(of: Int(record.dataBytes))
    guard data.count == length, isSame(dataOf: record, length, data) else { return false }
    guard knowsKeys(ofPhase: Int(record.phase)) else { return true }
    let count = key.withUnsafeMutableBufferPointer { room in
      room.baseAddress.map { plan.keys.write(record.key, to: $0) } ?? 0
    }
    return key.withUnsafeBytes { $0.prefix(count).elementsEqual(read) }
  }

  private func isSame(dataOf record: PlannedRecord, _ length: Int, _ data: UnsafeRawBufferPointer) -> Bool {
    guard let read = data.baseAddress else { return length == 0 }
    let generator = plan.storage.generators[Int(record.phase)]
    let kind = generator.kinds[generator.kind(of: record.index)]
    buffer.beginBody(streamName: "")
    let text = buffer.beginRecord(base64Length: length, maximumKeyLength: 0)
    PayloadWriter.write(
      kind.payload, record: record, random: kind.payloadRandom, hasIdentity: plan.scenario.hasIdentity, to: text)
    return UnsafeRawBufferPointer(start: text, count: length)
      .elementsEqual(UnsafeRawBufferPointer(start: read, count: length))
  }
}
