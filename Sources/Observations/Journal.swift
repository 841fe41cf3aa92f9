import Kinesis
import Measurement

/// The file that a run's observations are written to as they become final: what is left of a run that was killed, and the
/// part of a run that others merge.
///
/// It begins with the line `shardmeter.journal/3`; entries follow, each a length (4 bytes, the least significant first), a
/// kind (1 byte), so many bytes, and their CRC-32C with length and kind (4 bytes). The first entry is the header. What
/// follows an entry that is cut off or does not agree with its checksum cannot be told apart any more and is left out.
package enum Journal {
  /// The file's name in a result folder.
  package static let fileName = "journal.bin"
  /// Raised when an entry or the header changes.
  package static let format = 3

  private static let name = "shardmeter.journal/"
  private static let headerKind: UInt8 = 0
  /// Length, kind and checksum.
  private static let frameBytes = 9

  /// Everything that is needed to make a run's results on another machine.
  package struct Header: Sendable {
    package var runID: String
    /// The hash over the planned records; `nil` where it was not known at the start.
    package var planHash: String?
    /// The resolved scenario, as in `scenario.json`.
    package var scenario: [UInt8]
    package var layout: RunLayout
    /// What results only hand on, in the results' own form.
    package var description: [UInt8]

    package init(runID: String, planHash: String?, scenario: [UInt8], layout: RunLayout, description: [UInt8]) {
      self.runID = runID
      self.planHash = planHash
      self.scenario = scenario
      self.layout = layout
      self.description = description
    }
  }

  /// The beginning of a file.
  package static func bytes(of header: Header) -> [UInt8] {
    var bytes = Array("\(name)\(format)\n".utf8)
    append(headerKind, to: &bytes) { body in
      body.append(header.runID)
      body.append(header.planHash) { $0.append($1) }
      body.append(header.scenario)
      header.layout.encode(to: &body)
      body.append(header.description)
    }
    return bytes
  }

  /// Appends an entry.
  package static func append(_ entry: JournalEntry, to bytes: inout [UInt8]) {
    append(entry.kind, to: &bytes) { entry.encode(to: &$0) }
  }

  /// An entry is written where it is to stand, its length when that is known: one of many keys is large.
  private static func append(_ kind: UInt8, to bytes: inout [UInt8], body: (inout JournalBytes) -> Void) {
    let start = bytes.count
    append(0, to: &bytes)
    bytes.append(kind)
    var all = JournalBytes()
    swap(&all.bytes, &bytes)
    body(&all)
    swap(&all.bytes, &bytes)
    let length = UInt32(truncatingIfNeeded: bytes.count - start - 5)
    for offset in 0..<4 { bytes[start + offset] = UInt8(truncatingIfNeeded: length >> UInt32(8 * offset)) }
    append(CRC32C.checksum(bytes[start...]), to: &bytes)
  }

  private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  /// Reads a file entry by entry, in order.
  package struct Reader {
    /// What the file says before its first entry.
    package let header: Header
    /// Why nothing was read behind the last entry; `nil` as long as there is more, and at a whole file's end.
    package private(set) var damage: String?
    private let bytes: [UInt8]
    private var offset: Int

    /// Reads the header.
    ///
    /// - Throws: when there is no whole header, or it is of another format.
    package init(_ bytes: [UInt8]) throws(JournalFailure) {
      guard !bytes.isEmpty else { throw JournalFailure("it is empty") }
      let start = Array(Journal.name.utf8)
      guard bytes.starts(with: start), let lineEnd = bytes.prefix(64).firstIndex(of: 0x0A) else {
        throw JournalFailure("it is no journal: expected \"\(Journal.name)\(Journal.format)\" in its first line")
      }
      let number = VisibleText.line(String(decoding: bytes[start.count..<lineEnd], as: UTF8.self))
      guard number == "\(Journal.format)" else {
        throw JournalFailure("it has format \(number), this program reads \(Journal.format)")
      }
      self.bytes = bytes
      offset = lineEnd + 1
      switch Self.frame(bytes, at: offset) {
      case .entry(let kind, let body, let next):
        guard kind == Journal.headerKind else { throw JournalFailure("it does not begin with its header") }
        var cursor = JournalCursor(body)
        header = try Header(from: &cursor)
        offset = next
      case .damaged(let why): throw JournalFailure("its header is not whole: \(why)")
      case .end: throw JournalFailure("it has no header")
      }
    }

    /// The next entry; `nil` at the end of what is whole.
    package mutating func next() -> JournalEntry? {
      guard damage == nil else { return nil }
      switch Self.frame(bytes, at: offset) {
      case .end: return nil
      case .damaged(let why): damage = "byte \(offset): \(why)"
      case .entry(let kind, let body, let next):
        var cursor = JournalCursor(body)
        do throws(JournalFailure) {
          let entry = try JournalEntry(kind: kind, from: &cursor)
          offset = next
          return entry
        } catch {
          damage = "byte \(offset): \(error)"
        }
      }
      return nil
    }

    private enum Frame {
      case entry(kind: UInt8, ArraySlice<UInt8>, next: Int)
      case damaged(String)
      case end
    }

    private static func frame(_ bytes: [UInt8], at offset: Int) -> Frame {
      let left = bytes.count - offset
      if left == 0 { return .end }
      guard left >= frameBytes else { return .damaged("an entry is cut off") }
      let length = Int(number(bytes, at: offset))
      guard length <= left - frameBytes else { return .damaged("an entry is cut off, or its length is spoilt") }
      let end = offset + 5 + length
      guard number(bytes, at: end) == CRC32C.checksum(bytes[offset..<end]) else {
        return .damaged("an entry does not agree with its checksum")
      }
      return .entry(kind: bytes[offset + 4], bytes[(offset + 5)..<end], next: end + 4)
    }

    private static func number(_ bytes: [UInt8], at offset: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
    }
  }
}

