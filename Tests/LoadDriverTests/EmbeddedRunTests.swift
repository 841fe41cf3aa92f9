import Foundation
import Kinesis
import LocalKinesis
import Measurement
import Observations
import RunResults
import Scenarios
import Testing

@testable import LoadDriver

/// The driver against the embedded endpoint, over sockets, with what can go wrong there.
@Suite("Faults over sockets")
struct EmbeddedRunTests {
  private func run(
    _ faults: [FaultRule], _ overrides: [String] = [], workers: Int = 2
  ) throws -> (plan: Plan, lanes: [WorkerLane], counts: RunCounts) {
    let text = """
      { "schema": "shardmeter/1", "name": "test", "stream": { "shards": 2 },
        "records": { "size": "10B", "key": { "type": "uniform", "cardinality": 100 } },
        "batch": { "records": 10, "linger": "5ms" },
        "client": { "producers": 2, "connections": 16, "timeout": "300ms",
          "retry": { "type": "failed-records", "maxAttempts": 8, "backoff": { "base": "2ms", "cap": "20ms" } } },
        "phases": [ { "name": "load", "duration": "300ms", "rate": 1000 } ] }
      """
    let plan = Plan(
      try Scenario.load(
        bytes: Array(text.utf8), source: "test", overrides: try overrides.map { try SetOption($0) }))
    var configuration = EmbeddedTargetConfiguration()
    configuration.port = 0
    configuration.ranges = HashKeyRange.even(count: 2)
    configuration.settings.faults = faults
    let server = try EmbeddedServer(configuration)
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do { try server.run() } catch { Issue.record(error) }
      ended.signal()
    }
    defer {
      server.stop()
      ended.wait()
    }
    let (lanes, counts) = try SocketRun.run(plan, port: server.port, stream: "orders", workers: workers)
    return (plan, lanes, counts[0])
  }

  @Test("The identity holds and retries carry the records through, whatever fails", arguments: FaultRule.Kind.allCases)
  func identity(_ kind: FaultRule.Kind) throws {
    // Only a stall is to meet the time-out, however busy the machine.
    let (plan, lanes, counts) = try run(
      [FaultRule(kind: kind, occasion: .every(3))], ["client.timeout=\(kind == .stall ? "300ms" : "60s")"])
    #expect(counts.isBalanced(planned: Int(plan.plannedRecords(in: 0, before: plan.duration))))
    #expect(
      counts.traffic.attempted == counts.traffic.accepted + counts.traffic.throttled + counts.traffic.fault
        + counts.traffic.unknown)
    if kind == .duplicateSequence {
      #expect(counts.traffic.accepted == 300 && counts.traffic.attempted == 300)
    } else {
      #expect(counts.traffic.attempted > counts.traffic.accepted)
      #expect(counts.traffic.accepted > 150)
    }
    let isUnknown = [.stall, .reset, .resetWithin, .truncate, .wrongCount].contains(kind)
    #expect((counts.traffic.unknown > 0) == isUnknown)
    #expect((counts.delivery.mayBeDuplicates > 0) == isUnknown)
    #expect((lanes.reduce(0) { $0 + $1.sequenceViolations } > 0) == (kind == .duplicateSequence))
  }

  @Test("Repeated sequence numbers are found, and nothing where there are none", arguments: [1, 2])
  func sequenceNumbers(_ workers: Int) throws {
    let (_, lanes, _) = try run(
      [FaultRule(kind: .duplicateSequence, occasion: .every(10))], ["client.connections=2"], workers: workers)
    // One record in ten repeats its shard's number: 30 of 300. A worker sees only those it was given both times.
    let found = lanes.reduce(0) { $0 + $1.sequenceViolations }
    #expect(workers == 1 ? (15...31).contains(found) : (1...31).contains(found))
    let (_, sound, _) = try run([], workers: workers)
    #expect(sound.allSatisfy { $0.sequenceViolations == 0 })
  }

  @Test("A target that is not there: every record ends, none is accepted")
  func nobodyThere() throws {
    let plan = Plan(
      try Scenario.load(
        bytes: Array(
          """
          { "schema": "shardmeter/1", "name": "t", "records": { "size": 9, "key": "unique" },
            "client": { "timeout": "50ms", "retry": { "type": "failed-records", "ttl": "80ms" } },
            "phases": [ { "name": "a", "duration": "100ms", "rate": 500 } ] }
          """.utf8), source: "t"))
    // Port 1, tcpmux, is served nowhere.
    let (_, counts) = try SocketRun.run(plan, port: 1, stream: "orders", workers: 1)
    #expect(counts[0].isBalanced(planned: 50))
    #expect(counts[0].traffic.accepted == 0)
  }
}
