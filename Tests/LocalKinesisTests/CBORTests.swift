import Kinesis
import LocalKinesis
import Testing

@Suite struct CBORTests {
  func decode(_ bytes: [UInt8]) -> ServiceValue? { bytes.withUnsafeBytes { CBORServiceCodec.decode($0) } }

  func encode(_ value: ServiceValue) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORServiceCodec.encode(value, into: &bytes)
    return bytes
  }

  /// RFC 8949 appendix A, wrapped in an array of one.
  static let vectors: [([UInt8], ServiceValue)] = [
    ([0x00], .integer(0)), ([0x17], .integer(23)), ([0x18, 0x18], .integer(24)),
    ([0x19, 0x03, 0xE8], .integer(1000)), ([0x1A, 0x00, 0x0F, 0x42, 0x40], .integer(1_000_000)),
    ([0x1B, 0x00, 0x00, 0x00, 0xE8, 0xD4, 0xA5, 0x10, 0x00], .integer(1_000_000_000_000)),
    ([0x20], .integer(-1)), ([0x38, 0x63], .integer(-100)), ([0x39, 0x03, 0xE7], .integer(-1000)),
    ([0xFB, 0x3F, 0xF1, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9A], .number(1.1)), ([0xF4], .bool(false)),
    ([0xF5], .bool(true)), ([0xF6], .null), ([0x40], .blob([])), ([0x44, 1, 2, 3, 4], .blob([1, 2, 3, 4])),
    ([0x60], .text("")), ([0x62, 0xC3, 0xBC], .text("ü")), ([0x80], .list([])),
    ([0x83, 0x01, 0x02, 0x03], .list([.integer(1), .integer(2), .integer(3)])),
    ([0xA1, 0x61, 0x61, 0x01], .map([ServiceMember("a", .integer(1))])),
    ([0xC1, 0x1A, 0x51, 0x4B, 0x67, 0xB0], .timestamp(milliseconds: 1_363_896_240)),
  ]

  @Test(arguments: vectors) func publishedVectors(_ bytes: [UInt8], _ value: ServiceValue) {
    #expect(decode([0x81] + bytes) == .list([value]))
    #expect(encode(.list([value])) == [0x81] + bytes)
  }

  /// Forms that are read but not written.
  static let readOnly: [([UInt8], ServiceValue)] = [
    ([0xF9, 0x3E, 0x00], .number(1.5)), ([0xFA, 0x47, 0xC3, 0x50, 0x00], .number(100_000)),
    ([0x5F, 0x42, 1, 2, 0x43, 3, 4, 5, 0xFF], .blob([1, 2, 3, 4, 5])),
    ([0x7F, 0x61, 0x61, 0x61, 0x62, 0xFF], .text("ab")), ([0x9F, 0x01, 0xFF], .list([.integer(1)])),
    ([0xBF, 0x61, 0x61, 0x01, 0xFF], .map([ServiceMember("a", .integer(1))])), ([0xC5, 0x01], .integer(1)),
    ([0x1B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .number(0x1p64)),
  ]

  @Test(arguments: readOnly) func furtherForms(_ bytes: [UInt8], _ value: ServiceValue) {
    #expect(decode([0x81] + bytes) == .list([value]))
  }

  @Test(
    arguments: [
      [], [0x01], [0x81], [0xA1, 0x61], [0xA1, 0x01, 0x01], [0x80, 0x00], [0x9F, 0x01], [0x5F, 0x61, 0x61, 0xFF],
      [0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x81, 0x1C], [0x81, 0x62, 0xC3, 0x28], [0x81, 0xFF],
      [0x81, 0xF9, 0x7C, 0x00], [0x81, 0x7B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      Array(repeating: 0x81, count: 5000), Array(repeating: 0x9F, count: 5000),
    ] as [[UInt8]])
  func malformed(_ bytes: [UInt8]) {
    #expect(decode(bytes) == nil)
  }

  @Test func everyPrefixOfARequestIsRefused() {
    let bytes = encode(
      .members(
        ("StreamName", .text("orders")),
        ("Records", .list([.members(("Data", .blob([1, 2, 3])), ("PartitionKey", .text("a")))]))))
    for count in 0..<bytes.count { #expect(decode(Array(bytes.prefix(count))) == nil) }
  }

  @Test func noChangedByteDoesHarm() {
    let bytes = encode(
      .members(
        ("StreamName", .text("orders")), ("Limit", .integer(1000)), ("At", .timestamp(milliseconds: 5)),
        ("Records", .list([.members(("Data", .blob([1, 2, 3])), ("PartitionKey", .text("a")))]))))
    var decoded = 0
    for index in bytes.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = bytes
        changed[index] = byte
        if let value = decode(changed) {
          decoded += 1
          #expect(decode(encode(value)) == value)
        }
      }
    }
    #expect(decoded > bytes.count)
  }

  // MARK: The service in CBOR

  func call(_ harness: Harness, _ operation: String, _ input: ServiceValue) -> (status: Int, output: ServiceValue?) {
    let answer = harness.send(encode(input)) {
      $0.target = "Kinesis_20131202.\(operation)"
      $0.contentType = Harness.cbor
    }
    #expect(answer.headers.contains { "\($0.name)" == "Content-Type" && $0.value == Harness.cbor })
    return (answer.status, answer.body.isEmpty ? nil : decode(answer.body))
  }

  @Test func putAndReadBack() throws {
    let harness = try Harness {
      $0.ranges = HashKeyRange.even(count: 1)
      $0.settings.retainedBytes = 1 << 20
    }
    let record = ServiceValue.members(("Data", .blob([0, 255, 7])), ("PartitionKey", .text("a")))
    let put = call(harness, "PutRecords", .members(("StreamName", .text("orders")), ("Records", .list([record]))))
    #expect(put.status == 200)
    #expect(put.output?["FailedRecordCount"] == .integer(0))
    let iterator = call(
      harness, "GetShardIterator",
      .members(
        ("StreamName", .text("orders")), ("ShardId", .text("shardId-000000000000")),
        ("ShardIteratorType", .text("AT_TIMESTAMP")), ("Timestamp", .timestamp(milliseconds: 1000))))
    let read = call(harness, "GetRecords", .members(("ShardIterator", iterator.output?["ShardIterator"])))
    let found = read.output?["Records"]?.list?.first
    #expect(found?["Data"] == .blob([0, 255, 7]))
    #expect(found?["ApproximateArrivalTimestamp"] == .timestamp(milliseconds: harness.time.milliseconds))
    #expect(found?["SequenceNumber"] == put.output?["Records"]?.list?.first?["SequenceNumber"])
  }

  @Test func throttledAndRefusedInCBOR() throws {
    let harness = try Harness {
      $0.settings.limits = .explicit(ShardLimits(recordsPerSecond: 1))
      $0.ranges = HashKeyRange.even(count: 1)
    }
    let record = ServiceValue.members(("Data", .blob([])), ("PartitionKey", .text("a")))
    let put = call(
      harness, "PutRecords", .members(("StreamName", .text("orders")), ("Records", .list([record, record]))))
    #expect(put.output?["FailedRecordCount"] == .integer(1))
    #expect(
      put.output?["Records"]?.list?[1]["ErrorMessage"]?.text
        == "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000.")
    let refused = call(harness, "PutRecords", .members(("StreamName", .text("orders"))))
    #expect(refused.status == 400)
    #expect(refused.output?["__type"] == .text("ValidationException"))
    let empty = harness.send([0xFF]) { $0.contentType = Harness.cbor }
    #expect(empty.status == 400)
    #expect(decode(empty.body) == .members(("__type", .text("SerializationException"))))
  }
}
