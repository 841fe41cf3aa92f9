import Kinesis
import Measurement

/// Takes a stream's records as they are read.
package protocol RecordSink: AnyObject {
  /// A shard was found; its number is the number of shards before.
  func addShard(_ id: String, parents: [String])
  /// A record was read: a shard's in their order, those of its parents before it. Its bytes are valid during the call.
  func take(_ record: ReadRecord, shard: Int)
  /// Whether records that are not there yet are waited for.
  var isAnythingMissing: Bool { get }
}

/// How the reading of a stream went.
package struct StreamReading: Sendable, Hashable {
  /// Calls of GetRecords that were answered.
  package var calls = 0
  /// Calls refused for the shard's read limits, and made again.
  package var throttledCalls = 0
  /// Calls that failed otherwise, and were made again.
  package var failedCalls = 0
  /// Bytes of the answers.
  package var bytes = 0
  /// Records read.
  package var records = 0
  package var seconds = 0.0
  /// Why not every shard was read to its end; nil when each was.
  package var problem: String?
}

/// Reads a stream from an instant on: every shard to its end, parents before their children, one call at a time over the
/// connection of `Calls`.
package struct StreamScan<Calls: ControlCalls> {
  private let control: StreamControl<Calls>
  private let calls: Calls
  private let policy: ReadPolicy
  private let clock: any MonotonicClock

  /// A reader of one stream.
  ///
  /// - Parameter arn: names the stream in requests in place of its name.
  package init(calls: Calls, stream: String, arn: StreamARN? = nil, policy: ReadPolicy, clock: any MonotonicClock) {
    control = StreamControl(calls: calls, stream: stream, arn: arn)
    self.calls = calls
    self.policy = policy
    self.clock = clock
  }

  /// Reads.
  ///
  /// - Parameters:
  ///   - start: what arrived then or later is read, milliseconds since the epoch.
  ///   - progress: called now and then with how many records were read.
  /// - Returns: how it went; with a problem when the target stopped answering, or nothing came forward for
  ///   `ReadPolicy.longestStall`: that is seen between calls, so one that waits may run into its own timeout first.
  /// - Throws: when not even the shards can be listed.
  package func run(
    from start: Int64, into sink: some RecordSink, progress: (Int) -> Void = { _ in }
  ) throws(StreamControlFailure) -> StreamReading {
    let began = clock.now()
    var pass = Pass(schedule: ReadSchedule(start: .time(milliseconds: start), interval: policy.interval, now: began))
    pass.add(try control.lineage(), to: sink)
    var giveUp: Instant?
    steps: while true {
      if calls.isInterrupted {
        pass.reading.problem = "interrupted after \(pass.reading.records) records"
        break
      }
      switch pass.schedule.next(now: clock.now()) {
      case .open(let shard, let start):
        do {
          pass.schedule.opened(
            shard, iterator: try control.iterator(ofShard: pass.schedule.id(of: shard), from: start))
        } catch {
          pass.failed(error, isOpening: true, shard, now: clock.now())
        }
      case .read(let shard, let iterator):
        do {
          try read(shard, iterator, sink, &pass)
          progress(pass.reading.records)
        } catch {
          pass.failed(error, isOpening: false, shard, now: clock.now())
        }
      case .wait(let instant):
        calls.pause(milliseconds: Int(max(1, (instant - clock.now()).value / 1_000_000)))
      case .failed(let shard):
        let why = pass.lastFailure.map { "\($0)" } ?? "its parents never end"
        pass.reading.problem = "\(pass.schedule.id(of: shard)) could not be read to its end: \(why)"
        break steps
      case .stalled:
        pass.reading.problem = pass.stall
        break steps
      case .done:
        let now = clock.now()
        let end = giveUp ?? now + policy.patience
        giveUp = end
        guard sink.isAnythingMissing, now < end else { break steps }
        // What is missing may be on its way, or on shards made since the list was asked for.
        if let listed = try? control.lineage() { pass.add(listed, to: sink) }
        pass.schedule.lookAgain(after: min(end, now + .milliseconds(250)))
      }
    }
    pass.reading.seconds = (clock.now() - began).seconds
    return pass.reading
  }

  private func read(
    _ shard: Int, _ iterator: String, _ sink: some RecordSink, _ pass: inout Pass
  ) throws(StreamControlFailure) {
    let body = try control.records(at: iterator)
    var count = 0
    let page = body.withUnsafeBytes { body in
      pass.scanner.scan(body) { record in
        count += 1
        sink.take(record, shard: shard)
      }
    }
    pass.counts[shard] += count
    pass.reading.records += count
    guard let page else {
      throw .garbage(operation: "GetRecords", status: 200, detail: "\(body.count) bytes that are no such answer")
    }
    pass.reading.calls += 1
    pass.reading.bytes += body.count
    // Without a word on how far behind it is, an answer without records is taken for the end.
    let isBehind = page.millisecondsBehind.map { $0 > 0 } ?? (page.lastSequence != nil)
    pass.schedule.read(
      shard, last: page.lastSequence, nextIterator: page.nextIterator, isBehind: isBehind, now: clock.now())
  }
}

/// How far one reading has come.
private struct Pass {
  /// Shards of which a stalled reading says how far they were read.
  private static let mostNamed = 3

  var schedule: ReadSchedule
  var scanner = GetRecordsScanner()
  var reading = StreamReading()
  /// Records read, by shard.
  var counts: [Int] = []
  var lastFailure: StreamControlFailure?

  init(schedule: ReadSchedule) { self.schedule = schedule }

  mutating func add(_ listed: [(id: String, parents: [String])], to sink: some RecordSink) {
    for shard in schedule.add(listed) {
      counts.append(0)
      sink.addShard(shard.id, parents: shard.parents)
    }
  }

  mutating func failed(_ failure: StreamControlFailure, isOpening: Bool, _ shard: Int, now: Instant) {
    lastFailure = failure
    var trouble = ReadSchedule.Trouble.failed
    if case .refused(_, let status, let code, _) = failure {
      switch code {
      case "ProvisionedThroughputExceededException", "LimitExceededException": trouble = .throttled
      case "ExpiredIteratorException": trouble = .expired
      default: if isOpening, status == 400 { trouble = .badStart }
      }
    }
    if trouble == .throttled { reading.throttledCalls += 1 } else { reading.failedCalls += 1 }
    schedule.failed(trouble, shard: shard, now: now)
  }

  /// Why a reading that made no headway was ended: which shards it lacks and how far each was read.
  var stall: String {
    let unread = schedule.unreadShards
    let named = unread.prefix(Self.mostNamed).map { shard, standing in
      let why =
        switch standing {
        case .notBegun: "its turn did not come"
        case .waitsForParents: "its parents come first"
        case .empty: "it has more and answers without records"
        case .throttled(let times): "throttled \(times) times in a row"
        case .failing(let times): "failed \(times) times in a row"
        }
      let count = counts[shard]
      return "\(schedule.id(of: shard)) after \(count) \(count == 1 ? "record" : "records"), \(why)"
    }
    let seconds = ReadPolicy.longestStall.value / 1_000_000_000
    var text =
      "no record and no shard's end came for \(seconds) s, with \(unread.count) of \(counts.count) shards not read "
      + "to their ends: \(named.joined(separator: "; "))"
    if unread.count > named.count { text += "; and \(unread.count - named.count) more" }
    if let lastFailure, unread.contains(where: \.standing.isTrouble) { text += "; the last failure: \(lastFailure)" }
    return text
  }
}
