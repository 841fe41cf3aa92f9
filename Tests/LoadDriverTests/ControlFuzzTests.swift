import Foundation
import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import TestSupport
import Testing

@testable import LoadDriver
@testable import StreamAccess

/// Spoilt answers to calls about a stream and to read it: each gives what it says or a failure in one line, and reading
/// back comes to its end.
@Suite struct ControlFuzzTests {
  private static let shard =
    #"{"ShardId":"shard-0","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"},"#
    + #""SequenceNumberRange":{"StartingSequenceNumber":"1"}}"#
  private static let record =
    #"{"Data":"c20wMDAwMDAwMDAwMDAwMDAwMDAwMA==","PartitionKey":"key-00000000","SequenceNumber":"10","ApproximateArrivalTimestamp":1700000000.5}"#

  private static let seeds: [[UInt8]] = [
    #"{"Shards":[\#(shard)],"NextToken":"t"}"#, #"{"Shards":[\#(shard),\#(shard)]}"#,
    #"{"StreamDescription":{"Shards":[\#(shard)],"HasMoreShards":false,"StreamStatus":"ACTIVE"}}"#,
    #"{"StreamDescriptionSummary":{"StreamName":"o","StreamARN":"a","StreamStatus":"ACTIVE","OpenShardCount":1}}"#,
    #"{"ShardIterator":"i-1"}"#, #"{"Records":[\#(record)],"NextShardIterator":"i-2","MillisBehindLatest":0}"#,
    #"{"Records":[\#(record),\#(record)],"NextShardIterator":null,"MillisBehindLatest":1000}"#,
    #"{"__type":"ExpiredIteratorException","message":"old"}"#, #"{"__type":"LimitExceededException","message":"m"}"#,
  ].map { Array($0.utf8) }

  private static let tokens: [[UInt8]] =
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "null", "true", "-1", "1e308", "-1e300", "1e-400",
      "-0",
      "9223372036854775808", "-9223372036854775809", "18446744073709551616", "340282366920938463463374607431768211456",
      "\"StreamARN\":", "\"OpenShardCount\":", "\"ParentShardId\":\"shard-0\",", "\"EndingSequenceNumber\":\"9\",",
      "\"AdjacentParentShardId\":\"shard-1\",", "\"MillisBehindLatest\":", "\"ApproximateArrivalTimestamp\":",
      "\u{202E}",
      "\0", "\u{1B}[2J", "sm0001ffffffffffff", "c20wMDAxZmZmZmZmZmZmZmZm",
    ].map { Array($0.utf8) } + [[0xFF], [0xED, 0xA0, 0x80]]

  /// Gives every call the next spoilt answer.
  private final class Spoilt: ControlCalls {
    var answers: [(status: Int, body: [UInt8])]
    init(_ answers: [(status: Int, body: [UInt8])]) { self.answers = answers }
    func call(_ operation: ClientOperation, body: String) throws(StreamControlFailure) -> (status: Int, body: [UInt8]) {
      guard let answer = answers.popLast() else { throw .unreachable(code: "connect-refused") }
      return answer
    }
    func pause(milliseconds: Int) {}
  }

  private static func answers(_ mutator: inout Mutator, _ count: Int) -> [(status: Int, body: [UInt8])] {
    // Some are whole, so that the calls come beyond the first.
    (0..<count).map { _ in
      let body = mutator.choice(3) == 0 ? seeds[mutator.choice(seeds.count)] : mutator.input(from: seeds)
      return ([200, 200, 200, 400, 500][mutator.choice(5)], body)
    }
  }

  @Test func answersAboutAStreamNeverStopTheDriver() {
    var mutator = Mutator(seed: Fuzzing.seed, tokens: Self.tokens)
    var maps = 0
    for _ in 0..<Fuzzing.inputs {
      let answers = Self.answers(&mutator, 3)
      let asks: [(StreamControl<Spoilt>) throws -> Void] = [
        { maps += try $0.shardMap().count > 0 ? 1 : 0 }, { _ = try $0.summary() }, { _ = try $0.lineage() },
        { try $0.create(shards: 1, attempts: 2) }, { _ = try $0.iterator(ofShard: "s", from: .oldest) },
      ]
      for ask in asks {
        do {
          try ask(StreamControl(calls: Spoilt(answers), stream: "orders"))
        } catch {
          let line = "\(error)"
          if line.isEmpty || line.unicodeScalars.contains(where: { VisibleText.replacement(for: $0) != nil }) {
            Issue.record("\(line.debugDescription) for \(answers.map { Fuzzing.shown($0.body) })")
          }
        }
      }
    }
    #expect(maps > 0)
  }

  @Test func readingBackComesToItsEnd() throws {
    let text =
      #"{"schema":"shardmeter/1","name":"t","records":{"size":40,"key":{"type":"sequential","cardinality":4},"identity":true},"#
      + #""phases":[{"name":"a","duration":"1s","rate":4},{"name":"b","duration":"1s","rate":"max"}]}"#
    let plan = Plan(try Scenario.load(bytes: Array(text.utf8), source: "t"))
    let names = KeyNames(mode: .show, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
    var mutator = Mutator(seed: Fuzzing.seed &+ 1, tokens: Self.tokens)
    let operations = ["ListShards", "GetShardIterator", "GetRecords"]
    for _ in 0..<Fuzzing.inputs {
      let stream = ScriptedStream([.init(id: "shard-0", isClosed: true)])
      for answer in Self.answers(&mutator, 4) {
        // What is no UTF-8 is in the answers of the other test.
        let body = String(decoding: answer.body, as: UTF8.self)
        stream.troubles[operations[mutator.choice(3)], default: []].append((answer.status, body))
      }
      let outcomes = RunOutcomes(phaseCount: 2)
      for record in 0..<UInt64(4) { outcomes.insert(.accepted, record: record, phase: 0) }
      do throws(StreamControlFailure) {
        let found = try ReadBack(calls: stream, stream: "orders", policy: .loopback, clock: stream.clock).run(
          plan: plan, outcomes: outcomes, keys: names, start: WallTime(microsecondsSinceEpoch: 1_700_000_000_000_000))
        #expect(found.records.found + found.records.missing == found.records.accepted)
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
  }
}
