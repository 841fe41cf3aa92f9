import Kinesis
import Measurement
import Observations
import Testing

@testable import LocalKinesis

/// What an observer sees of requests that a service answers.
@Suite struct ObserverTests {
  /// A service under observation, with a hand-set clock.
  private final class Bench {
    let observer: ProducerObserver
    let service: EmbeddedService
    var time = ServiceTime(nanoseconds: 1_000_000_000_000, microseconds: 1_773_479_712_123_000)
    private var requests = 0

    init(
      _ settings: ObserverSettings = ObserverSettings(),
      _ change: (inout EmbeddedTargetConfiguration) -> Void = { _ in }
    )
      throws
    {
      var configuration = EmbeddedTargetConfiguration()
      change(&configuration)
      observer = ProducerObserver(settings)
      service = try EmbeddedService(configuration, at: time, observer: observer)
    }

    func send(
      _ body: String, operation: String = "PutRecords", target: String? = nil,
      authorization: String? = Harness.authorization
    ) {
      var answer = ServiceAnswer()
      Array(body.utf8).withUnsafeBytes { bytes in
        let request = ServiceRequest(
          contentType: Harness.json, target: target ?? "Kinesis_20131202.\(operation)", authorization: authorization,
          hasDate: true, body: bytes)
        service.answer(request, at: time, into: &answer)
      }
      requests += 1
      observer.end(
        ObservedEnd(
          arrived: time.nanoseconds, answered: time.nanoseconds + 1_000_000, wallMicroseconds: time.microseconds,
          status: answer.status, isFirstOfConnection: requests == 1, bytes: body.utf8.count))
      time.nanoseconds += 10_000_000
      time.microseconds += 10_000
    }

    /// Records of these keys whose data is their key.
    func put(_ keys: [String], stream: String = "orders") {
      let entries = keys.map {
        #"{"Data":"\#(Base64.encoded(Array($0.utf8)))","PartitionKey":"\#($0)"}"#
      }.joined(separator: ",")
      send(#"{"StreamName":"\#(stream)","Records":[\#(entries)]}"#)
    }
  }

  private static func keys(_ range: Range<Int>) -> [String] { range.map { "key-\($0)" } }

  @Test func aLoopThatIgnoresPartialFailuresLosesWhatWasThrottled() throws {
    let bench = try Bench { $0.ranges = HashKeyRange.even(count: 1) }
    for batch in 0..<4 { bench.put(Self.keys(batch * 400..<(batch + 1) * 400)) }
    let seen = bench.observer.observation
    #expect(seen.records.distinct == 1_600)
    // 1,000 at once and 10 for each 10 ms between.
    #expect(seen.records.accepted == 1_030)
    #expect(seen.records.lost == 570)
    #expect(seen.records.lostAfterOneTry == 570)
    #expect(seen.records.retries == 0)
    #expect(seen.records.isBalanced)
    #expect(seen.requests == 4)
    #expect(seen.requestsNeeded == 4)
    #expect(seen.calls.map(\.name) == ["PutRecords JSON"])
  }

  @Test func aRequestRepeatedAsAWholeMakesDuplicates() throws {
    let bench = try Bench { $0.ranges = HashKeyRange.even(count: 1) }
    for batch in 0..<3 { bench.put(Self.keys(batch * 400..<(batch + 1) * 400)) }
    bench.time.nanoseconds += 2_000_000_000
    bench.put(Self.keys(800..<1_200))
    let seen = bench.observer.observation
    #expect(seen.records.distinct == 1_200)
    #expect(seen.records.lost == 0)
    #expect(seen.records.duplicates == 220)
    #expect(seen.records.repeats == 220)
    #expect(seen.records.retries == 180)
    #expect(seen.records.isBalanced)
  }

  @Test(arguments: [
    (FaultRule.Kind.status500, 0, 0, 2), (.status400, 0, 2, 0), (.internalFailure, 0, 0, 2), (.throttle, 0, 2, 0),
    (.reset, 2, 0, 0), (.truncate, 2, 0, 0), (.wrongCount, 2, 0, 0),
  ])
  func faultsAreCountedForEachRecord(kind: FaultRule.Kind, accepted: Int, throttled: Int, fault: Int) throws {
    let bench = try Bench { $0.settings.faults = [FaultRule(kind: kind, occasion: .probability(1))] }
    bench.put(["a", "b"])
    let counts = bench.observer.observation.records
    #expect((counts.accepted, counts.throttled, counts.fault) == (accepted, throttled, fault))
    #expect(counts.isBalanced)
  }

