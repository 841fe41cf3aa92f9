import Kinesis
import Observations
import Producers
import Scenarios

/// Request bodies that one worker wrote and hashed once and sends again, for `client.payloadPool`.
///
/// With a pool a producer's records repeat after so many full requests of each phase, so a request that begins at the same
/// place of that round and has as many records is the same to the byte: it is copied and only signed again. A request that
/// is not (cut by time or bytes at another place, with records left out, or of retries) is written as ever.
///
/// Memory: a body for each place of each producer the worker serves, as they come up; nothing is allocated any more once
/// the round is through. Owned by one worker.
final class BodyPool {
  private struct Entry {
    var phase = -1
    var first: UInt64 = 0
    var count = 0
    var bytes: UnsafeMutableRawBufferPointer?
    var digest = Digest256()
  }

  /// Logical producers, between whose records a producer's own lie.
  private let step: UInt64
  /// Records of a producer after which they repeat.
  private let round: UInt64
  private let batchRecords: UInt64
  /// Places in a round.
  private let bodies: Int
  private let entries: UnsafeMutableBufferPointer<Entry>
  /// The place that `take` looked at last, to which `keep` puts.
  private var missed: (position: Int, first: UInt64)?

  /// An empty pool; nil when the scenario has none.
  ///
  /// - Parameter producers: how many logical producers the worker serves.
  init?(_ scenario: Scenario, producers: Int) {
    bodies = scenario.client.payloadPool
    guard bodies > 0 else { return nil }
    step = UInt64(scenario.client.producers)
    batchRecords = UInt64(scenario.batch.records)
    round = UInt64(bodies) * batchRecords
    entries = .allocate(capacity: bodies * producers)
    entries.initialize(repeating: Entry())
  }

  deinit {
    for entry in entries { entry.bytes?.deallocate() }
    entries.deallocate()
  }

  /// Puts a batch's body into the buffer when it was written before.
  ///
  /// - Returns: its digest; nil when the body is to be written, and then handed to `keep`.
  func take(_ batch: RecordBatch, into buffer: RequestBuffer) -> Digest256? {
    missed = nil
    guard batch.producer >= 0, batch.count > 0 else { return nil }
    let first = batch.storage[0].planned.index
    // Whole as its producer made it: what is left of a batch that lost records has a gap.
    guard batch.storage[batch.count - 1].planned.index - first == UInt64(batch.count - 1) * step else { return nil }
    let begin = first / step % round
    let position = batch.producer * bodies + Int(begin / batchRecords)
    let entry = entries[position]
    guard let bytes = entry.bytes, entry.phase == batch.phase, entry.first == begin, entry.count == batch.count else {
      missed = (position, begin)
      return nil
    }
    buffer.setBody(UnsafeRawBufferPointer(bytes))
    return entry.digest
  }

  /// Keeps the body that the buffer holds for the batch that `take` has just missed; the one before at its place goes.
  ///
  /// - Returns: its digest; nil when the batch is none that comes again.
  func keep(_ batch: RecordBatch, from buffer: RequestBuffer) -> Digest256? {
    guard let (position, first) = missed else { return nil }
    let body = buffer.body
    var bytes = entries[position].bytes
    if bytes?.count != body.count {
      bytes?.deallocate()
      bytes = .allocate(byteCount: body.count, alignment: 16)
    }
    bytes?.copyMemory(from: body)
    let digest = SHA256.digest(body)
    entries[position] = Entry(phase: batch.phase, first: first, count: batch.count, bytes: bytes, digest: digest)
    return digest
  }
}
