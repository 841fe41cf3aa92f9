import Kinesis
import Observations
import Producers
import Scenarios

/// Batches onto connections: which slot carries what, connecting and reconnecting, time-outs.
extension WorkerEngine {
  /// A slot's connection is up.
  package func channelOpened(_ slot: Int, now: Int64) {
    slots.connected(slot, now: now)
    if let batch = slots.request(on: slot)?.batch {
      if producers.dropExpired(from: batch, at: now, ends: lane) {
        send(batch, on: slot, now: now)
        return
      }
      _ = slots.unload(slot)
      producers.recycle(batch)
    }
    slots.rest(slot)
  }

  /// A slot's connection was closed by the target while it carried nothing.
  package func channelClosed(_ slot: Int, now: Int64) {
    slots.closedUnused(slot, now: now)
  }

  func sendWaiting(_ now: Int64) {
    while let first = waiting.first {
      guard producers.dropExpired(from: first, at: now, ends: lane) else {
        _ = waiting.popFirst()
        producers.recycle(first)
        continue
      }
      guard let slot = slots.takeFree(at: now), let batch = waiting.popFirst() else { return }
      attach(batch, to: slot, now: now)
    }
  }

  func attach(_ batch: RecordBatch, to slot: Int, now: Int64) {
    slots.load(batch, on: slot)
    if slots.state(of: slot) == .idle {
      send(batch, on: slot, now: now)
    } else {
      connect(slot, now: now)
    }
  }

  func connect(_ slot: Int, now: Int64) {
    slots.connect(slot, now: now)
    channels.open(slot)
  }

  func send(_ batch: RecordBatch, on slot: Int, now: Int64) {
    let buffer = slots.takeBuffer()
    var digest = bodies?.take(batch, into: buffer)
    if digest == nil {
      write(batch, into: buffer)
      digest = bodies?.keep(batch, from: buffer)
    }
    renewSigner()
    signer.finish(buffer, bodyDigest: digest, at: WallSeconds(clock.wallSeconds()))
    let message = buffer.message
    slots.send(slot, encoded: clock.now(), bytes: message.count, now: now)
    if channels.send(slot, message) {
      slots.keep(buffer)
    } else {
      slots.lend(buffer, to: slot)
      sendBufferFull += 1
    }
  }

  private func write(_ batch: RecordBatch, into buffer: RequestBuffer) {
    buffer.beginBody(streamName: streamName, streamARN: streamARN)
    plan.write(PlannedRecords(atStartOf: batch.records), into: buffer)
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
    while let slot = slots.takeReopening(at: now) { connect(slot, now: now) }
  }

  /// Until when a batch may wait for a connection.
  func waitDeadline(of batch: RecordBatch) -> Int64 { batch.closed + limits.timeout }

  func expire(_ now: Int64) {
    while let slot = slots.firstExpired(at: now) {
      let wasSent = slots.state(of: slot) == .busy
      channels.close(slot)
      failed(
        slot, code: wasSent ? "timeout" : "connect-timeout", firstByte: slots.request(on: slot)?.sent,
        mayHaveBeenReceived: wasSent, now: now)
    }
    while let batch = waiting.first, waitDeadline(of: batch) <= now {
      _ = waiting.popFirst()
      lose(
        SlotRequest(batch: batch), code: "no-connection", firstByte: nil, mayHaveBeenReceived: false, now: now)
    }
  }
}
