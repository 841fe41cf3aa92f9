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

  /// A table of these kinds, which are all different.
  init(entries: [Entry]) { self.entries = entries }

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

  /// Keeps a message for a kind of which no failure was counted here; it counts for nothing.
  package mutating func note(_ message: String, level: Level, code: String, status: UInt16, isMeasured: Bool) {
    // No second yet, so that any second of another table is earlier and later.
    let index = index(level: level, code: code, status: status, isMeasured: isMeasured, second: .max)
    if entries[index].count == 0 { entries[index].lastSecond = .min }
    note(message, at: index)
  }

  /// Whether a kind is known and has a message.
  func hasMessage(level: Level, code: String, status: UInt16, isMeasured: Bool) -> Bool {
    entries.contains {
      $0.status == status && $0.isMeasured == isMeasured && $0.level == level && $0.code == code && !$0.message.isEmpty
    }
  }

  /// Adds another lane's failures.
  package mutating func add(_ other: ErrorTable) {
    for entry in other.entries {
      let index = index(
        level: entry.level, code: entry.code, status: entry.status, isMeasured: entry.isMeasured,
        second: entry.firstSecond)
      if entries[index].count == 0 { entries[index].lastSecond = min(entries[index].lastSecond, entry.lastSecond) }
      entries[index].count += entry.count
      entries[index].firstSecond = min(entries[index].firstSecond, entry.firstSecond)
      entries[index].lastSecond = max(entries[index].lastSecond, entry.lastSecond)
      while entries[index].shards.count < entry.shards.count { entries[index].shards.append(0) }
      for word in entry.shards.indices { entries[index].shards[word] |= entry.shards[word] }
      note(entry.message, at: index)
    }
  }

  /// A message fit for a result folder: account ids masked, cut to `maximumMessageBytes` at a character's boundary, then
  /// `VisibleText.sentence`.
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
        for position in index..<end { bytes[position] = UInt8(ascii: "*") }
      }
      index = end
    }
    var cut = min(bytes.count, maximumMessageBytes)
    if cut < bytes.count { while cut > 0, bytes[cut] & 0xC0 == 0x80 { cut -= 1 } }
    return VisibleText.sentence(String(decoding: bytes[..<cut], as: UTF8.self))
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}

/// Numbers for the error codes a lane meets, so that an observation carries two bytes instead of a string. Every lane has
/// its own; merging goes by the names.
package struct ErrorCodes: Sendable {
  /// No error.
  package static let none: UInt16 = 0
  /// `ProvisionedThroughputExceededException`.
  package static let throttled: UInt16 = 1
  /// `InternalFailure`.
  package static let internalFailure: UInt16 = 2
  /// Stands for every further code once `maximumCount` are known, so that a hostile target cannot grow the table.
  package static let further: UInt16 = 3
  /// The most different codes kept.
  package static let maximumCount = 128

  /// The names by number.
  package private(set) var names = ["", "ProvisionedThroughputExceededException", "InternalFailure", "(further codes)"]

  /// Takes secrets out of a code.
  package var mask: @Sendable (String) -> String = { $0 }

  /// The table with the well-known codes alone.
  package init() {}

  /// The number of a code, given as UTF-8; codes longer than 100 bytes are cut, and secrets and what cannot be seen in them
  /// are replaced, since they come from the target and end up in files and on terminals. O(known codes).
  package mutating func number(of code: UnsafeRawBufferPointer) -> UInt16 {
    let cut = code.prefix(100)
    for (number, name) in names.enumerated() where name.utf8.elementsEqual(cut) { return UInt16(number) }
    // Masked whole and then cut: a piece of a secret shorter than the mask's window would stay.
    let masked = Array(mask(String(decoding: code, as: UTF8.self)).utf8.prefix(100))
    let clean = VisibleText.sentence(String(decoding: masked, as: UTF8.self))
    if let number = names.firstIndex(of: clean) { return UInt16(number) }
    guard names.count < Self.maximumCount else { return Self.further }
    names.append(clean)
    return UInt16(names.count - 1)
  }

  /// The number of a code.
  package mutating func number(of code: String) -> UInt16 {
    var code = code
    return code.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
  }
}
