import Kinesis
import Measurement
import StrictJSON
import Testing

@testable import Scenarios

/// Payloads out of files are the files' bytes, each equally often.
@Suite struct FilePayloadTests {
  private static let contents = ["a.json": "{\"a\": 1}", "b.bin": "", "c.txt": String(repeating: "xyzzy ", count: 50)]

  private func plan(_ records: String, phases: String? = nil) throws -> Plan {
    let text =
      phases.map { Fixture.text(records: records, phases: $0) } ?? Fixture.text(records: records)
    return Plan(try Scenario.load(bytes: Array(text.utf8), source: "t", files: MemoryFiles(Self.contents)))
  }

  private static let payload = "{\"type\": \"files\", \"paths\": [\"a.json\", \"b.bin\", \"c.txt\"]}"

  @Test func recordsAreTheFiles() throws {
    let plan = try plan("\"key\": \"unique\", \"payload\": \(Self.payload)")
    var counts: [String: Int] = [:]
    for index in 0..<200 {
      let record = plan.record(UInt64(index), in: 0)
      let data = plan.data(of: record)
      #expect(data.count == Int(record.dataBytes))
      counts[String(decoding: data, as: UTF8.self), default: 0] += 1
    }
    #expect(Set(counts.keys) == Set(Self.contents.values))
    // 200 draws of probability 1/3: five standard deviations are 33.
    #expect(counts.values.allSatisfy { abs($0 - 67) < 34 })
    #expect(abs(plan.scenario.phases[0].kinds[0].size.mean - 308.0 / 3) < 1e-9)
  }

  @Test func anIdentityTakesTheirFirstBytes() throws {
    let files = MemoryFiles(["c.txt": Self.contents["c.txt"] ?? ""])
    let text = Fixture.text(
      records: "\"key\": \"unique\", \"identity\": true, \"payload\": {\"type\": \"files\", \"paths\": [\"c.txt\"]}")
    let plan = Plan(try Scenario.load(bytes: Array(text.utf8), source: "t", files: files))
    let data = String(decoding: plan.data(of: plan.record(5, in: 0)), as: UTF8.self)
    #expect(data.hasPrefix("sm0000000000000005xyzzy "))
    #expect(data.utf8.count == 300)
  }

  @Test func aPhaseMayOverrideThem() throws {
    let plan = try plan(
      "\"size\": 7, \"key\": \"unique\"",
      phases:
        "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": 9}, {\"name\": \"b\", \"duration\": \"1s\", \"rate\": 9, "
        + "\"override\": {\"records.payload\": \(Self.payload)}}")
    #expect((0..<9).allSatisfy { plan.record($0, in: 0).dataBytes == 7 })
    #expect((0..<9).allSatisfy { [0, 8, 300].contains(plan.record($0, in: 1).dataBytes) })
  }

  @Test func theWorkloadHashTakesTheirContents() throws {
    func hash(_ content: String) throws -> String {
      let text = Fixture.text(records: "\"key\": \"unique\", \"payload\": {\"type\": \"files\", \"paths\": [\"x\"]}")
      return try Scenario.load(bytes: Array(text.utf8), source: "t", files: MemoryFiles(["x": content])).workloadHash
    }
    #expect(try hash("1") != hash("2"))
  }
}

/// Records that may be over the limit are cut and counted.
@Suite struct ClampedRecordTests {
  @Test func theyAreCountedByBatch() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        size:
          "{\"type\": \"weighted\", \"values\": [{\"size\": 10, \"weight\": 3}, {\"size\": \"2MiB\", \"weight\": 1}]}",
        key: "\"constant\"", phases: "{\"name\": \"a\", \"duration\": \"2s\", \"rate\": 100}"))
    let batches = Fixture.batches(plan, producer: 0)
    let large = batches.flatMap(\.records).count { $0.dataBytes > 10 }
    #expect(large > 20)
    #expect(batches.flatMap(\.records).allSatisfy { $0.dataBytes == 10 || $0.bytes == 1 << 20 })
    #expect(batches.reduce(0) { $0 + $1.batch.clamped } == large)
    #expect(batches.allSatisfy { one in one.batch.clamped == one.records.count { $0.dataBytes > 10 } })
  }

  /// A record that fills the limit exactly was not cut.
  @Test func aRecordThatJustFitsIsNone() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        size: "{\"type\": \"uniform\", \"min\": 1048574, \"max\": 1048576}", key: "\"constant\"",
        phases: "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": 60}"))
    let kind = plan.scenario.phases[0].kinds[0]
    let drawn = (0..<60).map { kind.size.sample(plan.storage.generators[0].kinds[0].sizeRandom, $0) }
    let batches = Fixture.batches(plan, producer: 0)
    #expect(batches.reduce(0) { $0 + $1.batch.clamped } == drawn.count { $0 == 1_048_576 })
    #expect(drawn.contains(1_048_575) && drawn.contains(1_048_576))
  }
}
