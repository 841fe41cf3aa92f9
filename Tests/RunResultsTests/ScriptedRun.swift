import Kinesis
import Measurement

@testable import Observations
@testable import RunResults

/// Files in memory, so that a collector's output can be compared without a disk.
final class MemorySink: ResultSink {
  private(set) var files: [String: [UInt8]] = [:]
  /// The names in the order of their first bytes.
  private(set) var names: [String] = []

  func append(_ bytes: [UInt8], to fileName: String) {
    if files[fileName] == nil { names.append(fileName) }
    files[fileName, default: []] += bytes
  }

  func remove(_ fileName: String) {
    files[fileName] = nil
    names.removeAll { $0 == fileName }
  }

  func text(_ fileName: String) -> String { String(decoding: files[fileName] ?? [], as: UTF8.self) }

  func rows<Row: CSVRow>(_ type: Row.Type) throws -> [Row] {
    try CSVFile.rows(type, in: files[Row.fileName] ?? [])
  }
}

/// A request with its records, to be given to any lane.
struct ScriptedRequest {
  var request: RequestObservation
  var records: [RecordObservation]
  /// Errors by name: each lane interns its own numbers.
  var recordCode = ""
  var requestCode = ""

  func observe(on lane: WorkerLane) {
    var request = request
    var records = records
    if !requestCode.isEmpty { request.errorCode = lane.codes.number(of: requestCode) }
    for index in records.indices where records[index].outcome != .accepted && !recordCode.isEmpty {
      records[index].code = lane.codes.number(of: recordCode)
    }
    records.withUnsafeMutableBufferPointer { lane.observe(request, records: $0) }
  }
}

extension RunRecorder {
  /// Takes everything that is left in the lanes, and ends the run.
  func finish(lanes: [WorkerLane], ending: RunEnding, keys: KeyNames?) throws -> Summary {
    for (number, lane) in lanes.enumerated() { try accept(lane.finishedSlices(before: .max), from: number) }
    return try finish(ending, keys: keys)
  }
}

/// Milliseconds in nanoseconds.
func ms(_ count: Double) -> Int64 { Int64(count * 1e6) }

/// A key id's text: `key-00000007`.
func keyName(_ id: UInt64) -> String {
  let digits = String(id)
  return "key-" + String(repeating: "0", count: 8 - digits.count) + digits
}

/// Names and hashes of the generated keys.
func keyNames(_ mode: KeyNames.Mode = .show) -> KeyNames {
  KeyNames(
    mode: mode, bytes: { Array(keyName($0).utf8) }, hash: { PartitionKeyHash.md5(of: keyName($0)) })
}

/// Two phases of two seconds, a warm-up and a measured one, over `shards` shards.
func smallLayout(
  shards: Int = 3, workers: Int = 1, keyCount: UInt64? = 8, isClosedLoop: Bool = false, thresholds: [Threshold] = []
) -> RunLayout {
  let phases = [
    PhaseLayout(name: "warm-up", start: .zero, duration: .seconds(2), isMeasured: false),
    PhaseLayout(name: "steady", start: .seconds(2), duration: .seconds(2), isClosedLoop: isClosedLoop),
  ]
  return RunLayout(
    phases: phases, shards: ShardMap(even: shards), keyCount: keyCount, inFlightCap: 8, connections: 4,
    phasesWithShardResponses: thresholds.phasesWithShardResponses(among: phases), workers: workers)
}

/// 10 records a second come due in each phase, the first at its start.
func tenPerSecond(_ layout: RunLayout) -> @Sendable (Int, Int64) -> Int {
  let phases = layout.phases
  return { phase, before in
    let shape = phases[phase]
    let length = min(before, shape.end.value) - shape.start.value
    return length <= 0 ? 0 : Int((length + 99_999_999) / 100_000_000)
  }
}

/// A description without anything that differs between machines.
func smallDescription() -> RunDescription {
  var scenario = SummaryScenario()
  scenario.name = "small"
  scenario.sha256 = "5d0e"
  scenario.seed = 42
  var tool = SummaryTool()
  tool.version = "0.1.0"
  var target = SummaryTarget()
  target.endpoint = "http://127.0.0.1:4567"
  target.stream = "orders"
  target.kind = "embedded"
  return RunDescription(
    runID: "20260314T091502Z-small-7f3a", start: WallTime(microsecondsSinceEpoch: 1_773_479_702_113_000),
    scenario: scenario, tool: tool, target: target, scenarioFile: Array("{}\n".utf8))
}

/// The records of one batch of `count`, due 100 ms apart from `due`, keys and shards by turns.
func batch(phase: UInt16, due: Int64, count: Int, shards: Int = 3, firstIndex: UInt64 = 0) -> [RecordObservation] {
  (0..<count).map { position in
    let index = firstIndex + UInt64(position)
    var record = RecordObservation(
      PlannedRecord(
        index: index, due: due + Int64(position) * 100_000_000, key: index % 5, dataBytes: 100, keyBytes: 12,
        phase: phase)
    )
    record.shard = Int32(index % UInt64(shards))
    record.outcome = .accepted
    record.end = .accepted
    return record
  }
}

