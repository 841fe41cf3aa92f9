/// Reads answers to GetRecords in one pass, without building a tree.
///
/// Any legal JSON is accepted: white space, escapes, any order of members, unknown members, null for absent. An answer is
/// checked to its end before any of its records is handed out, so that a spoilt one can be asked for again without a
/// record being seen twice. What an answer's records need is kept from one answer to the next.
package struct GetRecordsScanner {
  /// Where a record's members stand in the body.
  private struct Entry {
    var data: JSONCursor.Text?
    var key: JSONCursor.Text?
    var sequence: JSONCursor.Text?
    var arrivalMilliseconds: Int64?
  }

  private var entries: [Entry] = []
  /// Texts with their escapes resolved: data, key, sequence number.
  private var rooms: [[UInt8]] = [[], [], []]

  /// Makes a scanner.
  package init() {}

  /// Reads one answer.
  ///
  /// - Parameters:
  ///   - body: the body of an HTTP 200.
  ///   - take: gets each record in order, once the whole answer was understood; the views are valid during the call.
  /// - Returns: what the answer says besides, or `nil` when it is no answer to GetRecords.
  /// - Complexity: O(length of the body).
  package mutating func scan(_ body: UnsafeRawBufferPointer, _ take: (ReadRecord) -> Void) -> ReadPage? {
    entries.removeAll(keepingCapacity: true)
    guard var cursor = JSONCursor(body), var page = try? read(&cursor) else { return nil }
    page.lastSequence = entries.last?.sequence.map(cursor.string)
    for entry in entries {
      guard let data = entry.data, let key = entry.key, let sequence = entry.sequence else { return nil }
      if data.hasEscapes { rooms[0] = Array(cursor.string(data).utf8) }
      if key.hasEscapes { rooms[1] = Array(cursor.string(key).utf8) }
      if sequence.hasEscapes { rooms[2] = Array(cursor.string(sequence).utf8) }
      rooms[0].withUnsafeBytes { first in
        rooms[1].withUnsafeBytes { second in
          rooms[2].withUnsafeBytes { third in
            take(
              ReadRecord(
                data: data.hasEscapes ? first : cursor.bytes(data), key: key.hasEscapes ? second : cursor.bytes(key),
                sequence: sequence.hasEscapes ? third : cursor.bytes(sequence),
                arrivalMilliseconds: entry.arrivalMilliseconds))
          }
        }
      }
    }
    return page
  }

  private enum Failure: Error { case wrongType }

  private mutating func read(_ cursor: inout JSONCursor) throws -> ReadPage {
    var page = ReadPage()
    var hasRecords = false
    try cursor.forEachMember { cursor, name in
      if cursor.equals(name, "Records") {
        try readRecords(&cursor)
        hasRecords = true
      } else if cursor.equals(name, "NextShardIterator") {
        page.nextIterator = try cursor.optionalText().map(cursor.string)
      } else if cursor.equals(name, "MillisBehindLatest") {
        page.millisecondsBehind = try Self.number(&cursor).map { Int64(clamping: $0) }
      } else {
        try cursor.skipValue()
      }
    }
    cursor.skipSpace()
    guard cursor.index == cursor.end, hasRecords else { throw Failure.wrongType }
    return page
  }

  private mutating func readRecords(_ cursor: inout JSONCursor) throws {
    entries.removeAll(keepingCapacity: true)
    try cursor.expect(0x5B)
    if try cursor.peek() == 0x5D {
      cursor.index += 1
      return
    }
    while true {
      var entry = Entry()
      try cursor.forEachMember { cursor, name in
        if cursor.equals(name, "Data") {
          entry.data = try cursor.optionalText()
        } else if cursor.equals(name, "PartitionKey") {
          entry.key = try cursor.optionalText()
        } else if cursor.equals(name, "SequenceNumber") {
          entry.sequence = try cursor.optionalText()
        } else if cursor.equals(name, "ApproximateArrivalTimestamp") {
          entry.arrivalMilliseconds = try Self.number(&cursor).map { Int64(clamping: ($0 * 1_000).rounded(.down)) }
        } else {
          try cursor.skipValue()
        }
      }
      guard entry.data != nil, entry.key != nil, entry.sequence != nil else { throw Failure.wrongType }
      entries.append(entry)
      if try cursor.peek() != 0x2C { break }
      cursor.index += 1
    }
    try cursor.expect(0x5D)
  }

  /// Consumes a number or null.
  private static func number(_ cursor: inout JSONCursor) throws -> Double? {
    let first = try cursor.peek()
    let start = cursor.index
    try cursor.skipValue()
    if first == 0x6E { return nil }
    let text = UnsafeRawBufferPointer(start: cursor.base + start, count: cursor.index - start)
    guard let number = Double(String(decoding: text, as: UTF8.self)) else { throw Failure.wrongType }
    return number
  }
}

/// One record as GetRecords gives it out; valid while its answer is.
package struct ReadRecord {
  /// The data as base64 text.
  package let data: UnsafeRawBufferPointer
  /// The partition key in UTF-8.
  package let key: UnsafeRawBufferPointer
  /// The sequence number's text.
  package let sequence: UnsafeRawBufferPointer
  /// When it arrived by the service's clock, milliseconds since the epoch; `nil` when the answer does not say.
  package let arrivalMilliseconds: Int64?
}

/// What an answer to GetRecords says of where it stopped.
package struct ReadPage: Equatable, Sendable {
  /// Where to go on; `nil` at the end of a closed shard.
  package var nextIterator: String?
  /// How far the answer is behind the shard's newest record; `nil` when it does not say.
  package var millisecondsBehind: Int64?
  /// The last record's sequence number; `nil` when there was no record.
  package var lastSequence: String?

  /// Nothing is said.
  package init(nextIterator: String? = nil, millisecondsBehind: Int64? = nil, lastSequence: String? = nil) {
    self.nextIterator = nextIterator
    self.millisecondsBehind = millisecondsBehind
    self.lastSequence = lastSequence
  }
}

extension JSONCursor {
  /// Consumes an object, each member's value by `body`.
  mutating func forEachMember(_ body: (inout JSONCursor, Text) throws -> Void) throws {
    try expect(0x7B)
    if try peek() == 0x7D {
      index += 1
      return
    }
    while true {
      let name = try name()
      try body(&self, name)
      if try peek() != 0x2C { break }
      index += 1
    }
    try expect(0x7D)
  }

  /// Consumes a string or null.
  mutating func optionalText() throws(Failure) -> Text? {
    if try peek() == 0x6E {
      try skipLiteral("null")
      return nil
    }
    try expect(0x22)
    return try text()
  }

  /// A string's bytes as they stand in the text.
  func bytes(_ text: Text) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + text.start, count: text.count)
  }
}
extension Int64 {
  /// The nearest integer there is; 0 for what is no number.
  fileprivate init(clamping value: Double) {
    if value.isNaN { self = 0 } else { self = Int64(exactly: value.rounded(.down)) ?? (value < 0 ? .min : .max) }
  }
}
