import Kinesis
import Measurement
import RunResults
import Sizing
import Testing

@testable import shardmeter

@Suite("Targets that are not this machine")
struct RemoteSafetyTests {
  private func safety(
    stream: String? = "orders", creates: Bool = false, existing: Bool = false, yes: Bool = false, terminal: Bool = false
  ) -> RemoteSafety {
    RemoteSafety(
      url: "https://kinesis.eu-west-1.amazonaws.com",
      permission: RemoteSafety.Permission(stream: stream, creates: creates, allowsExisting: existing, saysYes: yes),
      isTerminal: terminal)
  }

  @Test("The stream must be named, meant, and somebody must say yes")
  func objections() {
    #expect(safety(stream: nil, existing: true, yes: true).objection?.contains("--stream") == true)
    #expect(safety(yes: true).objection?.contains("--existing-stream") == true)
    #expect(safety(existing: true).objection?.contains("--yes") == true)
    #expect(safety(creates: true).objection?.contains("--yes") == true)
    #expect(safety(existing: true, yes: true).objection == nil)
    #expect(safety(creates: true, yes: true).objection == nil)
    #expect(safety(existing: true, terminal: true).objection == nil)
    #expect(safety(creates: true, terminal: true).objection == nil)
    #expect(safety(terminal: true).objection?.contains("--existing-stream") == true)
  }

  private func load(
    records: UInt64 = 33_000, unbounded: Bool = false, maximumRecords: UInt64? = nil, maximumBytes: UInt64? = nil
  ) -> RemoteSafety.Load {
    RemoteSafety.Load(
      records: records, bytes: Double(records) * 440, duration: .seconds(16), isUnbounded: unbounded,
      maximumRecords: maximumRecords, maximumBytes: maximumBytes)
  }

  @Test("What is shown before the yes")
  func notices() {
    let existing = RemoteSafety.Existing(
      arn: "arn:aws:kinesis:eu-west-1:123456789012:stream/orders", status: "ACTIVE", openShards: 4)
    #expect(
      safety().notice(existing: existing, load: load())
        == "About to load stream orders at https://kinesis.eu-west-1.amazonaws.com "
        + "(arn:aws:kinesis:eu-west-1:123456789012:stream/orders, ACTIVE, 4 open shards): 33000 records, about 13.8 MiB "
        + "of data and keys, first tries, in 16s; retries come on top (--max-records and --max-bytes bound them).")
    let made = safety(creates: true)
    let bounded = made.notice(existing: nil, load: load(records: 10, maximumRecords: 500, maximumBytes: 1 << 20))
    #expect(
      bounded
        == "About to load stream orders at https://kinesis.eu-west-1.amazonaws.com, which this run creates: 10 records, "
        + "about 4.3 KiB of data and keys, first tries, in 16s; it stops at 500 records or 1.0 MiB, retries included.")
    let loop = made.notice(existing: nil, load: load(records: 0, unbounded: true, maximumRecords: 500))
    #expect(loop.hasSuffix(": as many as the target answers, in 16s; it stops at 500 records, retries included."))
    let both = made.notice(existing: nil, load: load(unbounded: true, maximumBytes: 2048))
    #expect(both.contains("first tries, and beyond that as many as the target answers, in 16s; it stops at 2.0 KiB, "))
  }

  @Test(
    "What sending costs, where prices are given",
    arguments: [
      (
        nil, false, "us-east-1",
        "; PUT payload units cost at most about 0.0005 USD, 4 shards 0.060 USD an hour (prices of d, us-east-1)."
      ),
      (500, false, "us-east-1", "; PUT payload units cost at most about 0.0000 USD, 4 shards"),
      (
        nil, true, "us-east-1",
        "; PUT payload units cost 0.0140 USD a million, with no bound on them, 4 shards 0.060 USD an hour"
      ),
      (500, true, "us-east-1", "; PUT payload units cost at most about 0.0003 USD, 4 shards"),
      (
        nil, false, "eu-west-1",
        "; what it costs is not known: the prices are of us-east-1, the stream is in eu-west-1."
      ),
    ] as [(UInt64?, Bool, String, String)])
  func charges(maximumRecords: UInt64?, isUnbounded: Bool, region: String, text: String) throws {
    let prices = try Prices(
      bytes: Array(
        """
        {"schema": "shardmeter.prices/1", "date": "d", "region": "us-east-1", "currency": "USD",
         "provisioned": {"shardHour": 0.015, "millionPutUnits": 0.014},
         "onDemand": {"streamHour": 0.04, "gigabyteIn": 0.08, "gigabyteOut": 0.04}}
        """.utf8), source: "prices")
    var load = load(records: isUnbounded ? 0 : 33_000, unbounded: isUnbounded, maximumRecords: maximumRecords)
    load.charge = RunCharge(prices: prices, region: region, shards: 4, largestRecord: 1 << 20)
    let notice = safety(creates: true).notice(existing: nil, load: load)
    #expect(notice.contains(text), "\(notice)")
  }

  @Test("A configured endpoint wins, then the ARN's account, then the region")
  func addresses() throws {
    let arn = StreamARN("arn:aws:kinesis:eu-west-1:123456789012:stream/orders")
    let custom = try TargetAddress(awsConfigured: "http://[::1]:4567", streamARN: arn, region: "eu-west-1")
    #expect(custom.data == "http://[::1]:4567" && custom.control == custom.data)
    let account = try TargetAddress(awsConfigured: nil, streamARN: arn, region: "eu-west-1")
    #expect(account.data == "https://123456789012.data-kinesis.eu-west-1.amazonaws.com")
    #expect(account.control == "https://123456789012.control-kinesis.eu-west-1.amazonaws.com")
    let region = try TargetAddress(awsConfigured: nil, streamARN: nil, region: "eu-west-1")
    #expect(region.data == "https://kinesis.eu-west-1.amazonaws.com" && region.control == region.data)
    for wrong in [nil, "eu-west-1/evil"] as [String?] {
      let failure = #expect(throws: CommandFailure.self) {
        try TargetAddress(awsConfigured: nil, streamARN: nil, region: wrong)
      }
      #expect(failure?.code == .usage)
    }
  }
}
