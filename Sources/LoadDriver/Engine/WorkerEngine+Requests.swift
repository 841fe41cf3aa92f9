import Kinesis
import RunResults
import Scenarios

/// Batches onto connections: which slot carries what, connecting and reconnecting, time-outs.
extension WorkerEngine {
  /// A slot's connection is up.
  package func channelOpened(_ slot: Int, now: Int64) {
    openedAt[slot] = now
    hasAnswered[slot] = false
    deadlines.remove(slot: slot)
    if let batch = carried[slot] {
      if dropExpired(from: batch, now: now, wasBegun: true) {
        send(batch, on: slot, now: now)
        return
      }
      carried[slot] = nil
      onWire -= 1
      recycle(batch)
    }
    rest(slot)
  }

  /// Lists a connected slot as free, once.
  func rest(_ slot: Int) {
    slots[slot] = .idle
    if isListed[slot] { return }
    isListed[slot] = true
    idle.append(slot)
  }

  /// A slot's connection was closed by the target while it carried nothing, and is opened again. That is no failure, unless
  /// the target closes connections as fast as they are made: only one that has brought an answer, or has stood for a while,
  /// is opened again at once.
  package func channelClosed(_ slot: Int, now: Int64) {
    guard carried[slot] == nil else { return }
    let wasSound = hasAnswered[slot] || now - openedAt[slot] >= Self.soundLifetime
    failures[slot] = wasSound ? 0 : failures[slot] + 1
    reopen(slot, now: now)
  }

  func reopen(_ slot: Int, now: Int64) {
    slots[slot] = .closed
    let delay = Self.reconnectDelay(failures: failures[slot])
    reopenAt[slot] = now + delay
    reopening.push(slot, priority: reopenAt[slot], tieBreak: slot)
  }

  /// How long an unused connection stands before its end is no failure, nanoseconds: longer than a refusal takes, and
  /// shorter than servers let idle connections stand.
  static var soundLifetime: Int64 { 250_000_000 }

  /// Wait before a connection is tried again: none after a clean close, then 50 ms doubled up to 2 s. Only an answer sets
  /// the failures back to none: a target that accepts connections and then drops them is not there either.
  static func reconnectDelay(failures: Int) -> Int64 {
    failures == 0 ? 0 : min(2_000_000_000, 50_000_000 << Int64(min(failures - 1, 10)))
  }

  func dispatch(_ batch: PreparedBatch, now: Int64) {
    guard dropExpired(from: batch, now: now, wasBegun: false) else {
      recycle(batch)
      return
    }
    if let budget, !budget.take(records: batch.count, bytes: batch.bytes) {
      isBudgetSpent = true
      endUntried(batch.records, as: .unfinished, at: now)
      recycle(batch)
      return
    }
    requestNumber += 1
    batch.number = requestNumber
    lane.clampedRecords += batch.clamped
    if batch.producer >= 0, !batch.isClosedLoop { begun += batch.count }
    batch.waitDeadline = now + limits.timeout
    batch.encoded = now
    batch.firstByte = nil
    batch.bytesOnWire = 0
    if let slot = freeSlot(now) {
      attach(batch, to: slot, now: now)
    } else {
      waiting.append(batch)
    }
    inFlightMax = max(inFlightMax, inFlight)
  }

  func sendWaiting(_ now: Int64) {
    while let first = waiting.first {
      guard dropExpired(from: first, now: now, wasBegun: true) else {
        _ = waiting.popFirst()
        recycle(first)
        continue
      }
      guard let slot = freeSlot(now), let batch = waiting.popFirst() else { return }
      attach(batch, to: slot, now: now)
    }
  }

  /// An idle connection, oldest first, else a closed one that may be tried again.
  func freeSlot(_ now: Int64) -> Int? {
    while let slot = idle.popFirst() {
      isListed[slot] = false
      if slots[slot] == .idle { return slot }
    }
    while let due = reopening.firstPriority, due <= now, let slot = reopening.pop() {
      if slots[slot] == .closed { return slot }
    }
    return nil
  }

  func attach(_ batch: PreparedBatch, to slot: Int, now: Int64) {
    carried[slot] = batch
    onWire += 1
    if slots[slot] == .idle {
      send(batch, on: slot, now: now)
    } else {
      connect(slot, now: now)
    }
  }

  func connect(_ slot: Int, now: Int64) {
    slots[slot] = .connecting
    deadlines.append(slot: slot, deadline: now + limits.timeout)
    channels.open(slot)
  }

  func send(_ batch: PreparedBatch, on slot: Int, now: Int64) {
    let buffer = spareBuffers.popLast() ?? RequestBuffer()
    var digest = bodies?.take(batch, into: buffer)
    if digest == nil {
      write(batch, into: buffer)
      digest = bodies?.keep(batch, from: buffer)
    }
    renewSigner()
    signer.finish(buffer, bodyDigest: digest, at: WallSeconds(clock.wallSeconds()))
    batch.encoded = clock.now()
    slots[slot] = .busy
    deadlines.remove(slot: slot)
    deadlines.append(slot: slot, deadline: now + limits.timeout)
    let message = buffer.message
    batch.bytesOnWire = message.count
    batch.firstByte = batch.encoded
    if channels.send(slot, message) {
      spareBuffers.append(buffer)
    } else {
      lentBuffers[slot] = buffer
      sendBufferFull += 1
    }
  }

  private func write(_ batch: PreparedBatch, into buffer: RequestBuffer) {
    buffer.beginBody(streamName: streamName, streamARN: streamARN)
    // The room for planned records is only in use while a batch is planned.
    let records = batch.records
    for index in records.indices { planned[index] = records[index].planned }
    plan.write(UnsafeBufferPointer(rebasing: planned[0..<records.count]), into: buffer)
    buffer.endBody()
  }

  /// Signs with the latest credentials; one atomic read as long as they stay the same.
  private func renewSigner() {
    let generation = credentials.generation
    guard generation != credentialsGeneration else { return }
    credentialsGeneration = generation
    signer.replaceCredentials(credentials.value)
  }

  func reconnect(_ now: Int64) {
    while let due = reopening.firstPriority, due <= now, let slot = reopening.pop() {
      if slots[slot] == .closed { connect(slot, now: now) }
    }
  }

  func expire(_ now: Int64) {
    while let deadline = deadlines.firstDeadline, deadline <= now, let slot = deadlines.firstSlot {
      let wasSent = slots[slot] == .busy
      channels.close(slot)
      failed(
        slot, code: wasSent ? "timeout" : "connect-timeout", firstByte: carried[slot]?.firstByte,
        mayHaveBeenReceived: wasSent, now: now)
    }
    while let batch = waiting.first, batch.waitDeadline <= now {
      _ = waiting.popFirst()
      lose(batch, code: "no-connection", firstByte: nil, mayHaveBeenReceived: false, now: now)
    }
  }
}
