import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// What an endpoint counts, how it begins anew, and what it answers for other services.
@Suite struct ResetTests {
  @Test func putsAreCountedByStream() throws {
    let counts = TargetCounts()
    let harness = try Harness(
      {
        $0.moreStreams = [("b", HashKeyRange.even(count: 1))]
        $0.settings.faults = [FaultRule(kind: .internalFailure, occasion: .every(3))]
      }, counts: counts)
    _ = harness.call("PutRecords", Harness.records(["a", "b", "c"]))
    _ = harness.call("PutRecord", #"{"StreamName":"b","PartitionKey":"a","Data":""}"#)
    _ = harness.call("PutRecords", Harness.records(["a"], stream: "nowhere"))
    let puts = counts.values.puts
    #expect(puts.keys.sorted() == ["b", "orders"])
    #expect(puts["orders"].map { [$0.requests, $0.accepted, $0.throttled, $0.failed] } == [1, 2, 0, 1])
    #expect(puts["b"].map { [$0.requests, $0.accepted, $0.throttled, $0.failed] } == [1, 1, 0, 0])
    counts.reset()
    #expect(counts.values == TargetCounts.Values())
  }

  @Test func afterAResetItIsAsAfterTheStart() throws {
    let harness = try Harness {
      $0.ranges = HashKeyRange.even(count: 1)
      $0.settings.retainedBytes = 1000
      $0.settings.reshards = [ReshardRule(at: 1_000_000_000, .split(0))]
      $0.settings.faults = [FaultRule(kind: .throttle, occasion: .share(1, tries: 1))]
    }
    func failures() -> JSONValue? { harness.call("PutRecords", Harness.records(["a"])).json["FailedRecordCount"] }
    func shards() -> Int? { harness.call("ListShards", #"{"StreamName":"orders"}"#).json["Shards"]?.array?.count }
    for _ in 0..<2 {
      #expect(failures() == 1)
      #expect(failures() == 0)
      harness.create("another", shards: 1)
      harness.advance(milliseconds: 2000)
      #expect(shards() == 3)
      harness.service.reset(to: harness.service.configuration.settings, at: harness.time)
      #expect(shards() == 1)
      #expect(harness.call("ListStreams", "{}").json["StreamNames"]?.array == ["orders"])
    }
  }

  @Test(arguments: [
    (
      "Action=GetCallerIdentity&Version=2011-06-15", "application/x-www-form-urlencoded; charset=utf-8", "/",
      String?.none,
      "<Account>000000000000</Account>", 1, 0
    ),
    (
      "Action=PutMetricData&Version=2010-08-01", "application/x-www-form-urlencoded", "/", nil,
      "<PutMetricDataResponse", 0, 1
    ),
    ("{}", "application/x-amz-json-1.0", "/", "GraniteServiceVersion20100801.PutMetricData", "{}", 0, 1),
    ("\u{00}", "application/cbor", "/service/GraniteServiceVersion20100801/operation/PutMetricData", nil, "", 0, 1),
  ])
  func callsOfOtherServices(
    _ body: String, _ type: String, _ path: String, _ target: String?, _ part: String, _ identities: Int, _ metrics: Int
  ) throws {
    let counts = TargetCounts()
    let answer = try Harness(counts: counts).send(Array(body.utf8)) {
      ($0.contentType, $0.target, $0.path, $0.authorization) = (type, target, path, nil)
    }
    #expect(answer.status == 200)
    #expect(
      answer.withBody { String(decoding: $0, as: UTF8.self) }.contains(part) || part.isEmpty && answer.body == [0xA0])
    #expect(counts.values.identities == identities && counts.values.metrics == metrics)
  }

  @Test(arguments: ["Action=DeleteUser", "Version=1&Act=GetCallerIdentity", ""])
  func othersAreRefusedAsEver(_ body: String) throws {
    let answer = try Harness().send(Array(body.utf8)) {
      ($0.contentType, $0.target) = ("application/x-www-form-urlencoded", nil)
    }
    #expect(answer.status != 200)
  }
}
