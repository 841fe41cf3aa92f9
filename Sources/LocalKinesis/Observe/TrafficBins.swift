import Measurement
import Observations

/// What came in each second since the first request, in bounded memory: bins begin with a second each and are widened when
/// there are more than `mostBins`, or more than `RunLayout.maximumShardBins` of single shards.
struct TrafficBins {
  /// What came in one bin.
  struct Bin {
    /// Its first second over the width.
    var number: Int
    var traffic = Traffic()
    var errors = ErrorTable()
    var latencies = LatencySet()
    /// By the shard's number.
    var shards: [ShardTraffic] = []
    var connections = 0
    /// The most shards that throttled in one of its seconds.
    var shardsThrottled = 0

    init(number: Int) { self.number = number }

    /// Makes room for a shard.
    mutating func makeRoom(forShard number: Int) {
      while shards.count <= number { shards.append(ShardTraffic()) }
    }

    /// Adds a later bin.
    mutating func add(_ other: Bin) {
      traffic.add(other.traffic)
      errors.add(other.errors)
      latencies.add(other.latencies)
      if let last = other.shards.indices.last { makeRoom(forShard: last) }
      for index in other.shards.indices { shards[index].add(other.shards[index]) }
      connections += other.connections
      shardsThrottled = max(shardsThrottled, other.shardsThrottled)
    }
  }

  static let mostBins = 1_800
  /// The widths bins take in turn, seconds: each divides the next, and results know all of them.
  private static let widths = [1, 2, 10, 30, 60, 300, 600, 1_800, 3_600]

  /// Seconds of a bin.
  private(set) var width = 1
  private var closed: [Bin] = []
  /// The second under way.
  var current = Bin(number: 0)
  /// The shards' busiest seconds, kept apart since bins may be wider.
  private(set) var peaks: [ShardPeak] = []

  /// Makes a second the current one. Seconds do not fall.
  ///
  /// - Returns: whether another one ended thereby.
  mutating func go(to second: Int) -> Bool {
    guard second > current.number else { return false }
    close()
    current = Bin(number: second)
    return true
  }

  private mutating func close() {
    guard current.traffic.requests > 0 else { return }
    current.shardsThrottled = current.shards.count { $0.throttled > 0 }
    while peaks.count < current.shards.count { peaks.append(ShardPeak()) }
    for index in current.shards.indices where !current.shards[index].isEmpty {
      peaks[index].note(current.shards[index])
    }
    var bin = current
    bin.number /= width
    Self.append(bin, to: &closed)
    while closed.count > Self.mostBins || closed.count * max(peaks.count, 1) > RunLayout.maximumShardBins {
      guard let wider = Self.widths.first(where: { $0 > width }) else { return }
      widen(to: wider)
    }
  }

  private mutating func widen(to wider: Int) {
    var bins: [Bin] = []
    for bin in closed {
      var moved = bin
      moved.number = bin.number * width / wider
      Self.append(moved, to: &bins)
    }
    (closed, width) = (bins, wider)
  }

  private static func append(_ bin: Bin, to bins: inout [Bin]) {
    if let last = bins.last, last.number == bin.number {
      bins[bins.count - 1].add(bin)
    } else {
      bins.append(bin)
    }
  }

  /// Everything so far, with the second under way in it.
  var whole: TrafficBins {
    var whole = self
    whole.close()
    whole.current = Bin(number: current.number)
    return whole
  }

  /// What a collector takes, each second in order.
  ///
  /// - Parameter layout: of one phase that begins with second 0 and lasts for a whole number of seconds; its bins are as
  ///   wide as these or a multiple of it.
  func entries(_ layout: RunLayout) -> [JournalEntry] {
    let whole = whole
    let phases = PhasePair(cohort: 0, clock: 0)
    let seconds = max(layout.second(of: layout.end.value), (whole.closed.last?.number ?? 0) * whole.width + 1)
    var entries: [JournalEntry] = []
    var next = 0
    var latencies = LatencySet()
    for second in 0..<seconds {
      var entry = SecondEntry(second: second)
      var phase = SecondEntry.Phase(index: 0)
      phase.isUnderWay = true
      if next < whole.closed.count, whole.closed[next].number * whole.width == second {
        let bin = whole.closed[next]
        next += 1
        var counts = RunCounts()
        counts.traffic = bin.traffic
        entry.counts[phases] = counts
        entry.errors = bin.errors
        entry.health.connections = bin.connections
        phase.shardsThrottled = bin.shardsThrottled
        latencies.add(bin.latencies)
        var shards = ShardTrafficEntry(second: second, seconds: whole.width)
        shards.phases[phases] = Dictionary(
          uniqueKeysWithValues: bin.shards.enumerated().filter { !$1.isEmpty }.map { ($0, $1) })
        if whole.width > 1, next == whole.closed.count {
          shards.peaks = Dictionary(uniqueKeysWithValues: whole.peaks.enumerated().map { ($0, $1) })
        }
        entries.append(.shards(shards))
      }
      entry.phases = [phase]
      if second == seconds - 1 || (second + 1) % layout.timeBinSeconds == 0 {
        entry.latencies = [phases: latencies]
        latencies = LatencySet()
      }
      entries.append(.second(entry))
    }
    return entries
  }
}
