import Measurement

/// Failures by level, code, status and whether they were measured: counts, first and last second, shards, one message.
package struct ErrorTable: Sendable {
  /// What a failure is about.
  package enum Level: String, Sendable { case record, request, transport }

  /// One kind of failure.
  package struct Entry: Sendable {
    package let level: Level
    package let code: String
    package let status: UInt16
    package let isMeasured: Bool
    package var count: Int
    package var firstSecond: Int
    package var lastSecond: Int
    /// One bit a shard, as far as the highest one met.
    package var shards: [UInt64]
    package var message: String

    /// How many different shards are concerned.
    package var shardCount: Int { shards.reduce(0) { $0 + $1.nonzeroBitCount } }
  }

  /// Messages are cut to this many bytes.
  package static let maximumMessageBytes = 200

  /// The kinds met so far, in the order they were met.
  package private(set) var entries: [Entry] = []

  /// An empty table.
  package init() {}

  /// The place of a kind of failure, made when it is new. O(kinds), of which there are few.
  package mutating func index(level: Level, code: String, status: UInt16, isMeasured: Bool, second: Int) -> Int {
    for (index, entry) in entries.enumerated()
    where entry.status == status && entry.isMeasured == isMeasured && entry.level == level && entry.code == code {
      return index
    }
    entries.append(
      Entry(
        level: level, code: code, status: status, isMeasured: isMeasured, count: 0, firstSecond: second,
        lastSecond: second, shards: [], message: ""))
    return entries.count - 1
  }

  /// Counts one failure; a shard of -1 is not known.
  package mutating func count(_ index: Int, second: Int, shard: Int) {
    entries[index].count += 1
    if second < entries[index].firstSecond { entries[index].firstSecond = second }
    if second > entries[index].lastSecond { entries[index].lastSecond = second }
    guard shard >= 0 else { return }
    while entries[index].shards.count <= shard >> 6 { entries[index].shards.append(0) }
    entries[index].shards[shard >> 6] |= 1 << UInt64(shard & 63)
  }

  /// Keeps a message for a kind that has none yet.
  package mutating func note(_ message: String, at index: Int) {
    if entries[index].message.isEmpty { entries[index].message = message }
  }

  /// Adds another lane's failures.
  package mutating func add(_ other: ErrorTable) {
    for entry in other.entries {
      let index = index(
        level: entry.level, code: entry.code, status: entry.status, isMeasured: entry.isMeasured,
        second: entry.firstSecond)
      entries[index].count += entry.count
      entries[index].firstSecond = min(entries[index].firstSecond, entry.firstSecond)
      entries[index].lastSecond = max(entries[index].lastSecond, entry.lastSecond)
      while entries[index].shards.count < entry.shards.count { entries[index].shards.append(0) }
      for word in entry.shards.indices { entries[index].shards[word] |= entry.shards[word] }
      note(entry.message, at: index)
    }
  }

  /// Text of the target on one line, on any terminal: spaces in place of tabs and line ends, `VisibleText` for the rest.
  package static func printable(_ text: String) -> String {
    VisibleText.line(String(text.map { $0.isNewline || $0 == "\t" ? " " : $0 }))
  }

  /// A message fit for a result folder: account ids masked, cut to `maximumMessageBytes` at a character's boundary, then
  /// `printable`.
  ///
  /// An account id is a run of exactly twelve digits that does not belong to a shard's name.
  package static func masked(_ message: UnsafeRawBufferPointer) -> String {
    var bytes = Array(message.prefix(4 * maximumMessageBytes))
    var index = 0
    while index < bytes.count {
      guard isDigit(bytes[index]) else {
        index += 1
        continue
      }
      var end = index
      while end < bytes.count, isDigit(bytes[end]) { end += 1 }
      if end - index == 12, !bytes[..<index].suffix(8).elementsEqual("shardId-".utf8) {
        for place in index..<end { bytes[place] = UInt8(ascii: "*") }
      }
      index = end
    }
    var cut = min(bytes.count, maximumMessageBytes)
    if cut < bytes.count { while cut > 0, bytes[cut] & 0xC0 == 0x80 { cut -= 1 } }
    return printable(String(decoding: bytes[..<cut], as: UTF8.self))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
