import Kinesis
import Testing

@Suite struct RequestDecoderTests {
  typealias Outcome = PutRecordsRequestDecoder.Outcome

  /// Decodes a body that ends exactly where its memory ends, and hands the decoder on while the body is still there.
  @discardableResult
  func decode(
    _ body: [UInt8], limits: RequestLimits = RequestLimits(), _ then: (PutRecordsRequestDecoder) -> Void = { _ in }
  ) -> Outcome {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: body)
    let decoder = PutRecordsRequestDecoder(limits: limits)
    // What an earlier request left behind must not show.
    _ = Array(#"{"StreamName":"x\u0041","Records":[{"Data":"AA\u003d=","PartitionKey":"\u0041"}]}"#.utf8)
      .withUnsafeBytes { decoder.decode($0) }
    let outcome = decoder.decode(UnsafeRawBufferPointer(memory))
    then(decoder)
    return outcome
  }

  func decode(_ body: String, limits: RequestLimits = RequestLimits()) -> Outcome {
    decode(Array(body.utf8), limits: limits)
  }

  func request(_ records: String, name: String = "orders") -> String {
    #"{"StreamName":"\#(name)","Records":[\#(records)]}"#
  }

  // MARK: Well-formed requests

  struct Record: Equatable {
    var data: [UInt8]
    var key: String
    var hash: UInt128?
  }