extension Journal.Header {
  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    runID = try cursor.string()
    planHash = try cursor.optional { (cursor) throws(JournalFailure) in try cursor.string() }
    scenario = try cursor.raw()
    layout = try RunLayout(from: &cursor)
    description = try cursor.raw()
    guard cursor.isAtEnd else { throw JournalFailure("its header is longer than its content") }
  }
}

extension RunLayout: JournalCodable {
  func encode(to bytes: inout JournalBytes) {
    bytes.append(phases) { bytes, phase in
      bytes.append(phase.name)
      bytes.append(phase.start.value)
      bytes.append(phase.duration.value)
      bytes.append(phase.isMeasured)
      bytes.append(phase.isClosedLoop)
      bytes.append(phase.records) { $0.append($1) }
    }
    shards.encode(to: &bytes)
    bytes.append(timeout.value)
    bytes.append(keyCount) { $0.append($1) }
    bytes.append(isRoutedByKey)
    bytes.append(limits.recordsPerSecond) { $0.append($1) }
    bytes.append(limits.bytesPerSecond) { $0.append($1) }
    bytes.append(latenessBound.value)
    bytes.append(inFlightCap) { $0.append($1) }
    bytes.append(connections) { $0.append($1) }
    bytes.append(phasesWithShardResponses.sorted()) { $0.append($1) }
    bytes.append(needsShardSeconds)
    bytes.append(workers)
  }

  init(from cursor: inout JournalCursor) throws(JournalFailure) {
    func count(_ cursor: inout JournalCursor) throws(JournalFailure) -> Int? {
      try cursor.optional { (cursor) throws(JournalFailure) in try cursor.int() }
    }
    let phases = try cursor.array { (cursor) throws(JournalFailure) in
      PhaseLayout(
        name: try cursor.string(), start: Nanoseconds(try cursor.time()), duration: Nanoseconds(try cursor.time()),
        isMeasured: try cursor.bool(), isClosedLoop: try cursor.bool(),
        records: try cursor.optional { (cursor) throws(JournalFailure) in
          Int(clamping: max(try cursor.signed(), 0))
        })
    }
    let shards = try ShardMap(from: &cursor)
    let timeout = Nanoseconds(try cursor.time())
    let keyCount = try cursor.optional { (cursor) throws(JournalFailure) in try cursor.unsigned() }
    let isRoutedByKey = try cursor.bool()
    let limits = AssumedLimits(recordsPerSecond: try count(&cursor), bytesPerSecond: try count(&cursor))
    let latenessBound = Nanoseconds(try cursor.time())
    let (inFlightCap, connections) = (try count(&cursor), try count(&cursor))
    let number = phases.count
    let asked = try cursor.array { (cursor) throws(JournalFailure) in try cursor.int(in: 0..<number, "phase") }
    let needsShardSeconds = try cursor.bool()
    self.init(
      phases: phases, shards: shards, timeout: timeout, keyCount: keyCount, isRoutedByKey: isRoutedByKey,
      limits: limits,
      inFlightCap: inFlightCap, connections: connections, phasesWithShardResponses: Set(asked),
      needsShardSeconds: needsShardSeconds, workers: try cursor.int(in: 0..<(1 << 20), "number of workers"))
    self.latenessBound = latenessBound
  }
}
