import Kinesis
import Measurement

/// What is observed of a run, in the order it became final: the only thing results are made of. A run under way hands
/// entries over as values and writes them into its journal; one that was killed is read back from there.
package enum JournalEntry: Sendable {
  /// A second that will not change any more; each comes once, in order, those without anything included.
  case second(SecondEntry)
  /// What the shards got in a bin of `RunLayout.trafficBinSeconds`; stands before the bin's last second and counts with it.
  case shards(ShardTrafficEntry)
  /// Response times per shard in a bin of `RunLayout.responseBinSeconds`; follows its last second.
  case responses(ShardResponses)
  /// First tries per key so far, whole.
  case keys(KeySnapshot)
  /// The stream's shards as known from now on; indices stay.
  case map(ShardMap)
  case change(ShardChange)
  /// What stops the run; before `stopped`.
  case aborted(BrokenBound)
  /// Nothing that comes due from this instant on is sent, nanoseconds since the run's start; before the second it is in.
  case stopped(Int64)
  /// What a reader must know before quoting a number.
  case warning(String)
  /// The hash over the planned records, once it is known.
  case planHash(String)
  case ending(RunEnding)
}

/// One second of a run, all workers together.
package struct SecondEntry: Sendable {
  /// What belongs to one phase.
  package struct Phase: Sendable {
    /// Its index; one past the last for what happens after the plan's end.
    package var index: Int
    /// Records that came due; in a closed loop, that were taken.
    package var planned = 0
    /// Whether the phase ran in some part of the second, before the run was stopped.
    package var isUnderWay = false
    /// How many shards throttled a record while it ran.
    package var shardsThrottled = 0

    package init(index: Int) { self.index = index }
  }

  /// Counted from the first measured phase.
  package var second: Int
  /// By index, only those of which there is something to say.
  package var phases: [Phase] = []
  /// What happened, by whose records it was and which phase ran.
  package var counts: [PhasePair: RunCounts] = [:]
  /// The 99th percentile of how late batches of open-loop phases were closed, nanoseconds; `nil` without batches.
  package var lateness: Int64?
  package var health = WorkerHealth()
  /// Processor time the host's other guests took, 0 to 1; `nil` where nobody looked.
  package var steal: Double?
  package var errors = ErrorTable()
  package var checks = LaneChecks()
  /// Distributions of the last bin of `RunLayout.timeBinSeconds`, in the bin's last second; `nil` in others.
  package var latencies: [PhasePair: LatencySet]?

  package init(second: Int) { self.second = second }
}

/// How all workers together fared in some time.
package struct WorkerHealth: Sendable {
  /// The sum over the workers: their peaks need not fall together, so this is an upper bound.
  package var inFlightMax: Int?
  /// The busiest worker's busy time in nanoseconds.
  package var busiest: Int64?
  /// How long the worker that was kept longest did not run although something was due, nanoseconds.
  package var stopped: Int64?
  /// How long the worker that was kept longest was ready to run and was not run, nanoseconds.
  package var starved: Int64?
  package var isCapped = false
  package var unsent: Int?
  package var sendBufferFull: Int?
  /// Connections made; `nil` where no worker told anything.
  package var connections: Int?
  /// In nanoseconds, like the next.
  package var connectMax: Int64?
  package var handshakeMax: Int64?
  package var made = ConnectionSet()

  package init() {}

  /// Adds another worker's second.
  mutating func add(_ health: HealthSecond) {
    inFlightMax = (inFlightMax ?? 0) + health.inFlightMax
    busiest = max(busiest ?? 0, health.busy)
    stopped = max(stopped ?? 0, health.stopped)
    starved = max(starved ?? 0, health.starved)
    isCapped = isCapped || health.isCapped
    unsent = (unsent ?? 0) + health.unsent
    sendBufferFull = (sendBufferFull ?? 0) + health.sendBufferFull
    connections = (connections ?? 0) + health.made.opened
    if health.made.opened > 0 { connectMax = max(connectMax ?? 0, health.connectMax) }
    if let time = health.handshakeMax { handshakeMax = max(handshakeMax ?? 0, time) }
    made.add(health.made)
  }

  /// Adds another second: the worst moments of both, and the sums of what adds up.
  package mutating func add(later other: WorkerHealth) {
    func most<Value: Comparable>(_ one: Value?, _ other: Value?) -> Value? { [one, other].compactMap(\.self).max() }
    func sum(_ one: Int?, _ other: Int?) -> Int? { one == nil && other == nil ? nil : (one ?? 0) + (other ?? 0) }
    inFlightMax = most(inFlightMax, other.inFlightMax)
    busiest = most(busiest, other.busiest)
    stopped = most(stopped, other.stopped)
    starved = most(starved, other.starved)
    isCapped = isCapped || other.isCapped
    unsent = other.unsent ?? unsent
    sendBufferFull = sum(sendBufferFull, other.sendBufferFull)
    connections = sum(connections, other.connections)
    connectMax = most(connectMax, other.connectMax)
    handshakeMax = most(handshakeMax, other.handshakeMax)
    made.add(other.made)
  }
}

