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

  // MARK: What is irregular

  /// A wrong type or a broken constraint, each alone: what it is and how it is worded are the service's tests.
  @Test(arguments: [
    "{}", "[]", #"{"Records":null,"StreamName":null,"Unknown":{}}"#, #"{"StreamName":"orders"}"#,
    #"{"StreamName":"orders","Records":[]}"#, #"{"StreamName":"orders","Records":"34"}"#,
    #"{"StreamName":"orders","Records":23.4}"#, #"{"StreamName":"orders","Records":{"a":1}}"#,
    #"{"Records":[{"Data":"","PartitionKey":"a"}]}"#, #"{"StreamName":0,"Records":[{"Data":"","PartitionKey":"a"}]}"#,
  ])
  func irregularRequests(_ body: String) {
    #expect(decode(body) == .irregular)
  }

  @Test(arguments: [
    "null", "[]", "-1", #""34""#, "{}", #"{"Data":""}"#, #"{"PartitionKey":"a"}"#,
    #"{"Data":null,"PartitionKey":"a"}"#, #"{"Data":"","PartitionKey":""}"#, #"{"Data":true,"PartitionKey":"a"}"#,
    #"{"Data":-2.5e3,"PartitionKey":"a"}"#, #"{"Data":[],"PartitionKey":"a"}"#, #"{"Data":"","PartitionKey":1}"#,
    #"{"Data":"","PartitionKey":"a","ExplicitHashKey":1}"#, #"{"Data":"23456","PartitionKey":"a"}"#,
    #"{"Data":"=+/=","PartitionKey":"a"}"#, #"{"Data":"+/+=","PartitionKey":"a"}"#,
    #"{"Data":"","PartitionKey":"a"},{"Data":"Gi4sEdd08HypA","PartitionKey":"a"}"#,
  ])
  func irregularRecords(_ records: String) {
    #expect(decode(request(records)) == .irregular)
  }

  @Test func aSyntaxErrorBehindAWrongTypeComesFirst() {
    #expect(decode(#"{"Records":[7],"a":}"#) == .malformed)
  }

  @Test func whatIsTooLong() {
    let plain = #"{"PartitionKey":"a","Data":""}"#
    #expect(decode(request(plain, name: String(repeating: "a", count: 128))) == .request)
    #expect(decode(request(plain, name: String(repeating: "a", count: 129))) == .irregular)
    let data = String(repeating: "A", count: 1_398_100)  // 1,048,575 bytes
    #expect(decode(request(#"{"PartitionKey":"a","Data":"\#(data)"}"#)) == .request)
    let longer = request(#"{"PartitionKey":"a","Data":"\#(data)AAA="}"#)
    #expect(decode(longer) == .irregular)
    #expect(decode(longer, limits: LimitsProfile.largeRecords.request) == .request)
    for (count, expected) in [(500, Outcome.request), (501, .irregular)] {
      #expect(decode(request(Array(repeating: plain, count: count).joined(separator: ","))) == expected)
    }
  }

  @Test(arguments: [("k", 256), ("é", 256), ("中", 256), ("😀", 128)])
  func keysAreMeasuredInUTF16Units(_ character: String, _ most: Int) {
    let longest = String(repeating: character, count: most)
    #expect(decode(request(#"{"Data":"","PartitionKey":"\#(longest)"}"#)) == .request)
    #expect(decode(request(#"{"Data":"","PartitionKey":"\#(longest)a"}"#)) == .irregular)
  }

  @Test(arguments: ["", "01", "00", "-1", "+1", "1.0", "a", " 1", "1 ", "1" + String(repeating: "0", count: 39), "١"])
  func hashKeysOffThePattern(_ text: String) {
    #expect(decode(request(#"{"Data":"","PartitionKey":"a","ExplicitHashKey":"\#(text)"}"#)) == .irregular)
  }

  @Test(arguments: ["", "a b", "é", "a/b", "stream\\n"]) func namesOffThePattern(_ name: String) {
    #expect(decode(request(#"{"Data":"","PartitionKey":"a"}"#, name: name)) == .irregular)
  }

  @Test(arguments: [
    ("arn:aws:kinesis:eu-west-1:123456789012:stream/a", Outcome.request), ("", .irregular), ("orders", .irregular),
    ("arn:aws:kinesis:eu-west-1:123456789012:stream/", .irregular),
    ("arn:aws:kinesis:eu-west-1:12345678901:stream/a", .irregular),
    ("arn:aws:dynamodb:eu-west-1:123456789012:stream/a", .irregular),
    ("arn:aws:kinesis:eu-west-1:123456789012:stream/a b", .irregular),
    ("arn:aws:kinesis:eu-west-1:123456789012:stream/" + String(repeating: "a", count: 2_003), .irregular),
  ])
  func arns(_ arn: String, _ expected: Outcome) {
    #expect(decode(#"{"StreamARN":"\#(arn)","Records":[{"Data":"","PartitionKey":"a"}]}"#) == expected)
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
      for position in 0..<44 {
        var text = [UInt8](repeating: UInt8(ascii: "A"), count: 44)
        text[position] = byte
        #expect(
          text.withUnsafeBytes { Base64.check($0) } == (alphabet.contains(byte) || (byte == 0x3D && position == 43)))
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
    #expect(decode(request(#"{"PartitionKey":"a","Data":"\#(text)"}"#)) == .irregular)
    #expect(Base64.message(for: text) == "'\(text)' can not be converted to a Blob: \(reason)")
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