  /// The records as the decoder presents them, data decoded.
  func records(of decoder: PutRecordsRequestDecoder) -> [Record] {
    decoder.records.map { record in
      var data: [UInt8] = []
      Base64.decode(decoder.dataText(of: record), into: &data)
      #expect(record.dataLength == data.count)
      #expect(record.keyLength == decoder.key(of: record).count)
      #expect(record.size == data.count + record.keyLength)
      let key = String(decoding: decoder.key(of: record), as: UTF8.self)
      #expect(
        decoder.hashKey(of: record)
          == (record.hasExplicitHashKey ? record.explicitHashKey : PartitionKeyHash.md5(of: key)))
      return Record(data: data, key: key, hash: record.hasExplicitHashKey ? record.explicitHashKey : nil)
    }
  }

  @Test func whatTheBufferWritesTheDecoderReads() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    let buffer = RequestBuffer(headroom: 10)
    let keys = [
      "k", "é", "😀", "a\"b\\c/d", "\u{0}\u{1F}\n\r\t\u{8}\u{C}", String(repeating: "x", count: 256), "key-00000001",
    ]
    for count in [1, 2, 3, 50, 500] {
      let expected = (0..<count).map { index in
        Record(
          data: random.bytes(index < 70 ? index : .random(in: 0...200, using: &random)),
          key: keys.randomElement(using: &random) ?? "k",
          hash: index % 5 == 4
            ? [0, 1, .max, .random(in: 0...(.max), using: &random)].randomElement(using: &random) : nil)
      }
      buffer.beginBody(streamName: "orders-1")
      for record in expected {
        record.data.withUnsafeBytes { data in
          Array(record.key.utf8).withUnsafeBytes { key in
            buffer.append(data: data, key: key, explicitHashKey: record.hash)
          }
        }
      }
      buffer.endBody()
      #expect(buffer.recordCount == count)
      let outcome = decode([UInt8](buffer.body)) { decoder in
        #expect(decoder.streamName == "orders-1")
        #expect(decoder.streamARN == nil)
        #expect(decoder.argumentRefusal == nil)
        #expect(records(of: decoder) == expected, "seed \(seed)")
      }
      #expect(outcome == .request, "seed \(seed)")
      // The slow reading of the same body agrees, so that writer and reader are not wrong together.
      let tree = try? SlowJSON.parse([UInt8](buffer.body))
      guard case .array(let slow)? = tree?["Records"] else {
        Issue.record("no records")
        continue
      }
      #expect(slow.map { $0["PartitionKey"]?.bytes } == expected.map { Array($0.key.utf8) })
    }
  }

  @Test func bodiesOfOtherWritersAreRead() {
    let body = """
      { "Records": [ {"PartitionKey": "caf\\u00e9", "Data": "\\/\\/8=", "Unknown": [1, {"Data": "!"}]},
        {"ExplicitHashKey": "340282366920938463463374607431768211455", "Data": "", "PartitionKey": "\\ud83d\\ude00"},
        {"ExplicitHashKey": null, "\\u0044ata": "AA\\u003d=", "PartitionKey": "a", "PartitionKey": "b"} ],
        "StreamName" : "a.b_c-D9" , "StreamId": 7 }
      """
    let outcome = decode(Array(body.utf8)) { decoder in
      #expect(decoder.streamName == "a.b_c-D9")
      #expect(
        records(of: decoder) == [
          Record(data: [0xFF, 0xFF], key: "café", hash: nil),
          Record(data: [], key: "😀", hash: .max),
          Record(data: [0], key: "b", hash: nil),
        ])
    }
    #expect(outcome == .request)
  }

  @Test func aStreamMayBeNamedByItsARN() {
    let arn = "arn:aws-cn:kinesis:cn-north-1:123456789012:stream/orders"
    let outcome = decode(Array(#"{"StreamARN":"\#(arn)","Records":[{"Data":"","PartitionKey":"a"}]}"#.utf8)) {
      #expect($0.streamName == "orders")
      #expect($0.streamARN == arn)
    }
    #expect(outcome == .request)
  }

  // MARK: Malformed bodies

  @Test(arguments: [
    "", " ", "null", "7", "\"x\"", "true", "{", "{]", #"{"Records":[}"#, #"{"StreamName":"a"}}"#, #"{"a":1,}"#,
    "{'a':1}",
    #"{"Records":[{"Data":"AAAA"#, #"{"Records":true,"x":}"#, #"{"StreamName":"\q"}"#, "{\"StreamName\":\"\n\"}",
  ])
  func malformedBodiesAreSoBeforeAnythingElse(_ body: String) {
    #expect(decode(body) == .malformed)
  }

  @Test func everyTruncationIsMalformed() {
    let body = Array(request(#"{"Data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==","PartitionKey":"\u0041"}"#).utf8)
    for length in 0..<body.count { #expect(decode(Array(body[..<length])) == .malformed) }
    #expect(decode(body) == .request)
  }

  // MARK: Types

  static let number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to"
  static let list = "Start of list found where not expected"
  static let structure = "Start of structure or map found where not expected."

  /// kinesalite `test/putRecords.js`, assertType of Records, Records.0, Data, ExplicitHashKey, PartitionKey, StreamName.
  @Test(arguments: [
    (#"{"Records":"34"}"#, "Expected list or null"),
    (#"{"Records":true}"#, "Expected list or null"),
    (#"{"Records":23.4}"#, "Expected list or null"),
    (#"{"Records":{"a":1}}"#, structure),
    (#"{"Records":["34"]}"#, "Expected null"),
    (#"{"Records":[false]}"#, "Expected null"),
    (#"{"Records":[-1]}"#, "Expected null"),
    (#"{"Records":[["34"]]}"#, list),
    (#"{"Records":[{"Data":true}]}"#, "class java.lang.Boolean can not be converted to a Blob"),
    (#"{"Records":[{"Data":23}]}"#, number + " a Blob"),
    (#"{"Records":[{"Data":-2.5e3}]}"#, number + " a Blob"),
    (#"{"Records":[{"Data":[]}]}"#, list),
    (#"{"Records":[{"Data":{}}]}"#, structure),
    (
      #"{"Records":[{"Data":"23456"}]}"#,
      "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5"
    ),
    (#"{"Records":[{"Data":"=+/="}]}"#, "'=+/=' can not be converted to a Blob: Invalid Base64 character: '='"),
    (
      #"{"Records":[{"Data":"+/+="}]}"#,
      "'+/+=' can not be converted to a Blob: Invalid last non-pad Base64 character dectected"
    ),
    (#"{"Records":[{"ExplicitHashKey":true}]}"#, "class java.lang.Boolean can not be converted to an String"),
    (#"{"Records":[{"ExplicitHashKey":1}]}"#, number + " an String"),
    (#"{"Records":[{"ExplicitHashKey":[]}]}"#, list),
    (#"{"Records":[{"ExplicitHashKey":{}}]}"#, structure),
    (#"{"Records":[{"PartitionKey":false}]}"#, "class java.lang.Boolean can not be converted to an String"),
    (#"{"Records":[{"PartitionKey":1}]}"#, number + " an String"),
    (#"{"Records":[{"PartitionKey":[]}]}"#, list),
    (#"{"Records":[{"PartitionKey":{}}]}"#, structure),
    (#"{"StreamName":true}"#, "class java.lang.Boolean can not be converted to an String"),
    (#"{"StreamName":0}"#, number + " an String"),
    (#"{"StreamName":["a"]}"#, list),
    (#"{"StreamName":{"a":[]}}"#, structure),
    // The first in the request is the one that is named.
    (
      #"{"Records":[{"Data":"23456"},{"Data":1}],"StreamName":1}"#,
      "'23456' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 5"
    ),
  ])
  func wrongTypesAreSerializationExceptions(_ body: String, _ message: String) {
    #expect(decode(body) == .serialization(message: message))
  }

  @Test func aSyntaxErrorBehindAWrongTypeComesFirst() {
    #expect(decode(#"{"Records":[7],"a":}"#) == .malformed)
  }

  @Test func theThirdRecordOfTheDocumentationIsNoBase64() {
    #expect(
      decode(request(#"{"Data":"Gi4sEdd08HypA","PartitionKey":"partitionKey3"}"#))
        == .serialization(
          message: "'Gi4sEdd08HypA' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 "
            + "bytes but found: 13"))
  }

  // MARK: Constraints

  static let notNull = "Member must not be null"
  static let least = "Member must have length greater than or equal to 1"
  static let namePattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
  static let hashPattern = #"Member must satisfy regular expression pattern: 0|([1-9]\d{0,38})"#

  func part(_ value: String?, _ path: String, _ rule: String) -> String {
    "Value \(value.map { "'\($0)'" } ?? "null") at '\(path)' failed to satisfy constraint: \(rule)"
  }

  /// Compares count and parts; the order of the parts is free.
  func expectErrors(
    _ body: String, _ parts: [String], limits: RequestLimits = RequestLimits(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .validation(let message) = decode(body, limits: limits) else {
      Issue.record("not refused", sourceLocation: sourceLocation)
      return
    }
    let prefix = "\(parts.count) validation error\(parts.count == 1 ? "" : "s") detected: "
    #expect(message.hasPrefix(prefix), sourceLocation: sourceLocation)
    let found = message.dropFirst(prefix.count).replacing("; Value ", with: "\u{1}Value ").split(separator: "\u{1}")
    #expect(Set(found.map(String.init)) == Set(parts), sourceLocation: sourceLocation)
  }

  @Test(arguments: ["{}", "[]", #"{"Records":null,"StreamName":null,"Unknown":{}}"#])
  func absentMembersAreNull(_ body: String) {
    expectErrors(body, [part(nil, "records", Self.notNull), part(nil, "streamName", Self.notNull)])
  }

  @Test func emptyNameAndNoRecords() {
    expectErrors(
      #"{"StreamName":"","Records":[]}"#,
      [part("[]", "records", Self.least), part("", "streamName", Self.namePattern), part("", "streamName", Self.least)])
  }

  @Test func emptyStrings() {
    expectErrors(
      request(#"{"PartitionKey":"","ExplicitHashKey":"","Data":""}"#, name: ""),
      [
        part("", "records.1.member.partitionKey", Self.least),
        part("", "records.1.member.explicitHashKey", Self.hashPattern),
        part("", "streamName", Self.namePattern), part("", "streamName", Self.least),
      ])
  }

  @Test func everythingTooLong() {
    let name = String(repeating: "a", count: 129)
    let key = String(repeating: "k", count: 257)
    let data = String(repeating: "A", count: 1_398_100) + "AA=="  // 1,048,576 bytes
    let longer = String(repeating: "A", count: 1_398_100) + "AAA="
    #expect(decode(request(#"{"PartitionKey":"a","Data":"\#(data.dropLast(4))"}"#)) == .request)
    expectErrors(
      request(#"{"PartitionKey":"\#(key)","ExplicitHashKey":"","Data":"\#(longer)"}"#, name: name),
      [
        part(key, "records.1.member.partitionKey", "Member must have length less than or equal to 256"),
        part("", "records.1.member.explicitHashKey", Self.hashPattern),
        part(
          "java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]", "records.1.member.data",
          "Member must have length less than or equal to 1048576"),
        part(name, "streamName", "Member must have length less than or equal to 128"),
      ])
    #expect(
      decode(request(#"{"PartitionKey":"a","Data":"\#(longer)"}"#), limits: LimitsProfile.largeRecords.request)
        == .request)
  }

  @Test func moreThanTenErrorsAreCutToTen() {
    let records = Array(repeating: #"{"PartitionKey":"","Data":""}"#, count: 501).joined(separator: ",")
    let entry = "com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"
    let shown = "[" + Array(repeating: entry, count: 501).joined(separator: ", ") + "]"
    expectErrors(
      request(records),
      [part(shown, "records", "Member must have length less than or equal to 500")]
        + (1...9).map { part("", "records.\($0).member.partitionKey", Self.least) })
    #expect(
      decode(request(Array(repeating: #"{"PartitionKey":"a","Data":""}"#, count: 500).joined(separator: ",")))
        == .request)
  }

  @Test func absentPartsOfARecord() {
    expectErrors(
      request(#"{"Data":""},{"PartitionKey":"a"},null,{"Data":null,"PartitionKey":null}"#),
      [
        part(nil, "records.1.member.partitionKey", Self.notNull), part(nil, "records.2.member.data", Self.notNull),
        part(nil, "records.3.member", Self.notNull), part(nil, "records.4.member.partitionKey", Self.notNull),
        part(nil, "records.4.member.data", Self.notNull),
      ])
  }

  @Test func keysAreMeasuredInUTF16Units() {
    let emoji = String(repeating: "😀", count: 128)  // 256 units, 512 bytes
    #expect(decode(request(#"{"Data":"","PartitionKey":"\#(emoji)"}"#)) == .request)
    expectErrors(
      request(#"{"Data":"","PartitionKey":"\#(emoji)a"}"#),
      [
        part(emoji + "a", "records.1.member.partitionKey", "Member must have length less than or equal to 256")
      ])
  }

  @Test(arguments: ["", "01", "00", "-1", "+1", "1.0", "a", " 1", "1 ", "1" + String(repeating: "0", count: 39), "١"])
  func hashKeysOffThePattern(_ text: String) {
    expectErrors(
      request(#"{"Data":"","PartitionKey":"a","ExplicitHashKey":"\#(text)"}"#),
      [part(text, "records.1.member.explicitHashKey", Self.hashPattern)])
  }

  @Test(arguments: ["a b", "é", "a/b", "stream\\n"]) func namesOffThePattern(_ name: String) {
    expectErrors(
      request(#"{"Data":"","PartitionKey":"a"}"#, name: name),
      [part(name.replacing("\\n", with: "\n"), "streamName", Self.namePattern)])
  }

  @Test(arguments: [
    "", "orders", "arn:aws:kinesis:eu-west-1:123456789012:stream/", "arn:aws:kinesis:eu-west-1:12345678901:stream/a",
    "arn:aws:dynamodb:eu-west-1:123456789012:stream/a", "arn:aws:kinesis:eu-west-1:123456789012:stream/a b",
  ])
  func textsThatAreNoARN(_ arn: String) {
    expectErrors(
      #"{"StreamARN":"\#(arn)","Records":[{"Data":"","PartitionKey":"a"}]}"#,
      [
        part(
          arn, "streamARN",
          #"Member must satisfy regular expression pattern: arn:aws.*:kinesis:.*:\d{12}:stream/\S+"#)
      ])
  }

  // MARK: What is refused once the stream is known

  func refusal(_ body: String, limits: RequestLimits = RequestLimits()) -> ServiceError? {
    var refusal: ServiceError?
    #expect(decode(Array(body.utf8), limits: limits) { refusal = $0.argumentRefusal } == .request)
    return refusal
  }

  @Test func hashKeysBeyondTheSpaceRefuseTheWholeRequest() {
    let highest = #"{"Data":"","PartitionKey":"a","ExplicitHashKey":"340282366920938463463374607431768211455"}"#
    #expect(refusal(request(highest)) == nil)
    for text in ["340282366920938463463374607431768211456", "999999999999999999999999999999999999999"] {
      let record = #"{"Data":"","PartitionKey":"a","ExplicitHashKey":"\#(text)"}"#
      #expect(
        refusal(request(highest + "," + record))
          == ServiceError(
            code: "InvalidArgumentException",
            message: "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
              + "Specified value was \(text)"))
    }
  }

  @Test func sizesCountDataAndKeys() {
    let limits = RequestLimits(bytesPerRequest: 2 << 20, bytesPerRecord: 1 << 20)
    let half = String(repeating: "A", count: 1_398_100)  // 1,048,575 bytes
    let fits = #"{"Data":"\#(half)","PartitionKey":"a"}"#
    #expect(refusal(request(fits + "," + fits), limits: limits) == nil)
    #expect(
      refusal(request(fits + "," + fits + #",{"Data":"","PartitionKey":"a"}"#), limits: limits)
        == ServiceError(code: "InvalidArgumentException", message: "Records size exceeds 2 MB limit"))
    #expect(
      refusal(request(#"{"Data":"\#(half)","PartitionKey":"ab"}"#), limits: limits)?.code == "InvalidArgumentException")
  }

  // MARK: Base64

  @Test func everyCharacterIsJudgedAtEveryPlace() {
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for byte in UInt8.min...0x7F {
      for place in 0..<44 {
        var text = [UInt8](repeating: UInt8(ascii: "A"), count: 44)
        text[place] = byte
        #expect(text.withUnsafeBytes { Base64.check($0) } == (alphabet.contains(byte) || (byte == 0x3D && place == 43)))
      }
    }
    for byte in UInt8(0x80)...0xFF {
      var text = [UInt8](repeating: UInt8(ascii: "A"), count: 44)
      text[Int(byte) % 44] = byte
      #expect(!text.withUnsafeBytes { Base64.check($0) })
    }
  }

  @Test func onlyTheFormAnEncoderWritesIsAccepted() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for (index, character) in alphabet.enumerated() {
      let one = [UInt8(ascii: "A"), character, Base64Tests.pad, Base64Tests.pad]
      let two = [UInt8(ascii: "A"), UInt8(ascii: "A"), character, Base64Tests.pad]
      #expect(one.withUnsafeBytes { Base64.check($0) } == (index % 16 == 0))
      #expect(two.withUnsafeBytes { Base64.check($0) } == (index % 4 == 0))
    }
    for text in [
      "A", "AA", "AAA", "AAAAA", "A===", "====", "AA=A", "=AAA", "AAAA=", "AAAA====", "AA==AAAA", "AA AA===",
    ] {
      #expect(!Array(text.utf8).withUnsafeBytes { Base64.check($0) }, "\(text)")
    }
    #expect([UInt8]().withUnsafeBytes { Base64.check($0) })
  }

  @Test(arguments: [
    ("A===", "Invalid last non-pad Base64 character dectected"),
    ("====", "Invalid last non-pad Base64 character dectected"),
    ("AA=A", "Invalid Base64 character: '='"),
    ("A!==", "Invalid Base64 character: '!'"),
    ("ééAA", "Invalid Base64 character: 'é'"),
    ("AAé", "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
    ("AB==", "Invalid last non-pad Base64 character dectected"),
  ])
  func faultsOfBase64AreWorded(_ text: String, _ reason: String) {
    #expect(
      decode(request(#"{"PartitionKey":"a","Data":"\#(text)"}"#))
        == .serialization(message: "'\(text)' can not be converted to a Blob: \(reason)"))
  }

  @Test func mutatedRequestsAreJudgedAsTheSlowReadingJudges() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = TestRandom(seed: seed)
    let original = Array(
      request(#"{"Data":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGA==","PartitionKey":"k\u00e9","ExplicitHashKey":"12"}"#).utf8)
    let alphabet = Array(#"{}[]",:\u019=+/-Aé "#.utf8) + [0, 0x80, 0xFF]
    for round in 0..<2_500 {
      var body = original
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<body.count, using: &random)
        let byte = alphabet.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<3, using: &random) {
        case 0: body[index] = byte
        case 1: body.insert(byte, at: index)
        default: body.remove(at: index)
        }
      }
      let tree = try? SlowJSON.parse(body)
      let outcome = decode(body) { decoder in
        guard let tree, case .array(let list)? = tree["Records"], decoder.records.count == list.count else { return }
        for (record, slow) in zip(decoder.records, list) {
          // Where the slow tree has a plain record, the same parts must have been found.
          guard let key = slow["PartitionKey"]?.bytes, let data = slow["Data"]?.bytes else { continue }
          #expect(decoder.key(of: record).elementsEqual(key), "seed \(seed), round \(round)")
          if data.withUnsafeBytes({ Base64.check($0) }) {
            #expect(decoder.dataText(of: record).elementsEqual(data), "seed \(seed), round \(round)")
          }
        }
      }
      #expect((outcome == .malformed) == (tree?.isObjectOrArray != true), "seed \(seed), round \(round)")
    }
  }
}

extension SlowJSON {
  var isObjectOrArray: Bool {
    switch self {
    case .object, .array: true
    default: false
    }
  }
}
