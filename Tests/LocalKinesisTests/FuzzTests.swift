import Foundation
import Kinesis
import LocalKinesis
import StrictJSON
import TestSupport
import Testing
import Transport

/// Spoilt inputs for everything that reads what a client sends.
@Suite struct FuzzTests {
  static func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

  static let jsonSeeds = bytes([
    Harness.records(["a", "b"]), Harness.records([String(repeating: "é", count: 256)], data: "=+/="),
    #"{"StreamName":"orders","Records":[{"Data":"AA==","PartitionKey":"\u00e9\ud83d\ude00\n","ExplicitHashKey":"0"}]}"#,
    #" { "Records" : [ null, {}, { "Data" : 1e400 } ], "StreamARN" : "arn:aws:kinesis:us-east-1:000000000000:stream/orders" } "#,
    #"{"StreamName":"orders","Limit":10,"ShardFilter":{"Type":"AT_LATEST","Timestamp":1.5e9},"NextToken":"AAAA"}"#,
    #"{"StreamName":"orders","ShardId":"shardId-000000000000","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"49"}"#,
    #"{"StreamName":"orders","Tags":{"a":"b"},"TagKeys":["a"],"ShardIterator":"AAAAAAAAAAGBHHentnaOOg=="}"#,
    #"{"StreamName":"x","ShardCount":1,"TargetShardCount":2,"ScalingType":"UNIFORM_SCALING","NewStartingHashKey":"7"}"#,
    "[]", "[1,[2,[3]]]",
  ])
  static let jsonTokens =
    bytes([
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\u0000", "null", "true", "1e999", "-0", "0.5", "\0",
      "\u{FEFF}", "340282366920938463463374607431768211456", "\"Records\"", "\"Data\"", "\"PartitionKey\"", "=", "====",
    ]) + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]

  static let operations = [
    "PutRecords", "PutRecord", "CreateStream", "DescribeStream", "ListShards", "ListStreams", "SplitShard",
    "MergeShards",
    "UpdateShardCount", "GetShardIterator", "GetRecords", "AddTagsToStream", "RemoveTagsFromStream", "DescribeLimits",
  ]

  /// Whatever the body, the answer is one of the service's own, in the request's encoding.
  func expectService(_ harness: Harness, _ input: [UInt8], _ operation: String, _ type: String) {
    let answer = Fuzzing.lying(input) { body in
      var answer = ServiceAnswer()
      let request = ServiceRequest(
        contentType: type, target: "Kinesis_20131202.\(operation)", authorization: Harness.authorization, hasDate: true,
        body: body)
      harness.service.answer(request, at: harness.time, into: &answer)
      return answer
    }
    let body = answer.withBody { Array($0) }
    let isRead: Bool
    if type == Harness.json {
      isRead = (try? JSONDocument.parse(body, source: "answer")) != nil
    } else {
      isRead = Fuzzing.lying(body) { CBORServiceCodec.decode($0) } != nil
    }
    let isShaped = [200, 400, 500].contains(answer.status) && (isRead || (answer.status == 200 && body.isEmpty))
    if !isShaped {
      Issue.record("\(operation) as \(type) answered \(answer.status) to \(Data(input).base64EncodedString())")
    }
  }

  @Test func bodiesInJSON() throws {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.jsonTokens)
    var harness = try Harness { $0.settings.retainedBytes = 1 << 20 }
    let decoder = PutRecordsRequestDecoder()
    for number in 0..<Fuzzing.inputs {
      if number.isMultiple(of: 1000) { harness = try Harness { $0.settings.retainedBytes = 1 << 20 } }
      let input = mutator.input(from: Self.jsonSeeds)
      Fuzzing.lying(input) { body in
        // The fast path of PutRecords and the reader of all other operations agree on what is JSON at all.
        let isMalformed = decoder.decode(body) == .malformed
        // Their bounds on depth are counted from different levels, so deep bodies are left out.
        let isShallow = input.count { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } < 60
        if isShallow, isMalformed != (JSONServiceCodec.decode(body) == nil) {
          Issue.record("read by one of two: \(Data(input).base64EncodedString())")
        }
      }
      let operation = number.isMultiple(of: 2) ? "PutRecords" : Self.operations[mutator.choice(Self.operations.count)]
      expectService(harness, input, operation, Harness.json)
      harness.advance(milliseconds: 10)
    }
  }

  @Test func bodiesInCBOR() throws {
    let seeds =
      Self.jsonSeeds.compactMap { seed -> [UInt8]? in
        guard let value = Fuzzing.lying(seed, { JSONServiceCodec.decode($0) }) else { return nil }
        var bytes: [UInt8] = []
        CBORServiceCodec.encode(value, into: &bytes)
        return bytes
      } + [
        [0xBF, 0x67] + Array("Records".utf8) + [0x9F, 0xBF, 0x64] + Array("Data".utf8)
          + [0x5F, 0x41, 1, 0x40, 0xFF, 0xFF, 0xFF, 0xFF],
        [0xA1, 0x61, 0x61, 0xC1, 0xFB, 0x41, 0xD5, 0, 0, 0, 0, 0, 0],
      ]
    let tokens: [[UInt8]] = [
      [0xFF], [0x9F], [0xBF], [0x5F], [0x7F], [0xF6], [0xF7], [0xF9, 0x7C, 0], [0xFB], [0xC1], [0xDB],
      [0x5B] + Array(repeating: 0xFF, count: 8),
      [0x9B, 0, 0, 0, 1, 0, 0, 0, 0], [0xBB, 0x7F], [0x1B] + Array(repeating: 0xFF, count: 8),
      [0x3B] + Array(repeating: 0xFF, count: 8), [0x1C],
      [0x58, 0xFF], [0x79, 0xFF, 0xFF], [0x62, 0xC3, 0x28], [0xA1], [0x81], [0x60],
    ]
    var mutator = Mutator(seed: Fuzzing.seed, tokens: tokens)
    var harness = try Harness()
    for number in 0..<Fuzzing.inputs {
      if number.isMultiple(of: 1000) { harness = try Harness { $0.settings.retainedBytes = 1 << 20 } }
      let input = mutator.input(from: seeds)
      if let value = Fuzzing.lying(input, { CBORServiceCodec.decode($0) }) {
        // What was read can be written and read again, and is the same.
        var written: [UInt8] = []
        CBORServiceCodec.encode(value, into: &written)
        var again: [UInt8] = []
        if let second = Fuzzing.lying(written, { CBORServiceCodec.decode($0) }) {
          CBORServiceCodec.encode(second, into: &again)
        }
        if again != written { Issue.record("not the same again: \(Data(input).base64EncodedString())") }
      }
      expectService(harness, input, Self.operations[mutator.choice(Self.operations.count)], Harness.cbor)
      harness.advance(milliseconds: 10)
    }
  }

  @Test func requestsOnTheWire() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-amz-json-1.1\r\n"
    let seeds = Self.bytes([
      head + "Content-Length: 5\r\n\r\n12345",
      head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n",
      head + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
      "GET /?a=b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
      "OPTIONS * HTTP/1.1\r\nOrigin: x\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ])
    let tokens = Self.bytes([
      "\r\n", "\n", "\r", "\r\n\r\n", ":", " ", "\t", "HTTP/1.1", "HTTP/9.9",
      "Content-Length: 18446744073709551616\r\n",
      "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n", "FFFFFFFFFFFFFFFF",
      "7fffffffffffffff",
      "0\r\n", ";", ",", "\0", "100-continue", "Connection: close, keep-alive\r\n",
    ])
    var mutator = Mutator(seed: Fuzzing.seed, tokens: tokens)
    let limits = HTTPMessageLimits(headBytes: 4096, bodyBytes: 8192)
    for _ in 0..<Fuzzing.inputs {
      let input = mutator.input(from: seeds)
      let whole = Self.parsed(input, cuts: [], limits)
      let cuts = [mutator.choice(input.count + 1), mutator.choice(input.count + 1)].sorted()
      if Self.parsed(input, cuts: cuts, limits) != whole {
        Issue.record("cut at \(cuts) it is another request: \(Data(input).base64EncodedString())")
      }
    }
  }

  /// The requests in an input that arrives in pieces, as a server reads them, and how it ends. What comes with each is
  /// looked at in full, so that a range beyond the bytes shows.
  static func parsed(_ input: [UInt8], cuts: [Int], _ limits: HTTPMessageLimits) -> [String] {
    var found: [String] = []
    var rest: [UInt8] = []
    var parser = HTTPRequestParser(limits: limits)
    let edges = [0] + cuts + [input.count]
    for (start, end) in zip(edges, edges.dropFirst()) {
      rest += input[start..<end]
      while !rest.isEmpty {
        let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: rest.count)
        defer { memory.deallocate() }
        _ = memory.initialize(from: rest)
        guard let base = memory.baseAddress else { break }
        var count = rest.count
        let outcome = parser.consume(base, count: &count)
        rest = Array(memory[..<count])
        if case .failed = outcome { return found + ["refused"] }
        guard outcome == .complete else { break }
        let fields = HTTPFields(lines: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[parser.fields]))
          .all
        found.append(
          "\(rest[parser.method]) \(rest[parser.target]) \(fields) \(Array(rest[parser.body])) \(parser.isKeepAlive)")
        rest.removeFirst(parser.end)
        parser = HTTPRequestParser(limits: limits)
      }
    }
    return found + [rest.isEmpty ? "" : "unfinished"]
  }
}
