import Kinesis
import Observations
import Producers
import RunResults
import Scenarios
import Testing

@testable import LoadDriver

/// `client.payloadPool`: bodies that are written once are the bodies that would have been written.
@Suite("Body pool") struct BodyPoolTests {
  /// Two producers, two records a request, the records of a producer repeating after three requests.
  private let plan: Plan

  init() throws {
    let text = """
      {"schema": "shardmeter/1", "name": "pool",
       "records": {"size": {"type": "uniform", "min": 0, "max": 90}, "key": {"type": "uniform", "cardinality": 1000}},
       "batch": {"records": 2}, "client": {"producers": 2, "payloadPool": 3},
       "phases": [{"name": "one", "duration": "10s", "rate": 100}, {"name": "two", "duration": "10s", "rate": 100}]}
      """
    plan = Plan(try Scenario.load(bytes: Array(text.utf8), source: "test"))
  }

  /// A producer's request that begins with its record `ordinal`.
  private func batch(_ ordinal: UInt64, of producer: Int, count: Int = 2, phase: Int = 0) -> RecordBatch {
    let batch = RecordBatch(capacity: 4)
    batch.count = count
    batch.producer = producer
    batch.phase = phase
    for position in 0..<count {
      let index = (ordinal + UInt64(position)) * 2 + UInt64(producer)
      batch.storage[position] = RecordObservation(plan.record(index, in: phase))
    }
    return batch
  }

  private func written(_ batch: RecordBatch) -> RequestBuffer {
    let buffer = RequestBuffer()
    buffer.beginBody(streamName: "orders")
    for record in batch.records { plan.write(record.planned, into: buffer) }
    buffer.endBody()
    return buffer
  }

  /// Takes a batch's body from the pool or puts it there, as an engine does.
  private func send(_ batch: RecordBatch, _ pool: BodyPool) -> (isHit: Bool, isRight: Bool) {
    let right = written(batch)
    let buffer = RequestBuffer()
    if let digest = pool.take(batch, into: buffer) {
      return (true, Array(buffer.body) == Array(right.body) && digest == SHA256.digest(right.body))
    }
    let digest = pool.keep(batch, from: right)
    return (false, digest == nil || digest == SHA256.digest(right.body))
  }

  @Test func aRoundIsWrittenOnceAndThenCopied() throws {
    let pool = try #require(BodyPool(plan.scenario, producers: 2))
    for round in 0..<3 {
      for request in 0..<3 {
        for producer in 0..<2 {
          let sent = send(batch(UInt64(round * 6 + request * 2), of: producer), pool)
          #expect(sent == (round > 0, true), "round \(round), request \(request), producer \(producer)")
        }
      }
    }
  }

  @Test(
    "What does not come again is written each time",
    arguments: ["another length", "another phase", "a gap", "retries"])
  func others(_ what: String) throws {
    let pool = try #require(BodyPool(plan.scenario, producers: 2))
    #expect(send(batch(0, of: 0), pool) == (false, true))
    let other = batch(6, of: 0, count: what == "another length" ? 1 : 2, phase: what == "another phase" ? 1 : 0)
    if what == "a gap" { other.storage[1] = RecordObservation(plan.record(16, in: 0)) }
    if what == "retries" { other.producer = -1 }
    #expect(send(other, pool) == (false, true))
    // A place holds the last of the bodies that begin there; what never comes again takes none.
    let isReplaced = what == "another length" || what == "another phase"
    #expect(send(batch(12, of: 0), pool) == (!isReplaced, true))
  }

  @Test func withoutAPoolThereIsNone() throws {
    let scenario = try Scenario.load(
      bytes: Array(
        """
        {"schema": "shardmeter/1", "name": "none", "records": {"size": 9, "key": "unique"},
         "phases": [{"name": "one", "duration": "1s", "rate": 1}]}
        """.utf8), source: "test")
    #expect(BodyPool(scenario, producers: 1) == nil)
  }
}
