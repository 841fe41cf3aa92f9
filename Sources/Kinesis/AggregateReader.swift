/// Opens the records in which the producer library packs several records of its user: aggregated records.
///
/// Their form (awslabs/kinesis-aggregation `aggregation-format.md`): the bytes F3 89 9A C2, a protobuf message, and the MD5
/// of that message. The message (proto2) has a table of partition keys (field 1), one of explicit hash keys (2), and the
/// user's records (3): the index of its partition key (1), perhaps that of its explicit hash key (2), its data (3), tags (4).
///
/// One that is broken anywhere gives no record at all: nothing is guessed. Memory grows with the message only: at most 16
/// bytes for each of its entries, which take two bytes or more.
package struct AggregateReader {
  /// What a record's data turned out to be.
  package enum Content: Hashable, Sendable {
    /// Not an aggregate: the data is one record of the user.
    case plain
    /// An aggregate of `count` records.
    case aggregate
    /// It begins as an aggregate does, and is none.
    case broken(Fault)
  }

  /// What is wrong with an aggregate; the raw value is the word for it.
  package enum Fault: String, Error, Hashable, Sendable, CaseIterable {
    /// Too short for a digest, or the digest is that of another message. Consumers take such a record for a plain one.
    case digest
    /// The message is no protobuf: cut short, a length beyond its end, an unknown wire type.
    case message
    /// A record without data or without the index of its partition key.
    case missing
    /// An index outside of its table.
    case index
    /// A partition key that is not UTF-8.
    case key
    /// An explicit hash key that is no decimal number below 2^128.
    case hashKey = "hash-key"
  }

  /// One record of the user; its parts lie in the data that was read.
  package struct UserRecord: Hashable, Sendable {
    /// The partition key in UTF-8.
    package var key: Range<Int>
    package var explicitHashKey: UInt128?
    package var data: Range<Int>
  }

  /// A place in the data that was read.
  private struct Place {
    var start: UInt32
    var end: UInt32
    var range: Range<Int> { Int(start)..<Int(end) }
  }

  /// A record before its indices are looked up: the tables may stand behind it.
  private struct Entry {
    static let absent = UInt32.max
    var key: UInt32 = absent
    var hashKey: UInt32 = absent
    var data: Place?
  }

  package static let magic: [UInt8] = [0xF3, 0x89, 0x9A, 0xC2]
  private static let digestBytes = 16
  /// What the base64 of the magic number begins with, whatever follows it.
  private static let base64Beginning = Array("84maw".utf8)

  private var keys: [Place] = []
  private var hashKeys: [UInt128] = []
  private var entries: [Entry] = []

  /// A reader that has read nothing.
  package init() {}

  /// Whether data in base64 may be an aggregate, so that others need not be decoded. O(1).
  package static func mayBegin(base64 text: UnsafeRawBufferPointer) -> Bool {
    text.starts(with: base64Beginning)
  }

  /// How many records the last data had; 0 unless it was an aggregate.
  package var count: Int { entries.count }

  /// A record of the last data.
  ///
  /// - Parameter index: 0 to `count` - 1.
  package subscript(_ index: Int) -> UserRecord {
    let entry = entries[index]
    return UserRecord(
      key: keys[Int(entry.key)].range,
      explicitHashKey: entry.hashKey == Entry.absent ? nil : hashKeys[Int(entry.hashKey)],
      data: entry.data?.range ?? 0..<0)
  }

  /// Reads a Kinesis record's data, decoded. O(bytes).
  package mutating func read(_ data: UnsafeRawBufferPointer) -> Content {
    keys.removeAll(keepingCapacity: true)
    hashKeys.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
    guard data.starts(with: Self.magic) else { return .plain }
    do throws(Fault) {
      try open(data)
      return .aggregate
    } catch {
      entries.removeAll(keepingCapacity: true)
      return .broken(error)
    }
  }

  private mutating func open(_ data: UnsafeRawBufferPointer) throws(Fault) {
    // Places are kept in 32 bits; no endpoint takes a record near that size.
    guard data.count > Self.magic.count + Self.digestBytes, data.count < UInt32.max else { throw .digest }
    let end = data.count - Self.digestBytes
    let message = UnsafeRawBufferPointer(rebasing: data[Self.magic.count..<end])
    let digest = data[end...].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    guard MD5.digest(message) == digest else { throw .digest }

    var wire = ProtobufCursor(data, Self.magic.count..<end)
    while let field = try wire.nextField() {
      switch (field.number, field.type) {
      case (1, .block):
        let place = try wire.block()
        guard String(validating: data[place], as: UTF8.self) != nil else { throw .key }
        keys.append(Self.place(place))
      case (2, .block):
        let digits = data[try wire.block()]
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
          let value = UInt128(String(decoding: digits, as: UTF8.self))
        else { throw .hashKey }
        hashKeys.append(value)
      case (3, .block):
        entries.append(try Self.entry(data, try wire.block()))
      default:
        try wire.skip(field.type)
      }
    }
    for entry in entries {
      guard entry.key < keys.count, entry.hashKey == Entry.absent || entry.hashKey < hashKeys.count else {
        throw .index
      }
    }
  }

  /// A record's message. Of a field that stands there twice the last one counts, as in every protobuf message.
  private static func entry(_ data: UnsafeRawBufferPointer, _ place: Range<Int>) throws(Fault) -> Entry {
    var wire = ProtobufCursor(data, place)
    var entry = Entry()
    while let field = try wire.nextField() {
      switch (field.number, field.type) {
      case (1, .varint): entry.key = try index(&wire)
      case (2, .varint): entry.hashKey = try index(&wire)
      case (3, .block): entry.data = Self.place(try wire.block())
      default: try wire.skip(field.type)
      }
    }
    guard entry.key != Entry.absent, entry.data != nil else { throw .missing }
    return entry
  }

  private static func index(_ wire: inout ProtobufCursor) throws(Fault) -> UInt32 {
    guard let index = UInt32(exactly: try wire.varint()), index != Entry.absent else { throw .index }
    return index
  }

  /// In 32 bits, which every offset of data shorter than 4 GiB fits.
  private static func place(_ range: Range<Int>) -> Place {
    Place(start: UInt32(truncatingIfNeeded: range.lowerBound), end: UInt32(truncatingIfNeeded: range.upperBound))
  }
}

