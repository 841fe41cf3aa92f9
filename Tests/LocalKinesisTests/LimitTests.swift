import Kinesis
import LocalKinesis
import StrictJSON
import Testing

/// Throttling, shard by shard and record by record.
@Suite struct LimitTests {
  /// One record to the shard that owns `hash`, `count` times.
  static func body(_ hashes: [UInt128], data: String = "AA==") -> String {
    let entries = hashes.map { #"{"Data":"\#(data)","PartitionKey":"k","ExplicitHashKey":"\#($0)"}"# }
    return #"{"StreamName":"orders","Records":[\#(entries.joined(separator: ","))]}"#
  }

  static let second = UInt128(1) << 126  // the first hash key of the second of four shards

  @Test func thousandAndFirstRecordOfAnInstant() throws {
    let harness = try Harness()
    for _ in 0..<2 {
      let reply = harness.call("PutRecords", Self.body(Array(repeating: 0, count: 500)))
      #expect(reply.json["FailedRecordCount"] == 0)
    }
    let reply = harness.call("PutRecords", Self.body([0, Self.second]))
    #expect(reply.status == 200)
    #expect(reply.json["FailedRecordCount"] == 1)
    #expect(reply.records[0]["ErrorCode"] == "ProvisionedThroughputExceededException")
    #expect(
      reply.records[0]["ErrorMessage"]
        == "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000.")
    #expect(reply.records[0]["SequenceNumber"] == nil)
    #expect(reply.records[1]["ShardId"] == "shardId-000000000001")
    #expect(reply.records[1]["ErrorCode"] == nil)
    harness.advance(milliseconds: 1000)
    #expect(
      harness.call("PutRecords", Self.body(Array(repeating: 0, count: 500))).json["FailedRecordCount"] == 0)
  }

  @Test func everyRecordThrottledIsStillASuccess() throws {
    let harness = try Harness()
    for _ in 0..<2 { _ = harness.call("PutRecords", Self.body(Array(repeating: 0, count: 500))) }
    let reply = harness.call("PutRecords", Self.body(Array(repeating: 0, count: 3)))
    #expect(reply.status == 200)
    #expect(reply.json["FailedRecordCount"] == 3)
  }

  @Test func smallerRecordsPassAfterALargeOneFailed() throws {
    let harness = try Harness()
    let large = String(repeating: "A", count: 900_000)  // 675,000 bytes
    let body = """
      {"StreamName":"orders","Records":[\
      {"Data":"\(large)","PartitionKey":"k","ExplicitHashKey":"0"},\
      {"Data":"\(large)","PartitionKey":"k","ExplicitHashKey":"0"},\
      {"Data":"AA==","PartitionKey":"k","ExplicitHashKey":"0"}]}
      """
    let reply = harness.call("PutRecords", body)
    #expect(reply.records.map { $0["ErrorCode"] != nil } == [false, true, false])
  }

  @Test func singleRecordThrottledFailsTheRequest() throws {
    let harness = try Harness()
    for _ in 0..<2 { _ = harness.call("PutRecords", Self.body(Array(repeating: 0, count: 500))) }
    let reply = harness.call(
      "PutRecord", #"{"StreamName":"orders","Data":"AA==","PartitionKey":"k","ExplicitHashKey":"0"}"#)
    #expect(reply.status == 400)
    #expect(reply.code == "ProvisionedThroughputExceededException")
    #expect(
      reply.message == "Rate exceeded for shard shardId-000000000000 in stream orders under account 000000000000.")
  }

  /// A steady load on one or two shards for two seconds: accepted is exactly min(load, bucket + rate x time).
  @Test(arguments: [0.5, 1, 1.5, 5], [1, 2]) func steadyLoadInRecords(_ factor: Double, _ shards: Int) throws {
    let harness = try Harness()
    var accepted = Array(repeating: 0, count: 4)
    let perStep = Int(factor * 20)  // records per shard and 20 ms
    for _ in 0..<100 {
      let hashes = (0..<shards).flatMap { Array(repeating: UInt128($0) << 126, count: perStep) }
      for record in harness.call("PutRecords", Self.body(hashes)).records {
        guard let id = record["ShardId"]?.string, let number = ShardDescription.number(ofID: id) else { continue }
        accepted[number] += 1
      }
      harness.advance(milliseconds: 20)
    }
    // 1.98 s from first to last request.
    let expected = min(perStep * 100, 1000 + 1980)
    #expect(accepted == (0..<4).map { $0 < shards ? expected : 0 })
  }

  /// The same in bytes, with a hundredth of the usual limit so that the records are small.
  @Test(arguments: [0.5, 1, 1.5, 5]) func steadyLoadInBytes(_ factor: Double) throws {
    let data = Base64.encoded(Array(repeating: UInt8(7), count: 103))  // 104 bytes with the key
    let harness = try Harness { $0.settings.limits = .explicit(ShardLimits(bytesPerSecond: 10_400)) }
    var accepted = 0
    let perStep = Int(factor * 4)  // records per 40 ms; 100 a second are the limit
    for _ in 0..<100 {
      let reply = harness.call("PutRecords", Self.body(Array(repeating: 0, count: perStep), data: data))
      accepted += reply.records.count { $0["ErrorCode"] == nil }
      harness.advance(milliseconds: 40)
    }
    #expect(accepted == min(perStep * 100, 100 + 396))
  }

  @Test func keysCountInUTF8Bytes() throws {
    // 256 UTF-16 units of two UTF-8 bytes each: 512 bytes a record and no data; 2,048 of them fill a mebibyte.
    let key = String(repeating: "é", count: 256)
    let entry = #"{"Data":"","PartitionKey":"\#(key)","ExplicitHashKey":"0"}"#
    let body =
      #"{"StreamName":"orders","Records":[\#(Array(repeating: entry, count: 256).joined(separator: ","))]}"#
    let harness = try Harness {
      $0.settings.limits = .explicit(ShardLimits(recordsPerSecond: 100_000, bytesPerSecond: 1_048_576))
    }
    for _ in 0..<8 { #expect(harness.call("PutRecords", body).json["FailedRecordCount"] == 0) }
    #expect(harness.call("PutRecords", body).json["FailedRecordCount"] == 256)
  }

  @Test func profileNoneNeverThrottles() throws {
    let harness = try Harness { $0.settings.limits = .none }
    for _ in 0..<10 {
      #expect(
        harness.call("PutRecords", Self.body(Array(repeating: 0, count: 500))).json["FailedRecordCount"] == 0)
    }
  }

  @Test func controlPlaneIsLimitedOnRequest() throws {
    let harness = try Harness { $0.hasControlLimits = true }
    for _ in 0..<20 { #expect(harness.call("DescribeStreamSummary", #"{"StreamName":"orders"}"#).status == 200) }
    let reply = harness.call("DescribeStreamSummary", #"{"StreamName":"orders"}"#)
    #expect(reply.status == 400)
    #expect(reply.code == "LimitExceededException")
    #expect(reply.message == "Rate exceeded for stream orders under account 000000000000.")
    harness.advance(milliseconds: 50)
    #expect(harness.call("DescribeStreamSummary", #"{"StreamName":"orders"}"#).status == 200)
  }
}
