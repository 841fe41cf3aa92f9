import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// Faults by content: what is refused depends on the records alone.
@Suite struct ContentFaultTests {
  /// A record that a producer has to deliver.
  struct Record: Hashable {
    var key: String
    var number: Int
    var data: String { Base64.encoded(Array("record \(number)".utf8)) }
    var json: String { #"{"Data":"\#(data)","PartitionKey":"\#(key)"}"# }
  }

  /// How a producer goes about it.
  enum Way: CaseIterable {
    case batches, smallBatches, backwards, shuffled, oneByOne, interleaved
  }

  static let records = (0..<2000).map { Record(key: "key-\($0 % 37)", number: $0) }

  static func harness(seed: UInt64 = 1, _ rules: FaultRule...) throws -> Harness {
    try Harness {
      $0.seed = seed
      $0.settings.limits = .none
      $0.settings.faults = rules
    }
  }

  /// Sends every record until it is accepted and returns how often each was refused, by error code.
  func deliver(_ way: Way, to harness: Harness) -> [Record: [String: Int]] {
    var refused: [Record: [String: Int]] = [:]
    var waiting = Self.records
    var random = SystemRandomNumberGenerator()
    switch way {
    case .backwards: waiting.reverse()
    case .shuffled: waiting.shuffle(using: &random)
    default: break
    }
    while !waiting.isEmpty {
      let batch: [Record]
      switch way {
      case .smallBatches: batch = Array(waiting.prefix(7))
      case .oneByOne: batch = Array(waiting.prefix(1))
      // As two producers at once, one from each end.
      case .interleaved: batch = Array(Set(waiting.prefix(90) + waiting.suffix(110)))
      default: batch = Array(waiting.prefix(500))
      }
      let failed: [(Record, String)]
      if way == .oneByOne, let record = batch.first {
        let reply = harness.call("PutRecord", #"{"StreamName":"orders",\#(record.json.dropFirst())"#)
        failed = reply.status == 200 ? [] : [(record, reply.code ?? "")]
      } else {
        let list = batch.map(\.json).joined(separator: ",")
        let reply = harness.call("PutRecords", #"{"StreamName":"orders","Records":[\#(list)]}"#)
        failed = zip(batch, reply.records).compactMap { record, entry in
          entry["ErrorCode"]?.string.map { (record, $0) }
        }
      }
      let done = Set(batch)
      waiting.removeAll { done.contains($0) }
      for (record, code) in failed {
        refused[record, default: [:]][code, default: 0] += 1
        waiting.append(record)
      }
    }
    return refused
  }

  @Test(arguments: Way.allCases) func countsDependOnNeitherOrderNorSplitNorConcurrency(_ way: Way) throws {
    let rule = FaultRule(kind: .throttle, occasion: .share(0.1, tries: 2))
    let expected = try deliver(.batches, to: Self.harness(rule))
    // Binomial(2000, 0.1): five standard deviations of 13.4.
    #expect((133...267).contains(expected.count))
    #expect(expected.values.allSatisfy { $0 == ["ProvisionedThroughputExceededException": 2] })
    #expect(try deliver(way, to: Self.harness(rule)) == expected)
  }

  @Test(arguments: Way.allCases) func rulesActByThemselves(_ way: Way) throws {
    let throttle = FaultRule(kind: .throttle, occasion: .share(0.3, tries: 3))
    let internalFailure = FaultRule(kind: .internalFailure, occasion: .share(0.3, tries: 1))
    let refused = try deliver(way, to: Self.harness(throttle, internalFailure))
    let codes = Set(refused.values)
    #expect(
      codes == [
        ["ProvisionedThroughputExceededException": 3], ["InternalFailure": 1],
        ["ProvisionedThroughputExceededException": 3, "InternalFailure": 1],
      ])
    #expect(try refused == deliver(.batches, to: Self.harness(throttle, internalFailure)))
  }

  @Test func anotherSeedChoosesOthers() throws {
    let rule = FaultRule(kind: .throttle, occasion: .share(0.1, tries: 1))
    let first = try Set(deliver(.batches, to: Self.harness(seed: 1, rule)).keys)
    let second = try Set(deliver(.batches, to: Self.harness(seed: 2, rule)).keys)
    #expect(first != second)
  }

  @Test(arguments: [(0.0, 0), (1.0, 2000)]) func noneAndAll(_ share: Double, _ count: Int) throws {
    let rule = FaultRule(kind: .throttle, occasion: .share(share, tries: 1))
    #expect(try deliver(.batches, to: Self.harness(rule)).count == count)
  }

  @Test func theSameContentIsTheSameRecord() throws {
    let harness = try Self.harness(FaultRule(kind: .throttle, occasion: .share(1, tries: 2)))
    let failures = (0..<3).map { _ in harness.call("PutRecords", Harness.records(["a", "a"])).json["FailedRecordCount"]
    }
    #expect(failures == [2, 0, 0])
    // Another key, another record.
    #expect(harness.call("PutRecords", Harness.records(["b"])).json["FailedRecordCount"] == 1)
  }

  @Test func aRecordInCBORIsThatInJSON() throws {
    let harness = try Self.harness(FaultRule(kind: .throttle, occasion: .share(1, tries: 1)))
    #expect(harness.call("PutRecords", Harness.records(["a"], data: "AAE=")).json["FailedRecordCount"] == 1)
    let input = ServiceValue.members(
      ("StreamName", .text("orders")),
      ("Records", .list([.members(("PartitionKey", .text("a")), ("Data", .blob([0, 1])))])))
    var body: [UInt8] = []
    CBORServiceCodec.encode(input, into: &body)
    let answer = harness.send(body) { $0.contentType = Harness.cbor }
    let value = answer.withBody { CBORServiceCodec.decode($0) }
    #expect(value?["FailedRecordCount"] == .integer(0))
  }

  @Test func aChangeOfSettingsCountsAnew() {
    var settings = EndpointSettings()
    settings.faults = [FaultRule(kind: .throttle, occasion: .share(1, tries: 1))]
    var behaviour = EndpointBehaviour(settings, seed: 1, startedAt: BehaviourTests.start)
    #expect(behaviour.recordFault(shard: 0, at: BehaviourTests.start, print: 7) == .throttle)
    #expect(behaviour.recordFault(shard: 0, at: BehaviourTests.start, print: 7) == nil)
    behaviour.change(to: settings, at: BehaviourTests.start)
    #expect(behaviour.recordFault(shard: 0, at: BehaviourTests.start, print: 7) == .throttle)
  }

  @Test func beyondItsBoundTheTallyForgetsTheOldestFirst() {
    var tally = TryTally(bound: 4)
    let prints = (1...10).map { UInt64($0) << 40 }
    func taken(_ range: Range<Int>) -> Int { prints[range].reduce(0) { $0 + (tally.take($1, below: 1) ? 1 : 0) } }
    #expect(taken(0..<8) == 8)
    // Both generations are full: all eight are known.
    #expect(taken(4..<8) == 0)
    #expect(!tally.hasForgotten)
    #expect(taken(8..<9) == 1)
    #expect(tally.hasForgotten)
    // Asked for again, the last two are among the youngest four.
    #expect(taken(6..<8) == 0)
    #expect(taken(0..<1) == 1)
    #expect(taken(6..<8) == 0)
  }

  @Test func aTallyCountsUpToItsLimitHoweverManyRecordsThereAre() {
    var tally = TryTally()
    var random = SystemRandomNumberGenerator()
    let prints = (0..<5000).map { _ in random.next() as UInt64 }
    func counted(below limit: Int) -> Int { prints.reduce(0) { $0 + (tally.take($1, below: limit) ? 1 : 0) } }
    let rounds = [3, 3, 3, 3, 100].map(counted)
    #expect(rounds == [prints.count, prints.count, prints.count, 0, prints.count])
  }
}
