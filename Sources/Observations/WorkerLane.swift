import Kinesis
import Measurement

/// One worker's own results: no locks, and no allocation per request once the second and its shapes have been seen.
///
/// A lane belongs to one worker while the run goes on. Once a second it hands finished slices over; at the end it hands
/// over itself.
package final class WorkerLane: @unchecked Sendable {
  // Sendable because ownership moves as a whole: the worker's queue uses it until the run's group is left, the collector
  // afterwards.

  /// The shape agreed on before the run.
  package let layout: RunLayout
  /// The error codes met so far; the driver interns each answer's codes here.
  package var codes = ErrorCodes()
  /// Takes secrets out of the target's codes and messages, before anything is cut.
  package var mask: @Sendable (String) -> String = { $0 } {
    didSet { codes.mask = mask }
  }
  /// Accepted sequence numbers that did not rise on their shard although their requests did not overlap.
  package var sequenceViolations = 0
  /// Records that were cut to what the stream takes in one.
  package var clampedRecords = 0
  /// Accepted records on another shard than predicted.
  package var shardMismatches = 0

  /// First tries per key of measured phases, where keys are not counted one by one in each second's slice.
  @exclusivity(unchecked) private var sketch: KeySketch
  /// How many keys are counted one by one; `nil` where they are not.
  private let countedKeys: Int?

  /// What became of each record; `nil` when nobody will ask.
  package let outcomes: LaneOutcomes?

  /// Room for the ages of a request's records.
  var ages = UnsafeMutableBufferPointer<Int64>.allocate(capacity: 0)
  @exclusivity(unchecked) private var shardCount: Int
  private let isMeasured: [Bool]
  /// Where the phases end, nanoseconds since the run's start.
  private let phaseEnds: [Int64]
  /// When the run stopped sending before its plan was done: no phase runs from then on.
  @exclusivity(unchecked) private var stoppedAt = Int64.max
  private var slices: [SecondSlice] = []
  private var health: [HealthSecond] = []
  /// Seconds before this one have been handed over.
  private var openFrom = Int.min
  /// Response times per shard of measured phases, by bin and phase; those that may still change.
  private var responses: [ShardResponses] = []
  /// Kinds of failures of which a message was kept, and the messages that were not handed over yet.
  private var knownMessages = ErrorTable()
  private var freshMessages = ErrorTable()
  private var reportedChecks = LaneChecks()
  /// The second of the next snapshot of the keys.
  private var nextKeys: Int
  /// Where a slice's error table keeps the kind of record errors met last, so that a throttled batch looks it up once.
  private var lastError: (slice: SecondSlice?, code: UInt16, status: UInt16, index: Int) = (nil, 0, 0, 0)

  /// An empty lane. Memory: 4 bytes a key up to a million keys and 72 bytes a shard for each second still open.
  ///
  /// - Parameter outcomes: where each record's fate is kept, at a quarter of a byte a record, when the stream is to be
  ///   verified.
  package init(layout: RunLayout, outcomes: LaneOutcomes? = nil) {
    self.layout = layout
    self.outcomes = outcomes
    shardCount = layout.shards.count
    isMeasured = layout.phases.map(\.isMeasured)
    phaseEnds = layout.phases.map(\.end.value)
    countedKeys = layout.countsKeysExactly ? layout.keyCount.map { Int($0) } : nil
    sketch = KeySketch(capacity: layout.countsKeysExactly ? 0 : KeySketch.defaultCapacity)
    nextKeys = layout.second(of: 0) + 1
  }

  deinit { ages.deallocate() }

  /// Takes in shards that were not there at the start: indices below `count` have their place from now on. O(shards).
  package func makeRoom(forShards count: Int) {
    guard count > shardCount else { return }
    shardCount = count
    for slice in slices { slice.makeRoom(forShards: count) }
    for bin in responses { bin.histograms.makeRoom(forShards: count) }
  }

  /// Tells that nothing is sent any more that comes due from an instant on; the first call counts.
  ///
  /// - Parameter instant: nanoseconds since the run's start.
  package func stop(at instant: Int64) { stoppedAt = min(stoppedAt, instant) }

  /// Takes a request with the tries of all its records. O(records).
  ///
  /// Its records' tries are attempted in the second in which its first byte was written (when none was: in which it failed),
  /// and have their outcomes, as it has itself, in the one in which these were known; each in the phase that ran then. A
  /// second already handed over is not opened again: what belongs to it counts for the oldest open one.
  package func observe(_ request: RequestObservation, records: UnsafeMutableBufferPointer<RecordObservation>) {
    let begun = request.firstByte ?? request.ended
    let start = moment(of: begun)
    let end = moment(of: request.ended)
    let sent = slice(at: start, of: Int(request.phase))
    let answered = start == end ? sent : slice(at: end, of: Int(request.phase))
    count(request, sent: sent, answered: answered)
    noteRequestError(request, in: answered)
    outcomes?.note(records)

    // Runs of records of one phase: nearly always one.
    var first = 0
    while first < records.count {
      let phase = records[first].planned.phase
      var next = first + 1
      while next < records.count, records[next].planned.phase == phase { next += 1 }
      let run = UnsafeMutableBufferPointer(rebasing: records[first..<next])
      first = next
      let isOwn = phase == request.phase
      let (began, ended) =
        isOwn ? (sent, answered) : (slice(at: start, of: Int(phase)), slice(at: end, of: Int(phase)))
      count(keysOf: run, in: began)
      countTries(run, of: request, sent: began, answered: ended)
    }
  }

  private func count(keysOf records: UnsafeMutableBufferPointer<RecordObservation>, in slice: SecondSlice) {
    if let countedKeys {
      slice.countKeys(records, of: countedKeys)
    } else if slice.isMeasured {
      for record in records where record.attempt == 1 { sketch.count(record.planned.key) }
    }
  }

  /// A second and the phase that ran then; in one second there may be several.
  private struct Moment: Equatable {
    let second: Int
    let phase: Int
  }

  /// Where an instant belongs.
  private func moment(of instant: Int64) -> Moment {
    Moment(second: max(layout.second(of: instant), openFrom), phase: phase(at: instant))
  }

  /// The phase that an instant falls into; one past the last after their end, or a stop.
  private func phase(at instant: Int64) -> Int {
    guard instant < stoppedAt else { return phaseEnds.count }
    var index = 0
    while index < phaseEnds.count, instant >= phaseEnds[index] { index += 1 }
    return index
  }

  /// Takes the end of records that ended without a try at this moment: skipped before their first, expired or unfinished
  /// while they waited. Their `attempt` is the number of tries they had.
  ///
  /// - Parameter at: when, in nanoseconds since the run's start.
  package func end(_ records: UnsafeMutableBufferPointer<RecordObservation>, at instant: Int64) {
    let moment = moment(of: instant)
    for record in records {
      let slice = slice(at: moment, of: Int(record.planned.phase))
      slice.counts.delivery.count(record.end)
      if record.attempt == 0 {
        slice.counts.delivery.untried += 1
        // Nobody will ever know its response time, but it is at least its age: left out, it would flatter the tail.
        if record.end == .unfinished {
          slice.distributions.pointee.deliveryTimes.lost.record(instant - record.planned.due)
        }
      }
    }
  }

  /// Takes the end of many records of one phase that no batch was made of, all of about one age.
  ///
  /// - Parameters:
  ///   - age: of one of them, in nanoseconds; the others have the same place in a histogram.
  ///   - at: when, in nanoseconds since the run's start.
  package func endUntried(_ count: Int, of phase: Int, as end: RecordEnd, age: Int64, at instant: Int64) {
    guard count > 0 else { return }
    let slice = slice(at: moment(of: instant), of: phase)
    slice.counts.delivery.count(end, count)
    slice.counts.delivery.untried += count
    if end == .unfinished { slice.distributions.pointee.deliveryTimes.lost.record(age, count: Int64(count)) }
  }

  /// Keeps a message of the target for `errors.csv`, unless that kind of failure has one; account ids are masked.
  ///
  /// - Parameter message: asked for only when it is wanted.
  package func note(
    level: ErrorTable.Level, code: UInt16, status: UInt16, phase: UInt16, message: () -> String
  ) {
    let name = codes.names[Int(code)]
    let isMeasured = isMeasured[Int(phase)]
    guard !knownMessages.hasMessage(level: level, code: name, status: status, isMeasured: isMeasured) else { return }
    var text = mask(message())
    let clean = text.withUTF8 { ErrorTable.masked(UnsafeRawBufferPointer($0)) }
    knownMessages.note(clean, level: level, code: name, status: status, isMeasured: isMeasured)
    freshMessages.note(clean, level: level, code: name, status: status, isMeasured: isMeasured)
  }

  /// Takes note of how the worker fared between two instants; call it as often as convenient, at best several times a
  /// second. An interval over several seconds, in which the worker was kept from telling, is known of each of them.
  ///
  /// - Parameters:
  ///   - from: the end of the last interval, nanoseconds since the run's start.
  ///   - to: now, at or after `from`.
  ///   - inFlight: the most requests on the wire or waiting for a connection in it.
  ///   - busy: how long the worker was busy in it; evenly, as far as is known.
  ///   - isCapped: whether the cap on requests in flight held the worker back in it.
  ///   - unsent: records due and not yet sent for the first time, now.
  ///   - sendBufferFull: requests in it whose bytes the kernel did not take at once.
  ///   - starved: how long the worker was ready to run in it and was not run.
  package func note(
    from start: Int64, to end: Int64, inFlight: Int, busy: Nanoseconds, isCapped: Bool, unsent: Int,
    sendBufferFull: Int, starved: Nanoseconds = .zero
  ) {
    let length = Double(max(end - start, 1))
    let last = max(layout.second(of: max(end - 1, start)), openFrom)
    let first = min(max(layout.second(of: start), openFrom), last)
    for second in first...last {
      let partStart = second == first ? start : layout.start(ofSecond: second)
      let partEnd = second == last ? end : layout.start(ofSecond: second + 1)
      let share = first == last ? 1 : Double(partEnd - partStart) / length
      let position = healthPosition(of: second)
      health[position].busy += Int64(Double(busy.value) * share)
      health[position].starved += Int64(Double(starved.value) * share)
      // A note comes a little after a second's end: that sliver of the next one says nothing about it.
      guard share >= Self.tellingShare else { continue }
      health[position].inFlightMax = max(health[position].inFlightMax, inFlight)
      health[position].isCapped = health[position].isCapped || isCapped
      health[position].unsent = unsent
    }
    health[healthPosition(of: max(layout.second(of: start + (end - start) / 2), openFrom))].sendBufferFull +=
      sendBufferFull
  }

  /// Takes note of a time in which the worker did not run although something was due, in each of its seconds.
  ///
  /// - Parameter stop: nanoseconds since the run's start.
  package func note(stop: Range<Int64>) {
    let last = max(layout.second(of: max(stop.upperBound - 1, stop.lowerBound)), openFrom)
    let first = min(max(layout.second(of: stop.lowerBound), openFrom), last)
    for second in first...last {
      let start = second == first ? stop.lowerBound : layout.start(ofSecond: second)
      let end = second == last ? stop.upperBound : layout.start(ofSecond: second + 1)
      health[healthPosition(of: second)].stopped += end - start
    }
  }

  /// Less than this part of an interval in a second is a note that came late.
  private static let tellingShare = 0.125

  private func healthPosition(of second: Int) -> Int {
    if let position = health.lastIndex(where: { $0.second == second }) { return position }
    health.append(HealthSecond(second: second))
    return health.count - 1
  }

  /// Takes a connection that was made; those of before the start count for the first second.
  ///
  /// - Parameter at: when it was ready, in nanoseconds since the run's start.
  package func observe(_ connection: ConnectionObservation, at instant: Int64) {
    health[healthPosition(of: max(layout.second(of: max(0, instant)), openFrom))].take(connection)
  }

  /// Hands over every second before the one given, and what is known of those before now.
  ///
  /// - Parameters:
  ///   - second: the second of now, or of the oldest request without an outcome if that is older. It never falls.
  ///   - now: the second of now, up to which everything is handed over that has happened; what the outcomes of older
  ///     requests add to it later comes with them.
  package func finishedSlices(before second: Int, now: Int = .min) -> FinishedSeconds {
    openFrom = max(openFrom, second)
    let reported = max(openFrom, now)
    var finished = FinishedSeconds(
      slices: slices.filter { $0.second < reported }, health: health.filter { $0.second < reported },
      completeBefore: openFrom, reportedBefore: reported)
    slices.removeAll { $0.second < reported }
    health.removeAll { $0.second < reported }
    let bin = openFrom == .max ? .max : RunLayout.bin(of: openFrom, seconds: layout.responseBinSeconds)
    finished.responses = responses.filter { $0.bin < bin }
    responses.removeAll { $0.bin < bin }
    swap(&finished.messages, &freshMessages)
    finished.checks = checks(since: reportedChecks)
    reportedChecks.add(finished.checks)
    if countedKeys == nil { finished.sketch = sketchSnapshot() }
    return finished
  }

  private func checks(since reported: LaneChecks) -> LaneChecks {
    var checks = LaneChecks()
    checks.sequenceViolations = sequenceViolations - reported.sequenceViolations
    checks.clampedRecords = clampedRecords - reported.clampedRecords
    checks.shardMismatches = shardMismatches - reported.shardMismatches
    return checks
  }

  /// The sketch as a whole after 1, 2, 4 … seconds, then each hour, and at the end.
  private func sketchSnapshot() -> (second: Int, counts: KeySketch)? {
    if openFrom == .max { return (.max, sketch) }
    guard let second = layout.snapshot(of: &nextKeys, at: openFrom) else { return nil }
    return (second, sketch)
  }

  /// The same for the second an instant belongs to.
  ///
  /// - Parameters:
  ///   - instant: when the oldest request without an outcome wrote its first byte, or now; nanoseconds since the run's
  ///     start.
  ///   - now: the present instant.
  package func finishedSlices(beforeSecondOf instant: Int64, now: Int64) -> FinishedSeconds {
    finishedSlices(before: layout.second(of: instant), now: layout.second(of: now))
  }

  /// Where things of a phase's records count.
  private func slice(at moment: Moment, of cohort: Int) -> SecondSlice {
    // The newest is nearly always the one; there are as many as seconds are open.
    let phases = PhasePair(cohort: cohort, clock: moment.phase)
    var index = slices.count - 1
    while index >= 0 {
      if slices[index].second == moment.second, slices[index].phases == phases { return slices[index] }
      index -= 1
    }
    let slice = SecondSlice(
      second: moment.second, phases: phases, isMeasured: isMeasured[cohort], shardCount: shardCount,
      responses: isMeasured[cohort] ? responses(second: moment.second, phase: cohort) : nil)
    slices.append(slice)
    return slice
  }

  /// Where response times per shard of a phase are kept in a second.
  private func responses(second: Int, phase: Int) -> ShardHistograms {
    let bin = RunLayout.bin(of: second, seconds: layout.responseBinSeconds)
    if let known = responses.last(where: { $0.bin == bin && $0.phase == phase }) { return known.histograms }
    let histograms = ShardHistograms(shardCount: shardCount)
    responses.append(ShardResponses(bin: bin, phase: phase, histograms: histograms))
    return histograms
  }

  private func count(_ request: RequestObservation, sent: SecondSlice, answered: SecondSlice) {
    sent.counts.traffic.bytesOnWire += request.bytesOnWire
    answered.counts.traffic.count(request)
    sent.distributions.pointee.deliveryTimes.lateness.record(request.lateness)
    guard let firstByte = request.firstByte else { return }
    sent.distributions.pointee.deliveryTimes.queue.record(firstByte - request.closed)
    guard let lastByte = request.lastByte, request.outcome != .transport else { return }
    switch request.outcome {
    case .allAccepted: answered.distributions.pointee.serviceTimes.accepted.record(lastByte - firstByte)
    case .partial: answered.distributions.pointee.serviceTimes.partial.record(lastByte - firstByte)
    default: answered.distributions.pointee.serviceTimes.refused.record(lastByte - firstByte)
    }
  }

  private func noteRequestError(_ request: RequestObservation, in slice: SecondSlice) {
    guard request.errorCode != ErrorCodes.none else { return }
    let index = slice.errors.index(
      level: request.outcome == .transport ? .transport : .request, code: codes.names[Int(request.errorCode)],
      status: request.status, isMeasured: slice.isMeasured, second: slice.second)
    slice.errors.count(index, second: slice.second, shard: -1)
  }

  /// Counts one try: its beginning where it was sent, the rest where it had its outcome, as far as it is not a sum over the
  /// request, which `tally` takes.
  @inline(__always)
  func count(
    _ record: RecordObservation, status: UInt16, ended: Int64, sent: SecondSlice, answered: SecondSlice,
    tally: inout RunCounts
  ) {
    let bytes = record.planned.bytes
    let shard = Int(record.shard)
    let isFirst = record.attempt == 1
    let shards = answered.shards
    let latencies = answered.distributions
    sent.counts.traffic.countAttempts(1, firstTries: isFirst ? 1 : 0, bytes: bytes)
    let isListed = shard >= 0 && shard < shardCount
    if isListed {
      sent.shards[shard].attempted += 1
      sent.shards[shard].attemptedBytes += bytes
      if isFirst { sent.shards[shard].firstTries += 1 }
      if record.isPlacedByPrediction { shards[shard].placedByPrediction += 1 }
    }
    let age = ended - record.planned.due
    switch record.outcome {
    case .accepted:
      tally.traffic.accepted += 1
      tally.traffic.acceptedBytes += bytes
      if record.mayBeDuplicate { tally.delivery.mayBeDuplicates += 1 }
      if isListed { shards[shard].countAcceptance(bytes: bytes) }
      if isFirst {
        latencies.pointee.deliveryTimes.accepted.record(age)
        if isListed { answered.responses?.record(age, shard: shard) }
      } else {
        latencies.pointee.deliveryTimes.acceptedLater.record(age)
      }
    case .throttled:
      tally.traffic.throttled += 1
      if isListed { shards[shard].throttled += 1 } else { tally.traffic.throttledUnplaced += 1 }
      if isFirst { latencies.pointee.deliveryTimes.throttled.record(age) }
    case .fault:
      tally.traffic.fault += 1
      if isListed { shards[shard].fault += 1 }
      if isFirst { latencies.pointee.deliveryTimes.refused.record(age) }
    case .unknown:
      tally.traffic.unknown += 1
      if isListed { shards[shard].unknown += 1 }
      if isFirst {
        latencies.pointee.deliveryTimes.lost.record(age)
        if isListed { answered.responses?.record(age, shard: shard) }
      }
    }
    if record.end != .none, record.end != .accepted { tally.delivery.count(record.end) }
    if record.code != ErrorCodes.none {
      let index = recordErrorIndex(record.code, status: status, in: answered)
      answered.errors.count(index, second: answered.second, shard: isListed ? shard : -1)
    }
  }

  private func recordErrorIndex(_ code: UInt16, status: UInt16, in slice: SecondSlice) -> Int {
    if lastError.slice === slice, lastError.code == code, lastError.status == status { return lastError.index }
    let index = slice.errors.index(
      level: .record, code: codes.names[Int(code)], status: status, isMeasured: slice.isMeasured, second: slice.second)
    lastError = (slice, code, status, index)
    return index
  }
}

