import Kinesis
import Measurement
import StrictJSON
import Testing

@testable import Scenarios

/// A plan is a pure function of its scenario.
@Suite struct PlanTests {
  private static let keyTypes = [
    "{\"type\": \"uniform\", \"cardinality\": 50}", "{\"type\": \"zipf\", \"exponent\": 1.2, \"cardinality\": 50}",
    "{\"type\": \"zipf\", \"topShare\": \"30%\", \"cardinality\": 50}", "\"unique\"", "\"constant\"",
    "{\"type\": \"hotspot\", \"cardinality\": 50, \"hotKeyShare\": 0.1, \"hotTrafficShare\": 0.8}",
    "{\"type\": \"drift\", \"cardinality\": 50, \"hotKeyShare\": 0.1, \"hotTrafficShare\": 0.8, \"period\": \"500ms\"}",
    "{\"type\": \"sequential\", \"cardinality\": 7}",
    "{\"type\": \"shard\", \"shards\": [1], \"share\": 0.7, \"cardinality\": 200}",
    "{\"type\": \"weighted\", \"values\": [{\"key\": \"VIP\\\"é\", \"share\": 0.25}], "
      + "\"rest\": {\"type\": \"uniform\", \"cardinality\": 9}}",
  ]

  /// The request body, read back, has the planned keys, hash keys, sizes and data.
  @Test(arguments: keyTypes, ["random", "zeros", "json", "text"])
  func whatIsWrittenIsWhatIsPlanned(_ key: String, _ payload: String) throws {
    let plan = try Fixture.plan(
      Fixture.text(
        records:
          "\"size\": {\"type\": \"uniform\", \"min\": 0, \"max\": 60}, \"key\": \(key), \"payload\": \"\(payload)\""))
    let buffer = RequestBuffer()
    buffer.beginBody(streamName: "s")
    let records = (0..<100).map { plan.record($0, in: 0) }
    for record in records { plan.write(record, into: buffer) }
    buffer.endBody()
    let body = try JSONDocument.parse(Array(buffer.body), source: "body").value
    guard case .array(let entries)? = body["Records"] else { throw Broken() }
    #expect(entries.count == records.count)
    for (entry, record) in zip(entries, records) {
      guard case .string(let data)? = entry["Data"], case .string(let name)? = entry["PartitionKey"] else {
        throw Broken()
      }
      var decoded: [UInt8] = []
      Array(data.utf8).withUnsafeBytes { Base64.decode($0, into: &decoded) }
      #expect(decoded.count == Int(record.dataBytes))
      #expect(decoded == plan.data(of: record))
      #expect(Array(name.utf8) == plan.keys.bytes(of: record.key))
      #expect(name.utf8.count == Int(record.keyBytes))
      #expect(plan.hash(of: record) == PartitionKeyHash.md5(of: name))
      // Canonical: encoding what was decoded gives the same text, so the unused bits are zero.
      var again = [UInt8](repeating: 0, count: data.utf8.count)
      decoded.withUnsafeBytes { bytes in
        again.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { Base64.encode(bytes, to: start) } }
      }
      #expect(again == Array(data.utf8))
      if payload == "json", decoded.count > 0 { _ = try JSONDocument.parse(decoded, source: "data") }
    }
  }

  struct Broken: Error {}

  /// With `client.payloadPool` record i has key, place, size and data of record i less whole rounds, and its own time.
  @Test(arguments: ["random", "zeros", "json", "text"]) func recordsOfAPoolRepeat(_ payload: String) throws {
    let records =
      "\"size\": {\"type\": \"uniform\", \"min\": 0, \"max\": 60}, \"payload\": \"\(payload)\", "
      + "\"key\": {\"type\": \"zipf\", \"exponent\": 1, \"cardinality\": 50}, \"explicitHashKey\": \"uniform\""
    let fresh = try Fixture.plan(Fixture.text(records: records))
    let client = "\"batch\": {\"records\": 5}, \"client\": {\"producers\": 2, \"payloadPool\": 3}"
    let pooled = try Fixture.plan(Fixture.text(records: records, more: client))
    func content(_ plan: Plan, _ index: UInt64) -> String {
      let record = plan.record(index, in: 0)
      return "\(record.key) \(record.dataBytes) \(plan.hash(of: record)) \(plan.data(of: record))"
    }
    for index in UInt64(0)..<90 {
      #expect(content(pooled, index) == content(fresh, index % 30), "record \(index)")
      #expect(pooled.record(index, in: 0).due == fresh.record(index, in: 0).due)
    }
    #expect(Set((0..<90).map { content(pooled, $0) }).count == 30)
    #expect(pooled.scenario.warnings.contains { $0.hasPrefix("payload pool: ") } && fresh.scenario.warnings.isEmpty)
  }

  @Test func explicitHashKeysAreWritten() throws {
    for rule in [
      "\"uniform\"", "{\"type\": \"values\", \"values\": [\"0\", \"170141183460469231731687303715884105728\"]}",
    ] {
      let plan = try Fixture.plan(
        Fixture.text(records: "\"size\": 9, \"key\": \"unique\", \"explicitHashKey\": \(rule)"))
      let buffer = RequestBuffer()
      buffer.beginBody(streamName: "s")
      let records = (0..<50).map { plan.record($0, in: 0) }
      for record in records { plan.write(record, into: buffer) }
      buffer.endBody()
      let body = try JSONDocument.parse(Array(buffer.body), source: "body").value
      guard case .array(let entries)? = body["Records"] else { throw Broken() }
      let written = entries.map { entry -> UInt128? in
        guard case .string(let text)? = entry["ExplicitHashKey"] else { return nil }
        return UInt128(text)
      }
      #expect(written == records.map { plan.hash(of: $0) })
      #expect(Set(written).count == (rule == "\"uniform\"" ? 50 : 2))
    }
  }

  /// The records of all producers together are the same, however many there are.
  @Test(arguments: [2, 3, 7])
  func recordsDoNotDependOnProducers(_ producers: Int) throws {
    func all(_ producers: Int) throws -> [PlannedRecord] {
      let plan = try Fixture.plan(
        Fixture.text(
          key: Self.keyTypes[1],
          phases: "{\"name\": \"a\", \"duration\": \"2s\", \"rate\": 150, \"arrivals\": \"poisson\"}",
          more: "\"client\": {\"producers\": \(producers)}"))
      return (0..<producers).flatMap { Fixture.batches(plan, producer: $0).flatMap(\.records) }
        .sorted { $0.index < $1.index }
    }
    #expect(try all(1) == all(producers))
  }

  /// Chi-square of keys through the plan against the exact masses; 99.9 % quantiles by Wilson and Hilferty.
  @Test(arguments: [0, 0.5, 0.99, 1, 1.5])
  func zipfKeysHaveTheirMasses(_ exponent: Double) throws {
    let cardinality: UInt64 = 40
    let plan = try Fixture.plan(
      Fixture.text(
        key: "{\"type\": \"zipf\", \"exponent\": \(exponent), \"cardinality\": \(cardinality)}",
        phases: "{\"name\": \"a\", \"duration\": \"20s\", \"rate\": 1000}"))
    var counts = [Double](repeating: 0, count: Int(cardinality))
    for batch in Fixture.batches(plan, producer: 0) {
      for record in batch.records { counts[Int(record.key)] += 1 }
    }
    let law = try KeyDistribution.zipf(exponent: exponent, cardinality: cardinality)
    let chi = counts.indices.reduce(0.0) { sum, key in
      let expected = 20_000 * law.mass(of: UInt64(key))
      return sum + (counts[key] - expected) * (counts[key] - expected) / expected
    }
    #expect(chi < 72.1)  // 39 degrees of freedom
  }

  /// `topShare` is the mass of the heaviest key; binomial, at five standard deviations.
  @Test(arguments: [1, 5, 20, 60])
  func topShareIsTheShareOfTheHeaviestKey(_ percent: Int) throws {
    let plan = try Fixture.plan(
      Fixture.text(
        key: "{\"type\": \"zipf\", \"topShare\": \"\(percent)%\", \"cardinality\": 1000}",
        phases: "{\"name\": \"a\", \"duration\": \"20s\", \"rate\": 1000}"))
    var counts: [UInt64: Int] = [:]
    for batch in Fixture.batches(plan, producer: 0) {
      for record in batch.records { counts[record.key, default: 0] += 1 }
    }
    let share = Double(percent) / 100
    #expect(abs(Double(counts[0] ?? 0) - 20_000 * share) < 5 * (20_000 * share * (1 - share)).squareRoot())
    #expect(counts.max { $0.value < $1.value }?.key == 0)
  }

  /// Bursts through the plan: every record of a phase is due at the start of a second of it, as many as the rate's integral
  /// over that second.
  @Test func burstsLandWhereWritten() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        phases: "{\"name\": \"w\", \"duration\": \"1500ms\", \"rate\": 10}, {\"name\": \"b\", \"duration\": \"3s\", "
          + "\"rate\": {\"type\": \"steps\", \"values\": [40, 0, 25], \"each\": \"1s\"}, \"arrivals\": \"bursts\"}",
        more: "\"client\": {\"producers\": 3}"))
    let dues = (0..<3).flatMap { Fixture.batches(plan, producer: $0).flatMap(\.records) }
      .filter { $0.phase == 1 }.map { $0.due / 1_000_000 }
    #expect(Dictionary(grouping: dues) { $0 }.mapValues(\.count) == [1_500: 40, 3_500: 25])
  }

  @Test func sharesOfMixWeightsAndShardsAreKept() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        records:
          "\"mix\": [{\"share\": 0.75, \"size\": 10, \"key\": {\"type\": \"shard\", \"shards\": [2], \"share\": 0.9, "
          + "\"cardinality\": 400}}, {\"share\": \"25%\", \"size\": 20, \"key\": {\"type\": \"weighted\", \"values\": "
          + "[{\"key\": \"a\", \"share\": 0.6}], \"rest\": \"unique\"}}]",
        phases: "{\"name\": \"a\", \"duration\": \"20s\", \"rate\": 1000}"))
    let map = ShardMap(even: 4)
    let records = (0..<20_000).map { plan.record($0, in: 0) }
    let first = records.filter { $0.dataBytes == 10 }
    let second = records.filter { $0.dataBytes == 20 }
    #expect(abs(Double(first.count) - 15_000) < 4 * 61.2)
    let aimed = first.filter { map.index(of: plan.hash(of: $0)) == 2 }
    #expect(abs(Double(aimed.count) / Double(first.count) - 0.9) < 0.01)
    let named = second.filter { plan.keys.bytes(of: $0.key) == [0x61] }
    #expect(abs(Double(named.count) / Double(second.count) - 0.6) < 0.03)
    #expect(plan.keys.count == nil)
  }

  @Test func overridesChangeOnePhase() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        phases:
          "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": 5}, {\"name\": \"b\", \"duration\": \"1s\", \"rate\": 5, "
          + "\"override\": {\"records.size\": \"7B\", \"records.key\": {\"type\": \"constant\", \"value\": \"key-00000003\"}}}"
      ))
    #expect(plan.record(0, in: 0).dataBytes == 100)
    let record = plan.record(0, in: 1)
    #expect(record.dataBytes == 7)
    // The named key is also the fourth generated one: one key, one id.
    #expect(record.key == 3 && plan.keys.count == 100)
  }

  @Test func uniqueKeysNeverRepeatOverPhases() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        key: "\"unique\"",
        phases:
          "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": 50}, {\"name\": \"b\", \"duration\": \"1s\", \"rate\": 50}"
      ))
    let keys = Fixture.batches(plan, producer: 0).flatMap(\.records).map {
      String(decoding: plan.keys.bytes(of: $0.key), as: UTF8.self)
    }
    #expect(Set(keys).count == 100)
    #expect(keys.contains("key-00000000") && keys.contains("key-00000099"))
  }

  @Test func bytesPerSecondAreDividedByTheMeanRecord() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        phases: "{\"name\": \"a\", \"duration\": \"10s\", \"rate\": {\"type\": \"constant\", \"bytes\": \"11200B\"}}"))
    #expect(plan.phases[0].loop == .open(recordCount: 1000))  // 100 data + 12 key bytes
  }

  @Test func identityNamesPhaseAndRecord() throws {
    for payload in ["random", "zeros", "text", "json"] {
      let plan = try Fixture.plan(
        Fixture.text(records: "\"size\": 80, \"key\": \"unique\", \"payload\": \"\(payload)\", \"identity\": true"))
      let text = String(decoding: plan.data(of: plan.record(26, in: 0)), as: UTF8.self)
      #expect(text.contains("sm000000000000001a"), "\(payload)")
    }
  }

  @Test func timesAndOriginFollowThePhases() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        phases: "{\"name\": \"w\", \"duration\": \"3s\", \"rate\": 5, \"measure\": false}, "
          + "{\"name\": \"a\", \"duration\": \"2s\", \"rate\": 5}"))
    #expect(plan.origin == .seconds(3) && plan.duration == .seconds(5))
    #expect(plan.plannedRecords(in: 1, before: .seconds(3)) == 0)
    #expect(plan.plannedRecords(in: 1, before: .seconds(4)) == 5)
    #expect(plan.plannedRecords(in: 1, before: .seconds(99)) == 10)
  }

  /// The plan of a known scenario must not change unnoticed: other records under the same version would make old
  /// results incomparable.
  @Test func hashesAreStable() throws {
    let scenario = try Fixture.load(Fixture.text(key: Self.keyTypes[1]))
    #expect(scenario.workloadHash == "8def718c897b9af25d47a06e67232a13d455b491a9126b37e18f22ac48798877")
    #expect(Plan(scenario).planHash == "0cce9ec468f940de7fd8926641d62f8414f43753855950bfa0198f46b40e3043")
    let other = try Fixture.load(Fixture.text(key: Self.keyTypes[1], more: "\"seed\": 2"))
    #expect(other.workloadHash != scenario.workloadHash)
    #expect(Plan(other).planHash != Plan(scenario).planHash)
    let renamed = try Fixture.load(Fixture.text(key: Self.keyTypes[1]), set: ["name=other", "stream.name=x"])
    #expect(renamed.workloadHash == scenario.workloadHash)
  }
}
