import Kinesis
import Measurement
import Testing

@testable import Observations
@testable import RunResults

/// What connections took: in columns and rows of their own, and in no service time.
@Suite struct ConnectionTests {
  @Test("Connections count for their second, those of before the start for the first, and all for the run")
  func connections() throws {
    let layout = RunLayout(
      phases: [
        PhaseLayout(name: "warm-up", start: .zero, duration: .seconds(1), isMeasured: false),
        PhaseLayout(name: "steady", start: .seconds(1), duration: .seconds(2)),
      ], shards: ShardMap(even: 1), keyCount: 8, inFlightCap: 8, connections: 4, workers: 2)
    let sink = MemorySink()
    let collector = try RunRecorder(
      layout: layout, description: smallDescription(), sink: sink, planned: tenPerSecond(layout))
    let lanes = (0..<2).map { _ in WorkerLane(layout: layout) }
    lanes[0].observe(ConnectionObservation(connect: ms(8), handshake: ms(6), isResumed: false), at: -1_000)
    lanes[1].observe(ConnectionObservation(connect: ms(4), handshake: ms(3), isResumed: false), at: 0)
    lanes[1].observe(ConnectionObservation(connect: ms(2), handshake: ms(1), isResumed: true), at: 2_500_000_000)
    let records = batch(phase: 1, due: 1_000_000_000, count: 10, shards: 1)
    ScriptedRequest(request: request(records), records: records).observe(on: lanes[0])
    let summary = try collector.finish(
      lanes: lanes, ending: RunEnding(.completed, ended: layout.end.value), keys: keyNames())

    let rows = try sink.rows(TimeseriesRow.self)
    #expect(rows.map(\.tS) == [-1, 0, 1])
    #expect(rows.map(\.connectionsOpened) == [2, nil, 1])
    #expect(rows.map(\.connectMaxMs) == [8, nil, 2])
    #expect(rows.map(\.handshakeMaxMs) == [6, nil, 1])
    #expect(summary.connections.opened == 3 && summary.connections.resumed == 1)
    #expect(summary.connections.connectMs.count == 3 && summary.connections.handshakeMs.count == 2)
    #expect(summary.connections.resumedHandshakeMs.count == 1)
    #expect(summary.latencyMs.service?.count == 1 && summary.latencyMs.service?.max.map { $0 < 6 } == true)

    let latencies = try sink.rows(LatencyRow.self)
    let made = latencies.filter { $0.percentile == 100 && ["connect", "handshake"].contains($0.metric) }
    #expect(
      made.map { "\($0.metric) \($0.outcome) \($0.phase) \($0.samples)" } == [
        "connect all all 3", "handshake full all 2", "handshake resumed all 1",
      ])
    #expect(latencies.filter { $0.metric == "service" && $0.outcome == "all" }.allSatisfy { $0.samples == 1 })
  }

  @Test("Without encryption there is no handshake, and without connections no row")
  func plain() {
    var set = ConnectionSet()
    set.add(ConnectionObservation(connect: ms(1), handshake: nil, isResumed: false))
    #expect(set.opened == 1 && set.resumed == 0 && set.handshake.isEmpty && set.resumedHandshake.isEmpty)
    var sum = ConnectionSet()
    sum.add(set)
    sum.add(set)
    #expect(sum.opened == 2 && sum.connect.count == 2)
  }
}
