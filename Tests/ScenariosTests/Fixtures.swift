import Kinesis
import Measurement
import Scenarios
import StrictJSON

/// Small scenarios for tests.
enum Fixture {
  /// A scenario text; every part may be replaced.
  static func text(
    size: String = "\"100B\"", key: String = "{\"type\": \"uniform\", \"cardinality\": 100}", records: String? = nil,
    phases: String = "{\"name\": \"a\", \"duration\": \"2s\", \"rate\": 100}", more: String = ""
  ) -> String {
    "{\"schema\": \"shardmeter/1\", \"name\": \"t\", \"records\": {\(records ?? "\"size\": \(size), \"key\": \(key)")}, "
      + "\"phases\": [\(phases)]\(more.isEmpty ? "" : ", " + more)}"
  }

  /// The scenario of a text.
  static func load(_ text: String, set options: [String] = []) throws -> Scenario {
    try Scenario.load(bytes: Array(text.utf8), source: "t.json", overrides: options.map { try SetOption($0) })
  }

  /// The plan of a text.
  static func plan(_ text: String) throws -> Plan { Plan(try load(text)) }

  /// A list of shards as the service gives it, each from the one before up to its end.
  static func shardList(ends: [String]) -> String {
    let shards = ends.enumerated().map { number, end in
      let start = number == 0 ? 0 : (UInt128(ends[number - 1]) ?? 0) + 1
      return "{\"ShardId\": \"shardId-00000000000\(number)\", \"HashKeyRange\": "
        + "{\"StartingHashKey\": \"\(start)\", \"EndingHashKey\": \"\(end)\"}}"
    }
    return "{\"Shards\": [\(shards.joined(separator: ", "))]}"
  }

  /// All batches of a producer with their records.
  static func batches(_ plan: Plan, producer: Int) -> [(batch: PlannedBatch, records: [PlannedRecord])] {
    var cursor = plan.batches(ofProducer: producer)
    let buffer = UnsafeMutableBufferPointer<PlannedRecord>.allocate(capacity: plan.scenario.batch.records)
    defer { buffer.deallocate() }
    var all: [(PlannedBatch, [PlannedRecord])] = []
    while let batch = cursor.next(into: buffer) { all.append((batch, Array(buffer.prefix(batch.count)))) }
    return all
  }
}
