import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import StrictJSON
import Testing

@testable import Sizing

/// What sizing answers to a scenario.
func size(
  _ text: String, throttle: Double = 0.001, headroom: Double = 0.25, most: Int = 16, prices: Prices? = nil
) throws -> SizingDocument {
  let plan = try plan(text)
  let names = KeyNames(mode: .show, bytes: { plan.keys.bytes(of: $0) }, hash: { plan.keys.hash(of: $0) })
  let question = SizingStudy.Question(
    goals: SizingRule(throttle: throttle, headroom: headroom, maxShards: most), stream: "orders", region: "us-east-1",
    prices: prices)
  let study = try SizingStudy(plan, question, names: names) { settings in
    (try? Scenario.load(
      bytes: Array(text.utf8), source: "test", overrides: settings.map { try SetOption($0) })).map { Plan($0) }
  }
  return study.document()
}

/// Answers that can be reckoned without the program.
@Suite struct KnownAnswerTests {
  private func help(_ document: SizingDocument, _ action: String) throws -> SizingDocument.Help {
    try #require(document.help.first { $0.action == action })
  }

  /// One full bucket would carry a minute of 1,010 records/s: headroom asks for the second shard.
  @Test func headroomAsksForTheSecondShard() throws {
    let document = try size(workload(rate: "1010", duration: "10s"), most: 6)
    #expect(document.recommended == 2 && document.binding == "records" && document.awsFormulaShards == 1)
    let one = try #require(document.row(of: 1))
    #expect(one.throttleRatio == 0 && one.isExact && !one.meets && abs(one.peakUse - 1.01) < 1e-9)
    #expect(document.sentences[0].hasPrefix("2 shards (1 now) take 1,010 records/s with 25 % to spare. Records bind: "))
    #expect(document.sentences.contains { $0.hasPrefix("AWS's formula says 1: ") })
  }

  @Test func bytesBind() throws {
    let text = workload(rate: "900", size: "4KiB", duration: "20s")
    let tight = try size(text, headroom: 0, most: 7)
    #expect(tight.recommended == 4 && tight.binding == "bytes")
    #expect(abs(tight.bytesPerSecond / 1_048_576 - 3.53) < 0.005)
    let spare = try size(text, most: 7)
    #expect(spare.recommended == 5 && spare.binding == "bytes")
  }

  @Test func oneKeyNeedsMoreThanAShard() throws {
    let text = workload(rate: "1600", key: #""constant""#, duration: "10s", shards: 4)
    let document = try size(text, most: 24)
    #expect(document.recommended == nil && document.draws == nil)
    let key = try #require(document.hotKey)
    #expect(key.name == "k" && key.share == 1 && key.isTooHot && abs(key.use - 1.6) < 1e-9)
    #expect(document.reason.contains("no number of shards helps"))
    let spread = try help(document, "spread-key")
    #expect(spread.helps && spread.text.contains("over 3 keys"), "\(spread)")
    let packed = try help(document, "aggregation")
    #expect(packed.helps && packed.shards == 1, "\(packed)")
    #expect(try !help(document, "split").helps && !help(document, "shard-count").helps)
    #expect(try !help(document, "on-demand").helps)

    let tight = try size(text, headroom: 0, most: 24)
    #expect(tight.recommended == nil)
    #expect(try help(tight, "spread-key").text.contains("over 2 keys"))
  }

  /// 32 shards are the mean's answer; the fullest of them has some 3 % more.
  @Test func manyTinyRecords() throws {
    let text = workload(rate: "24000", size: "60B", duration: "2s", shards: 12)
    let document = try size(text, most: 40)
    let shards = try #require(document.recommended)
    #expect((33...36).contains(shards) && document.binding == "records", "\(shards)")
    let packed = try help(document, "aggregation")
    #expect(packed.helps && packed.shards == 3 && packed.text.contains("bytes bind"), "\(packed)")
  }

  @Test func packedRecordsAreReckonedByTheFormat() throws {
    let plan = try plan(workload(rate: "24000", size: "60B", duration: "4s"))
    let load = OfferedLoad(plan)
    let limits = AssumedUse(limits: AssumedLimits(LimitsProfile.kinesis.rule), sharedConsumers: 0)
    let results = [2, 3].map {
      Aggregation.result(
        load, on: HashKeyRange.even(count: $0).map(\.start), in: KeyDraw(plan), rule: LimitsProfile.kinesis.rule,
        limits: limits)
    }
    for result in results {
      #expect(abs(result.bytesPerSecond / 1_048_576 - 1.85) < 0.02 && result.row.throttled == 0)
      #expect((600...650).contains(result.perRecord), "\(result.perRecord)")
    }
    #expect(abs(results[0].row.peakUse - 0.92) < 0.015 && abs(results[1].row.peakUse - 0.62) < 0.015)
  }

  /// 10,000 records in the first 100 ms of every 10 s: a shard's bucket holds 1,000 and gets 100 more meanwhile.
  @Test func burstsAreThrottledBelowTheAverage() throws {
    let rate = #"{"type": "square", "low": 0, "high": 100000, "period": "10s", "duty": 0.01}"#
    let document = try size(workload(rate: rate, duration: "20s", shards: 2), most: 14)
    let now = try #require(document.row(of: 2))
    #expect(abs(now.throttleRatio - 0.78) < 0.005 && abs(now.meanUse - 0.5) < 0.001, "\(now)")
    #expect(document.recommended == 10 || document.recommended == 11, "\(document.recommended ?? 0)")
    #expect(document.rows.first { $0.meets }?.shards == document.recommended)
    #expect(
      document.sentences.contains {
        $0.contains(
          " % of the attempts are throttled although the average is 50 % of the limit: records come in bursts")
      }, "\(document.sentences)")
  }

