import Kinesis
import Measurement
import StrictJSON

/// Reads a trace of any length piece by piece into the arrays it is played from, and counts its bad rows.
struct TraceReader {
  private enum Form {
    case unknown
    case rows
    case lines
  }

  private let largestRecord: Int
  private let largestCount: Int
  private var form = Form.unknown
  /// The first bytes, until they show whether this is CSV or JSON.
  private var beginning: [UInt8] = []
  private var hash = SHA256()
  private var csv = CSVRows()
  private var jsonLine: [UInt8] = []
  private var lineNumber = 1
  private var columns: TraceColumns?
  private var names: [String] = []
  private var failure: TraceFailure?
  private var bad = BadRows()
  private var rows = 0
  /// Whether times count from 1970 instead of the trace's start: as the column says, or its first number, which is then
  /// beyond what a trace may last.
  private var countsFromEpoch: Bool?

  private var times: [Int64] = []
  private var sizes: [UInt32] = []
  private var keys: [UInt32] = []
  private var hashKeys: Trace.HashKeys?
  private var texts = TextTable()

  /// A reader at a trace's start.
  ///
  /// - Parameters:
  ///   - largestRecord: bytes of data and key that the stream takes.
  ///   - largestCount: more rows are refused.
  init(largestRecord: Int, largestCount: Int = Trace.largestCount) {
    self.largestRecord = largestRecord
    self.largestCount = largestCount
  }

  /// Reads a piece.
  ///
  /// - Returns: false when the rest need not be read: what is there cannot be played.
  mutating func take(_ piece: UnsafeRawBufferPointer) -> Bool {
    hash.update(piece)
    guard form == .unknown else {
      parse(piece)
      return failure == nil
    }
    beginning.append(contentsOf: piece)
    if beginning.count >= 4 { begin() }
    return failure == nil
  }

  /// Ends the trace.
  ///
  /// - Throws: what is wrong with it as a whole, or its bad rows.
  mutating func finish(speed: Double, isLooped: Bool) throws(TraceFailure) -> Trace {
    if form == .unknown { begin() }
    switch form {
    case .rows:
      var splitter = csv
      csv = CSVRows()
      splitter.finish { row in take(row) }
    case .lines: endLine()
    case .unknown: break
    }
    if let failure { throw failure }
    if let failure = bad.failure(of: rows) { throw failure }
    guard !times.isEmpty else {
      throw TraceFailure(
        expected: "a trace with at least one record", found: names.isEmpty ? "an empty file" : "only a header")
    }
    if countsFromEpoch == true, let start = times.min() {
      for index in times.indices { times[index] -= start }
    }
    // Before any time is divided by the speed and rounded, since what is far beyond has no whole number.
    let last = Double(times.max() ?? 0) / speed
    guard last <= Double(TraceValue.longest) else { throw Self.tooLong(Int64(exactly: last.rounded()) ?? .max) }
    let trace = Trace(
      times: times, sizes: sizes, keys: keys, hashKeys: hashKeys, texts: texts, contentHash: hash.finish().hex,
      speed: speed, isLooped: isLooped)
    guard trace.length <= TraceValue.longest else { throw Self.tooLong(trace.length) }
    return trace
  }

  private static func tooLong(_ length: Int64) -> TraceFailure {
    TraceFailure(expected: "a trace of at most 31 days", found: "one of \(UnitText.duration(length))")
  }

  /// Decides by the first byte: a JSON object or a header.
  private mutating func begin() {
    if let encoding = ForeignEncoding(beginning) {
      failure = TraceFailure(expected: "a trace in UTF-8", found: "text in \(encoding)")
      return
    }
    // A byte order mark, which some programs put before their tables.
    if beginning.starts(with: [0xEF, 0xBB, 0xBF]) { beginning.removeFirst(3) }
    form = beginning.first == UInt8(ascii: "{") ? .lines : .rows
    let first = beginning
    beginning = []
    first.withUnsafeBytes { parse($0) }
  }

