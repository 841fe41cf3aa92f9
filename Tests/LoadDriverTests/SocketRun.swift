import Kinesis
import Measurement
import Observations
import RunResults
import Scenarios
import TestSupport
import Transport

@testable import LoadDriver
@testable import StreamAccess

/// A plan driven over real sockets of the loopback interface.
enum SocketRun {
  /// Runs a plan to its end.
  ///
  /// - Returns: the lanes, and everything they counted phase by phase.
  static func run(
    _ plan: Plan, port: UInt16, stream: String, workers: Int, map: ShardMap? = nil
  ) throws -> (lanes: [WorkerLane], counts: [RunCounts]) {
    let endpoint = Endpoint(scheme: .http, host: "127.0.0.1", port: port)
    let map = map ?? ShardMap(even: plan.scenario.stream.shards)
    let count = LoadDriver.shares(of: plan, workers: workers).count
    let layout = RunLayout(
      phases: plan.phases.map {
        PhaseLayout(
          name: $0.name, start: $0.start, duration: $0.duration, isMeasured: $0.measured,
          isClosedLoop: $0.loop == .closed)
      }, shards: map, timeout: plan.scenario.client.timeout, keyCount: plan.keys.count, workers: count)
    let driver = try LoadDriver(
      configuration: DriverConfiguration(
        plan: plan,
        destination: Destination(endpoint: endpoint, addresses: try NameResolution.addresses(of: endpoint), tls: nil),
        streamName: stream, region: "us-east-1", credentials: .loopback, shardMap: map,
        workers: workers),
      clock: SystemClock(), wallTime: { WallTime.now() })
    let lanes = (0..<driver.workerCount).map { _ in WorkerLane(layout: layout) }
    let counts = Guarded([RunCounts](repeating: RunCounts(), count: plan.phases.count))
    try driver.run(try driver.connect(), lanes: lanes, onBudgetSpent: {}) { _, delivery in
      counts.withLock { counts in
        for slice in delivery.slices { counts[slice.phases.cohort].add(slice.counts) }
      }
    }
    return (lanes, counts.withLock { $0 })
  }

  /// What a plan sends: its batches, each as the identities of its records in order.
  static func batches(of plan: Plan) -> [[String]] {
    let room = UnsafeMutableBufferPointer<PlannedRecord>.allocate(capacity: plan.scenario.batch.records)
    defer { room.deallocate() }
    var batches: [[String]] = []
    for producer in 0..<plan.scenario.client.producers {
      var cursor = plan.batches(ofProducer: producer)
      while let batch = cursor.next(into: room) {
        batches.append(
          room.prefix(batch.count).map { record in
            let data = plan.data(of: record)
            return plan.keys.bytes(of: record.key).withUnsafeBytes { key in
              data.withUnsafeBytes {
                RecordingTarget.identity(
                  key: key, data: $0, size: Int(record.dataBytes), hash: plan.hash(of: record))
              }
            }
          })
      }
    }
    return batches
  }
}
