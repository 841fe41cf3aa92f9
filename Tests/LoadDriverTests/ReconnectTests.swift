import Measurement
import Observations
import Scenarios
import Testing

@testable import LoadDriver
@testable import RunResults

private let millisecond: Int64 = 1_000_000
private let second: Int64 = 1_000_000_000

/// 100 records/s for 8 s on one shard, batches of ten every 100 ms, one connection.
private let steady = """
  { "schema": "shardmeter/1", "name": "test", "stream": { "shards": 1 },
    "records": { "size": "10B", "key": { "type": "constant", "value": "k" } },
    "batch": { "records": 10, "linger": "1s" },
    "client": { "connections": 1, "maxInFlight": 8, "timeout": "1s" },
    "phases": [ { "name": "steady", "duration": "8s", "rate": 100 } ] }
  """

@Suite("Connections that do not last")
struct ReconnectTests {
  private func balanced(_ harness: EngineHarness) -> Bool {
    harness.totals()[0].isBalanced(planned: Int(harness.plan.plannedRecords(in: 0, before: Nanoseconds(.max))))
  }

  /// How long after the failure before it each connection was asked for, in milliseconds.
  private func gaps(_ harness: EngineHarness) -> [Int64] {
    zip(harness.openings, harness.openings.dropFirst()).map { ($1.at - $0.at) / millisecond }
  }

  @Test("A target that accepts and drops at once is tried with a growing pause, not in a storm")
  func acceptsAndDrops() throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].rate=1", "batch.linger=0s"])
    harness.dropsUnusedAfter = millisecond
    harness.run { _ in .fail(code: "reset-before-answer", after: 1, isReceived: true) }
    #expect((5...12).contains(harness.openings.count))
    #expect(balanced(harness))
  }

  @Test("A target that accepts and resets every request is tried with a growing pause")
  func acceptsAndResets() throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=20s"])
    harness.run { _ in .fail(code: "reset-before-answer", after: 1, isReceived: true) }
    // 50 ms doubled up to 2 s, and at most the 100 ms until the next batch on top.
    let pauses = gaps(harness)
    for (number, pause) in pauses.enumerated() {
      let least = min(2_000, Int64(100) << Int64(min(number, 10)))
      #expect((least...least + 101).contains(pause), "pause \(number): \(pause) ms")
    }
    #expect(pauses.count >= 8)
    #expect(balanced(harness))
  }

  @Test("An answer sets the pause back")
  func answersReset() throws {
    let harness = try EngineHarness(steady)
    var number = 0
    harness.run { request in
      number += 1
      return number.isMultiple(of: 4)
        ? .answer(status: 503, body: "", after: 1) : .fail(code: "reset-before-answer", after: 1, isReceived: true)
    }
    #expect((gaps(harness).max() ?? 0) <= 400)
    #expect(balanced(harness))
  }

  @Test("A connection closed after each answer is made again at once")
  func closedAfterEachAnswer() throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=1s"])
    harness.run {
      .answer(status: 200, body: Answers.accepted($0.records), after: millisecond, keepsAlive: false)
    }
    #expect(harness.totals()[0].traffic.accepted == 100)
    #expect(harness.sent.map(\.at) == (0..<10).map { Int64(95 + 100 * $0) * millisecond })
    // The last answer ends the run.
    #expect(harness.openings.map(\.at) == harness.sent.dropLast().map { $0.at + millisecond })
  }

  @Test("An unused connection that stood for long is made again at once, and listed once")
  func idleEnds() throws {
    let harness = try EngineHarness(
      steady, overrides: ["phases[0].rate=1", "phases[0].duration=30s", "client.connections=2"])
    harness.dropsUnusedAfter = 3 * second
    harness.run { .answer(status: 200, body: Answers.accepted($0.records), after: millisecond, keepsAlive: false) }
    #expect(harness.totals()[0].traffic.accepted == 30)
    #expect(harness.openings.count >= 9)
    #expect(harness.listed <= 2)
  }
}

@Suite("Kinds of failure")
struct FailureRowTests {
  @Test("Every record that was not accepted is in the table under its own code, with a message")
  func codesAndMessages() throws {
    let body = """
      {"Records":[{"ErrorCode":"A","ErrorMessage":"of A"},{"ErrorCode":"B","ErrorMessage":"of B"},{},
      {"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"under account 123456789012"},
      {"ErrorCode":"B"},{"ErrorCode":"A"},{"SequenceNumber":"1"},{"SequenceNumber":"2"},{"SequenceNumber":"3"},
      {"SequenceNumber":"4"}]}
      """
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=100ms"])
    harness.run { _ in .answer(status: 200, body: body, after: 1) }
    let rows = Dictionary(uniqueKeysWithValues: harness.errors().entries.map { ($0.code, $0) })
    #expect(
      rows.mapValues(\.count) == ["A": 2, "B": 2, "no-code": 1, "ProvisionedThroughputExceededException": 1])
    #expect(rows["A"]?.message == "of A")
    #expect(rows["ProvisionedThroughputExceededException"]?.message == "under account ************")
    #expect(harness.totals()[0].traffic.accepted == 4)
  }

  @Test(
    "Requests that fail whole: a row of the request with a message, a row of its records",
    arguments: [
      (EngineHarness.Reply.answer(status: 500, body: #"{"__type":"InternalFailure","message":"x"}"#, after: 1), "x"),
      (.answer(status: 413, body: "", after: 1), ""),
      (.answer(status: 502, body: "<html>\r\n<b>Bad", after: 1), "<html> <b>Bad"),
      (.answer(status: 200, body: "<html>hello", after: 1), "<html>hello"),
      (.answer(status: 200, body: #"{"__type":"E","message":"m"}"#, after: 1), #"{"__type":"E","message":"m"}"#),
      (.answer(status: 200, body: #"{"Records":[]}"#, after: 1), #"{"Records":[]}"#),
      (.fail(code: "reset-before-answer", after: 1, isReceived: true), ""), (.never, ""),
    ])
  func wholeRequests(_ reply: EngineHarness.Reply, _ message: String) throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=100ms"])
    harness.run { _ in reply }
    let rows = harness.errors().entries
    #expect(rows.count == 2)
    #expect(rows.first { $0.level == .record }?.count == 10)
    #expect(rows.first { $0.level != .record }?.count == 1)
    #expect(rows.first { $0.level != .record }?.message == message)
    #expect(Set(rows.map(\.code)).count == 1)
  }

  @Test("What is on the wire at the end is in the table as unfinished")
  func unfinished() throws {
    let harness = try EngineHarness(steady, overrides: ["phases[0].duration=200ms"])
    harness.run(stop: (at: 150 * millisecond, drain: millisecond)) { _ in .never }
    let rows = harness.errors().entries
    #expect(rows.map(\.code) == ["unfinished", "unfinished"])
    #expect(rows.first { $0.level == .record }?.count == 10)
  }
}
