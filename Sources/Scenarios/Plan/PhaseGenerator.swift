import Kinesis
import Measurement

/// Makes the records of one phase: everything about record i from the stream keys and i.
final class PhaseGenerator: Sendable {
  /// What a stream of random numbers is for.
  private enum Purpose {
    static let arrivals: UInt64 = 1
    static let kind: UInt64 = 2
    static let key: UInt64 = 3
    static let size: UInt64 = 4
    static let payload: UInt64 = 5
    static let hashKey: UInt64 = 6
  }

  /// One kind of record, ready to draw.
  struct Kind: Sendable {
    let key: KeySource
    let size: SizeDistribution
    let sizeRandom: CounterRandom
    /// The size of every record when there is only one.
    let fixedSize: Int?
    /// Where the data are files, whose sizes are theirs.
    let files: FilePayloads?
    let payload: PayloadRule
    let payloadRandom: CounterRandom
    let hashKey: ExplicitHashKeyRule?
    let hashKeyRandom: CounterRandom
  }

  let phase: UInt16
  /// Nanoseconds since the start of the run.
  let start: Int64
  /// Nanoseconds since the start of the run.
  let end: Int64
  /// `nil` for a closed phase.
  let schedule: ArrivalSchedule?
  let kinds: [Kind]
  /// The first kind's keys, and its one size, apart from it: reading them out of the list would count references.
  private let firstKey: KeySource
  private let firstFixedSize: Int?
  /// Whether there is one kind of record, of random data and without explicit hash keys.
  private let isPlainRandom: Bool
  /// The upper end of each kind's part of [0, 1).
  private let kindEnds: [Double]
  private let kindRandom: CounterRandom
  /// Bytes of data and key the stream takes; larger records are clamped to it.
  private let largest: Int
  /// Whether a record may be cut to `largest`.
  private let canClamp: Bool
  /// What the phase plays, when it follows a trace.
  private let trace: TraceWindow?
  /// Whether any kind has explicit hash keys.
  let hasHashKeys: Bool
  /// Whether every record's key follows from its number alone, whenever it comes due.
  let isTimeless: Bool
  /// Records after which they repeat; 0: never.
  private let round: UInt64

  /// Prepares a phase.
  init(
    _ rule: PhaseRule, number: Int, start: Int64, seed: UInt64, catalog: KeyCatalog, map: ShardMap, largest: Int,
    uniqueOffset: UInt64, round: UInt64, bytesPerRecord: Double
  ) {
    self.round = round
    isTimeless = rule.kinds.allSatisfy(\.key.isTimeless)
    let random = { (purpose: UInt64, part: Int) in
      CounterRandom(seed: seed, domain: purpose, UInt64(number), UInt64(part))
    }
    phase = UInt16(number)
    self.largest = largest
    self.start = start
    end = start + rule.duration
    switch rule.rate {
    case .max: schedule = nil
    default:
      let curve = RateCurve(rule.rate, duration: rule.duration, scale: rule.isInBytes ? 1 / bytesPerRecord : 1)
      schedule = ArrivalSchedule(curve: curve, arrivals: rule.arrivals, random: random(Purpose.arrivals, 0))
    }
    let trace: TraceWindow? = if case .trace(let window) = rule.rate { window } else { nil }
    self.trace = trace
    canClamp = trace == nil && rule.kinds.contains { $0.size.maximum + catalog.maximumKeyBytes > largest }
    let kinds = rule.kinds.enumerated().map { part, kind in
      Kind(
        key: KeySource(
          kind.key, catalog: catalog, map: map, random: random(Purpose.key, part), uniqueOffset: uniqueOffset),
        size: kind.size, sizeRandom: random(Purpose.size, part),
        fixedSize: trace == nil && kind.size.minimum == kind.size.maximum ? kind.size.minimum : nil,
        files: kind.payload.files,
        payload: kind.payload, payloadRandom: random(Purpose.payload, part),
        hashKey: kind.explicitHashKey, hashKeyRandom: random(Purpose.hashKey, part))
    }
    self.kinds = kinds
    firstKey = kinds[0].key
    firstFixedSize = kinds[0].fixedSize
    var sum = 0.0
    kindEnds = rule.kinds.map {
      sum += $0.share
      return sum
    }
    kindRandom = random(Purpose.kind, 0)
    hasHashKeys = rule.kinds.contains { $0.explicitHashKey != nil } || trace?.trace.hasHashKeys == true
    isPlainRandom = kinds.count == 1 && rule.kinds[0].payload == .random && !hasHashKeys
  }

  /// The record that record `index` is drawn as: itself, unless records repeat (`client.payloadPool`).
  @inline(__always)
  private func source(of index: UInt64) -> UInt64 { round == 0 ? index : index % round }

  /// The record whose data a record has.
  @inline(__always)
  func source(of record: PlannedRecord) -> PlannedRecord {
    guard round > 0 else { return record }
    return PlannedRecord(
      index: source(of: record.index), due: record.due, key: record.key, dataBytes: record.dataBytes,
      keyBytes: record.keyBytes, phase: record.phase)
  }

