import Kinesis
import Observations
import Producers
import StreamAccess

/// What became of requests and of each of their records.
extension WorkerEngine {
  /// A slot's request was answered.
  ///
  /// - Parameters:
  ///   - status: the HTTP status.
  ///   - body: the answer's body, valid during the call.
  ///   - firstByte: when the request's first byte was written.
  ///   - lastByte: when the answer's last byte was read.
  ///   - keepsAlive: whether the connection can carry another request.
  package func answered(
    _ slot: Int, status: Int, body: UnsafeRawBufferPointer, firstByte: Int64, lastByte: Int64, keepsAlive: Bool
  ) {
    guard let request = slots.unload(slot) else { return }
    slots.answered(slot)
    lastAnswer = lastByte
    let stamps = RequestStamps(firstByte: firstByte, lastByte: lastByte, ended: lastByte)
    if status == 200 {
      readResults(of: request, body: body, stamps: stamps)
    } else {
      readRefusal(of: request, status: status, body: body, stamps: stamps)
    }
    producers.recycle(request.batch)
    if keepsAlive {
      slots.rest(slot)
    } else {
      channels.close(slot)
      slots.reopen(slot, now: lastByte)
    }
  }

  /// A slot's connection failed; its request, if it carried one, failed whole.
  package func failed(_ slot: Int, code: String, firstByte: Int64?, mayHaveBeenReceived: Bool, now: Int64) {
    if let request = slots.unload(slot) {
      lose(request, code: code, firstByte: firstByte, mayHaveBeenReceived: mayHaveBeenReceived, now: now)
    }
    slots.failed(slot, now: now)
  }

  /// An answer with status 200: one outcome for each record, or a request that failed whole.
  func readResults(of request: SlotRequest, body: UnsafeRawBufferPointer, stamps: RequestStamps) {
    let batch = request.batch
    var scan = scanner.scan(body, map: map, into: results)
    if case .records(let tally) = scan, tally.onUnknownShards > 0, learnShards(from: body) {
      scan = scanner.scan(body, map: map, into: results)
    }
    guard case .records(let tally) = scan, tally.count == batch.count else {
      let isMalformed = if case .malformed = scan { true } else { false }
      let code = lane.codes.number(of: isMalformed ? "malformed-answer" : "record-count-mismatch")
      fail(batch, outcome: .unknown, code: code, now: stamps.ended)
      report(request, .transport, status: 200, code: code, stamps: stamps)
      lane.note(level: .transport, code: code, status: 200, phase: UInt16(batch.phase)) {
        Self.glimpse(of: body)
      }
      return
    }
    let records = batch.records
    let results = results
    var mismatches = 0
    lookup.assign(records)
    sequences.begin(sent: stamps.firstByte ?? stamps.ended)
    for index in records.indices {
      let result = results[index]
      if records[index].takeShard(result.shard) { mismatches += 1 }
      switch result.code {
      case .accepted:
        records[index].outcome = .accepted
        records[index].end = .accepted
        if result.shard >= 0, result.sequenceLength > 0 {
          let start = Int(result.sequenceOffset)
          let text = UnsafeRawBufferPointer(rebasing: body[start..<start + Int(result.sequenceLength)])
          if sequences.note(shard: Int(result.shard), text) { lane.sequenceViolations += 1 }
        }
        continue
      case .throttled:
        records[index].outcome = .throttled
        records[index].code = ErrorCodes.throttled
      case .internalFailure:
        records[index].outcome = .fault
        records[index].code = ErrorCodes.internalFailure
      case .other:
        records[index].outcome = .fault
        let start = Int(result.sequenceOffset)
        let code = body[start..<start + Int(result.sequenceLength)]
        records[index].code = otherCode(UnsafeRawBufferPointer(rebasing: code))
      }
    }
    if tally.accepted < tally.count { producers.settle(batch, at: stamps.ended) }
    if mismatches > 0 {
      lane.shardMismatches += mismatches
      shards.noteSurprise()
    }
    sequences.end(answered: stamps.ended, oldestSent: oldestOutstanding(stamps.ended))
    let outcome: RequestOutcome =
      tally.accepted == tally.count
      ? .allAccepted : tally.accepted > 0 ? .partial : tally.throttled == tally.count ? .allThrottled : .refused
    report(request, outcome, status: 200, code: ErrorCodes.none, stamps: stamps)
    if tally.accepted < tally.count { noteMessages(tally, of: batch, body: body) }
  }

