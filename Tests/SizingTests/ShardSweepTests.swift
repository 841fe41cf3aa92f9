import Kinesis
import Measurement
import Scenarios
import Testing

@testable import Sizing

@Suite struct ShardSweepTests {
  /// Without retries the fast model is the engine, shard by shard, whatever the load.
  @Test(arguments: 0..<20) func theSweepIsTheEngineWithoutRetries(batch: Int) throws {
    var loads = RandomLoads(seed: UInt64(100 + batch))
    for index in 0..<10 {
      let text = loads.next()
      let plan = try plan(text)
      let load = OfferedLoad(plan)
      let rule = [LimitsProfile.kinesis, .largeRecords, .window, .none][batch % 4].rule
      let sweep = ShardSweep(load, rule: rule)
      let draw = KeyDraw(plan, number: batch % 3)
      let counts = [[1, 2, 3, 5, 8][index % 5]]
      for (count, row) in zip(counts, sweep.rows(counts, in: draw)) {
        let exact = VirtualRun.outcome(of: draw, on: ShardMap(even: count), rule: rule, latency: nil)
        let ratio = try #require(exact.total.throttleRatio)
        #expect(abs(row.throttleRatio - ratio) < 0.002, "\(count) shards: \(row.throttleRatio), \(ratio)\n\(text)")
        #expect(row.records == exact.total.firstTries)
        let (again, shards) = sweep.detail(of: HashKeyRange.even(count: count).map(\.start), in: draw)
        #expect(again == row)
        for (fast, slow) in zip(shards, exact.shards) {
          #expect(fast.records == slow.firstTries && abs(fast.throttled - slow.throttled) <= 1 + slow.firstTries / 500)
        }
      }
    }
  }

  /// The busiest minute of an hour of which one minute is busy.
  @Test func headroomIsTheBusiestMinute() throws {
    let text = """
      {"schema": "shardmeter/1", "name": "test", "stream": {"shards": 1}, "records": {"size": "90B", "key": "constant"},
       "phases": [{"name": "quiet", "duration": "5m", "rate": 10}, {"name": "busy", "duration": "1m", "rate": 700},
                  {"name": "late", "duration": "5m", "rate": 20}]}
      """
    let plan = try plan(text)
    let row = ShardSweep(OfferedLoad(plan), rule: LimitsProfile.kinesis.rule).rows([1, 4], in: KeyDraw(plan))
    #expect(abs(row[0].peakUse - 0.7) < 0.001 && row[0].term == .records, "\(row[0])")
    #expect(row[1].peakUse == row[0].peakUse && abs(row[1].meanUse - row[0].meanUse / 4) < 1e-9)
  }

  @Test func whatIsSharedByReadersCounts() throws {
    let plan = try plan(workload(rate: "400", size: "2KiB", duration: "5s"))
    let rows = [0, 1, 4].map {
      ShardSweep(OfferedLoad(plan), rule: LimitsProfile.kinesis.rule, sharedConsumers: $0).rows([1], in: KeyDraw(plan))[
        0]
    }
    #expect(rows.map(\.term) == [.bytes, .bytes, .reads])
    #expect(abs(rows[2].peakUse - 2 * rows[0].peakUse) < 1e-9)
  }

  @Test func theHeaviestKeyIsTakenAway() throws {
    let key =
      #"{"type": "weighted", "values": [{"key": "hot", "share": "60%"}], "rest": {"type": "uniform", "cardinality": 1000}}"#
    let plan = try plan(workload(rate: "3000", key: key, duration: "10s"))
    let load = OfferedLoad(plan)
    #expect(load.heaviestKey == plan.keys.id(of: "hot") && abs(load.heaviestShare - 0.6) < 0.02)
    let row = ShardSweep(load, rule: LimitsProfile.kinesis.rule).rows([8], in: KeyDraw(plan))[0]
    #expect(row.throttleRatio > 0.2 && row.throttledWithoutTop == 0 && row.shardsThrottled == 1)
  }

  @Test func cellsAreThoseOfTheShardMaps() {
    let counts = Array(1...40)
    let cells = HashCells(counts.map { HashKeyRange.even(count: $0).map(\.start) })
    let random = CounterRandom(seed: 3, domain: 9)
    for count in counts {
      let starts = HashKeyRange.even(count: count).map(\.start)
      let bounds = cells.bounds(of: starts)
      let map = ShardMap(even: count)
      var hashes = starts + starts.dropFirst().map { $0 - 1 } + [.max]
      for index in 0..<20 {
        let words = random.bits(UInt64(index))
        hashes.append(UInt128(words.0) << 64 | UInt128(words.1))
      }
      for hash in hashes {
        let cell = cells.cell(of: hash)
        let shard = bounds.lastIndex { $0 <= cell }
        #expect(shard == map.index(of: hash))
      }
    }
  }

  /// Other names fall elsewhere; names of the scenario do not.
  @Test func drawsMoveGeneratedKeysAlone() throws {
    let key =
      #"{"type": "weighted", "values": [{"key": "acme", "share": "10%"}], "rest": {"type": "uniform", "cardinality": 50}}"#
    let plan = try plan(workload(rate: "100", key: key, duration: "1s"))
    let named = plan.keys.id(of: "acme")
    let generated = plan.keys.id(of: "key-00000007")
    #expect(KeyDraw(plan, number: 3).hash(ofKey: named) == PartitionKeyHash.md5(of: "acme"))
    #expect(KeyDraw(plan).hash(ofKey: generated) == PartitionKeyHash.md5(of: "key-00000007"))
    #expect(KeyDraw(plan, number: 3).hash(ofKey: generated) == PartitionKeyHash.md5(of: "key-00000007~3"))
    #expect(plan.hasArbitraryNames)
  }
}
