/// Whose records something happened to, and when: the two views of a run, which results never mix.
package struct PhasePair: Hashable, Comparable, Sendable {
  /// The phase in which the records came due, by its index in the layout.
  package let cohort: Int
  /// The phase that ran when it happened; one past the last for what happens after the plan's end, or a stop.
  package let clock: Int

  package init(cohort: Int, clock: Int) {
    self.cohort = cohort
    self.clock = clock
  }

  package static func < (left: PhasePair, right: PhasePair) -> Bool {
    (left.cohort, left.clock) < (right.cohort, right.clock)
  }
}

/// What one lane observed of one phase's records in one second while one phase ran.
///
/// Everything counts for the second and the phase of its own instant: a try is attempted when its first byte is written, and
/// has its outcome when that is known, perhaps in another slice. So the slices of a cohort add up to what became of its
/// records, those of a second or of a phase by the clock to what happened in it, and nothing is counted twice.
///
/// A slice is handed over whole: its lane fills it and lets go of it, then the collector alone touches it. That rule, not a
/// lock, makes it safe to send.
package final class SecondSlice: @unchecked Sendable {
  /// Counted from the first measured phase.
  package let second: Int
  /// Whose records, and while which phase ran.
  package let phases: PhasePair
  /// Whether the cohort counts for the results.
  package let isMeasured: Bool
  /// Tries by their beginnings and outcomes, requests by their outcomes, ends of records.
  @exclusivity(unchecked) package var counts = RunCounts()
  /// Failures counted here.
  @exclusivity(unchecked) package var errors = ErrorTable()
  /// Distributions: lateness and queue of requests that began here, the others of what had its outcome here. Behind a
  /// pointer like the shards: a class's own properties are checked for exclusive access each time.
  package let distributions: UnsafeMutablePointer<LatencySet>
  /// The shards' counters by index; a plain allocation, since an array in a class is checked at each access.
  @exclusivity(unchecked) package private(set) var shards: UnsafeMutableBufferPointer<ShardTraffic>

  /// Tries per key that began here; `nil` before the first, and where keys are not counted one by one.
  @exclusivity(unchecked) package private(set) var keys: KeyTries?

  /// Where the response times of its records are kept shard by shard; `nil` where they are not.
  let responses: ShardHistograms?

  /// An empty slice.
  package init(second: Int, phases: PhasePair, isMeasured: Bool, shardCount: Int, responses: ShardHistograms? = nil) {
    self.responses = responses
    self.second = second
    self.phases = phases
    self.isMeasured = isMeasured
    shards = .allocate(capacity: shardCount)
    shards.initialize(repeating: ShardTraffic())
    distributions = .allocate(capacity: 1)
    distributions.initialize(to: LatencySet())
  }

  deinit {
    shards.deallocate()
    distributions.deinitialize(count: 1)
    distributions.deallocate()
  }

  /// The distributions as a value.
  package var latencies: LatencySet { distributions.pointee }

  /// Takes in further shards, of which nothing was counted yet.
  func makeRoom(forShards count: Int) {
    guard count > shards.count else { return }
    let larger = UnsafeMutableBufferPointer<ShardTraffic>.allocate(capacity: count)
    larger.initialize(repeating: ShardTraffic())
    for index in shards.indices { larger[index] = shards[index] }
    shards.deallocate()
    shards = larger
  }

  /// Counts tries that began here by their keys, of which there are `count`.
  func countKeys(_ records: UnsafeMutableBufferPointer<RecordObservation>, of count: Int) {
    let counted = keys ?? KeyTries(keys: count)
    keys = counted
    counted.count(records)
  }

  /// Adds another lane's slice of the same second and phases, which may know fewer shards or more. O(shards).
  package func add(_ other: SecondSlice) {
    precondition(other.second == second && other.phases == phases, "slices of different seconds do not add up")
    counts.add(other.counts)
    errors.add(other.errors)
    distributions.pointee.add(other.latencies)
    if let present = keys, let more = other.keys { present.add(more) } else { keys = keys ?? other.keys }
    makeRoom(forShards: other.shards.count)
    for index in other.shards.indices { shards[index].add(other.shards[index]) }
  }
}

/// What a lane hands over during the run: what will not change any more.
package struct FinishedSeconds: Sendable {
  /// Slices of finished seconds, in no particular order.
  package var slices: [SecondSlice]
  /// The worker's health in finished seconds.
  package var health: [HealthSecond]
  /// Response times per shard of finished bins.
  package var responses: [ShardResponses] = []
  /// First tries per key so far; from time to time, and only where a sketch counts them.
  package var sketch: (second: Int, counts: KeySketch)?
  /// One message of the target for each kind of failure met since the last time.
  package var messages = ErrorTable()
  /// Checks since the last time.
  package var checks = LaneChecks()
  /// Every second before this one is finished.
  package var completeBefore: Int
  /// Everything that happened before this second, by the clock, has been handed over.
  package var reportedBefore: Int
  /// What was waited for at this moment; `nil` when the worker is through.
  package var outstanding: Outstanding?
}

/// Response times per shard of one phase in one bin of `RunLayout.responseBinSeconds`.
package struct ShardResponses: Sendable {
  /// The bin's number: its first second over its width.
  package var bin: Int
  package var phase: Int
  package var histograms: ShardHistograms
}

/// First tries per key up to a second; in a sketch a key may be ahead of it by what was still open then.
package struct KeySnapshot: Sendable {
  /// The second it was taken at, as results count them; `Int.max` for the last, of the whole run.
  package var second: Int
  package var counts: KeyCounts

  /// The keys as they stood at a second.
  package init(second: Int, counts: KeyCounts) {
    self.second = second
    self.counts = counts
  }
}

/// What a lane finds that has no second of its own.
package struct LaneChecks: Sendable, Hashable {
  /// Accepted sequence numbers that did not rise on their shard although their requests did not overlap.
  package var sequenceViolations = 0
  /// Records that were cut to what the stream takes in one.
  package var clampedRecords = 0
  /// Accepted records on another shard than predicted.
  package var shardMismatches = 0

  /// Nothing found.
  package init() {}

  /// Adds another time or lane.
  package mutating func add(_ other: LaneChecks) {
    sequenceViolations += other.sequenceViolations
    clampedRecords += other.clampedRecords
    shardMismatches += other.shardMismatches
  }
}
