/// What became of each record of one worker's producers, in two bits a record.
///
/// Record i belongs to producer i mod `producers`, and producer p to worker p mod `workers`; only the worker's own records
/// take room. Not thread-safe: it belongs to one lane.
package final class LaneOutcomes {
  private let producers: UInt64
  private let worker: UInt64
  private let workers: UInt64
  /// How many producers the worker has.
  private let own: UInt64
  private let phases: [TwoBitSet]

  /// Outcomes of a worker's records, all unknown to have been tried.
  ///
  /// - Parameters:
  ///   - recordCounts: by phase how many records it has; `nil` where that is not known.
  ///   - producers: logical producers of the run.
  ///   - worker: the worker's number, from 0.
  ///   - workers: how many there are.
  package init(recordCounts: [UInt64?], producers: Int, worker: Int, workers: Int) {
    self.producers = UInt64(producers)
    self.worker = UInt64(worker)
    self.workers = UInt64(workers)
    let own = UInt64((producers - worker + workers - 1) / workers)
    self.own = own
    phases = recordCounts.map { count in
      TwoBitSet(capacity: Int(clamping: ((count ?? 0) / UInt64(producers) + 1) * own))
    }
  }

  /// Takes note of a try of each record.
  @inline(__always)
  func note(_ records: UnsafeMutableBufferPointer<RecordObservation>) {
    for index in records.indices {
      let outcome: RecordOutcome
      switch records[index].outcome {
      case .accepted: outcome = .accepted
      case .unknown: outcome = .unknown
      case .throttled, .fault: continue
      }
      let (round, producer) = records[index].index.quotientAndRemainder(dividingBy: producers)
      let place = round * own + (producer - worker) / workers
      phases[Int(records[index].phase)].insert(outcome.rawValue, at: Int(truncatingIfNeeded: place))
    }
  }

  /// Adds this worker's records to the outcomes of the whole run. O(records).
  func add(to sum: RunOutcomes) {
    for (phase, set) in phases.enumerated() {
      for place in 0..<set.upperBound where set[place] != 0 {
        let (round, mine) = UInt64(place).quotientAndRemainder(dividingBy: own)
        let record = round * producers + mine * workers + worker
        sum.insert(RecordOutcome(rawValue: set[place]), record: record, phase: phase)
      }
    }
  }
}
