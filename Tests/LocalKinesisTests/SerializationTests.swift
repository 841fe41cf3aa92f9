import LocalKinesis
import StrictJSON
import Testing

/// The type errors of PutRecords: kinesalite's table, which was run against production.
@Suite struct SerializationTests {
  static let number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
  static let list = "Start of list found where not expected"
  static let structure = "Start of structure or map found where not expected."

  static let records: [(value: String, message: String)] = [
    (#""34""#, "Expected list or null"), ("true", "Expected list or null"), ("3.5", "Expected list or null"),
    ("{}", structure),
  ]
  static let entries: [(value: String, message: String)] = [
    (#""34""#, "Expected null"), ("false", "Expected null"), ("34", "Expected null"), ("[]", list),
  ]
  static let blobs: [(value: String, message: String)] = [
    ("true", "class java.lang.Boolean can not be converted to a Blob"),
    ("34.5", "\(number) can not be converted to a Blob"), ("-1", "\(number) can not be converted to a Blob"),
    ("[]", list), ("{}", structure),
    (
      #""23456""#,
      "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5"
    ),
    (#""=+/=""#, "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"),
    (#""+/+=""#, "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"),
  ]
  static let strings: [(value: String, message: String)] = [
    ("true", "class java.lang.Boolean can not be converted to an String"),
    ("34", "\(number) can not be converted to an String"), ("[]", list), ("{}", structure),
  ]

  func check(_ body: String, _ message: String) throws {
    let reply = try Harness().call("PutRecords", body)
    #expect(reply.status == 400)
    #expect(reply.code == "SerializationException")
    #expect(reply.json["Message"]?.string == message, "\(reply.text)")
    #expect(reply.message == nil)
  }

  @Test(arguments: records) func recordsIsNoList(_ row: (value: String, message: String)) throws {
    try check(#"{"StreamName":"orders","Records":\#(row.value)}"#, row.message)
  }

  @Test(arguments: entries) func entryIsNoStructure(_ row: (value: String, message: String)) throws {
    try check(#"{"StreamName":"orders","Records":[\#(row.value)]}"#, row.message)
  }

  @Test(arguments: blobs) func dataIsNoBlob(_ row: (value: String, message: String)) throws {
    try check(#"{"StreamName":"orders","Records":[{"PartitionKey":"a","Data":\#(row.value)}]}"#, row.message)
  }

  @Test(arguments: strings, ["ExplicitHashKey", "PartitionKey"])
  func memberIsNoString(_ row: (value: String, message: String), _ member: String) throws {
    try check(#"{"StreamName":"orders","Records":[{"\#(member)":\#(row.value)}]}"#, row.message)
  }

  @Test(arguments: strings) func streamNameIsNoString(_ row: (value: String, message: String)) throws {
    try check(#"{"StreamName":\#(row.value)}"#, row.message)
  }

  @Test(arguments: strings, ["ExplicitHashKey", "PartitionKey", "SequenceNumberForOrdering", "StreamName"])
  func memberOfSingleRecordIsNoString(_ row: (value: String, message: String), _ member: String) throws {
    let reply = try Harness().call("PutRecord", #"{"\#(member)":\#(row.value)}"#)
    #expect(reply.status == 400)
    #expect(reply.code == "SerializationException")
    #expect(reply.json["Message"]?.string == row.message)
  }

  @Test(arguments: blobs) func dataOfSingleRecordIsNoBlob(_ row: (value: String, message: String)) throws {
    let reply = try Harness().call("PutRecord", #"{"Data":\#(row.value)}"#)
    #expect(reply.json["Message"]?.string == row.message)
  }

  @Test(arguments: [
    (#""4""#, "class java.lang.String can not be converted to an Integer"),
    ("true", "class java.lang.Boolean can not be converted to an Integer"), ("[]", list), ("{}", structure),
  ])
  func countIsNoInteger(_ value: String, _ message: String) throws {
    let reply = try Harness().call("CreateStream", #"{"ShardCount":\#(value)}"#)
    #expect(reply.json["Message"]?.string == message)
  }

  @Test func nullCountsAsAbsent() throws {
    let reply = try Harness().call("PutRecords", #"{"StreamName":"orders","Records":null,"Foo":7}"#)
    #expect(reply.code == "ValidationException")
    #expect(reply.parts == ["Value null at 'records' failed to satisfy constraint: Member must not be null"])
  }
}
