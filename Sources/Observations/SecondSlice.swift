/// What one lane observed of one phase in one second.
///
/// A slice is handed over whole: its lane fills it and lets go of it, then the collector alone touches it. That rule, not a
/// lock, makes it safe to send.
package final class SecondSlice: @unchecked Sendable {
  /// The second of the first byte written, counted from the first measured phase.
  package let second: Int
  /// The phase's index in the layout.
  package let phase: Int
  /// Whether the phase counts for the results.
  package let isMeasured: Bool
  /// Records and requests.
  package var counts = RunCounts()
  /// Distributions. Behind a pointer like the shards: a class's own properties are checked for exclusive access each time.
  package let distributions: UnsafeMutablePointer<LatencySet>
  /// The shards' counters by index; a plain allocation, since an array in a class is checked at each access.
  @exclusivity(unchecked) package private(set) var shards: UnsafeMutableBufferPointer<ShardTraffic>

  /// An empty slice.
  package init(second: Int, phase: Int, isMeasured: Bool, shardCount: Int) {
    self.second = second
    self.phase = phase
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

  /// Adds another lane's slice of the same second and phase, which may know fewer shards or more. O(shards).
  package func add(_ other: SecondSlice) {
    precondition(other.second == second && other.phase == phase, "slices of different seconds do not add up")
    counts.add(other.counts)
    distributions.pointee.add(other.latencies)
    makeRoom(forShards: other.shards.count)
    for index in other.shards.indices { shards[index].add(other.shards[index]) }
  }
}

/// What a lane hands over during the run: the seconds that will not change any more.
package struct FinishedSeconds: Sendable {
  /// Slices of finished seconds, in no particular order.
  package var slices: [SecondSlice]
  /// The worker's health in finished seconds.
  package var health: [HealthSecond]
  /// Every second before this one is finished.
  package var completeBefore: Int
}
