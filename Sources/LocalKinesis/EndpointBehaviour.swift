import Kinesis
import Measurement
import Synchronization

/// Decides what goes wrong on purpose and how long answers take. A pure function of the seed, the settings and the order
/// of requests and records: the same traffic meets the same faults.
package struct EndpointBehaviour {
  /// The settings in force.
  package private(set) var settings: EndpointSettings

  private let seed: UInt64
  /// When the settings took effect: spans of faults count from here.
  private var startedAt: Int64
  /// How often each rule was asked.
  private var strikes: [UInt64]
  private var requests: UInt64 = 0
  /// When the capacity's server has done everything it took so far.
  private var serverFreeAt = Int64.min

  /// Domain words of the random families, so that no two uses share a number.
  private static let latencyDomain: UInt64 = 1
  private static let faultDomain: UInt64 = 2

  /// A behaviour that has seen no traffic.
  package init(_ settings: EndpointSettings, seed: UInt64, startedAt time: ServiceTime) {
    self.settings = settings
    self.seed = seed
    startedAt = time.nanoseconds
    strikes = settings.faults.map { _ in 0 }
  }

  /// Puts other settings in force; their rules count from now on.
  package mutating func change(to settings: EndpointSettings, at time: ServiceTime) {
    self.settings = settings
    startedAt = time.nanoseconds
    strikes = settings.faults.map { _ in 0 }
    if settings.capacityRecordsPerSecond == nil { serverFreeAt = .min }
  }

  /// Whether any rule strikes single records, so that the usual path need not ask for each.
  package var hasRecordFaults: Bool { settings.faults.contains { $0.kind.strikesRecords } }

  /// The rule that strikes this request, if any: the first in the order given. Every rule that applies counts it.
  ///
  /// - Parameter touches: whether the request has a record for the shard of that index.
  package mutating func requestFault(at time: ServiceTime, touches: (Int) -> Bool) -> FaultRule? {
    var found: FaultRule?
    for (index, rule) in settings.faults.enumerated() where !rule.kind.strikesRecords {
      if let shard = rule.shard, !touches(shard) { continue }
      if strikes(index, rule, at: time), found == nil { found = rule }
    }
    return found
  }

  /// What happens to a record of a shard, if anything.
  package mutating func recordFault(shard: Int, at time: ServiceTime) -> FaultRule.Kind? {
    var found: FaultRule.Kind?
    for (index, rule) in settings.faults.enumerated() where rule.kind.strikesRecords {
      if let only = rule.shard, only != shard { continue }
      if strikes(index, rule, at: time), found == nil { found = rule.kind }
    }
    return found
  }

  /// Nanoseconds until the answer of a request: its wait for the capacity's server and its work there, then the latency.
  ///
  /// - Parameters:
  ///   - records: records of the request.
  ///   - shardCount: open shards of the stream.
  ///   - touches: whether the request has a record for the shard of that index.
  package mutating func delay(
    records: Int, at time: ServiceTime, shardCount: Int, touches: (Int) -> Bool
  ) -> Int64 {
    let request = requests
    requests += 1
    var delay: Int64 = 0
    if let capacity = settings.capacityRecordsPerSecond {
      let work = Int64(saturating: Double(records) / capacity * 1e9)
      serverFreeAt = max(serverFreeAt, time.nanoseconds).addingSaturated(work)
      delay = serverFreeAt.subtractingSaturated(time.nanoseconds)
    }
    let random = CounterRandom(seed: seed, domain: Self.latencyDomain)
    var slowest: Int64?
    for (shard, model) in settings.shardLatency.sorted(by: { $0.key < $1.key }) where touches(shard) {
      let latency = model.sample(random, request, draw: UInt64(clamping: shard).addingSaturated(1))
      slowest = max(slowest ?? 0, latency)
    }
    // A request waits for its slowest shard; the common latency is that of the shards without one of their own.
    let touchesOthers = slowest == nil || (0..<shardCount).contains { settings.shardLatency[$0] == nil && touches($0) }
    if touchesOthers, let model = settings.latency {
      let latency = model.sample(random, request, draw: 0)
      slowest = slowest.map { max($0, latency) } ?? latency
    }
    return delay.addingSaturated(slowest ?? 0)
  }

  /// Counts an occasion of a rule and says whether it strikes.
  private mutating func strikes(_ index: Int, _ rule: FaultRule, at time: ServiceTime) -> Bool {
    let count = strikes[index]
    strikes[index] += 1
    switch rule.occasion {
    case .probability(let probability):
      return CounterRandom(seed: seed, domain: Self.faultDomain, UInt64(index)).unit(count) < probability
    case .every(let interval):
      return interval > 0 && (count + 1).isMultiple(of: UInt64(clamping: interval))
    case .during(let start, let length):
      let elapsed = time.nanoseconds - startedAt
      return elapsed >= start && elapsed.subtractingSaturated(start) < length
    }
  }
}

/// The settings that may be changed while an endpoint serves, handed from any thread to the one that serves.
package final class BehaviourControl: Sendable {
  private let current: Mutex<EndpointSettings>
  /// Lets the serving thread see a change without taking the lock for each request.
  private let changes = Atomic<Int>(0)

  /// Starts with the settings of the options.
  package init(_ settings: EndpointSettings) {
    current = Mutex(settings)
  }

  /// The settings in force.
  package var settings: EndpointSettings { current.withLock { $0 } }

  /// How often they were changed.
  var revision: Int { changes.load(ordering: .acquiring) }

  /// The settings in force and their revision.
  var latest: (settings: EndpointSettings, revision: Int) {
    current.withLock { ($0, changes.load(ordering: .relaxed)) }
  }

  /// Changes settings: in force for every request that arrives after the call. Limits and retention belong to streams that
  /// exist and stay as they are.
  ///
  /// - Parameter edit: makes the new settings of the old; when it throws, nothing changes.
  /// - Returns: the new settings.
  @discardableResult
  package func change<Failure: Error>(
    _ edit: (inout EndpointSettings) throws(Failure) -> Void
  ) throws(Failure) -> EndpointSettings {
    try current.withLock { (settings: inout EndpointSettings) throws(Failure) in
      var changed = settings
      try edit(&changed)
      changed.limits = settings.limits
      changed.retainedBytes = settings.retainedBytes
      settings = changed
      changes.add(1, ordering: .releasing)
      return changed
    }
  }
}
