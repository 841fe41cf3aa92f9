import Foundation
import Kinesis
import Measurement
import StrictJSON
import TestSupport
import Testing

@testable import Scenarios

/// What a file says is what the scenario holds.
@Suite struct ScenarioTests {
  @Test func defaultsAreThoseOfTheDesign() throws {
    let scenario = try Fixture.load(Fixture.text())
    #expect(scenario.seed == 1)
    #expect(scenario.stream == StreamRule(name: "orders", shards: 4, limits: .kinesis, consumers: .none))
    #expect(scenario.batch == BatchRule(records: 500, bytes: 5 << 20, linger: .milliseconds(100)))
    #expect(
      scenario.client
        == ClientRule(
          producers: 1, connections: 8, maxInFlight: 16, timeout: .seconds(5), late: .paced, retry: .none,
          payloadPool: 0))
    #expect(scenario.phases[0].arrivals == .uniform && scenario.phases[0].isMeasured)
    #expect(scenario.phases[0].kinds[0].payload == .random)
    #expect(scenario.thresholds.isEmpty && scenario.embedded == EndpointSettings())
    expectGolden(JSONWriter.pretty(scenario.resolvedJSON()) + "\n", "resolved-defaults.json")
  }

  @Test func everythingWrittenIsRead() throws {
    let scenario = try Fixture.load(
      Fixture.text(
        phases: "{\"name\": \"a\", \"duration\": \"2m\", \"rate\": 5, \"comment\": \"x\"}",
        more:
          "\"comment\": [\"any\"], \"client\": {\"connections\": 3, \"late\": {\"type\": \"skip\", \"after\": \"2s\"}, "
          + "\"retry\": {\"type\": \"failed-records\", \"ttl\": \"9s\", \"backoff\": {\"base\": \"1ms\", \"jitter\": \"none\"}}}, "
          + "\"thresholds\": [{\"metric\": \"throttle.ratio\", \"per\": \"shard\", \"max\": \"1%\", \"window\": \"10s\"}, "
          + "{\"metric\": \"response.p99\", \"max\": \"150ms\", \"abort\": {\"after\": \"15s\"}}, "
          + "{\"metric\": \"accepted.byteRate\", \"min\": \"1MiB\"}], "
          + "\"stream\": {\"limits\": \"large-records\"}, "
          + "\"embedded\": {\"latency\": {\"type\": \"lognormal\", \"median\": \"8ms\", \"p99\": \"25ms\"}, "
          + "\"capacity\": {\"records\": 5000}, \"faults\": [{\"type\": \"500\", \"probability\": \"1%\"}, "
          + "{\"type\": \"stall\", \"from\": \"1s\", \"for\": \"2s\", \"delay\": \"3s\", \"shard\": 1}]}"))
    #expect(scenario.phases[0].duration == 120_000_000_000)
    #expect(scenario.client.maxInFlight == 6 && scenario.client.late == .skip(after: .seconds(2)))
    #expect(
      scenario.client.retry
        == .failedRecords(
          maxAttempts: 3, ttl: .seconds(9),
          backoff: .init(base: .milliseconds(1), cap: .seconds(2), isJittered: false)))
    #expect(
      scenario.thresholds == [
        Threshold(metric: .throttleRatio, max: 0.01, perShard: true, window: .seconds(10)),
        Threshold(metric: .latency(.response, .p99), max: 150e6, abortAfter: .seconds(15)),
        Threshold(metric: .acceptedByteRate, min: 1_048_576),
      ])
    #expect(scenario.embedded.limits == .largeRecords)
    #expect(scenario.embedded.latency == .lognormal(median: 8_000_000, p99: 25_000_000, max: nil))
    #expect(scenario.embedded.capacityRecordsPerSecond == 5000)
    #expect(
      scenario.embedded.faults == [
        FaultRule(kind: .status500, occasion: .probability(0.01)),
        FaultRule(
          kind: .stall, occasion: .during(start: 1_000_000_000, length: 2_000_000_000), shard: 1, delay: 3_000_000_000),
      ])
  }

  /// What only sizing and searching read is checked and kept all the same, so that one file serves every command.
  @Test func sizingAndSearchAreKept() throws {
    let scenario = try Fixture.load(
      Fixture.text(
        more: "\"stream\": {\"consumers\": {\"shared\": 2}}, \"sizing\": {\"throttle\": \"1%\"}, "
          + "\"search\": {\"vary\": \"rate\", \"from\": 1000, \"tolerance\": 0.02, \"cooldown\": \"0s\"}"))
    let resolved = scenario.resolvedJSON()
    #expect(resolved["stream"]?["consumers"] == ["shared": 2, "fanOut": 0])
    #expect(resolved["sizing"] == ["throttle": 0.01, "headroom": 0.25, "maxShards": 256])
    #expect(
      resolved["search"] == [
        "vary": "rate", "find": "highest", "from": 1000, "factor": 2, "tolerance": 0.02, "probe": "20s",
        "cooldown": "0s",
      ])
    #expect(try scenario.workloadHash == Fixture.load(Fixture.text()).workloadHash)
  }

  @Test func theShardsOfAFileCount() throws {
    let text = Fixture.text(more: "\"stream\": {\"shardMap\": \"two.json\"}")
    let end = "340282366920938463463374607431768211455"
    let files = MemoryFiles(["two.json": Fixture.shardList(ends: ["9", end])], pieceLength: 7)
    let scenario = try Scenario.load(bytes: Array(text.utf8), source: "t.json", files: files)
    #expect(scenario.stream.shards == 2 && scenario.declaredMap.shards.map(\.range.start) == [0, 10])
    #expect(scenario.resolvedJSON()["stream"]?["shards"] == 2 && scenario.shardMapPath == "two.json")
    let given = try Scenario.load(bytes: Array(text.utf8), source: "t.json", map: ShardMap(even: 3))
    #expect(given.stream.shards == 3 && given.shardMapPath == nil)
  }

  @Test func setOptionsReplaceAndAdd() throws {
    let scenario = try Fixture.load(
      Fixture.text(),
      set: [
        "phases[a].rate=9000", "batch.linger=20ms", "client.retry.type=failed-records", "phases[0].duration=\"3s\"",
        "phases[a].override[\"records.size\"]=7B", "records.key.cardinality=5",
      ])
    #expect(scenario.phases[0].rate == .constant(9000) && scenario.phases[0].duration == 3_000_000_000)
    #expect(scenario.batch.linger == .milliseconds(20))
    #expect(scenario.phases[0].kinds[0].size.maximum == 7)
    #expect(scenario.phases[0].kinds[0].key.generatedKeys?.count == 5)
  }

  /// Work that was comparable stays comparable: the workload and the plan of each scenario are what they were.
  @Test func hashesOfTheScenariosAreThoseRecorded() throws {
    let folder = Self.scenarios
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
    let lines = try files.sorted().map { file in
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
      let scenario = try Scenario.load(bytes: bytes, source: file, files: FolderFiles(folder: folder))
      return "\(file) \(scenario.workloadHash) \(Plan(scenario).planHash)\n"
    }
    expectGolden(lines.joined(), "scenario-hashes.txt")
  }

  private static let scenarios = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("scenarios")

  /// The resolved form is itself a scenario, and its own resolved form.
  @Test func theResolvedFormIsAFixedPoint() throws {
    let folder = Self.scenarios
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }
    #expect(files.count >= 5)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(file)))
      let scenario = try Scenario.load(bytes: bytes, source: file, files: FolderFiles(folder: folder))
      #expect(scenario.name + ".json" == file)
      #expect(!scenario.description.isEmpty && scenario.warnings.isEmpty)
      let text = JSONWriter.pretty(scenario.resolvedJSON())
      let again = try Scenario.load(bytes: Array(text.utf8), source: file, files: FolderFiles(folder: folder))
      #expect(again.resolvedJSON() == scenario.resolvedJSON())
      #expect(again.workloadHash == scenario.workloadHash)
    }
  }

  @Test func recordsThatMayBeTooLargeAreAWarning() throws {
    let scenario = try Fixture.load(
      Fixture.text(size: "{\"type\": \"uniform\", \"min\": \"1000KiB\", \"max\": \"2MiB\"}"))
    #expect(scenario.warnings.count == 1)
    let plan = Plan(scenario)
    #expect((0..<50).map { plan.record($0, in: 0).bytes }.max() == 1 << 20)
  }

  @Test(
    arguments: [
      ("1s", 1_000_000_000), ("0.1s", 100_000_000), ("1.5ms", 1_500_000), ("2m", 120_000_000_000), ("7ns", 7),
      ("3us", 3_000), ("1h", 3_600_000_000_000), ("1.0000000001s", nil), ("1", nil), ("s", nil), ("-1s", nil),
      ("1 s", nil), ("1.s", nil), (".5s", nil), ("0.5ns", nil), ("99999999999h", nil), ("1S", nil),
    ] as [(String, Int64?)])
  func durations(_ text: String, _ value: Int64?) { #expect(UnitText.nanoseconds(of: text) == value) }

  @Test(
    arguments: [
      ("100B", 100), ("64KiB", 65_536), ("5MiB", 5_242_880), ("1KB", 1_000), ("1.5MiB", 1_572_864), ("1.5B", nil),
      ("1kb", nil), ("B", nil), ("9999999999999MiB", nil),
    ] as [(String, Int64?)])
  func sizes(_ text: String, _ value: Int64?) { #expect(UnitText.bytes(of: text) == value) }
}