/// Reads the wire form of a protobuf message (protobuf.dev "Encoding") within a part of some bytes, never beyond it.
private struct ProtobufCursor {
  /// How a field's value is written. Groups, which nothing has used for this, are no wire type here.
  enum WireType: UInt64 {
    case varint = 0
    case eightBytes = 1
    case block = 2
    case fourBytes = 5
  }

  private let bytes: UnsafeRawBufferPointer
  private var index: Int
  private let end: Int

  /// A cursor at the start of a part that lies within `bytes`.
  init(_ bytes: UnsafeRawBufferPointer, _ part: Range<Int>) {
    (self.bytes, index, end) = (bytes, part.lowerBound, part.upperBound)
  }

  /// The next field's number, 1 or more, and type; nil at the end.
  mutating func nextField() throws(AggregateReader.Fault) -> (number: UInt64, type: WireType)? {
    guard index < end else { return nil }
    let tag = try varint()
    // A tag has 32 bits: 29 of the number, 3 of the type.
    guard tag <= UInt32.max, tag >> 3 > 0, let type = WireType(rawValue: tag & 7) else { throw .message }
    return (tag >> 3, type)
  }

  /// A number of at most 64 bits in at most ten bytes of seven bits, the lowest first.
  mutating func varint() throws(AggregateReader.Fault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard index < end else { throw .message }
      let byte = bytes[index]
      index += 1
      guard shift < 63 || byte <= 1 else { throw .message }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    throw .message
  }

  /// A length and so many bytes: where they lie.
  mutating func block() throws(AggregateReader.Fault) -> Range<Int> {
    let length = try varint()
    guard length <= UInt64(end - index) else { throw .message }
    let start = index
    index += Int(length)
    return start..<index
  }

  /// Passes over the value of a field that says nothing here.
  mutating func skip(_ type: WireType) throws(AggregateReader.Fault) {
    switch type {
    case .varint: _ = try varint()
    case .block: _ = try block()
    case .fourBytes, .eightBytes:
      let count = type == .fourBytes ? 4 : 8
      guard end - index >= count else { throw .message }
      index += count
    }
  }
}
