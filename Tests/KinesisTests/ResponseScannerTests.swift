import Kinesis
import Testing

@Suite struct ResponseScannerTests {
  let map = ShardMap(even: 3)

  /// Scans and reads slowly, expects both to agree, and returns the scanner's result.
  @discardableResult
  func compare(
    _ body: [UInt8], _ map: ShardMap? = nil, _ comment: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> ScanResult {
    let map = map ?? self.map
    // Exact size on the heap: reading beyond the end is for the address sanitizer to find.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: body)
    var results = [RecordResult](repeating: RecordResult(), count: 600)
    var scanner = PutRecordsResponseScanner()
    let result = results.withUnsafeMutableBufferPointer {
      scanner.scan(UnsafeRawBufferPointer(memory), map: map, into: $0)
    }
    let text = { String(decoding: body, as: UTF8.self) + " " + comment }
    switch (result, SlowPutRecordsResponse(body, map: map)) {
    case (.malformed, nil): break
    case (.malformed(let offset, let reason), _?):
      Issue.record("refused at \(offset) (\(reason)): \(text())", sourceLocation: sourceLocation)
    case (.records, nil): Issue.record("accepted: \(text())", sourceLocation: sourceLocation)
    case (.records(let tally), let slow?):
      let entries = slow.entries
      #expect(tally.count == entries.count, "\(text())", sourceLocation: sourceLocation)
      #expect(tally.accepted == entries.count { $0.code == .accepted }, sourceLocation: sourceLocation)
      #expect(tally.throttled == entries.count { $0.code == .throttled }, sourceLocation: sourceLocation)
      #expect(tally.internalFailures == entries.count { $0.code == .internalFailure }, sourceLocation: sourceLocation)
      #expect(tally.other == entries.count { $0.code == .other }, sourceLocation: sourceLocation)
      for (entry, result) in zip(entries, results) {
        #expect(result.code == entry.code, "\(text())", sourceLocation: sourceLocation)
        #expect(result.shard == entry.shard, "\(text())", sourceLocation: sourceLocation)
        let start = Int(result.sequenceOffset)
        let digits = Array(body[start..<start + Int(result.sequenceLength)])
        // A number written with escapes is not located.
        if entry.code == .accepted, !digits.isEmpty {
          #expect(digits == entry.sequence, "\(text())", sourceLocation: sourceLocation)
        }
      }
    }
    return result
  }

  func tally(_ body: String) -> RecordTally? {
    guard case .records(let tally) = compare(Array(body.utf8)) else { return nil }
    return tally
  }

  static let accepted =
    #"{"SequenceNumber":"49543463076548007577105092703039560359975228518395019266","ShardId":"shardId-000000000001"}"#
  static let throttled =
    #"{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard "#
    + #"shardId-000000000002 in stream exampleStreamName under account 111111111111."}"#
  static let failed = #"{"ErrorCode":"InternalFailure","ErrorMessage":"Internal service failure."}"#

  @Test func countsEachKindOfEntry() throws {
    let tally = try #require(
      self.tally(#"{"FailedRecordCount":2,"Records":[\#(Self.accepted),\#(Self.throttled),\#(Self.failed)]}"#))
    #expect(tally.count == 3)
    #expect(tally.accepted == 1)
    #expect(tally.throttled == 1)
    #expect(tally.internalFailures == 1)
    #expect(tally.other == 0)
  }

  @Test func locatesShardsAndSequenceNumbers() {
    let body = Array(#"{"Records":[\#(Self.accepted),\#(Self.throttled),\#(Self.failed)]}"#.utf8)
    var results = [RecordResult](repeating: RecordResult(), count: 3)
    var scanner = PutRecordsResponseScanner()
    _ = body.withUnsafeBytes { body in
      results.withUnsafeMutableBufferPointer { scanner.scan(body, map: map, into: $0) }
    }
    #expect(results.map(\.shard) == [1, 2, RecordResult.notNamed])
    #expect(results.map(\.code) == [.accepted, .throttled, .internalFailure])
    #expect(results.map(\.sequenceLength) == [56, 0, 0])
    let start = Int(results[0].sequenceOffset)
    #expect(
      String(decoding: body[start..<start + 56], as: UTF8.self)
        == "49543463076548007577105092703039560359975228518395019266")
  }

  @Test func neverTrustsFailedRecordCount() {
    #expect(tally(#"{"FailedRecordCount":1,"Records":[\#(Self.failed),\#(Self.failed)]}"#)?.internalFailures == 2)
    #expect(tally(#"{"FailedRecordCount":"many","Records":[\#(Self.accepted)]}"#)?.accepted == 1)
  }

  @Test func moreEntriesThanPlacesAreCountedAndNotStored() {
    let body = Array(#"{"Records":[\#(Self.accepted),\#(Self.accepted),\#(Self.throttled)]}"#.utf8)
    var results = [RecordResult](repeating: RecordResult(), count: 3)
    var scanner = PutRecordsResponseScanner()
    let result = body.withUnsafeBytes { body in
      results.withUnsafeMutableBufferPointer {
        scanner.scan(body, map: map, into: UnsafeMutableBufferPointer(rebasing: $0[..<1]))
      }
    }
    guard case .records(let tally) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(tally.count == 3)
    #expect(results[0].code == .accepted)
    #expect(results[1] == RecordResult())
  }

  @Test func otherCodesArePointedOut() throws {
    let body = #"{"Records":[\#(Self.failed),{"ErrorCode":"KMSThrottlingException"},{"ErrorCode":"B"},{}]}"#
    let tally = try #require(self.tally(body))
    #expect(tally.other == 3)
    #expect(String(decoding: Array(body.utf8)[tally.firstOtherCode], as: UTF8.self) == "KMSThrottlingException")
  }

  @Test func everyOtherCodeAndOneMessageOfEachKindIsLocated() {
    let body =
      Array(
        #"{"Records":[{"ErrorCode":"A","ErrorMessage":"a \u0022x\""},\#(Self.throttled),{"ErrorMessage":"m"},\#(Self.failed),"#
          .utf8) + Array(#"{"ErrorMessage":"b","ErrorCode":"Bé"},{"ErrorCode":"A","ErrorMessage":"c"}]}"#.utf8)
    var results = [RecordResult](repeating: RecordResult(), count: 6)
    var scanner = PutRecordsResponseScanner()
    let texts = body.withUnsafeBytes { body in
      let scan = results.withUnsafeMutableBufferPointer { scanner.scan(body, map: map, into: $0) }
      guard case .records(let tally) = scan else { return ["\(scan)"] }
      return [tally.throttledMessage, tally.internalFailureMessage, tally.firstOtherMessage].map {
        PutRecordsResponseScanner.string($0, of: body)
      }
    }
    #expect(texts.map { $0.prefix(8) } == ["Rate exc", "Internal", "a \"x\""])
    let codes = results.filter { $0.code == .other }.map { result in
      let start = Int(result.sequenceOffset)
      return String(decoding: body[start..<start + Int(result.sequenceLength)], as: UTF8.self)
    }
    #expect(codes == ["A", "", "Bé", "A"])
  }

  /// Legal answers that no service writes in this form, and answers of emulators.
  static let legal = [
    #"{"Records":[]}"#,
    #" { "Records" : [ ] } "#,
    #"{"Records":null,"Records":[]}"#,
    #"{"Records":[{}],"Records":[]}"#,
    #"{"EncryptionType":"KMS","Records":[{}],"FailedRecordCount":0}"#,
    "\r\n\t{\"FailedRecordCount\" :\t0 ,\n\"Records\":[\n" + accepted + " ,\r" + throttled + "\t]\n}\n",
    #"{"\u0052ecords":[{"Shard\u0049d":"shardId-00000000000\u0031","SequenceNumber":"1\u0032"}]}"#,
    #"{"Records":[{"ErrorCode":null,"ErrorMessage":null,"SequenceNumber":"12","ShardId":"shardId-000000000000"}]}"#,
    #"{"Records":[{"ShardId":"shardId-000000000000","SequenceNumber":"1","EncryptionType":"NONE"}]}"#,
    #"{"Records":[{"ShardId":null,"ErrorCode":"Internal\u0046ailure","ErrorMessage":"shardId-000000000001"}]}"#,
    #"{"Records":[{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard X in stream Y under account Z."}]}"#,
    #"{"Records":[{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"shardId-000000000002"}]}"#,
    #"{"Records":[{"ErrorCode":"X","ErrorMessage":"shard\u0049d-000000000002\" and shardId-000000000001"}]}"#,
    #"{"Records":[{"ErrorCode":"X","ErrorMessage":"shardId-000000000009, shardId-000000000001"}]}"#,
    #"{"Records":[{"ErrorCode":"X","ErrorMessage":"shardId-"}]}"#,
    #"{"Records":[{"ErrorCode":"X","ErrorMessage":"shardId"}]}"#,
    #"{"Records":[{"ErrorCode":"","ShardId":""}]}"#,
    #"{"Records":[{"SequenceNumber":"","ShardId":"x"}]}"#,
    #"{"Records":[{"SequenceNumber":"1","SequenceNumber":null}]}"#,
    #"{"Records":[{"ErrorCode":"A","ErrorCode":null,"SequenceNumber":"7"}]}"#,
    #"{"a":[[],{},[{"b":[1,-0,2.5e+3,0.1E-2,true,false,null,"\\\"\/\b\f\n\r\t"]}]],"Records":[{"x":{"ShardId":1}}]}"#,
    #"{"é":"\ud83d\ude00 \ud83d é 日本 😀","Records":[{"ErrorCode":"é","ErrorMessage":"é shardId-000000000000é"}]}"#,
    #"{"Records":[{"ShardId":"shardId-000000000001\u0000"}]}"#,
  ]

  /// Texts that are no answer to PutRecords.
  static let illegal = [
    "", " ", "null", "[]", "7", "\"\"", "{", "}", "{}", "{}{}", #"{"Records":null}"#, #"{"Records":{}}"#,
    #"{"Records":7}"#, #"{"Records":[7]}"#, #"{"Records":[null]}"#, #"{"Records":[[]]}"#, #"{"Records":[{}]"#,
    #"{"Records":[{}]}x"#, #"{"Records":[{},]}"#, #"{"Records":[,{}]}"#, #"{"Records":[{}{}]}"#, #"{"Records":[{}],}"#,
    #"{"Records" [{}]}"#, #"{Records:[{}]}"#, #"{'Records':[{}]}"#, #"{"Records":[{"a":1,}]}"#,
    #"{"Records":[{"SequenceNumber":1}]}"#, #"{"Records":[{"ShardId":[]}]}"#, #"{"Records":[{"ErrorCode":false}]}"#,
    #"{"Records":[{"ErrorMessage":{}}]}"#, #"{"x":01,"Records":[]}"#, #"{"x":+1,"Records":[]}"#,
    #"{"x":1.,"Records":[]}"#, #"{"x":.1,"Records":[]}"#, #"{"x":1e,"Records":[]}"#, #"{"x":-,"Records":[]}"#,
    #"{"x":nul,"Records":[]}"#, #"{"x":True,"Records":[]}"#, #"{"x":"\x","Records":[]}"#,
    #"{"x":"\u12g4","Records":[]}"#,
    "{\"x\":\"\n\",\"Records\":[]}", "{\"x\":\"\u{1}\",\"Records\":[]}", "\u{FEFF}{\"Records\":[]}",
    #"{"x":[1}],"Records":[]}"#, #"{"x":[1,],"Records":[]}"#, #"{"x":{"a"},"Records":[]}"#, "<html></html>",
    "{\"Records\":[]}\u{0}", #"{"Records":[]},"#, #"{"Records":[{"ErrorCode":"#,
  ]

  @Test(arguments: legal) func anyLegalFormIsRead(_ body: String) {
    guard case .records = compare(Array(body.utf8)) else {
      Issue.record("refused")
      return
    }
  }

  @Test(arguments: illegal) func anythingElseIsRefused(_ body: String) {
    guard case .malformed = compare(Array(body.utf8)) else {
      Issue.record("accepted")
      return
    }
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0x80, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0xE2, 0x28, 0xA1],
    ] as [[UInt8]])
  func bytesThatAreNoUTF8AreRefused(_ bytes: [UInt8]) {
    let result = compare(Array(#"{"x":""#.utf8) + bytes + Array(#"12345678901234567890","Records":[]}"#.utf8))
    guard case .malformed(_, .notJSON) = result else {
      Issue.record("\(result)")
      return
    }
  }

  @Test func everyTruncationIsFoundAtTheEnd() {
    let body = Array(#"{"FailedRecordCount":2,"Records":[\#(Self.accepted),\#(Self.throttled),{"a":-1.5e3}]}"#.utf8)
    for length in 1..<body.count {
      let result = compare(Array(body[..<length]))
      // A number may be cut to one that is still good; the text then ends where a comma or a bracket was due.
      #expect(result == .malformed(offset: length, reason: .truncated) || result.isTruncated, "\(length): \(result)")
    }
    compare(body)
  }

  @Test(arguments: legal) func everyTruncationOfOddFormsAgrees(_ body: String) {
    let body = Array(body.utf8)
    for length in 0..<body.count { compare(Array(body[..<length])) }
  }

  @Test func nestingIsFollowedToItsBoundOnly() {
    func body(_ depth: Int) -> [UInt8] {
      let open = String(repeating: "[", count: depth)
      return Array("{\"x\":\(open)\(String(repeating: "]", count: depth)),\"Records\":[]}".utf8)
    }
    #expect(compare(body(64)) == .records(RecordTally()))
    var scanner = PutRecordsResponseScanner()
    let result = body(66).withUnsafeBytes {
      scanner.scan($0, map: map, into: UnsafeMutableBufferPointer(start: nil, count: 0))
    }
    guard case .malformed(_, .tooDeep) = result else {
      Issue.record("\(result)")
      return
    }
  }

  @Test func mutatedAnswersAgreeWithTheSlowReading() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    let seeds = (Self.legal + [#"{"Records":[\#(Self.accepted),\#(Self.throttled),\#(Self.failed)]}"#]).map {
      Array($0.utf8)
    }
    let alphabet = Array(#"{}[]",:\u0019-+.eEnulltrueShardIdé "#.utf8) + [0, 0x80, 0xC3, 0xFF]
    for round in 0..<2_500 {
      guard var body = seeds.randomElement(using: &random) else { return }
      for _ in 0..<Int.random(in: 1...4, using: &random) where !body.isEmpty {
        let index = Int.random(in: 0..<body.count, using: &random)
        let byte = alphabet.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body[index] = byte
        case 1: body.insert(byte, at: index)
        case 2: body.remove(at: index)
        default:
          let end = Int.random(in: index...min(body.count, index + 40), using: &random)
          let slice = body[index..<end]
          body.insert(contentsOf: slice, at: Int.random(in: 0...body.count, using: &random))
        }
      }
      compare(body, nil, "(seed \(seed), round \(round))")
    }
  }

  /// Numbers and ids that change their lengths from entry to entry, with anything but digits in any place.
  @Test func entriesOfChangingLengthsAgreeWithTheSlowReading() {
    let digits = "4954346307654800757710509270303956035997522851839501926600000000000000"
    func entry(_ count: Int, _ id: String = "shardId-000000000001") -> String {
      #"{"SequenceNumber":"\#(digits.prefix(count))","ShardId":"\#(id)"}"#
    }
    for first in [1, 15, 16, 17, 31, 56, 57, 64, 65] {
      let entries = [
        entry(first), entry(first), entry(56), entry(first, "shardId-000000000007"), entry(56), entry(first),
      ]
      compare(Array(#"{"Records":[\#(entries.joined(separator: ","))]}"#.utf8))
    }
    for position in 0..<56 {
      for byte in [0x00, 0x22, 0x2F, 0x3A, 0x3F, 0x41, 0x5C, 0x7F, 0xB0, 0xFF] as [UInt8] {
        var body = Array(#"{"Records":[\#(entry(56)),\#(entry(56))]}"#.utf8)
        let second = body.count - entry(56).utf8.count - 2
        body[second + 19 + position] = byte
        compare(body)
      }
    }
  }

  @Test func shardsAreFoundByAnyKindOfID() throws {
    let ids = [
      "a", "shardId-1", "shard-00000001", "ab", "x-000000000001", "shardId-000000000001", "日本日本日本",
      // Around the lengths that are looked up as words, and with what has to be escaped in JSON.
      "1234567", "12345678", "x2345678", "shard-01-000000000000001", "shard-02-000000000000001",
      "shard-001-000000000000001", "shard-002-000000000000001", "shard 0000000001", "shard/0000000001",
    ]
    let ranges = HashKeyRange.even(count: ids.count)
    let map = try ShardMap(shards: zip(ids, ranges).map { Shard(id: $0, range: $1) })
    for id in ids + ["", "b", "shardId-2", "shardId-000000000002", "2345678", "shard-03-000000000000001"] {
      compare(Array(#"{"Records":[{"ShardId":"\#(id)","SequenceNumber":"1"}]}"#.utf8), map)
    }
  }
}

extension ScanResult {
  /// Whether the text was found to end too early.
  var isTruncated: Bool {
    if case .malformed(_, .truncated) = self { return true }
    return false
  }
}
