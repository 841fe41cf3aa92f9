import Kinesis
import Measurement
import Observations
import RunResults
import Transport

/// How large the journal of a long run gets. The seconds are made up (lognormal response times around 10 ms, all shards
/// loaded, one in a hundred records throttled, 100,000 keys) and go through lane, gatherer and collector as those of a run.
enum JournalSize {
  private static let shards = 64
  private static let recordsPerSecond = 2_000
  private static let perRequest = 250
  private static let keys: UInt64 = 100_000

  /// Counts what is written, by file, and keeps nothing.
  private final class CountingSink: ResultSink {
    var bytes: [String: Int] = [:]
    func append(_ bytes: [UInt8], to fileName: String) { self.bytes[fileName, default: 0] += bytes.count }
    func remove(_ fileName: String) {}
  }

  static func measure() throws {
    print("seconds\tshards\tjournal.bin MiB\tbytes a second\tlargest other file MiB\tCPU s")
    for seconds in [600, 86_400] {
      let began = ProcessUsage.threadTime()
      let sink = try run(seconds: seconds)
      let spent = (ProcessUsage.threadTime() - began).seconds
      let journal = sink.bytes[Journal.fileName] ?? 0
      let largest = sink.bytes.filter { $0.key != Journal.fileName }.values.max() ?? 0
      func mebibytes(_ bytes: Int) -> Double { (Double(bytes) / 1_048_576 * 10).rounded() / 10 }
      print(
        "\(seconds)\t\(shards)\t\(mebibytes(journal))\t\(journal / seconds)\t\(mebibytes(largest))\t\(Int(spent.rounded()))"
      )
    }
  }

  private static func run(seconds: Int) throws -> CountingSink {
    let layout = RunLayout(
      phases: [PhaseLayout(name: "steady", start: .zero, duration: .seconds(Double(seconds)))],
      shards: ShardMap(even: shards), keyCount: keys)
    let sink = CountingSink()
    let recorder = try RunRecorder(
      layout: layout,
      description: RunDescription(runID: "run", start: WallTime(microsecondsSinceEpoch: 1_773_479_702_113_000)),
      sink: sink,
      planned: { _, before in Int(Double(min(before, Int64(seconds) * 1_000_000_000)) / 1e9 * Double(recordsPerSecond))
      })
    let lane = WorkerLane(layout: layout)
    var random = SequenceRandom(CounterRandom(seed: 1, domain: 7), 0)
    var records = [RecordObservation](
      repeating: RecordObservation(PlannedRecord(index: 0, due: 0, key: 0, dataBytes: 100, keyBytes: 12, phase: 0)),
      count: perRequest)
    for second in 0..<seconds {
      for request in 0..<recordsPerSecond / perRequest {
        let sent =
          Int64(second) * 1_000_000_000 + Int64(request) * 1_000_000_000 * Int64(perRequest) / Int64(recordsPerSecond)
        observe(&records, sent: sent, random: &random, on: lane)
      }
      let end = layout.start(ofSecond: second + 1)
      lane.note(
        from: end - 1_000_000_000, to: end, inFlight: 8, busy: .milliseconds(200), isCapped: false, unsent: 0,
        sendBufferFull: 1)
      try recorder.accept(lane.finishedSlices(before: second), from: 0)
    }
    try recorder.accept(lane.finishedSlices(before: .max), from: 0)
    _ = try recorder.finish(RunEnding(.completed, ended: Int64(seconds) * 1_000_000_000), keys: nil)
    return sink
  }

  private static func observe(
    _ records: inout [RecordObservation], sent: Int64, random: inout SequenceRandom, on lane: WorkerLane
  ) {
    // The product of three uniforms is skewed as response times are: mostly 2 to 30 ms, now and then 100.
    func uniform() -> Double { Double(random.next() >> 11) / Double(1 << 53) }
    let service = Int64(2e6 + 1e8 * uniform() * uniform() * uniform())
    for position in records.indices {
      let draw = random.next()
      records[position].planned.due = sent - Int64(draw & 0x1FF_FFFF)
      records[position].planned.key = (draw >> 25) % keys
      records[position].shard = Int32((draw >> 45) % UInt64(shards))
      let isThrottled = (draw >> 52) % 100 == 0
      records[position].outcome = isThrottled ? .throttled : .accepted
      records[position].end = isThrottled ? .gaveUp : .accepted
      records[position].code = isThrottled ? ErrorCodes.throttled : ErrorCodes.none
    }
    var request = RequestObservation(phase: 0, plannedClose: sent - 90_000, closed: sent - 80_000)
    request.firstByte = sent
    request.lastByte = sent + service
    request.ended = sent + service
    request.status = 200
    request.outcome = .partial
    records.withUnsafeMutableBufferPointer { lane.observe(request, records: $0) }
  }
}
