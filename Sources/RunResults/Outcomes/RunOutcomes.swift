/// What became of each record of a run, in two bits a record, and the file `outcomes.bin` that holds it.
///
/// The file is there so that a stream can be verified when the run is over: its first line is
/// `shardmeter.outcomes/1 N N …`, for each phase how many records follow; then come each phase's records, four to a byte
/// and the first in its lowest bits: bit 0 accepted, bit 1 a try without a usable answer. Each phase begins a new byte.
package final class RunOutcomes {
  /// The file's name in a result folder.
  package static let fileName = "outcomes.bin"
  private static let schema = "shardmeter.outcomes/1"

  private let phases: [TwoBitSet]
  /// By phase, one past the last record that was tried.
  package private(set) var recordCounts: [UInt64]

  /// Nothing is known of any record.
  package init(phaseCount: Int) {
    phases = (0..<phaseCount).map { _ in TwoBitSet(capacity: 0) }
    recordCounts = Array(repeating: 0, count: phaseCount)
  }

  /// The outcomes of all lanes together; `nil` when the lanes kept none.
  package convenience init?(_ lanes: [WorkerLane]) {
    guard let first = lanes.first, lanes.allSatisfy({ $0.outcomes != nil }) else { return nil }
    self.init(phaseCount: first.layout.phases.count)
    for lane in lanes { lane.outcomes?.add(to: self) }
  }

  /// What is known of a record.
  package subscript(record: UInt64, phase phase: Int) -> RecordOutcome {
    RecordOutcome(rawValue: phases[phase][Int(clamping: record)])
  }

  /// Adds to what is known of a record.
  package func insert(_ outcome: RecordOutcome, record: UInt64, phase: Int) {
    phases[phase].insert(outcome.rawValue, at: Int(truncatingIfNeeded: record))
    recordCounts[phase] = max(recordCounts[phase], record + 1)
  }

  /// The file's content.
  package var fileBytes: [UInt8] {
    var bytes = Array("\(Self.schema) \(recordCounts.map { "\($0)" }.joined(separator: " "))\n".utf8)
    for (phase, count) in recordCounts.enumerated() {
      for start in stride(from: 0, to: Int(count), by: 4) {
        bytes.append((0..<4).reduce(0) { $0 | phases[phase][start + $1] << UInt8(2 * $1) })
      }
    }
    return bytes
  }

  /// Reads the file's content; `nil` for anything else.
  package convenience init?(fileBytes bytes: [UInt8]) {
    guard let lineEnd = bytes.firstIndex(of: 0x0A) else { return nil }
    let words = String(decoding: bytes[..<lineEnd], as: UTF8.self).split(separator: " ")
    let counts = words.dropFirst().compactMap { UInt64($0) }
    guard words.first == Self.schema[...], counts.count == words.count - 1 else { return nil }
    let rest = bytes[(lineEnd + 1)...]
    // Counts are compared one by one: a spoilt file must not make the sum overflow.
    var left = UInt64(rest.count)
    for count in counts {
      let length = count / 4 + (count % 4 == 0 ? 0 : 1)
      guard length <= left else { return nil }
      left -= length
    }
    guard left == 0 else { return nil }
    self.init(phaseCount: counts.count)
    var place = rest.startIndex
    for (phase, count) in counts.enumerated() {
      for record in 0..<count {
        let bits = rest[place + Int(record / 4)] >> UInt8(2 * (record % 4)) & 3
        if bits != 0 { phases[phase].insert(bits, at: Int(record)) }
      }
      recordCounts[phase] = count
      place += Int((count + 3) / 4)
    }
  }
}