  private mutating func parse(_ piece: UnsafeRawBufferPointer) {
    if form == .rows {
      // The splitter is taken out meanwhile: it calls back into this value.
      var splitter = csv
      csv = CSVRows()
      splitter.take(piece) { row in take(row) }
      csv = splitter
      return
    }
    var rest = piece
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      appendToLine(UnsafeRawBufferPointer(rebasing: rest[..<end]))
      endLine()
      rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
    }
    appendToLine(rest)
  }

  // MARK: - CSV

  private mutating func take(_ row: borrowing CSVRows) {
    guard failure == nil else { return }
    guard let columns else {
      names = row.ends.indices.map { String(decoding: row.field($0), as: UTF8.self) }
      setColumns(names)
      return
    }
    let count = row.ends.count
    let fault: BadRow? =
      switch row.fault {
      case .tooLong: BadRow(reason: "more than \(CSVRows.longestRow) bytes")
      case .textAfterQuote: BadRow(reason: "text after a closing quote")
      case .openQuote: BadRow(reason: "a quote that is never closed")
      case .none: count == names.count ? nil : BadRow(reason: "\(count) fields, the header has \(names.count)")
      }
    let line = row.line
    if let fault {
      rows += 1
      bad.note(line: line, fault)
      return
    }
    let hashKey = columns.hashKeyIndex.map { TraceValue.text(row.field($0)) }
    add(
      line: line, columns, time: .text(row.field(columns.timeIndex)), key: .text(row.field(columns.keyIndex)),
      size: .text(row.field(columns.sizeIndex)), hashKey: hashKey ?? .absent)
  }

  private mutating func setColumns(_ names: [String]) {
    do {
      columns = try TraceColumns(names)
    } catch {
      failure = error
    }
  }

  // MARK: - JSON lines

  private mutating func appendToLine(_ piece: UnsafeRawBufferPointer) {
    let room = CSVRows.longestRow + 1 - jsonLine.count
    jsonLine.append(contentsOf: piece.prefix(max(0, room)))
  }

  private mutating func endLine() {
    defer {
      jsonLine.removeAll(keepingCapacity: true)
      lineNumber += 1
    }
    if jsonLine.last == UInt8(ascii: "\r") { jsonLine.removeLast() }
    guard failure == nil, !jsonLine.isEmpty else { return }
    do {
      try addLine()
    } catch {
      rows += 1
      bad.note(line: lineNumber, error)
    }
  }

  private mutating func addLine() throws(BadRow) {
    guard jsonLine.count <= CSVRows.longestRow else { throw BadRow(reason: "more than \(CSVRows.longestRow) bytes") }
    let object: JSONObjectReader
    do {
      object = try JSONDocument.parse(jsonLine, source: "").object()
    } catch {
      throw BadRow(reason: "no JSON object: expected \(error.expected), found \(error.found)")
    }
    if columns == nil {
      names = object.members.map(\.name)
      setColumns(names)
    }
    guard let columns else { return }
    func value(_ name: String) throws(BadRow) -> TraceValue {
      guard let value = TraceValue(object.optional(name)) else {
        throw BadRow(reason: "\(name) is neither text nor number")
      }
      return value
    }
    add(
      line: lineNumber, columns, time: try value(columns.time.rawValue),
      key: try value(columns.isHashed ? "hash" : "key"), size: try value("size"),
      hashKey: try value("explicit_hash_key"))
  }

  // MARK: - Rows

  private mutating func add(
    line: Int, _ columns: TraceColumns, time: TraceValue, key: TraceValue, size: TraceValue, hashKey: TraceValue
  ) {
    rows += 1
    do {
      try add(columns, time: time, key: key, size: size, hashKey: hashKey)
    } catch {
      bad.note(line: line, error)
    }
    if rows > largestCount {
      failure = TraceFailure(expected: "a trace of at most \(largestCount) records", found: "more")
    } else if texts.byteCount > Trace.largestKeyBytes {
      failure = TraceFailure(
        expected: "different keys of at most \(UnitText.size(Int64(Trace.largestKeyBytes))) in all", found: "more")
    }
  }

  private mutating func add(
    _ columns: TraceColumns, time: TraceValue, key: TraceValue, size: TraceValue, hashKey: TraceValue
  ) throws(BadRow) {
    let value = time
    let time = try value.time(columns.time)
    let isFromEpoch = columns.time == .utc || time > TraceValue.longest
    guard countsFromEpoch ?? isFromEpoch == isFromEpoch else {
      let (this, others) = isFromEpoch ? ("1970", "the trace's start") : ("the trace's start", "1970")
      throw BadRow(
        reason: "\(columns.time.rawValue) \(value.quoted) counts from \(this), the rows before it from \(others)")
    }
    countsFromEpoch = isFromEpoch
    let size = try size.size()
    var explicit = try hashKey.hashKey()
    var keyText: [UInt8]
    if columns.isHashed {
      // The key is not known: its hash in digits stands for it, and the record is sent to its place by hash key.
      let hash = try key.hash()
      explicit = explicit ?? hash
      let digits = String(hash, radix: 16)
      keyText = Array((String(repeating: "0", count: 32 - digits.count) + digits).utf8)
    } else {
      keyText = Array(try key.key())
    }
    guard size + keyText.count <= largestRecord else {
      throw BadRow(
        reason: "\(size + keyText.count) bytes of data and key; the stream takes \(largestRecord) in a record")
    }
    if explicit != nil, hashKeys == nil {
      hashKeys = Trace.HashKeys(
        values: Array(repeating: 0, count: times.count), isSet: Array(repeating: false, count: times.count))
    }
    times.append(time)
    sizes.append(UInt32(size))
    keys.append(UInt32(keyText.withUnsafeBytes { texts.insert($0) }))
    hashKeys?.values.append(explicit ?? 0)
    hashKeys?.isSet.append(explicit != nil)
  }
}
