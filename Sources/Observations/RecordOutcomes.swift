import Kinesis

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
    var position = rest.startIndex
    for (phase, count) in counts.enumerated() {
      for record in 0..<count {
        let bits = rest[position + Int(record / 4)] >> UInt8(2 * (record % 4)) & 3
        if bits != 0 { phases[phase].insert(bits, at: Int(record)) }
      }
      recordCounts[phase] = count
      position += Int((count + 3) / 4)
    }
  }
}

/// What became of each record of one worker's producers, in two bits a record.
///
/// Record i belongs to producer i mod `producers`, and producer p to worker p mod `workers`; only the worker's own records
/// take room. Not thread-safe: it belongs to one lane.
package final class LaneOutcomes {
  private let producers: UInt64
  private let worker: UInt64
  private let workers: UInt64
  /// How many producers the worker has.
  private let own: UInt64
  private let phases: [TwoBitSet]

  /// Outcomes of a worker's records, all unknown to have been tried.
  ///
  /// - Parameters:
  ///   - recordCounts: by phase how many records it has; `nil` where that is not known.
  ///   - producers: logical producers of the run.
  ///   - worker: the worker's number, from 0.
  ///   - workers: how many there are.
  package init(recordCounts: [UInt64?], producers: Int, worker: Int, workers: Int) {
    self.producers = UInt64(producers)
    self.worker = UInt64(worker)
    self.workers = UInt64(workers)
    let own = UInt64((producers - worker + workers - 1) / workers)
    self.own = own
    phases = recordCounts.map { count in
      TwoBitSet(capacity: Int(clamping: ((count ?? 0) / UInt64(producers) + 1) * own))
    }
  }

  /// Takes note of a try of each record.
  @inline(__always)
  func note(_ records: UnsafeMutableBufferPointer<RecordObservation>) {
    for index in records.indices {
      let outcome: RecordOutcome
      switch records[index].outcome {
      case .accepted: outcome = .accepted
      case .unknown: outcome = .unknown
      case .throttled, .fault: continue
      }
      let (round, producer) = records[index].planned.index.quotientAndRemainder(dividingBy: producers)
      let position = round * own + (producer - worker) / workers
      phases[Int(records[index].planned.phase)].insert(outcome.rawValue, at: Int(truncatingIfNeeded: position))
    }
  }

  /// Adds this worker's records to the outcomes of the whole run. O(records).
  func add(to sum: RunOutcomes) {
    for (phase, set) in phases.enumerated() {
      for position in 0..<set.upperBound where set[position] != 0 {
        let (round, mine) = UInt64(position).quotientAndRemainder(dividingBy: own)
        let record = round * producers + mine * workers + worker
        sum.insert(RecordOutcome(rawValue: set[position]), record: record, phase: phase)
      }
    }
  }
}

/// What a run knows of one record, all its tries together.
package struct RecordOutcome: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// An answer gave it a sequence number.
  package static let accepted = RecordOutcome(rawValue: 1)
  /// A try got no usable answer: it may have been accepted.
  package static let unknown = RecordOutcome(rawValue: 2)
}

/// Two bits for each of many numbered things, all clear at first; it grows as higher numbers are set.
///
/// Memory: a quarter of a byte a thing. Plain memory, since it is set for every record; not thread-safe.
package final class TwoBitSet {
  @exclusivity(unchecked) private var words: UnsafeMutableBufferPointer<UInt64>

  private static func zeroed(_ count: Int) -> UnsafeMutableBufferPointer<UInt64> {
    let words = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: max(count, 1))
    words.initialize(repeating: 0)
    return words
  }

  /// Room for so many things before it grows.
  package init(capacity: Int) { words = Self.zeroed((capacity + 31) / 32) }

  deinit { words.deallocate() }

  /// The two bits of a thing; clear beyond the room.
  package subscript(index: Int) -> UInt8 {
    let word = index >> 5
    guard word < words.count else { return 0 }
    return UInt8(truncatingIfNeeded: words[word] >> UInt64(2 * (index & 31)) & 3)
  }

  /// Sets bits of a thing beside those it has.
  @inline(__always)
  package func insert(_ bits: UInt8, at index: Int) {
    let word = index >> 5
    if word >= words.count { grow(toHold: word) }
    words[word] |= UInt64(bits & 3) << UInt64(2 * (index & 31))
  }

  @inline(never)
  private func grow(toHold word: Int) {
    let larger = Self.zeroed(max(word + 1, words.count * 2))
    UnsafeMutableRawBufferPointer(larger).copyMemory(from: UnsafeRawBufferPointer(words))
    words.deallocate()
    words = larger
  }

  /// One past the last thing that may have a bit set.
  package var upperBound: Int { words.count * 32 }
}