/// A request that is closed when its last record is due, leaves `queue` later and is answered `service` after that.
func request(
  _ records: [RecordObservation], lateness: Int64 = ms(0.1), queue: Int64 = ms(0.2), service: Int64 = ms(5)
) -> RequestObservation {
  let close = records.last?.planned.due ?? 0
  var request = RequestObservation(
    phase: records.first?.planned.phase ?? 0, plannedClose: close, closed: close + lateness)
  let firstByte = request.closed + queue
  request.firstByte = firstByte
  request.lastByte = firstByte + service
  request.ended = firstByte + service
  request.status = 200
  request.outcome = .allAccepted
  request.bytesOnWire = 1_000
  return request
}

/// The small run of the golden files: warm-up accepted whole; in the measured phase a partly throttled request, its retry,
/// a time-out, and a record nobody sent.
func smallScript() -> [ScriptedRequest] {
  var script: [ScriptedRequest] = []
  for second in 0..<2 {
    let records = batch(phase: 0, due: Int64(second) * 1_000_000_000, count: 10, firstIndex: UInt64(second) * 10)
    script.append(ScriptedRequest(request: request(records), records: records))
  }
  var partial = batch(phase: 1, due: ms(2_000), count: 10)
  for position in partial.indices where partial[position].shard == 1 {
    partial[position].outcome = .throttled
    partial[position].end = position == 1 ? .none : .gaveUp
    partial[position].isPlacedByPrediction = position == 4
  }
  var first = request(partial, service: ms(8))
  first.outcome = .partial
  script.append(
    ScriptedRequest(request: first, records: partial, recordCode: "ProvisionedThroughputExceededException"))

  var again = partial[1]
  again.attempt = 2
  again.outcome = .accepted
  again.end = .accepted
  again.isPlacedByPrediction = false
  var retry = request([again])
  retry.plannedClose = ms(3_100)
  retry.closed = ms(3_100.5)
  retry.lateness = ms(0.5)
  retry.firstByte = ms(3_101)
  retry.lastByte = ms(3_104)
  retry.ended = ms(3_104)
  retry.isOnReusedConnection = true
  script.append(ScriptedRequest(request: retry, records: [again]))

  var lost = batch(phase: 1, due: ms(3_000), count: 9, firstIndex: 10)
  for position in lost.indices {
    lost[position].outcome = .unknown
    lost[position].end = .unfinished
  }
  var timedOut = request(lost)
  timedOut.lastByte = nil
  timedOut.ended = ms(8_800)
  timedOut.status = 0
  timedOut.outcome = .transport
  script.append(ScriptedRequest(request: timedOut, records: lost, requestCode: "timeout"))
  return script
}

/// The record of the small run that the late policy dropped.
func skippedRecord() -> RecordObservation {
  var record = batch(phase: 1, due: ms(3_900), count: 1, firstIndex: 19)[0]
  record.attempt = 0
  record.shard = -1
  record.end = .skipped
  return record
}

/// Runs the small script over lanes chosen by `laneOf`, handing over each second as it is done.
func collect(
  _ layout: RunLayout, _ script: [ScriptedRequest], thresholds: [Threshold] = [], skipped: [RecordObservation] = [],
  sink: MemorySink = MemorySink(),
  keys: KeyNames? = keyNames(), ending: RunEnding = RunEnding(.completed, ended: ms(8_800)), stoppedAt: Int64? = nil,
  planned: (@Sendable (Int, Int64) -> Int)? = nil, laneOf: (Int) -> Int = { _ in 0 }
) throws -> (summary: Summary, sink: MemorySink) {
  let collector = try RunRecorder(
    layout: layout, description: smallDescription(), thresholds: thresholds, sink: sink,
    planned: planned ?? tenPerSecond(layout))
  if let stoppedAt { collector.stop(at: stoppedAt) }
  let lanes = (0..<layout.workers).map { _ in WorkerLane(layout: layout) }
  for (number, step) in script.enumerated() { step.observe(on: lanes[laneOf(number)]) }
  var skipped = skipped
  skipped.withUnsafeMutableBufferPointer { lanes[0].end($0, at: ms(3_950)) }
  for (number, lane) in lanes.enumerated() {
    for second in -2..<2 {
      lane.note(
        from: layout.start(ofSecond: second), to: layout.start(ofSecond: second) + 1, inFlight: 3,
        busy: .milliseconds(250), isCapped: false, unsent: 0,
        sendBufferFull: 1)
    }
    try collector.accept(lane.finishedSlices(before: 0), from: number)
  }
  return (try collector.finish(lanes: lanes, ending: ending, keys: keys), sink)
}