  /// The top key of zipf 0.99 over 1,000 keys has 12.9 % of the records; other keys join it on its shard.
  @Test func theHottestShardOfAZipfLaw() throws {
    let key = #"{"type": "zipf", "exponent": 0.99, "cardinality": 1000}"#
    let plan = try plan(workload(rate: "100", key: key, duration: "1s"))
    let law = try KeyDistribution.zipf(exponent: 0.99, cardinality: 1_000)
    #expect(abs(law.mass(of: 0) - 0.129) < 0.001)
    let map = ShardMap(even: 64)
    let hottest = (0..<20).map { number -> Double in
      let draw = KeyDraw(plan, number: number)
      var shares = Array(repeating: 0.0, count: 64)
      for rank in 0..<UInt64(1_000) { shares[map.index(of: draw.hash(ofKey: rank))] += law.mass(of: rank) }
      return (shares.max() ?? 0) * 64
    }
    // As an independent program finds with the same names; of 300 draws three quarters are within, the median is 8.93.
    #expect(hottest.count { (8.4...9.3).contains($0) } == 16, "\(hottest)")
    #expect(hottest.allSatisfy { $0 > 8.27 })
  }

  @Test func stepsOfUpdateShardCount() {
    #expect(Remedies.steps(from: 4, to: 40) == [8, 16, 32, 40])
    #expect(Remedies.steps(from: 40, to: 4) == [20, 10, 5, 4])
    #expect(Remedies.steps(from: 7, to: 7) == [] && Remedies.steps(from: 1, to: 3) == [2, 3])
  }

  @Test func readersCanBind() throws {
    let text = workload(rate: "500", size: "1KiB", duration: "4s")
    let readers = text.replacing(#""shards": 1}"#, with: #""shards": 1, "consumers": {"shared": 5, "fanOut": 1}}"#)
    let document = try size(readers, most: 8)
    #expect(document.binding == "reads" && document.recommended == 2, "\(document.recommended ?? 0)")
    #expect(document.sentences.contains { $0.hasPrefix("Readers: 5 consumers share") })
  }

  @Test func splittingTakesHalfOfTheHottestShard() throws {
    let document = try size(workload(rate: "1400", duration: "4s"), most: 4)
    let split = try help(document, "split")
    #expect(split.helps && split.shards == 2)
    let cut = try #require(
      split.commands[0].split(separator: " ").last.flatMap { UInt128($0) }.map { Double($0) / 0x1p128 })
    #expect(abs(cut - 0.5) < 0.05)
    #expect(
      split.commands[0].hasPrefix(
        "aws kinesis split-shard --region us-east-1 --stream-name orders --shard-to-split shardId-000000000000 "))
  }

  @Test func pricesMakeCosts() throws {
    let file = """
      {"schema": "shardmeter.prices/1", "date": "2026-08", "region": "us-east-1", "currency": "USD",
       "provisioned": {"shardHour": 0.015, "millionPutUnits": 0.014},
       "onDemand": {"streamHour": 0.04, "gigabyteIn": 0.08, "gigabyteOut": 0.04}}
      """
    let prices = try Prices(bytes: Array(file.utf8), source: "prices.json")
    let document = try size(workload(rate: "1000", duration: "4s"), most: 4, prices: prices)
    // 730 h x (shards x 0.015 + 3.6 million units x 0.014); a record of 112 B is charged as 1 KiB on demand.
    #expect(abs(try #require(document.costNow) - 730 * (0.015 + 3.6 * 0.014)) < 0.01)
    #expect(abs(try #require(document.costRecommended) - 730 * (0.030 + 3.6 * 0.014)) < 0.01)
    #expect(abs(try #require(document.costOnDemand) - 730 * (0.04 + 3.6864 * 0.08)) < 0.01)
  }

  @Test(arguments: [
    ("{}", "the field \"schema\""), (#"{"schema": "shardmeter.prices/2"}"#, "\"shardmeter.prices/1\""),
    (#"{"schema": "shardmeter.prices/1", "date": "x", "region": "", "currency": "USD"}"#, "1 to 40 printable"),
    (#"{"schema": "shardmeter.prices/1", "price": 1}"#, "one of the fields"),
    (
      #"{"schema": "shardmeter.prices/1", "date": "x", "region": "r", "currency": "USD", "provisioned": {"shardHour": -1, "millionPutUnits": 1}}"#,
      "a number from 0 to 1000000"
    ),
  ])
  func pricesThatAreNone(text: String, expected: String) {
    let failure = #expect(throws: JSONFailure.self) { try Prices(bytes: Array(text.utf8), source: "prices.json") }
    #expect(failure?.expected.contains(expected) == true, "\(String(describing: failure))")
  }

  @Test func whatCannotBeSizedIsRefused() throws {
    #expect(throws: StudyFailure.self) { try size(workload(rate: #""max""#, duration: "1s")) }
    #expect(throws: StudyFailure.self) { try size(workload(rate: "100000", duration: "60s")) }
  }

  /// With retries only the engine knows the attempts; the goals are judged by it.
  @Test func theEngineJudgesWhereRecordsAreTriedAgain() throws {
    let retry = #""client": {"retry": {"type": "failed-records", "maxAttempts": 3}}"#
    let document = try size(workload(rate: "1300", duration: "6s", more: retry), headroom: 0, most: 4)
    #expect(document.recommended == 2 && document.hasRetries)
    let one = try #require(document.row(of: 1))
    #expect(one.isExact && one.throttleRatio > 0.1 && one.undeliveredRatio != nil)
    #expect(document.row(of: 4)?.undeliveredRatio == nil)
  }
}
