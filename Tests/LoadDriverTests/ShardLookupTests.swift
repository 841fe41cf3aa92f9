import Kinesis
import Observations
import Producers
import RunResults
import Scenarios
import Testing

@testable import LoadDriver

@Suite("Predicted shards")
struct ShardLookupTests {
  /// 65,535 shards and more do not fit the table's places: there every look-up hashes.
  @Test("Every record is placed by the hash of its key, at first and again", arguments: [1, 4, 65_534, 65_535, 70_000])
  func placing(shards: Int) throws {
    let text = """
      {"schema": "shardmeter/1", "name": "place", "stream": {"name": "place", "shards": 4},
       "records": {"size": "1B", "key": {"type": "uniform", "cardinality": 300}}, "batch": {"records": 500},
       "phases": [{"name": "drive", "duration": "1s", "rate": 1000}]}
      """
    let plan = Plan(try Scenario.load(bytes: Array(text.utf8), source: "test", overrides: []))
    let map = ShardMap(even: shards)
    let lookup = ShardLookup(plan: plan, map: map)
    let records = UnsafeMutableBufferPointer<RecordObservation>.allocate(capacity: 500)
    defer { records.deallocate() }
    for _ in 0..<2 {
      for index in records.indices {
        let record = RecordObservation(plan.record(UInt64(index), in: 0))
        records.initializeElement(at: index, to: record)
      }
      lookup.assign(records)
      #expect(records.allSatisfy { Int($0.shard) == map.index(of: plan.keys.hash(of: $0.planned.key)) })
    }
  }
}
