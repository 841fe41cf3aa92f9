import Kinesis
import Measurement
import Observations
import Scenarios

/// Reads a run's stream back and says what became of each record: every shard from the run's start to its end, parents
/// before their children, one call at a time over the connection of `Calls`.
package struct ReadBack<Calls: ControlCalls> {
  private let control: StreamControl<Calls>
  private let calls: Calls
  private let manner: ReadBackManner
  private let clock: any MonotonicClock

  /// A reader of one stream.
  ///
  /// - Parameter arn: names the stream in requests in place of its name.
  package init(
    calls: Calls, stream: String, arn: StreamARN? = nil, manner: ReadBackManner, clock: any MonotonicClock
  ) {
    control = StreamControl(calls: calls, stream: stream, arn: arn)
    self.calls = calls
    self.manner = manner
    self.clock = clock
  }

  /// Reads and judges.
  ///
  /// - Parameters:
  ///   - plan: the run's, of a scenario with `records.identity`.
  ///   - outcomes: what the run knows of its records.
  ///   - keys: how keys are called in examples.
  ///   - start: when the run began.
  ///   - progress: told now and then how many records were read.
  /// - Returns: the result without run and time; not complete when the target stopped answering, or nothing came forward
  ///   for `ReadBackManner.longestStall`: that is seen between calls, so one that waits may run into its own timeout first.
  /// - Throws: when not even the shards can be listed.
  package func run(
    plan: Plan, outcomes: RunOutcomes, keys: KeyNames, start: WallTime, progress: (Int) -> Void = { _ in }
  ) throws(StreamControlFailure) -> Verification {
    let began = clock.now()
    let from = (start.microsecondsSinceEpoch - manner.clockTolerance.value / 1_000) / 1_000
    let ledger = ReadBackLedger(plan: plan, outcomes: outcomes, keys: keys, notBefore: from)
    var schedule = ReadSchedule(start: .time(milliseconds: from), interval: manner.interval, now: clock.now())
    for shard in schedule.add(try control.lineage()) { ledger.addShard(shard.id, parents: shard.parents) }
    var scanner = GetRecordsScanner()
    var reading = VerificationReading()
    var lastFailure: StreamControlFailure?
    var giveUp: Instant?
    var problem: String?
    steps: while true {
      if calls.isInterrupted {
        problem = "interrupted after \(ledger.totals.read) records"
        break
      }
      switch schedule.next(now: clock.now()) {
      case .open(let shard, let place):
        do {
          schedule.opened(shard, iterator: try control.iterator(ofShard: schedule.id(of: shard), from: place))
        } catch {
          lastFailure = error
          note(error, isOpening: true, shard, &schedule, &reading)
        }
      case .read(let shard, let iterator):
        do {
          try read(shard, iterator, ledger, &scanner, &schedule, &reading)
          progress(ledger.totals.read)
        } catch {
          lastFailure = error
          note(error, isOpening: false, shard, &schedule, &reading)
        }
      case .wait(let instant):
        calls.pause(milliseconds: Int(max(1, (instant - clock.now()).value / 1_000_000)))
      case .failed(let shard):
        let why = lastFailure.map { "\($0)" } ?? "its parents never end"
        problem = "\(schedule.id(of: shard)) could not be read to its end: \(why)"
        break steps
      case .stalled:
        problem = stall(schedule, ledger, lastFailure)
        break steps
      case .done:
        let now = clock.now()
        let end = giveUp ?? now + manner.patience
        giveUp = end
        guard ledger.isAnythingMissing, now < end else { break steps }
        // What is missing may be on its way, or on shards made since the list was asked for.
        if let listed = try? control.lineage() {
          for shard in schedule.add(listed) { ledger.addShard(shard.id, parents: shard.parents) }
        }
        schedule.lookAgain(after: min(end, now + .milliseconds(250)))
      }
    }
    reading.seconds = (clock.now() - began).seconds
    var result = ledger.finish(problem: problem)
    result.reading = reading
    return result
  }

  /// Shards of which a stalled reading says how far they were read.
  private static var mostNamed: Int { 3 }

  /// Why a reading that made no headway was ended: which shards it lacks and how far each was read.
  private func stall(_ schedule: ReadSchedule, _ ledger: ReadBackLedger, _ failure: StreamControlFailure?) -> String {
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
      let count = ledger.shards[shard].read
      return "\(schedule.id(of: shard)) after \(count) \(count == 1 ? "record" : "records"), \(why)"
    }
    let seconds = ReadBackManner.longestStall.value / 1_000_000_000
    var text =
      "no record and no shard's end came for \(seconds) s, with \(unread.count) of \(ledger.shards.count) shards not read "
      + "to their ends: \(named.joined(separator: "; "))"
    if unread.count > named.count { text += "; and \(unread.count - named.count) more" }
    if let failure, unread.contains(where: \.standing.isTrouble) { text += "; the last failure: \(failure)" }
    return text
  }

  private func read(
    _ shard: Int, _ iterator: String, _ ledger: ReadBackLedger, _ scanner: inout GetRecordsScanner,
    _ schedule: inout ReadSchedule, _ reading: inout VerificationReading
  ) throws(StreamControlFailure) {
    let body = try control.records(at: iterator)
    let place = body.withUnsafeBytes { body in
      scanner.scan(body) { ledger.take($0, shard: shard) }
    }
    guard let place else {
      throw .garbage(operation: "GetRecords", status: 200, detail: "\(body.count) bytes that are no such answer")
    }
    reading.calls += 1
    reading.bytes += body.count
    // Without a word on how far behind it is, an answer without records is taken for the end.
    let isBehind = place.millisecondsBehind.map { $0 > 0 } ?? (place.lastSequence != nil)
    schedule.read(
      shard, last: place.lastSequence, nextIterator: place.nextIterator, isBehind: isBehind, now: clock.now())
  }

  private func note(
    _ failure: StreamControlFailure, isOpening: Bool, _ shard: Int, _ schedule: inout ReadSchedule,
    _ reading: inout VerificationReading
  ) {
    var trouble = ReadSchedule.Trouble.failed
    if case .refused(_, let status, let code, _) = failure {
      switch code {
      case "ProvisionedThroughputExceededException", "LimitExceededException": trouble = .throttled
      case "ExpiredIteratorException": trouble = .expired
      default: if isOpening, status == 400 { trouble = .badStart }
      }
    }
    if trouble == .throttled { reading.throttledCalls += 1 } else { reading.failedCalls += 1 }
    schedule.met(trouble, shard: shard, now: clock.now())
  }
}
