import Kinesis
import Testing

/// What the endpoint's side writes and the client's side reads.
@Suite struct AnswerTests {
  @Test(arguments: [0, 1, 2, 3, 500]) func whatTheWriterWritesTheScannerReads(_ count: Int) throws {
    let map = ShardMap(even: 7)
    let texts = map.shards.map { ShardEntryText(shardID: $0.id, streamName: "orders", accountID: "123456789012") }
    let writer = PutRecordsResponseWriter()
    writer.begin()
    writer.appendInternalFailure()  // of an answer given up
    writer.begin()
    var sources = (0..<7).map { SequenceNumberSource(shard: $0, created: 1_700_000_000) }
    var expected: [(code: RecordCode, shard: Int32, sequence: String)] = []
    for index in 0..<count {
      let shard = index % 7
      switch index % 4 {
      case 0, 1:
        let sequence = sources[shard].take(at: 1_700_000_001)
        writer.appendAccepted(sequence, texts[shard])
        expected.append((.accepted, Int32(shard), sequence.description))
      case 2:
        writer.appendThrottled(texts[shard])
        expected.append((.throttled, Int32(shard), ""))
      default:
        writer.appendInternalFailure()
        expected.append((.internalFailure, RecordResult.notNamed, ""))
      }
    }
    let body = [UInt8](writer.finish())
    #expect(writer.failedCount == expected.count { $0.code != .accepted })

    var results = [RecordResult](repeating: RecordResult(), count: count)
    var scanner = PutRecordsResponseScanner()
    let result = body.withUnsafeBytes { body in
      results.withUnsafeMutableBufferPointer { scanner.scan(body, map: map, into: $0) }
    }
    guard case .records(let tally) = result else {
      Issue.record("\(result): \(String(decoding: body, as: UTF8.self))")
      return
    }
    #expect(tally.count == count)
    for (result, expected) in zip(results, expected) {
      #expect(result.code == expected.code)
      #expect(result.shard == expected.shard)
      let start = Int(result.sequenceOffset)
      #expect(
        String(decoding: body[start..<start + Int(result.sequenceLength)], as: UTF8.self) == expected.sequence)
    }
    let tree = try SlowJSON.parse(body)
    #expect(tree["FailedRecordCount"] == .number(String(writer.failedCount)))
  }

  @Test func theAnswerHasTheServicesForm() {
    let writer = PutRecordsResponseWriter()
    let text = ShardEntryText(shardID: "shardId-000000000001", streamName: "s", accountID: "111111111111")
    writer.begin()
    #expect(String(decoding: writer.finish(), as: UTF8.self) == #"{"FailedRecordCount":0,"Records":[]}"#)
    writer.begin()
    if let number = SequenceDigits(decimal: "42") { writer.appendAccepted(number, text) }
    writer.appendThrottled(text)
    writer.appendInternalFailure()
    #expect(
      String(decoding: writer.finish(), as: UTF8.self)
        == #"{"FailedRecordCount":2,"Records":[{"SequenceNumber":"42","ShardId":"shardId-000000000001"},"#
        + #"{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard "#
        + #"shardId-000000000001 in stream s under account 111111111111."},"#
        + #"{"ErrorCode":"InternalFailure","ErrorMessage":"Internal service failure."}]}"#)
  }

  @Test(arguments: [
    (#"{"__type":"ResourceNotFoundException","message":"Stream s"}"#, "ResourceNotFoundException", "Stream s"),
    (#"{"__type":"SerializationException","Message":"x"}"#, "SerializationException", "x"),
    (#" { "message" : "b" , "Message" : "c", "__type" : "com.amazon.coral.service#A" } "#, "A", "b"),
    (#"{"__type":"UnknownOperationException"}"#, "UnknownOperationException", ""),
    (#"{"x":[1,{"__type":"no"}],"__type":"\u0041\ud83d\ude00","message":null}"#, "A😀", ""),
  ])
  func errorBodiesAreRead(_ body: String, _ code: String, _ message: String) {
    let error = Array(body.utf8).withUnsafeBytes { ServiceError.parse($0) }
    #expect(error == ServiceError(code: code, message: message))
  }

  @Test(arguments: [
    "", "{}", "<html>500</html>", "[]", #"{"message":"m"}"#, #"{"__type":7}"#, #"{"__type":""}"#, #"{"__type":"A""#,
    #"{"Output":{"__type":"A"},"Version":"1.0"}"#,
  ])
  func otherBodiesAreNoErrors(_ body: String) {
    #expect(Array(body.utf8).withUnsafeBytes { ServiceError.parse($0) } == nil)
  }

  @Test func errorsDescribeThemselves() {
    #expect(ServiceError(code: "A", message: "b c").description == "A: b c")
    #expect(ServiceError(code: "A", message: "").description == "A")
  }
}