extension WorkerLane {
  /// Counts the tries of one phase's records.
  ///
  /// Records accepted at their first try, on a shard that the answer named, are nearly all of them: what they have in
  /// common is added up aside, and their ages are gathered and recorded together.
  func countTries(
    _ records: UnsafeMutableBufferPointer<RecordObservation>, of request: RequestObservation, sent: SecondSlice,
    answered: SecondSlice
  ) {
    if ages.count < records.count {
      ages.deallocate()
      ages = .allocate(capacity: records.count)
    }
    let (ages, ended, responses) = (ages, request.ended, answered.responses)
    let (sentShards, shards) = (sent.shards, answered.shards)
    var tally = RunCounts()
    var plain = 0
    var plainBytes = 0
    for index in records.indices {
      let shard = Int(records[index].shard)
      guard records[index].isPlainSuccess, shard >= 0, shard < shards.count else {
        count(records[index], status: request.status, ended: ended, sent: sent, answered: answered, tally: &tally)
        continue
      }
      let bytes = Int(records[index].planned.dataBytes) &+ Int(records[index].planned.keyBytes)
      let age = ended &- records[index].planned.due
      ages[plain] = age
      plain &+= 1
      plainBytes &+= bytes
      sentShards[shard].countFirstTry(bytes: bytes)
      shards[shard].countAcceptance(bytes: bytes)
      responses?.record(age, shard: shard)
    }
    answered.distributions.pointee.deliveryTimes.accepted.record(UnsafeBufferPointer(rebasing: ages[0..<plain]))
    sent.counts.traffic.countAttempts(plain, firstTries: plain, bytes: plainBytes)
    tally.traffic.accepted += plain
    tally.traffic.acceptedBytes += plainBytes
    answered.counts.add(tally)
  }
}