  /// The number of a code that is neither throttling nor `InternalFailure`; an entry with neither code nor sequence number
  /// has none.
  private func otherCode(_ code: UnsafeRawBufferPointer) -> UInt16 {
    code.isEmpty ? lane.codes.number(of: "no-code") : lane.codes.number(of: code)
  }

  /// Keeps one message for each kind of record failure in an answer.
  private func noteMessages(
    _ tally: RecordTally, of batch: RecordBatch, body: UnsafeRawBufferPointer
  ) {
    func note(_ code: UInt16, _ message: Range<Int>) {
      guard !message.isEmpty else { return }
      lane.note(level: .record, code: code, status: 200, phase: UInt16(batch.phase)) {
        PutRecordsResponseScanner.string(message, of: body)
      }
    }
    note(ErrorCodes.throttled, tally.throttledMessage)
    note(ErrorCodes.internalFailure, tally.internalFailureMessage)
    if !tally.firstOtherMessage.isEmpty {
      note(otherCode(UnsafeRawBufferPointer(rebasing: body[tally.firstOtherCode])), tally.firstOtherMessage)
    }
  }

  /// The first bytes of an answer that was not understood, for the one who has to find out who sent it.
  private static func glimpse(of body: UnsafeRawBufferPointer) -> String {
    // More than is kept: it is masked before it is cut.
    String(decoding: body.prefix(16 * ErrorTable.maximumMessageBytes), as: UTF8.self)
  }

  /// An answer with another status: a whole-request throttle counts as throttled, the rest as fault.
  func readRefusal(
    of request: SlotRequest, status: Int, body: UnsafeRawBufferPointer, stamps: RequestStamps
  ) {
    let batch = request.batch
    let error = ServiceError.parse(body)
    let number = lane.codes.number(of: error?.code ?? "http-\(status)")
    let isThrottle = status == 400 && number == ErrorCodes.throttled
    fail(batch, outcome: isThrottle ? .throttled : .fault, code: number, now: stamps.ended)
    report(request, .refused, status: status, code: number, stamps: stamps)
    lane.note(
      level: .request, code: number, status: UInt16(clamping: status), phase: UInt16(batch.phase)
    ) { error?.message ?? Self.glimpse(of: body) }
  }

  /// A request without an answer.
  func lose(
    _ request: SlotRequest, code: String, firstByte: Int64?, mayHaveBeenReceived: Bool, now: Int64
  ) {
    let number = lane.codes.number(of: code)
    fail(request.batch, outcome: mayHaveBeenReceived ? .unknown : .fault, code: number, now: now)
    report(
      request, .transport, status: 0, code: number,
      stamps: RequestStamps(firstByte: firstByte, lastByte: nil, ended: now))
    producers.recycle(request.batch)
  }

  func fail(_ batch: RecordBatch, outcome: AttemptOutcome, code: UInt16, now: Int64) {
    lookup.assign(batch.records)
    for index in 0..<batch.count {
      _ = batch.storage[index].takeShard(RecordResult.notNamed)
      batch.storage[index].outcome = outcome
      batch.storage[index].code = code
    }
    producers.settle(batch, at: now)
  }

  func report(
    _ request: SlotRequest, _ outcome: RequestOutcome, status: Int, code: UInt16, stamps: RequestStamps
  ) {
    let batch = request.batch
    var observation = RequestObservation(
      phase: UInt16(batch.phase), plannedClose: batch.plannedClose, closed: batch.closed, lateness: batch.lateness)
    observation.encoded = request.sent ?? batch.closed
    observation.firstByte = stamps.firstByte
    observation.lastByte = stamps.lastByte
    observation.ended = stamps.ended
    observation.status = UInt16(clamping: status)
    observation.outcome = outcome
    observation.errorCode = code
    observation.bytesOnWire = request.bytesOnWire
    observation.isOnReusedConnection = request.isOnReusedConnection
    lane.observe(observation, records: batch.records)
  }
}