  @Test func aRecordPutAloneIsTheRecordPutWithOthers() throws {
    let bench = try Bench()
    bench.put(["a", "b"])
    bench.send(
      #"{"StreamName":"orders","Data":"YQ==","PartitionKey":"a"}"#, operation: "PutRecord")
    let seen = bench.observer.observation
    #expect(seen.records.distinct == 2)
    #expect(seen.records.duplicates == 1)
    #expect(seen.calls.map(\.name) == ["PutRecord JSON", "PutRecords JSON"])
  }

  @Test func whatIsNoPutIsTold() throws {
    let bench = try Bench()
    bench.put(["a"], stream: "payments")
    bench.send("{}", target: "DynamoDB_20120810.PutItem")
    bench.send("{}", operation: "ListStreams")
    bench.send(#"{"StreamName":"orders","Records":[{"Data":"YQ==","PartitionKey":"a"}]}"#, authorization: nil)
    let seen = bench.observer.observation
    #expect(seen.requests == 0)
    #expect(bench.observer.traffic == nil)
    #expect(seen.otherServices.map(\.name) == ["DynamoDB_20120810.PutItem"])
    #expect(seen.elsewhere.map(\.name) == ["payments (not there)"])
    #expect(
      seen.refusals.map(\.name) == [
        "MissingAuthenticationTokenException", "ResourceNotFoundException", "UnknownOperationException",
      ])
  }

  @Test func recordsOfAnIdentifierAreTheSameWhateverElseTheySay() throws {
    var settings = ObserverSettings()
    settings.recordID = JSONPointer("/event/id")
    let bench = try Bench(settings)
    func put(_ data: String) {
      bench.send(
        #"{"StreamName":"orders","Records":[{"Data":"\#(Base64.encoded(Array(data.utf8)))","PartitionKey":"k"}]}"#)
    }
    put(#"{"event":{"id":"one"},"try":1}"#)
    put(#"{"event":{"id":"one"},"try":2}"#)
    put(#"{"event":{"id":2}}"#)
    put("no JSON")
    let seen = bench.observer.observation
    #expect(seen.records.distinct == 3)
    #expect(seen.records.duplicates == 1)
    #expect(seen.withoutIdentifier == 1)
  }

  @Test func expectedRecordsAreLookedFor() throws {
    var settings = ObserverSettings()
    let hashes = ["a", "b", "c"].map { SHA256.digest($0).hex }
    settings.expected = ExpectedRecords(names: hashes)
    let bench = try Bench(settings)
    bench.put(["a", "b", "d"])
    #expect(bench.observer.observation.expected == 3)
    #expect(bench.observer.observation.expectedDelivered == 2)
  }

  @Test(arguments: [
    ("/a", ["a"]), ("/a/0", ["a", "0"]), ("/a~1b/~0", ["a/b", "~"]), ("/", [""]), ("a", nil), ("", nil), ("/~2", nil),
    ("/a~", nil),
  ])
  func pointersAreRead(text: String, tokens: [String]?) {
    #expect(JSONPointer(text)?.tokens == tokens)
  }

  @Test func trafficIsKeptBySecondAndShard() throws {
    let bench = try Bench { $0.ranges = HashKeyRange.even(count: 2) }
    bench.put(Self.keys(0..<100))
    bench.time.nanoseconds += 2_500_000_000
    bench.put(Self.keys(100..<150))
    let traffic = try #require(bench.observer.traffic)
    let layout = RunLayout(
      phases: [PhaseLayout(name: "observed", start: .zero, duration: traffic.duration)], shards: traffic.shardsAtStart,
      timeout: .zero, keyCount: traffic.keyCount.map { UInt64($0) })
    var bySecond: [Int: Int] = [:]
    var byShard = [0, 0]
    for entry in traffic.entries(layout) {
      switch entry {
      case .second(let second): bySecond[second.second] = second.counts.values.reduce(0) { $0 + $1.traffic.attempted }
      case .shards(let bin):
        for shards in bin.phases.values { for (index, counts) in shards { byShard[index] += counts.accepted } }
      default: break
      }
    }
    #expect(bySecond == [0: 100, 1: 0, 2: 50])
    #expect(byShard.reduce(0, +) == 150)
    #expect(byShard.allSatisfy { $0 > 40 })
    #expect(traffic.keyCount == 150)
  }

  @Test func binsWidenAndLoseNothing() {
    var bins = TrafficBins()
    for second in 0..<20_000 {
      _ = bins.go(to: second)
      bins.current.makeRoom(forShard: 1)
      bins.current.shards[1].attempted += second == 777 ? 9 : 1
      bins.current.traffic.attempted += 1
      bins.current.traffic.requests += 1
    }
    let whole = bins.whole
    #expect(whole.width == 30)
    #expect(whole.peaks[1].records == 9)
    var layout = RunLayout(
      phases: [PhaseLayout(name: "observed", start: .zero, duration: .seconds(20_000))], shards: ShardMap(even: 2),
      timeout: .zero)
    layout.binSeconds = whole.width
    #expect(layout.timeBinSeconds == 30)
    let attempted = bins.entries(layout).reduce(0) { sum, entry in
      if case .second(let second) = entry {
        sum + second.counts.values.reduce(0) { $0 + $1.traffic.attempted }
      } else {
        sum
      }
    }
    #expect(attempted == 20_000)
  }
}
