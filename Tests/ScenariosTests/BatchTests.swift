import Kinesis
import Measurement
import Testing

@testable import Scenarios

/// The cursor's batches against a slow assembly from the written rules.
@Suite struct BatchTests {
  struct Slow: Equatable {
    var records: [PlannedRecord]
    var closesAt: Int64
  }

  /// Assembles a producer's batches record by record, as the design words it.
  private func assemble(_ plan: Plan, producer: Int) -> [Slow] {
    var batches: [Slow] = []
    let scenario = plan.scenario
    for (phase, planned) in plan.phases.enumerated() {
      guard case .open(let count) = planned.loop else { continue }
      let own = (0..<count).filter { $0 % UInt64(scenario.client.producers) == UInt64(producer) }
        .map { plan.record($0, in: phase) }
      var open: [PlannedRecord] = []
      func close(at time: Int64) {
        if !open.isEmpty { batches.append(Slow(records: open, closesAt: time)) }
        open = []
      }
      for record in own {
        if let first = open.first {
          let end = min(scenario.batch.linger.map { first.due + $0.value } ?? .max, planned.end.value)
          if record.due > end {
            close(at: end)
          } else if open.reduce(record.bytes, { $0 + $1.bytes }) > scenario.batch.bytes {
            close(at: record.due)
          }
        }
        open.append(record)
        let bytes = open.reduce(0) { $0 + $1.bytes }
        if open.count == scenario.batch.records || bytes >= scenario.batch.bytes { close(at: record.due) }
      }
      if let first = open.first {
        close(at: min(scenario.batch.linger.map { first.due + $0.value } ?? .max, planned.end.value))
      }
    }
    return batches
  }

  @Test(arguments: [
    ("{\"records\": 1}", 1, "uniform"), ("{\"records\": 2}", 1, "uniform"), ("{\"records\": 3}", 2, "uniform"),
    ("{\"records\": 500, \"linger\": \"0s\"}", 1, "uniform"), ("{\"records\": 500, \"linger\": \"0s\"}", 3, "bursts"),
    ("{\"linger\": \"30ms\"}", 1, "uniform"), ("{\"linger\": \"30ms\"}", 3, "poisson"),
    ("{\"linger\": \"unbounded\"}", 1, "uniform"), ("{\"linger\": \"unbounded\", \"records\": 7}", 2, "poisson"),
    ("{\"bytes\": \"1KiB\"}", 1, "uniform"), ("{\"bytes\": \"512B\", \"linger\": \"unbounded\"}", 2, "bursts"),
    ("{\"bytes\": \"212B\"}", 1, "uniform"),
  ])
  func batchesAreThoseOfTheRules(_ batch: String, _ producers: Int, _ arrivals: String) throws {
    let plan = try Fixture.plan(
      Fixture.text(
        size: "{\"type\": \"uniform\", \"min\": 0, \"max\": 200}",
        phases: "{\"name\": \"a\", \"duration\": \"700ms\", \"rate\": 100, \"arrivals\": \"\(arrivals)\"}, "
          + "{\"name\": \"b\", \"duration\": \"1s\", \"rate\": {\"type\": \"line\", \"from\": 0, \"to\": 300}, "
          + "\"measure\": false}, {\"name\": \"c\", \"duration\": \"100ms\", \"rate\": 10}",
        more: "\"batch\": \(batch), \"client\": {\"producers\": \(producers)}"))
    for producer in 0..<producers {
      let batches = Fixture.batches(plan, producer: producer)
      #expect(
        batches.map { Slow(records: $0.records, closesAt: $0.batch.closesAt) } == assemble(plan, producer: producer))
      for (batch, records) in batches {
        #expect(batch.bytes == records.reduce(0) { $0 + $1.bytes })
        #expect(records.allSatisfy { Int($0.phase) == batch.phase })
      }
    }
  }

  /// 0, 1, 2 and 3 records, for 1 to 3 producers: nothing is lost and nothing invented.
  @Test(arguments: 0...3, 1...3)
  func everySmallPlanIsWhole(_ count: Int, _ producers: Int) throws {
    let plan = try Fixture.plan(
      Fixture.text(
        phases:
          "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": \(count)}, {\"name\": \"b\", \"duration\": \"1s\", \"rate\": 1}",
        more: "\"client\": {\"producers\": \(producers)}"))
    let all = (0..<producers).flatMap { Fixture.batches(plan, producer: $0).flatMap(\.records) }
    #expect(all.filter { $0.phase == 0 }.map(\.index).sorted() == (0..<UInt64(count)).map { $0 })
    #expect(all.filter { $0.phase == 1 }.map(\.index) == [0])
    #expect(plan.phases[0].loop == .open(recordCount: UInt64(count)))
  }

  @Test func closedPhasesGiveFullBatchesNow() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        phases: "{\"name\": \"a\", \"duration\": \"1s\", \"rate\": \"max\"}",
        more: "\"batch\": {\"records\": 7}, \"client\": {\"producers\": 2}"))
    #expect(plan.phases[0].loop == .closed)
    #expect(plan.plannedRecords(in: 0, before: .init(500_000_000)) == 0)
    var cursor = plan.batches(ofProducer: 1)
    let buffer = UnsafeMutableBufferPointer<PlannedRecord>.allocate(capacity: 7)
    defer { buffer.deallocate() }
    #expect(cursor.next(into: buffer) == nil)
    let first = cursor.nextClosed(phase: 0, now: 5, into: buffer)
    #expect(first == PlannedBatch(phase: 0, count: 7, closesAt: 5, bytes: 7 * 112))
    #expect(buffer.map(\.index) == [1, 3, 5, 7, 9, 11, 13])
    #expect(buffer.allSatisfy { $0.due == 5 })
    _ = cursor.nextClosed(phase: 0, now: 9, into: buffer)
    #expect(buffer.first?.index == 15)
  }

  @Test func aRecordLargerThanTheBatchGoesAlone() throws {
    let plan = try Fixture.plan(
      Fixture.text(
        size: "{\"type\": \"weighted\", \"values\": [{\"size\": 10, \"weight\": 1}, {\"size\": 900, \"weight\": 1}]}",
        more: "\"batch\": {\"bytes\": \"512B\", \"linger\": \"unbounded\"}"))
    let batches = Fixture.batches(plan, producer: 0)
    let large = batches.filter { $0.records.contains { $0.dataBytes == 900 } }
    #expect(large.count > 20)
    #expect(large.allSatisfy { $0.records.count == 1 })
  }
}
