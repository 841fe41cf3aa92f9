import Kinesis
import LocalKinesis
import Testing

/// Bodies that are legal but strange, or made to cost much.
@Suite struct HostileBodyTests {
  static let record = #"{"Data":"AA==","PartitionKey":"a"}"#

  /// PutRecords and the operations that are read into a tree agree on what they accept and what of it counts.
  @Test(arguments: [
    ("PutRecords", #"{"StreamName":"nobody","Records":[\#(record)],"StreamName":"orders"}"#),
    ("PutRecord", #"{"StreamName":"nobody","PartitionKey":"a","Data":"AA==","StreamName":"orders"}"#),
    ("DescribeStream", #"{"StreamName":"nobody","StreamName":"orders"}"#),
    ("PutRecords", #"{"StreamName":"orders","Records":[{"Data":"=","PartitionKey":"a","Data":"AA=="}]}"#),
    ("DescribeStream", #"{"\u0053treamName":"orders"}"#),
    ("PutRecords", #"{"StreamName":"orders","Records":[{"Data":"AA==","PartitionKey":"\ud800"}]}"#),
    ("PutRecord", #"{"StreamName":"orders","PartitionKey":"\udc00\ud800x","Data":"AA=="}"#),
    ("PutRecords", #"{"StreamName":"orders","Records":[\#(record)],"Other":1e999}"#),
    ("DescribeStream", #"{"StreamName":"orders","Other":[-1e999,123456789012345678901234567890]}"#),
  ])
  func acceptedOnBothWays(_ operation: String, _ body: String) throws {
    let reply = try Harness().call(operation, body)
    #expect(reply.status == 200, "\(reply.text)")
  }

  @Test(arguments: [
    "\u{FEFF}{}", "{\"a\":01}", "{\"a\":.5}", "{\"a\":NaN}", "{\"a\":Infinity}", "{'a':1}", "{\"a\":1,}", "[1,]",
    "{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\n\"}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{a:1}", "{\"a\":+1}",
    "{\"a\":1e}", "{\"a\":tru}", "{}x", "/**/{}",
  ])
  func refusedOnBothWays(_ body: String) throws {
    for operation in ["PutRecords", "DescribeStream"] {
      let reply = try Harness().call(operation, body)
      #expect(reply.status == 400)
      #expect(reply.text == #"{"__type":"SerializationException"}"#, "\(operation) of \(body)")
    }
  }

  @Test(arguments: ["PutRecords", "DescribeStream", "AddTagsToStream"]) func deepNesting(_ operation: String) throws {
    for depth in [100, 100_000] {
      for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
        let nested = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        let reply = try Harness().call(operation, #"{"StreamName":"orders","Deep":\#(nested)}"#)
        #expect(reply.text == #"{"__type":"SerializationException"}"#)
      }
    }
  }

  /// A node of a tree takes many times what its text does.
  @Test func moreValuesThanAnyRequestHas() throws {
    let harness = try Harness()
    func body(_ count: Int) -> String {
      #"{"StreamName":"orders","Other":[\#(Array(repeating: "0", count: count).joined(separator: ","))]}"#
    }
    // The map, the name and the list are values too.
    #expect(harness.call("DescribeStream", body(ServiceValue.maximumCount - 3)).status == 200)
    #expect(
      harness.call("DescribeStream", body(ServiceValue.maximumCount - 2)).text
        == #"{"__type":"SerializationException"}"#)

    let count = UInt32(ServiceValue.maximumCount)
    let list = [0x9A] + (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(24 - 8 * $0)) }
    let cbor = list + [UInt8](repeating: 0, count: Int(count))
    #expect(cbor.withUnsafeBytes { CBORServiceCodec.decode($0) } == nil)
    // Within a list of its own, one value less.
    let fewer = [0x9A] + (0..<4).map { UInt8(truncatingIfNeeded: (count - 1) >> UInt32(24 - 8 * $0)) }
    let read = (fewer + [UInt8](repeating: 0, count: Int(count) - 1)).withUnsafeBytes { CBORServiceCodec.decode($0) }
    #expect(read?.list?.count == Int(count) - 1)
  }

  @Test(
    arguments: [
      // Lengths of 2^64 - 1, 2^63 and more than there is, of every kind that has one.
      [0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x7B, 0x80, 0, 0, 0, 0, 0, 0, 0],
      [0x9B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xBB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
      [0xA1, 0x61, 0x61, 0x5A, 0, 0, 0, 2, 1],
      // NaN and the infinities in three sizes.
      [0x81, 0xF9, 0x7E, 0x00], [0x81, 0xF9, 0x7C, 0x00], [0x81, 0xFA, 0xFF, 0x80, 0, 0],
      [0x81, 0xFB, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0],
      // Names that are no text, an end mark alone, reserved heads.
      [0xA1, 0x01, 0x02], [0xFF], [0x1C], [0xDF, 0x00], [0xF8, 0x18],
    ] as [[UInt8]])
  func spoiltCBOR(_ body: [UInt8]) throws {
    let answer = try Harness().send(body) {
      $0.contentType = Harness.cbor
      $0.target = "Kinesis_20131202.DescribeStream"
    }
    #expect(answer.status == 400)
    #expect(
      answer.body.withUnsafeBytes { CBORServiceCodec.decode($0) }
        == .members(("__type", .text("SerializationException"))))
  }

  /// Big numbers (tags 2 and 3) are byte strings, which no member of an integer type takes.
  @Test func bigNumbersInCBOR() throws {
    var body: [UInt8] = []
    CBORServiceCodec.encode(.text("Limit"), into: &body)
    let answer = try Harness().send([0xA1] + body + [0xC2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0]) {
      $0.contentType = Harness.cbor
      $0.target = "Kinesis_20131202.ListStreams"
    }
    let text = answer.body.withUnsafeBytes { CBORServiceCodec.decode($0) }?["Message"]?.text
    #expect(text == "class java.nio.HeapByteBuffer can not be converted to an Integer")
  }

  /// Of several things wrong with the records, JSON and CBOR name the same one.
  @Test func theSameRefusalInJSONAndCBOR() throws {
    let overflow = "340282366920938463463374607431768211456"
    let largest = [UInt8](repeating: 0, count: 1_048_576)
    func record(_ data: [UInt8], hash: String? = nil) -> ServiceValue {
      .members(("PartitionKey", .text("k")), ("Data", .blob(data)), ("ExplicitHashKey", hash.map { .text($0) }))
    }
    let cases: [(records: [ServiceValue], code: String, message: String)] = [
      (
        Array(repeating: record(Array(largest.dropFirst())), count: 6) + [record([], hash: overflow)],
        "InvalidArgumentException", "Records size exceeds 5 MB limit"
      ),
      (
        [record([], hash: overflow), record(largest)], "InvalidArgumentException",
        "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was \(overflow)"
      ),
      (
        [record(largest), record([], hash: overflow)], "InvalidArgumentException",
        "Record 1 has 1048577 bytes of data and partition key, more than 1048576"
      ),
    ]
    for (records, code, message) in cases {
      let input = ServiceValue.members(("StreamName", .text("orders")), ("Records", .list(records)))
      var (json, cbor): ([UInt8], [UInt8]) = ([], [])
      JSONServiceCodec.encode(input, into: &json)
      CBORServiceCodec.encode(input, into: &cbor)
      let reply = Reply(try Harness().send(json))
      #expect(reply.code == code)
      #expect(reply.message == message)
      let answer = try Harness().send(cbor) { $0.contentType = Harness.cbor }
      let value = answer.body.withUnsafeBytes { CBORServiceCodec.decode($0) }
      #expect(value == .members(("__type", .text(code)), ("message", .text(message))))
    }
  }
}
