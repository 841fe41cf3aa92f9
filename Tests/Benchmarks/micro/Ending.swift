import Foundation
import Kinesis
import Measurement
import Observations
import Reporting
import RunResults
import Scenarios
import Transport

/// What a run's end costs as its shards grow: summing up, the files, reading them back, and the reports. 100,000 shards are
/// five times the largest quota of an account.
enum Ending {
  private static let shardCounts = [1_000, 10_000, 100_000]
  /// Records of each shard in each of the run's two seconds.
  private static let recordsOfAShard = 2

  /// Prints a line for each number of shards: milliseconds of each part, and CPU microseconds a shard with their ratio to
  /// the smallest number's.
  static func measure() throws {
    print("shards\tsum up, write\tread back\treports\tus per shard\tratio")
    var smallest: Double?
    for count in shardCounts {
      let parts = try ending(shards: count)
      let perShard = parts.reduce(0, +) * 1_000 / Double(count)
      let ratio = perShard / (smallest ?? perShard)
      smallest = smallest ?? perShard
      let cells = (parts + [perShard, ratio]).map { String(format: "%.2f", $0) }
      print("\(count)\t\(cells.joined(separator: "\t"))")
    }
  }

  /// CPU milliseconds of each part.
  private static func ending(shards count: Int) throws -> [Double] {
    let map = ShardMap(even: count)
    let phases = [PhaseLayout(name: "steady", start: .zero, duration: .seconds(2))]
    let layout = RunLayout(phases: phases, shards: map, keyCount: UInt64(count))
    let parent = NSTemporaryDirectory() + "shardmeter-ending-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: parent) }
    let folder = try RunFolder(id: "run", in: parent)
    let perSecond = count * recordsOfAShard
    let collector = try RunRecorder(
      layout: layout,
      description: RunDescription(
        runID: "run", start: WallTime(microsecondsSinceEpoch: 1_773_479_702_113_000), scenario: SummaryScenario(),
        tool: SummaryTool(), target: SummaryTarget(), scenarioFile: []),
      sink: folder, planned: { _, before in Int(min(before, 2_000_000_000)) / 1_000_000_000 * perSecond })
    // Half of the shards close and as many open, as when a stream is resharded.
    let half = Array(0..<count / 2)
    collector.note(ShardChange(noticed: 900_000_000, listed: 900_000_000, opened: [], closed: half))
    collector.note(
      ShardChange(noticed: 1_000_000_000, listed: 1_000_000_000, opened: half.map { $0 + count / 2 }, closed: []))
    let lane = WorkerLane(layout: layout)
    for second in 0..<2 { observe(second, shards: count, on: lane) }
    let names = KeyNames(
      mode: .show, bytes: { Array("key-\($0)".utf8) }, hash: { PartitionKeyHash.md5(of: "key-\($0)") })

    let began = ProcessUsage.threadTime()
    try collector.accept(lane.finishedSlices(before: .max), from: 0)
    _ = try collector.finish(RunEnding(.completed, ended: 2_100_000_000), keys: names)
    let written = ProcessUsage.threadTime()
    let run = try LoadedRun.load(folder.partialPath)
    let read = ProcessUsage.threadTime()
    let pages = [HTMLReport.page(run), MarkdownSummary.text(run), JUnitReport.document(run), FinalTable.text(run)]
    let drawn = ProcessUsage.threadTime()
    precondition(pages.allSatisfy { !$0.isEmpty }, "a report is empty")
    return [written - began, read - written, drawn - read].map { $0.seconds * 1_000 }
  }

  /// Requests of 500 records, every tenth record throttled.
  private static func observe(_ second: Int, shards count: Int, on lane: WorkerLane) {
    var records: [RecordObservation] = []
    let total = count * recordsOfAShard
    for index in 0..<total {
      let due = Int64(second) * 1_000_000_000 + Int64(index) * 900_000_000 / Int64(total)
      var record = RecordObservation(
        PlannedRecord(
          index: UInt64(second * total + index), due: due, key: UInt64(index % count), dataBytes: 100, keyBytes: 12,
          phase: 0))
      record.shard = Int32(index % count)
      record.outcome = index % 10 == 0 ? .throttled : .accepted
      record.end = index % 10 == 0 ? .gaveUp : .accepted
      record.code = index % 10 == 0 ? ErrorCodes.throttled : ErrorCodes.none
      records.append(record)
      guard records.count == 500 || index == total - 1 else { continue }
      var request = RequestObservation(phase: 0, plannedClose: due, closed: due)
      request.firstByte = due + 100_000
      request.lastByte = due + 5_000_000
      request.ended = due + 5_000_000
      request.status = 200
      request.outcome = .partial
      records.withUnsafeMutableBufferPointer { lane.observe(request, records: $0) }
      records.removeAll(keepingCapacity: true)
    }
  }
}
