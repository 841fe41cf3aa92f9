import Kinesis
import Measurement
import StrictJSON

/// Writes the records that arrive as a trace: one row a record of the user, aggregated records opened, in the order they came.
///
/// Columns: `t_s` since the first row, `key` or its `hash` (the MD5 that places it), `size` of the data, `explicit_hash_key`, and
/// `container`, the number of the Kinesis record that a row came in, from 0: rows of one aggregated record share theirs.
///
/// `@unchecked Sendable`: the thread that serves uses it, and when that has ended whoever finishes the file.
package final class TrafficCapture: @unchecked Sendable {
  /// How rows are written.
  package enum Form: Sendable {
    case csv
    /// One JSON object a line.
    case lines
  }

  /// What is written, and how.
  package struct Settings: Sendable {
    package var form: Form
    /// Whether keys are written instead of their hashes.
    package var showsKeys: Bool
    /// Whether a Kinesis record of the same content as one before it, as a retry is, is left out.
    package var isDistinct: Bool

    package init(form: Form, showsKeys: Bool = false, isDistinct: Bool = false) {
      (self.form, self.showsKeys, self.isDistinct) = (form, showsKeys, isDistinct)
    }
  }

  /// Bytes and nanoseconds after which rows are handed on.
  private static let (pieceBytes, pieceTime) = (1 << 16, Int64(1_000_000_000))
  /// What a record's key may have (botocore, PutRecordsRequestEntry): a user record in an aggregate can break the rule.
  private static let keyCharacters = 1...256

  private let settings: Settings
  private let write: ([UInt8]) throws -> Void
  /// The first failure to write, once told.
  private let fail: (any Error) -> Void
  private var bytes: [UInt8] = []
  private var firstTime: Int64?
  private var lastWrite = Int64.min
  private var seen = TryTally()
  private var aggregates = AggregateReader()
  private var data: [UInt8] = []

  /// Rows written or about to be.
  package private(set) var rows = 0
  /// Kinesis records taken, opened or not.
  package private(set) var containers = 0
  /// Aggregated records that stand as one row: broken ones, and those with a key that no record may have.
  package private(set) var unopened = 0
  /// Whether a write failed; nothing is written after that.
  package private(set) var hasFailed = false
  /// Whether so many distinct records came that one may have been written again.
  package var hasForgotten: Bool { seen.hasForgotten }

  /// A capture without rows yet.
  ///
  /// - Parameters:
  ///   - write: takes the next bytes of the file.
  ///   - fail: told the first failure, on the thread that serves.
  package init(
    _ settings: Settings, write: @escaping ([UInt8]) throws -> Void, fail: @escaping (any Error) -> Void
  ) {
    (self.settings, self.write, self.fail) = (settings, write, fail)
    if settings.form == .csv {
      bytes = Array("t_s,\(settings.showsKeys ? "key" : "hash"),size,explicit_hash_key,container\n".utf8)
    }
  }

  /// Takes the records of a request in JSON.
  func add(_ records: [RequestRecord], of decoder: PutRecordsRequestDecoder, at time: ServiceTime) {
    guard !hasFailed else { return }
    for record in records {
      let isOld = settings.isDistinct && !seen.take(decoder.print(of: record), below: 1)
      if isOld { continue }
      let text = decoder.dataText(of: record)
      data.removeAll(keepingCapacity: true)
      if AggregateReader.mayBegin(base64: text) { Base64.decode(text, into: &data) }
      let hashKey = record.hasExplicitHashKey ? record.explicitHashKey : nil
      add(decoder.key(of: record), hashKey, size: record.dataLength, at: time)
    }
  }

  /// Takes records given as values.
  func add(_ records: [EmbeddedService.IncomingRecord], at time: ServiceTime) {
    guard !hasFailed else { return }
    for record in records {
      let isOld = settings.isDistinct && !seen.take(record.print, below: 1)
      if isOld { continue }
      data = record.data
      record.partitionKey.withUnsafeBytes { add($0, record.explicitHashKey, size: record.data.count, at: time) }
    }
  }

  /// Hands on what is left. Called again, it does nothing.
  package func finish() {
    handOn(at: lastWrite)
  }

  /// Takes one Kinesis record; `data` is its data where it may be an aggregate.
  private func add(_ key: UnsafeRawBufferPointer, _ hashKey: UInt128?, size: Int, at time: ServiceTime) {
    let start = firstTime ?? time.nanoseconds
    firstTime = start
    let elapsed = max(0, time.nanoseconds.subtractingSaturated(start))
    data.withUnsafeBytes { data in
      switch aggregates.read(data) {
      case .plain: row(elapsed, key, hashKey, size)
      case .broken:
        unopened += 1
        row(elapsed, key, hashKey, size)
      case .aggregate:
        guard isWritable(data) else {
          unopened += 1
          return row(elapsed, key, hashKey, size)
        }
        for index in 0..<aggregates.count {
          let record = aggregates[index]
          row(
            elapsed, UnsafeRawBufferPointer(rebasing: data[record.key]), record.explicitHashKey, record.data.count)
        }
      }
    }
    containers += 1
    if bytes.count >= Self.pieceBytes || time.nanoseconds.subtractingSaturated(lastWrite) >= Self.pieceTime {
      handOn(at: time.nanoseconds)
    }
  }

  /// Whether every record of the aggregate in hand could be a record by itself.
  private func isWritable(_ data: UnsafeRawBufferPointer) -> Bool {
    (0..<aggregates.count).allSatisfy {
      Self.keyCharacters.contains(String(decoding: data[aggregates[$0].key], as: UTF8.self).utf16.count)
    }
  }

  private func row(_ elapsed: Int64, _ key: UnsafeRawBufferPointer, _ hashKey: UInt128?, _ size: Int) {
    rows += 1
    let isCSV = settings.form == .csv
    append(isCSV ? "" : #"{"t_s":"#)
    append("\(elapsed / 1_000_000_000).")
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 9) { digits in
      guard let start = digits.baseAddress else { return }
      DecimalDigits.writePadded(UInt64(elapsed % 1_000_000_000), count: 9, to: start)
      bytes.append(contentsOf: digits)
    }
    append(isCSV ? "," : settings.showsKeys ? #","key":"# : #","hash":"#)
    if settings.showsKeys {
      let text = String(decoding: key, as: UTF8.self)
      if isCSV { append(cell: text) } else { JSONStringEscaping.append(text, to: &bytes) }
    } else {
      let digits = String(MD5.digest(key), radix: 16)
      let text = "0x" + String(repeating: "0", count: 32 - digits.utf8.count) + digits
      append(isCSV ? text : "\"\(text)\"")
    }
    append(isCSV ? ",\(size)," : #","size":\#(size)"#)
    if let hashKey { append(isCSV ? "\(hashKey)" : #","explicit_hash_key":"\#(hashKey)""#) }
    append(isCSV ? ",\(containers)\n" : #","container":\#(containers)}"# + "\n")
  }

  private func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// A cell of CSV (RFC 4180), exactly: a key may hold anything.
  private func append(cell text: String) {
    guard text.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else {
      return append(text)
    }
    append("\"" + text.replacing("\"", with: "\"\"") + "\"")
  }

  private func handOn(at time: Int64) {
    lastWrite = time
    guard !hasFailed, !bytes.isEmpty else { return }
    do {
      try write(bytes)
    } catch {
      hasFailed = true
      fail(error)
    }
    bytes.removeAll(keepingCapacity: true)
  }
}
