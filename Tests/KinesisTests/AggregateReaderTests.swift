import Kinesis
import TestSupport
import Testing

/// The reader of aggregated records, on what the library for Python wrote and on what is spoilt.
@Suite struct AggregateReaderTests {
  /// A user record with its parts copied out.
  struct Opened: Equatable {
    var key: String
    var hashKey: UInt128?
    var data: [UInt8]
  }

  /// Two keys, one of them twice, written by aws_kinesis_agg 1.2.3.
  static let golden = hex(
    """
    f3899ac20a056b65792d610a046bc3a97912273137303134313138333436303436393233313733313638373330333731353838343130353732381201\
    301a0b080010001a0566697273741a06080110011a001a0c080010001a0600ff00ff00ffc1d84a77ef15968eb1184e5cf2d33666
    """)
  static let goldenRecords = [
    Opened(key: "key-a", hashKey: 1 << 127, data: Array("first".utf8)), Opened(key: "kéy", hashKey: 0, data: []),
    Opened(key: "key-a", hashKey: 1 << 127, data: [0, 255, 0, 255, 0, 255]),
  ]

  static func hex(_ digits: String) -> [UInt8] {
    let digits = digits.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// A message with what stands before and after it.
  static func sealed(_ message: [UInt8]) -> [UInt8] {
    let digest = message.withUnsafeBytes { MD5.digest($0) }
    return AggregateReader.magic + message + (0..<16).map { UInt8(truncatingIfNeeded: digest >> (120 - 8 * $0)) }
  }

  static func read(_ data: [UInt8]) -> (content: AggregateReader.Content, records: [Opened]) {
    Fuzzing.lying(data) { bytes in
      var reader = AggregateReader()
      let content = reader.read(bytes)
      let records = (0..<reader.count).map { index in
        let record = reader[index]
        return Opened(
          key: String(decoding: bytes[record.key], as: UTF8.self), hashKey: record.explicitHashKey,
          data: Array(bytes[record.data]))
      }
      return (content, records)
    }
  }

  @Test func whatTheLibraryWroteIsOpened() {
    let (content, records) = Self.read(Self.golden)
    #expect(content == .aggregate)
    #expect(records == Self.goldenRecords)
  }

  @Test func everyCutIsPlainOrBrokenAndNeverGuessed() {
    for length in 0..<Self.golden.count {
      let (content, records) = Self.read(Array(Self.golden[..<length]))
      #expect(content == (length < 4 ? .plain : .broken(.digest)), "\(length) bytes")
      #expect(records.isEmpty)
    }
  }

  @Test func everyFlippedBitIsPlainOrBroken() {
    for bit in 0..<Self.golden.count * 8 {
      var data = Self.golden
      data[bit / 8] ^= 1 << (bit % 8)
      let (content, records) = Self.read(data)
      #expect(content == (bit < 32 ? .plain : .broken(.digest)), "bit \(bit)")
      #expect(records.isEmpty)
    }
  }

  @Test func everyCutMessageWithAnHonestDigestGivesWholeRecordsOrNone() {
    let message = Array(Self.golden[4..<(Self.golden.count - 16)])
    for length in 1..<message.count {
      let (content, records) = Self.read(Self.sealed(Array(message[..<length])))
      // The records stand last, so that those before the cut are whole.
      if content == .aggregate {
        #expect(records == Array(Self.goldenRecords.prefix(records.count)), "\(length) bytes")
      } else {
        #expect(content == .broken(.message) && records.isEmpty, "\(length) bytes: \(content)")
      }
    }
  }

  /// The fields of a message: keys, hash keys, records.
  @Test(arguments: [
    ("no record at all", "0a016b", AggregateReader.Content.aggregate, 0),
    ("records before their table", "1a0408001a000a016b", .aggregate, 1),
    ("unknown fields of every type", "2001 2a0178 35 01020304 39 0102030405060708 0a016b 1a0408001a00", .aggregate, 1),
    ("tags of a record", "0a016b 1a0a08001a00 22040a026161", .aggregate, 1),
    ("an index twice: the last counts", "0a016b 1a06080908001a00", .aggregate, 1),
    ("no key in the table", "1a0408001a00", .broken(.index), 0),
    ("a key beyond the table", "0a016b 1a0408011a00", .broken(.index), 0),
    ("a hash key beyond the table", "0a016b 1a06080010001a00", .broken(.index), 0),
    ("an index of 64 bits", "0a016b 1a0d08ffffffffffffffffff011a00", .broken(.index), 0),
    ("an index of 2^32 - 1", "0a016b 1a0808ffffffff0f1a00", .broken(.index), 0),
    ("an index of 65 bits", "0a016b 1a0d08ffffffffffffffffff021a00", .broken(.message), 0),
    ("a number of eleven bytes", "0a016b 1a0e08808080808080808080 80001a00", .broken(.message), 0),
    ("a record without data", "0a016b 1a020800", .broken(.missing), 0),
    ("a record without a key", "0a016b 1a021a00", .broken(.missing), 0),
    ("an index as text is none", "0a016b 1a040a001a00", .broken(.missing), 0),
    ("a length beyond the record, within the message", "0a016b 1a0408001a03 0a0178", .broken(.message), 0),
    ("a length of 2^63", "0a80808080808080808001", .broken(.message), 0),
    ("field number 0", "0001", .broken(.message), 0),
    ("a tag of 33 bits", "808080808001 00", .broken(.message), 0),
    ("a group", "0b0c", .broken(.message), 0),
    ("wire type 7", "0f", .broken(.message), 0),
    ("four bytes, three there", "35010203", .broken(.message), 0),
    ("a key that is not UTF-8", "0a02c328 1a0408001a00", .broken(.key), 0),
    (
      "a hash key of 2^128",
      "0a016b 1227 333430323832333636393230393338343633343633333734363037343331373638323131343536", .broken(.hashKey), 0
    ),
    ("a hash key with a sign", "0a016b 12022b31", .broken(.hashKey), 0),
    ("an empty hash key", "0a016b 1200", .broken(.hashKey), 0),
  ]) func messages(_ name: String, _ message: String, _ content: AggregateReader.Content, _ count: Int) {
    let read = Self.read(Self.sealed(Self.hex(message)))
    #expect(read.content == content, "\(name)")
    #expect(read.records.count == count, "\(name)")
  }

  @Test func aReaderForgetsWhatItReadBefore() {
    var reader = AggregateReader()
    _ = Self.golden.withUnsafeBytes { reader.read($0) }
    #expect(reader.count == 3)
    #expect(Array("plain".utf8).withUnsafeBytes { reader.read($0) } == .plain)
    #expect(reader.count == 0)
  }

  @Test func theBeginningIsKnownInBase64WhateverFollows() {
    for next in UInt8.min...UInt8.max {
      #expect(mayBegin(AggregateReader.magic + [next]))
      #expect(!mayBegin([0xF3, 0x89, 0x9A, 0xB2, next]))
    }
    #expect(mayBegin(AggregateReader.magic))
    #expect(!mayBegin(Array(AggregateReader.magic.prefix(3))))
  }

  private func mayBegin(_ data: [UInt8]) -> Bool {
    Array(Base64.encoded(data).utf8).withUnsafeBytes { AggregateReader.mayBegin(base64: $0) }
  }
}

/// Spoilt messages under an honest digest, which is all that keeps most of them from being read at all.
@Suite struct AggregateFuzzTests {
  @Test func aSpoiltMessageGivesNothingOrRecordsThatSurviveBeingWrittenAgain() {
    let message = Array(AggregateReaderTests.golden[4..<(AggregateReaderTests.golden.count - 16)])
    let tokens = ["0a", "12", "1a", "0800", "1000", "1a00", "ffffffffffffffffff01", "80", "22", "0b"].map(
      AggregateReaderTests.hex)
    var mutator = Mutator(seed: Fuzzing.seed &+ 7, tokens: tokens)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: [message, AggregateReaderTests.hex("0a016b1a0408001a00")])
      let (content, records) = AggregateReaderTests.read(AggregateReaderTests.sealed(input))
      switch content {
      case .plain: Issue.record("not seen as an aggregate: \(Fuzzing.shown(input))")
      case .broken:
        if !records.isEmpty { Issue.record("records of a broken one: \(Fuzzing.shown(input))") }
      case .aggregate:
        let again = AggregateReaderTests.read(AggregateReaderTests.sealed(Self.message(of: records)))
        if again.content != .aggregate || again.records != records {
          Issue.record("not the same when written again: \(Fuzzing.shown(input))")
        }
      }
    }
  }

  /// Records as a message, each with entries of its own in the tables.
  private static func message(of records: [AggregateReaderTests.Opened]) -> [UInt8] {
    var message: [UInt8] = []
    var hashKeys = 0
    for (index, record) in records.enumerated() {
      message += block(1, Array(record.key.utf8))
      var body = [8] + varint(index) + block(3, record.data)
      if let hashKey = record.hashKey {
        message += block(2, Array("\(hashKey)".utf8))
        body += [16] + varint(hashKeys)
        hashKeys += 1
      }
      message += block(3, body)
    }
    // Never empty: an aggregate without any message is none.
    return message + block(9, [])
  }

  private static func block(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [field << 3 | 2] + varint(bytes.count) + bytes
  }

  private static func varint(_ number: Int) -> [UInt8] {
    number < 128 ? [UInt8(number)] : [UInt8(number & 127) | 128] + varint(number >> 7)
  }
}
