import Measurement
import StrictJSON

/// What a model says would become of some records: tries and ends.
package struct PredictedCount: Sendable, Equatable {
  /// Tries, retries included.
  package var attempted = 0
  /// Of them refused for a shard's limits.
  package var throttled = 0
  /// Ends, which sum to the records: taken; failed for good; too old; dropped before the first try; still waiting at the end.
  package var accepted = 0
  package var gaveUp = 0
  package var expired = 0
  package var skipped = 0
  package var unfinished = 0

  /// Nothing.
  package init() {}

  /// Records that ended otherwise than taken.
  package var lost: Int { gaveUp + expired + skipped + unfinished }
  /// Throttled over attempted, 0...1; `nil` without tries.
  package var throttleRatio: Double? { Quotient.divide(throttled, by: attempted) }

  /// Adds another count.
  package mutating func add(_ other: PredictedCount) {
    attempted += other.attempted
    throttled += other.throttled
    accepted += other.accepted
    gaveUp += other.gaveUp
    expired += other.expired
    skipped += other.skipped
    unfinished += other.unfinished
  }

  /// One JSON object.
  package var json: JSONValue {
    func count(_ value: Int) -> JSONValue { .integer(Int64(value)) }
    return .object([
      ("attempted", count(attempted)), ("throttled", count(throttled)),
      ("throttle_ratio", throttleRatio.map { .number($0) } ?? .null), ("accepted", count(accepted)),
      ("gave_up", count(gaveUp)), ("expired", count(expired)), ("skipped", count(skipped)),
      ("unfinished", count(unfinished)),
    ])
  }
}

extension PlanDocument {
  /// What the plan meets at the shards' limits, by the model: the plan's own batches and retries in virtual time.
  package struct Prediction: Sendable, Equatable {
    /// By phase and in it by shard.
    package var counts: [[PredictedCount]]

    /// A prediction.
    package init(_ counts: [[PredictedCount]]) { self.counts = counts }

    /// What becomes of a phase.
    package func phase(_ phase: Int) -> PredictedCount {
      counts[phase].reduce(into: PredictedCount()) { $0.add($1) }
    }
  }

  /// The phases that the total, the shards and the keys are of.
  private var phasesInScope: [Int] { phases.indices.filter { scope != .measured || phases[$0].isMeasured } }

  /// What becomes of a shard's records in the phases of the scope; `nil` where nothing was predicted.
  package func predicted(shard: Int) -> PredictedCount? {
    prediction.map { prediction in
      phasesInScope.reduce(into: PredictedCount()) { $0.add(prediction.counts[$1][shard]) }
    }
  }

  /// What becomes of all records in the phases of the scope; `nil` where nothing was predicted.
  package var predictedTotal: PredictedCount? {
    prediction.map { prediction in phasesInScope.reduce(into: PredictedCount()) { $0.add(prediction.phase($1)) } }
  }
}