/// What the shards got in some seconds.
package struct ShardTrafficEntry: Sendable {
  /// The first second with traffic.
  package var second: Int
  /// The width of the bin it is in, at least 1.
  package var seconds: Int
  /// By whose records it was and which phase ran, and by the shard's index; shards without traffic are left out.
  package var phases: [PhasePair: [Int: ShardTraffic]] = [:]
  /// The shards' busiest single seconds while measured phases ran; empty where `seconds` is 1, since they follow from it.
  package var peaks: [Int: ShardPeak] = [:]

  package init(second: Int, seconds: Int) {
    self.second = second
    self.seconds = seconds
  }
}

/// A shard's busiest measured seconds.
package struct ShardPeak: Sendable, Hashable {
  package var records = 0
  package var bytes = 0
  package var firstTries = 0
  package var secondsThrottled = 0

  package init() {}

  /// Takes what one second had while measured phases ran.
  package mutating func note(_ second: ShardTraffic) {
    records = max(records, second.attempted)
    bytes = max(bytes, second.attemptedBytes)
    firstTries = max(firstTries, second.firstTries)
    if second.throttled > 0 { secondsThrottled += 1 }
  }

  /// Takes the busiest of other seconds.
  package mutating func add(_ other: ShardPeak) {
    records = max(records, other.records)
    bytes = max(bytes, other.bytes)
    firstTries = max(firstTries, other.firstTries)
    secondsThrottled += other.secondsThrottled
  }
}

/// How a run came to its end.
package struct RunEnding: Sendable, Hashable {
  /// Why no more was sent.
  ///
  /// The numbers stand in journals. 3 was a target that could not be reached, which no run that has a journal ends with.
  package enum Reason: UInt8, Sendable, Hashable {
    /// The plan was done.
    case completed = 0
    /// Ctrl-C or SIGTERM.
    case interrupted = 1
    /// A threshold with `abort` was broken.
    case aborted = 2
    /// The program itself failed.
    case failed = 4
    /// The process was gone before the end: nobody knows why.
    case killed = 5
  }

  package var reason: Reason
  /// When the last answer came, or the drain was given up; nanoseconds since the run's start.
  package var ended: Int64

  /// An ending.
  package init(_ reason: Reason, ended: Int64) {
    self.reason = reason
    self.ended = ended
  }
}

/// The bound of a threshold with `abort` that stopped a run, by what could be seen of it then.
package struct BrokenBound: Sendable, Hashable {
  /// The threshold's place in the scenario.
  package var threshold: Int
  package var bound: Bound
  /// The metric's value, in its unit, and what it rests on.
  package var value: Double
  package var samples: Int
  package var shard: Int?
  /// The first second of the window.
  package var second: Int?
  /// When it was seen, nanoseconds since the run's start.
  package var at: Int64

  /// A bound seen broken.
  package init(
    threshold: Int, bound: Bound, value: Double, samples: Int, shard: Int? = nil, second: Int? = nil, at instant: Int64
  ) {
    self.threshold = threshold
    self.bound = bound
    self.value = value
    self.samples = samples
    self.shard = shard
    self.second = second
    at = instant
  }
}