  /// Which kind record `index` is.
  @inline(__always)
  func kind(of index: UInt64) -> Int {
    if kinds.count == 1 { return 0 }
    let point = kindRandom.unit(source(of: index))
    return kindEnds.firstIndex { $0 > point } ?? kinds.count - 1
  }

  /// Record `index`, due at a time since the start of the run.
  @inline(__always)
  func record(_ index: UInt64, due: Int64, catalog: KeyCatalog) -> PlannedRecord {
    if kinds.count == 1, let size = firstFixedSize {
      return record(index, due: due, key: firstKey.key(of: source(of: index), at: due), size: size)
    }
    let kind = kind(of: index)
    return kinds.withUnsafeBufferPointer { kinds in
      let key = kinds[kind].key.key(of: source(of: index), at: due)
      return record(index, due: due, key: key, size: kinds[kind].fixedSize ?? size(of: index, kinds[kind]))
    }
  }

  @inline(__always)
  private func record(_ index: UInt64, due: Int64, key: (id: UInt64, length: UInt32), size: Int) -> PlannedRecord {
    PlannedRecord(
      index: index, due: due, key: key.id,
      dataBytes: UInt32(truncatingIfNeeded: min(size, max(largest - Int(key.length), 0))), keyBytes: key.length,
      phase: phase)
  }

  /// Appends records to a request until one is of another phase, and returns that one's place, or the end.
  ///
  /// - Parameters:
  ///   - records: a request's records.
  ///   - first: the place of the first to append, which is of this phase.
  func write(
    _ records: PlannedRecords, from first: Int, into buffer: RequestBuffer, catalog: KeyCatalog,
    hasIdentity: Bool
  ) -> Int {
    if isPlainRandom, !hasIdentity { return writePlain(records, from: first, into: buffer, catalog: catalog) }
    let keyRoom = catalog.maximumEscapedBytes
    return kinds.withUnsafeBufferPointer { kinds in
      for position in first..<records.count {
        let record = records[position]
        guard record.phase == phase else { return position }
        let kind = kind(of: record.index)
        let data = buffer.beginRecord(
          base64Length: (Int(record.dataBytes) + 2) / 3 * 4, maximumKeyLength: keyRoom)
        PayloadWriter.write(
          kinds[kind].payload, record: source(of: record), random: kinds[kind].payloadRandom, hasIdentity: hasIdentity,
          to: data)
        let keyLength = catalog.writeEscaped(record.key, to: buffer.beginKey())
        if hasHashKeys, let hash = explicitHashKey(of: record.index) {
          buffer.endRecord(keyLength: keyLength, explicitHashKey: hash)
        } else {
          buffer.endRecord(keyLength: keyLength)
        }
      }
      return records.count
    }
  }

  /// The same for one kind of record, of random data, without identity and explicit hash keys: the usual case.
  private func writePlain(
    _ records: PlannedRecords, from first: Int, into buffer: RequestBuffer, catalog: KeyCatalog
  ) -> Int {
    let keyRoom = catalog.maximumEscapedBytes
    let random = kinds[0].payloadRandom
    var position = first
    var next = SequenceRandom(random, source(of: records[position].index))
    while true {
      let record = records[position]
      var words = next
      position &+= 1
      let isLast = position == records.count || records[position].phase != phase
      // Begun one record ahead: its chain of ten multiplications then runs beside the writing of this one's data.
      if !isLast { next = SequenceRandom(random, source(of: records[position].index)) }
      let data = buffer.beginRecord(base64Length: (Int(record.dataBytes) + 2) / 3 * 4, maximumKeyLength: keyRoom)
      words.writeBase64(ofByteCount: Int(record.dataBytes), to: data)
      buffer.endRecord(keyLength: catalog.writeEscaped(record.key, to: buffer.beginKey()))
      if isLast { return position }
    }
  }

  /// Bytes of a record's data as drawn, before any clamping.
  @inline(__always)
  private func size(of index: UInt64, _ kind: Kind) -> Int {
    if let trace { return trace.trace.size(of: trace.first + index) }
    if let files = kind.files { return files.size(of: files.choice(of: source(of: index), kind.payloadRandom)) }
    return kind.size.sample(kind.sizeRandom, source(of: index))
  }

  /// How many records were cut to what the stream takes. O(1) where none can be.
  func clamped(_ records: Slice<UnsafeMutableBufferPointer<PlannedRecord>>) -> Int {
    guard canClamp else { return 0 }
    return records.count { record in
      record.bytes >= largest && size(of: record.index, kinds[kind(of: record.index)]) > Int(record.dataBytes)
    }
  }

  /// Record `index`'s explicit hash key, when its kind has one.
  func explicitHashKey(of index: UInt64) -> UInt128? {
    if let trace { return trace.trace.hashKey(of: trace.first + index) }
    let kind = kinds[kind(of: index)]
    switch kind.hashKey {
    case nil: return nil
    case .uniform:
      let words = kind.hashKeyRandom.bits(source(of: index))
      return UInt128(words.0) << 64 | UInt128(words.1)
    case .values(let values):
      return values[Int(kind.hashKeyRandom.below(UInt64(values.count), source(of: index)))]
    }
  }
}
