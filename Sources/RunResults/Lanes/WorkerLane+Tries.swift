import Measurement

extension WorkerLane {
  /// Counts the tries of one phase.
  ///
  /// Records accepted at their first try, on a shard that the answer named, are nearly all of them: what they have in
  /// common is added up aside, and their ages are gathered and recorded together.
  func countTries(
    _ records: UnsafeMutableBufferPointer<RecordObservation>, of request: RequestObservation, second: Int,
    in slice: SecondSlice
  ) {
    if ages.count < records.count {
      ages.deallocate()
      ages = .allocate(capacity: records.count)
    }
    let (ages, shards, ended, isMeasured) = (ages, slice.shards, request.ended, slice.isMeasured)
    let (responses, phaseResponses) = (shardResponses, shardResponsesOfPhase[slice.phase])
    var tally = RunCounts()
    var plain = 0
    var plainBytes = 0
    for index in records.indices {
      let shard = Int(records[index].shard)
      guard records[index].isPlainSuccess, shard >= 0, shard < shards.count else {
        count(records[index], status: request.status, second: second, ended: ended, in: slice, tally: &tally)
        continue
      }
      let bytes = Int(records[index].dataBytes) &+ Int(records[index].keyBytes)
      let age = ended &- records[index].due
      ages[plain] = age
      plain &+= 1
      plainBytes &+= bytes
      shards[shard].countPlainSuccess(bytes: UInt64(truncatingIfNeeded: bytes))
      if isMeasured {
        responses.record(age, shard: shard)
        phaseResponses?.record(age, shard: shard)
      }
    }
    slice.distributions.pointee.accepted.record(UnsafeBufferPointer(rebasing: ages[0..<plain]))
    tally.attempted += plain
    tally.firstTries += plain
    tally.accepted += plain
    tally.attemptedBytes += plainBytes
    tally.acceptedBytes += plainBytes
    slice.counts.add(tally)
  }
}
