import Kinesis
import Testing

/// Answers to GetRecords, sound and spoilt.
@Suite struct GetRecordsScannerTests {
  private struct Read: Equatable {
    var data: String
    var key: String
    var sequence: String
    var arrival: Int64?
  }

  private func scan(_ body: [UInt8]) -> (page: ReadPage?, records: [Read]) {
    // Exact size on the heap: reading beyond the end is for the address sanitizer to find.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: body)
    var scanner = GetRecordsScanner()
    var records: [Read] = []
    let page = scanner.scan(UnsafeRawBufferPointer(memory)) { record in
      records.append(
        Read(
          data: String(decoding: record.data, as: UTF8.self), key: String(decoding: record.key, as: UTF8.self),
          sequence: String(decoding: record.sequence, as: UTF8.self), arrival: record.arrivalMilliseconds))
    }
    return (page, records)
  }

  private static let record =
    #"{"SequenceNumber":"49","ApproximateArrivalTimestamp":1700000000.123,"Data":"YQ==","PartitionKey":"k"}"#

  @Test(arguments: [
    (#"{"Records":[],"NextShardIterator":"abc","MillisBehindLatest":0}"#, "abc", Int64(0), 0),
    (#"{"Records":[],"MillisBehindLatest":0,"ChildShards":[{"ShardId":"x","ParentShards":["y"]}]}"#, nil, 0, 0),
    (#"{"Records":[],"NextShardIterator":null,"MillisBehindLatest":null}"#, nil, nil, 0),
    (#" { "MillisBehindLatest" : 12e2 , "Records" : [ \#(record) , \#(record) ] } "#, nil, 1200, 2),
    (#"{"Records":[\#(record)],"NextShardIterator":"a\/b\u0041"}"#, "a/bA", nil, 1),
    (#"{"Records":[\#(record)],"Records":[]}"#, nil, nil, 0),
  ])
  func soundAnswers(text: String, iterator: String?, behind: Int64?, count: Int) {
    let (page, records) = scan(Array(text.utf8))
    #expect(page?.nextIterator == iterator && page?.millisecondsBehind == behind && page != nil)
    #expect(
      records
        == Array(repeating: Read(data: "YQ==", key: "k", sequence: "49", arrival: 1_700_000_000_123), count: count))
    #expect(page?.lastSequence == (count > 0 ? "49" : nil))
  }

  @Test func escapesAreResolvedAndUnknownMembersPassedOver() {
    let text =
      #"{"X":{"Records":[1]},"Records":[{"EncryptionType":"KMS","Data":"\/w==","PartitionKey":"\u00e9\n","SequenceNumber":"\u0034","#
      + #""ApproximateArrivalTimestamp":null}]}"#
    let (page, records) = scan(Array(text.utf8))
    #expect(page == ReadPage(nextIterator: nil, millisecondsBehind: nil, lastSequence: "4"))
    #expect(records == [Read(data: "/w==", key: "é\n", sequence: "4", arrival: nil)])
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "<html>", #"{"Records":null}"#, #"{"Records":{}}"#, #"{"Records":[1]}"#,
    #"{"Records":[{}]}"#,
    #"{"Records":[{"Data":"YQ==","PartitionKey":"k"}]}"#,
    #"{"Records":[{"Data":1,"PartitionKey":"k","SequenceNumber":"1"}]}"#,
    #"{"Records":[],"NextShardIterator":7}"#, #"{"Records":[],"MillisBehindLatest":"soon"}"#, #"{"Records":[]} x"#,
    #"{"Records":[\#(record)],}"#, #"{"Records":[\#(record)\#(record)]}"#,
    #"{"Records":[{"Data":null,"PartitionKey":"k","SequenceNumber":"1"}]}"#,
    #"{"Records":[\#(record),{"Data":"YQ==","PartitionKey":"k","SequenceNumber":3}]}"#,
  ])
  func spoiltAnswersGiveNoRecord(text: String) {
    let (page, records) = scan(Array(text.utf8))
    #expect(page == nil && records.isEmpty, "\(text)")
  }

  @Test func everyCutAnswerIsRefusedWhole() {
    let text = Array(
      #"{"Records":[\#(Self.record),\#(Self.record)],"NextShardIterator":"x","MillisBehindLatest":5}"#.utf8)
    for length in 0..<text.count {
      let (page, records) = scan(Array(text[..<length]))
      #expect(page == nil && records.isEmpty, "cut at \(length)")
    }
  }

  @Test func spoiltBytesNeverCrash() {
    var random = TestRandom(seed: 11)
    let text = Array(
      #"{"Records":[\#(Self.record),\#(Self.record)],"NextShardIterator":"x","MillisBehindLatest":5}"#.utf8)
    for _ in 0..<20_000 {
      var spoilt = text
      for _ in 0...Int(random.next() % 4) {
        spoilt[Int(random.next() % UInt64(spoilt.count))] = UInt8(random.next() & 255)
      }
      let (page, records) = scan(spoilt)
      #expect(page != nil || records.isEmpty)
    }
  }
}
