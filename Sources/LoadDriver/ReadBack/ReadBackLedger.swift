import Kinesis
import Observations
import Scenarios
import StreamAccess

/// Holds what was read of a stream against what a run knows of its records.
///
/// Memory: half a byte a record (two bits of what the run knows, two of what was seen) and what `KeyOrder` takes. Records
/// must come in the order of their shards, a shard's parents before it. Not thread-safe.
final class ReadBackLedger: RecordSink {
  /// Examples kept of each kind.
  static let examplesOfAKind = 20
  private static let seen: UInt8 = 1
  private static let seenAgain: UInt8 = 2

  private let plan: Plan
  private let outcomes: RunOutcomes
  private let probe: RecordProbe
  private let keys: KeyNames
  /// Milliseconds since the epoch: what arrived before is an earlier run's.
  private let notBefore: Int64
  private let sightings: [TwoBitSet]
  private var order: KeyOrder?

  private(set) var totals = VerificationCounts()
  private(set) var shards: [VerificationShard] = []
  private var examples: [VerificationExample.Kind: [VerificationExample]] = [:]

  /// A ledger of a run.
  ///
  /// - Parameters:
  ///   - plan: of a scenario with `records.identity`.
  ///   - notBefore: the run's start by the service's clock, milliseconds since the epoch.
  init(plan: Plan, outcomes: RunOutcomes, keys: KeyNames, notBefore: Int64) {
    self.plan = plan
    self.outcomes = outcomes
    self.keys = keys
    self.notBefore = notBefore
    probe = RecordProbe(plan)
    sightings = outcomes.recordCounts.map { TwoBitSet(capacity: Int(clamping: $0)) }
    order = KeyOrder(plan, probe: probe, recordCounts: outcomes.recordCounts)
    if order != nil { totals.reordered = 0 }
    for (phase, count) in outcomes.recordCounts.enumerated() {
      for record in 0..<count {
        let outcome = outcomes[record, phase: phase]
        if outcome.contains(.accepted) { totals.accepted += 1 } else if outcome == .unknown { totals.unknown += 1 }
      }
    }
  }

  /// Whether an accepted record was not found yet.
  var isAnythingMissing: Bool { totals.found < totals.accepted }

  /// Makes room for a shard; its number is the number of shards before.
  func addShard(_ id: String, parents: [String]) {
    var shard = VerificationShard()
    shard.id = id
    shard.parents = parents
    shards.append(shard)
  }

  /// Takes a record as it was read.
  func take(_ record: ReadRecord, shard: Int) {
    totals.read += 1
    shards[shard].read += 1
    guard let identity = RecordIdentity(base64: record.data), let planned = probe.record(identity) else {
      totals.foreign += 1
      shards[shard].foreign += 1
      return
    }
    if let arrival = record.arrivalMilliseconds, arrival < notBefore {
      totals.earlier += 1
      return
    }
    guard probe.isUnchanged(planned, data: record.data, key: record.key) else {
      totals.altered += 1
      shards[shard].altered += 1
      note(.altered, planned, record, shard)
      return
    }
    let phase = Int(identity.phase)
    // Only a closed phase has numbers that were never taken; they must not make the set grow without bound.
    guard plan.phases[phase].loop != .closed || identity.index < outcomes.recordCounts[phase] else {
      totals.refusedFound += 1
      shards[shard].found += 1
      note(.refusedFound, planned, record, shard)
      return
    }
    let outcome = outcomes[identity.index, phase: phase]
    let index = Int(truncatingIfNeeded: identity.index)
    let sighting = sightings[phase][index]
    guard sighting == 0 else {
      takeCopy(planned, record, outcome, isSecond: sighting & Self.seenAgain == 0, shard)
      return
    }
    sightings[phase].insert(Self.seen, at: index)
    shards[shard].found += 1
    if outcome.contains(.accepted) {
      totals.found += 1
    } else if outcome == .unknown {
      totals.unknownFound += 1
    } else {
      totals.refusedFound += 1
      note(.refusedFound, planned, record, shard)
    }
    guard let isReordered = order?.note(planned) else { return }
    totals.orderJudged += 1
    guard isReordered else { return }
    totals.reordered = (totals.reordered ?? 0) + 1
    shards[shard].reordered += 1
    note(.reordered, planned, record, shard)
  }

  private func takeCopy(
    _ planned: PlannedRecord, _ record: ReadRecord, _ outcome: RecordOutcome, isSecond: Bool, _ shard: Int
  ) {
    shards[shard].copies += 1
    guard isSecond else { return }
    sightings[Int(planned.phase)].insert(Self.seenAgain, at: Int(truncatingIfNeeded: planned.index))
    guard outcome.contains(.accepted) else { return }
    totals.duplicated += 1
    if !outcome.contains(.unknown) { totals.duplicatedUnexplained += 1 }
    note(.duplicated, planned, record, shard)
  }

  /// Ends the reading: what was accepted and not seen is missing. O(records).
  ///
  /// - Parameter problem: why not every shard was read to its end; `nil` when each was.
  /// - Returns: the result, of which the caller fills in run, time and stream.
  func finish(problem: String?) -> Verification {
    totals.missing = totals.accepted - totals.found
    totals.problem = problem
    totals.complete = problem == nil
    totals.passed = totals.complete && totals.missing == 0 && totals.altered == 0
    totals.shards = shards.count
    if totals.missing > 0 { findMissing() }
    var result = Verification()
    result.keys = keys.mode.rawValue
    result.records = totals
    result.shards = shards
    result.examples = VerificationExample.Kind.allCases.flatMap { examples[$0] ?? [] }
    return result
  }

  private func findMissing() {
    for (phase, count) in outcomes.recordCounts.enumerated() {
      for record in 0..<count
      where outcomes[record, phase: phase].contains(.accepted) && sightings[phase][Int(record)] == 0 {
        guard let planned = probe.record(RecordIdentity(phase: UInt16(phase), index: record)) else { continue }
        guard note(.missing, planned, nil, nil) else { return }
      }
    }
  }

  /// Keeps an example unless there are enough of its kind.
  ///
  /// - Returns: whether it was kept.
  @discardableResult
  private func note(
    _ kind: VerificationExample.Kind, _ planned: PlannedRecord, _ record: ReadRecord?, _ shard: Int?
  ) -> Bool {
    guard examples[kind, default: []].count < Self.examplesOfAKind else { return false }
    var example = VerificationExample()
    example.kind = kind.rawValue
    example.phase = plan.phases[Int(planned.phase)].name
    example.record = Int(clamping: planned.index)
    if probe.knowsKeys(ofPhase: Int(planned.phase)) { example.key = keys.name(of: planned.key) }
    example.shard = shard.map { shards[$0].id }
    example.sequenceNumber = record.map { String(decoding: $0.sequence.prefix(128), as: UTF8.self) }
    examples[kind, default: []].append(example)
    return true
  }
}
