import Measurement
import Observations
import Scenarios

@testable import Producers

/// Producers alone in virtual time: no engine, no sockets, no bytes, and an endpoint that is a function. It goes round as
/// sizing does.
final class VirtualRun: EndedRecords {
  /// A batch as it was handed out.
  struct Sent: Equatable {
    let at: Int64
    let records: Int
    let isRetry: Bool
  }

  /// What the endpoint does with a batch.
  enum Answer {
    /// Answers after so long, each record with an outcome.
    case outcomes(after: Int64, (Int) -> AttemptOutcome)
    case never

    static func all(_ outcome: AttemptOutcome, after: Int64 = 1_000_000) -> Answer {
      .outcomes(after: after) { _ in outcome }
    }
  }

  /// How the records of the plan ended, and how often they were tried.
  struct Counts: Equatable {
    var accepted = 0
    var gaveUp = 0
    var expired = 0
    var skipped = 0
    var unfinished = 0
    var attempted = 0

    var ended: Int { accepted + gaveUp + expired + skipped + unfinished }

    mutating func add(_ end: RecordEnd, _ count: Int = 1) {
      switch end {
      case .none: break
      case .accepted: accepted += count
      case .gaveUp: gaveUp += count
      case .expired: expired += count
      case .skipped: skipped += count
      case .unfinished: unfinished += count
      }
    }
  }

  let plan: Plan
  private(set) var sent: [Sent] = []
  private(set) var counts = Counts()
  private(set) var latenesses: [Int64] = []
  private(set) var mostInFlight = 0
  /// How many turns it took.
  private(set) var turns = 0
  /// Whether the producers have said that the budget is spent.
  private(set) var isBudgetSpent = false
  private var group: ProducerGroup
  private var answers = MinimumHeap<(batch: RecordBatch, outcome: (Int) -> AttemptOutcome)>()
  private var unanswered: [RecordBatch] = []
  private let timeout: Int64

  init(_ scenario: String, overrides: [String] = [], budget: SendBudget? = nil) throws {
    let scenario = try Scenario.load(
      bytes: Array(scenario.utf8), source: "test", overrides: try overrides.map { try SetOption($0) })
    plan = Plan(scenario)
    timeout = scenario.client.timeout.value
    group = ProducerGroup(
      plan, producers: Array(0..<scenario.client.producers), maximumInFlight: scenario.client.maxInFlight,
      timeout: timeout, budget: budget, start: 0)
  }

  /// Runs to the end.
  ///
  /// - Parameters:
  ///   - stop: when a stop is asked for and how long it drains.
  ///   - stall: from when to when nobody calls.
  ///   - endpoint: what becomes of a batch that is sent at an instant.
  /// - Returns: when the producers said it was over.
  @discardableResult
  func run(
    stop: (at: Int64, drain: Int64)? = nil, stall: Range<Int64> = 0..<0, endpoint: (RecordBatch, Int64) -> Answer
  ) -> Int64 {
    if let stop { group.stop(at: stop.at, drain: stop.drain) }
    var now: Int64 = 0
    while true {
      turns += 1
      var next = now
      switch group.next(at: now, ends: self) {
      case .send(let batch): send(batch, at: now, endpoint(batch, now))
      case .again: break
      case .wait(let instant): next = max(now, min(instant, answers.firstPriority ?? .max))
      case .over:
        end(at: now)
        return now
      }
      if group.isBudgetSpent, !isBudgetSpent {
        isBudgetSpent = true
        group.stop(at: now + 1, drain: timeout)
      }
      now = stall.contains(next) ? stall.upperBound : next
      deliver(now)
    }
  }

  /// How busy the producers say they were.
  func load(at now: Int64) -> ProducerGroup.Load { group.takeLoad(at: now) }

  private func send(_ batch: RecordBatch, at now: Int64, _ answer: Answer) {
    sent.append(Sent(at: now, records: batch.count, isRetry: batch.producer < 0))
    latenesses.append(batch.lateness)
    mostInFlight = max(mostInFlight, group.inFlight)
    counts.attempted += batch.count
    switch answer {
    case .outcomes(let after, let outcome):
      answers.push((batch, outcome), priority: now + after, tieBreak: sent.count)
    case .never: unanswered.append(batch)
    }
  }

  private func deliver(_ now: Int64) {
    while let due = answers.firstPriority, due <= now, let answer = answers.pop() {
      let records = answer.batch.records
      for index in records.indices { records[index].outcome = answer.outcome(index) }
      group.settle(answer.batch, at: now)
      for record in records { counts.add(record.end) }
      group.recycle(answer.batch)
    }
  }

  private func end(at now: Int64) {
    while let answer = answers.pop() { unanswered.append(answer.batch) }
    for batch in unanswered {
      counts.add(.unfinished, batch.count)
      group.recycle(batch)
    }
    group.finish(at: now, ends: self)
  }

  func end(_ records: UnsafeMutableBufferPointer<RecordObservation>, at instant: Int64) {
    for record in records { counts.add(record.end) }
  }

  func endUntried(_ count: Int, of phase: Int, as end: RecordEnd, age: Int64, at instant: Int64) {
    counts.add(end, count)
  }

  /// How many records of the open phases were due before an instant.
  func planned(before instant: Int64 = .max) -> Int {
    plan.phases.indices.reduce(0) { $0 + Int(plan.plannedRecords(in: $1, before: Nanoseconds(instant))) }
  }
}
