import LocalKinesis
import Testing

/// The constraint errors: kinesalite's table. The order of the parts is not defined, so sets are compared.
@Suite struct ValidationTests {
  static func part(_ value: String, _ path: String, _ rule: String) -> String {
    "Value \(value) at '\(path)' failed to satisfy constraint: \(rule)"
  }
  static let notNull = "Member must not be null"
  static let atLeastOne = "Member must have length greater than or equal to 1"
  static let name = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
  static let hashKey = "Member must satisfy regular expression pattern: 0|([1-9]\\d{0,38})"

  func parts(_ body: String, _ operation: String = "PutRecords") throws -> Set<String> {
    let reply = try Harness().call(operation, body)
    #expect(reply.status == 400)
    #expect(reply.code == "ValidationException", "\(reply.text)")
    let parts = reply.parts
    #expect(
      reply.message?.hasPrefix("\(parts.count) validation error\(parts.count == 1 ? "" : "s") detected: ") == true)
    return parts
  }

  @Test func nothingGiven() throws {
    #expect(
      try parts("{}") == [
        Self.part("null", "records", Self.notNull), Self.part("null", "streamName", Self.notNull),
      ])
  }

  @Test func emptyStreamNameAndNoRecords() throws {
    #expect(
      try parts(#"{"StreamName":"","Records":[]}"#) == [
        Self.part("'[]'", "records", Self.atLeastOne), Self.part("''", "streamName", Self.name),
        Self.part("''", "streamName", Self.atLeastOne),
      ])
  }

  @Test func emptyTexts() throws {
    #expect(
      try parts(
        #"{"StreamName":"","Records":[{"PartitionKey":"","ExplicitHashKey":"","Data":""}]}"#) == [
          Self.part("''", "records.1.member.partitionKey", Self.atLeastOne),
          Self.part("''", "records.1.member.explicitHashKey", Self.hashKey),
          Self.part("''", "streamName", Self.name), Self.part("''", "streamName", Self.atLeastOne),
        ])
  }

  @Test func missingMembersOfARecord() throws {
    #expect(
      try parts(#"{"StreamName":"orders","Records":[{},{"PartitionKey":"a","Data":""}]}"#) == [
        Self.part("null", "records.1.member.partitionKey", Self.notNull),
        Self.part("null", "records.1.member.data", Self.notNull),
      ])
  }

  @Test func absentPartsOfARecord() throws {
    #expect(
      try parts(
        #"{"StreamName":"orders","Records":[{"Data":""},{"PartitionKey":"a"},null,{"Data":null,"PartitionKey":null}]}"#)
        == [
          Self.part("null", "records.1.member.partitionKey", Self.notNull),
          Self.part("null", "records.2.member.data", Self.notNull),
          Self.part("null", "records.3.member", Self.notNull),
          Self.part("null", "records.4.member.partitionKey", Self.notNull),
          Self.part("null", "records.4.member.data", Self.notNull),
        ])
  }

  @Test func keysAreMeasuredInUTF16Units() throws {
    let key = String(repeating: "😀", count: 128) + "a"
    #expect(
      try parts(#"{"StreamName":"orders","Records":[{"Data":"","PartitionKey":"\#(key)"}]}"#) == [
        Self.part("'\(key)'", "records.1.member.partitionKey", "Member must have length less than or equal to 256")
      ])
  }

  @Test(arguments: ["orders", "arn:aws:kinesis:eu-west-1:12345678901:stream/a"])
  func textsThatAreNoARN(_ arn: String) throws {
    #expect(
      try parts(#"{"StreamARN":"\#(arn)","Records":[{"Data":"","PartitionKey":"a"}]}"#) == [
        Self.part(
          "'\(arn)'", "streamARN",
          #"Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+"#)
      ])
  }

  @Test func everythingTooLong() throws {
    let key = String(repeating: "a", count: 257)
    let name = String(repeating: "b", count: 129)
    let data = String(repeating: "A", count: 1_398_100) + "AAA="  // 1,048,577 bytes
    let body =
      #"{"StreamName":"\#(name)","Records":[{"PartitionKey":"\#(key)","ExplicitHashKey":"","Data":"\#(data)"}]}"#
    #expect(
      try parts(body) == [
        Self.part(
          "'\(key)'", "records.1.member.partitionKey", "Member must have length less than or equal to 256"),
        Self.part("''", "records.1.member.explicitHashKey", Self.hashKey),
        Self.part(
          "'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]'", "records.1.member.data",
          "Member must have length less than or equal to 1048576"),
        Self.part("'\(name)'", "streamName", "Member must have length less than or equal to 128"),
      ])
  }

  @Test func fiveHundredAndOneRecords() throws {
    let record = #"{"PartitionKey":"","Data":""}"#
    let body =
      #"{"StreamName":"orders","Records":[\#(Array(repeating: record, count: 501).joined(separator: ","))]}"#
    let shown = Array(
      repeating: "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310", count: 501
    ).joined(separator: ", ")
    var expected: Set = [
      Self.part("'[\(shown)]'", "records", "Member must have length less than or equal to 500")
    ]
    for index in 1...9 { expected.insert(Self.part("''", "records.\(index).member.partitionKey", Self.atLeastOne)) }
    #expect(try parts(body) == expected)
  }

  @Test(arguments: ["0", "340282366920938463463374607431768211455"])
  func explicitHashKeyAtTheEnds(_ key: String) throws {
    let reply = try Harness().call(
      "PutRecords",
      #"{"StreamName":"orders","Records":[{"PartitionKey":"a","ExplicitHashKey":"\#(key)","Data":""}]}"#)
    #expect(reply.status == 200)
  }

  @Test(arguments: ["00", "01", "-1", "1 ", "", "a", "1e3", "1000000000000000000000000000000000000000"])
  func explicitHashKeyOfTheWrongForm(_ key: String) throws {
    #expect(
      try parts(
        #"{"StreamName":"orders","Records":[{"PartitionKey":"a","ExplicitHashKey":"\#(key)","Data":""}]}"#) == [
          Self.part("'\(key)'", "records.1.member.explicitHashKey", Self.hashKey)
        ])
  }

  @Test func explicitHashKeyTooHighRefusesTheWholeRequest() throws {
    let high = "340282366920938463463374607431768211456"
    let reply = try Harness().call(
      "PutRecords",
      """
      {"StreamName":"orders","Records":[{"PartitionKey":"a","ExplicitHashKey":"\(high)","Data":""},\
      {"PartitionKey":"a","Data":""}]}
      """)
    #expect(reply.status == 400)
    #expect(reply.code == "InvalidArgumentException")
    #expect(
      reply.message
        == "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was \(high)")
  }

  @Test func unknownStream() throws {
    let reply = try Harness().call("PutRecords", Harness.records(["a"], stream: "nobody"))
    #expect(reply.status == 400)
    #expect(reply.code == "ResourceNotFoundException")
    #expect(reply.message == "Stream nobody under account 000000000000 not found.")
  }

  @Test(arguments: ["PutRecords", "PutRecord"]) func dataAndKeyTogetherOverTheLimit(_ operation: String) throws {
    let data = String(repeating: "A", count: 1_398_100) + "AA=="  // 1,048,576 bytes
    let body =
      operation == "PutRecords"
      ? Harness.records(["a"], data: data)
      : #"{"StreamName":"orders","PartitionKey":"a","Data":"\#(data)"}"#
    let reply = try Harness().call(operation, body)
    #expect(reply.status == 400)
    #expect(reply.code == "InvalidArgumentException")
    #expect(reply.message == "Record 1 has 1048577 bytes of data and partition key, more than 1048576")
  }

  @Test func keysAreCountedInUTF16Units() throws {
    let long = String(repeating: "\u{1F600}", count: 128)
    #expect(try Harness().call("PutRecords", Harness.records([long])).status == 200)
    let longer = long + "a"
    #expect(
      try parts(Harness.records([longer])) == [
        Self.part("'\(longer)'", "records.1.member.partitionKey", "Member must have length less than or equal to 256")
      ])
  }

  @Test(arguments: ["DescribeStream", "DescribeStreamSummary", "DeleteStream", "ListTagsForStream"])
  func neitherNameNorARN(_ operation: String) throws {
    let reply = try Harness().call(operation, "{}")
    #expect(reply.code == "InvalidArgumentException")
  }

  @Test func countsOfShards() throws {
    let least = "Member must have value greater than or equal to 1"
    #expect(
      try parts(#"{"StreamName":"s","ShardCount":0}"#, "CreateStream") == [Self.part("'0'", "shardCount", least)])
    #expect(
      try parts(#"{"StreamName":"s"}"#, "CreateStream") == [Self.part("null", "shardCount", Self.notNull)])
    #expect(
      try parts(#"{"StreamName":"s t","ShardCount":1}"#, "CreateStream") == [
        Self.part("'s t'", "streamName", Self.name)
      ])
  }
}
