import Kinesis
import Measurement
import Synchronization

/// Decides what goes wrong on purpose and how long answers take. A pure function of the seed, the settings and the order
/// of requests and records: the same traffic meets the same faults.
package struct EndpointBehaviour {
  /// The settings in force.
  package private(set) var settings: EndpointSettings

  private let seed: UInt64
  /// Where spans of faults and changes of shards count from, on the monotonic clock; nil until ``begin(at:)``.
  package private(set) var origin: Int64?
  /// How often each rule was asked.
  private var strikes: [UInt64]
  /// Tries that rules by share refused, by rule and content.
  private var tries = TryTally()
  /// The number of the shard that a rule about the hottest one was found to be about, by rule and stream.
  private var found: [Int: [String: Int]] = [:]
  /// Which shard of the stream in hand a rule about the hottest one strikes: its place, or nil for none.
  private var aims: [Int?] = []
  private var requests: UInt64 = 0
  /// When the capacity's server has done everything it took so far.
  private var serverFreeAt = Int64.min

  /// Whether any rule strikes single records, so that the usual path need not ask for each.
  package private(set) var hasRecordFaults = false
  /// Whether any rule chooses records by their content.
  package private(set) var judgesContent = false
  /// Whether any rule is about the hottest shard.
  package private(set) var hasHottestFaults = false

  /// Domain words of the random families, so that no two uses share a number.
  private static let latencyDomain: UInt64 = 1
  private static let faultDomain: UInt64 = 2
  private static let contentDomain: UInt64 = 3

  /// A behaviour that has seen no traffic.
  ///
  /// - Parameter time: where its time line counts from; nil: from where ``begin(at:)`` says, and nothing of it happens before.
  package init(_ settings: EndpointSettings, seed: UInt64, startedAt time: ServiceTime?) {
    self.settings = settings
    self.seed = seed
    origin = time?.nanoseconds
    strikes = []
    renew()
  }

  /// Puts other settings in force; their rules count from now on.
  package mutating func change(to settings: EndpointSettings, at time: ServiceTime) {
    self.settings = settings
    origin = time.nanoseconds
    renew()
    if settings.capacityRecordsPerSecond == nil { serverFreeAt = .min }
  }

  /// Lets the time line count from a moment, unless it does from an earlier one.
  package mutating func begin(at time: ServiceTime) {
    if origin == nil { origin = time.nanoseconds }
  }

  /// What follows from the rules, and nothing counted.
  private mutating func renew() {
    strikes = settings.faults.map { _ in 0 }
    aims = settings.faults.map { _ in nil }
    tries = TryTally()
    found = [:]
    hasRecordFaults = settings.faults.contains { $0.kind.strikesRecords }
    judgesContent = settings.faults.contains { if case .share = $0.occasion { true } else { false } }
    hasHottestFaults = settings.faults.contains { $0.shard == .hottest }
  }

  /// Whether records by content were so many that some may be refused more often than their rule says.
  package var hasForgottenTries: Bool { tries.hasForgotten }

  /// Finds the shards of rules about the hottest one, before the records of a request are counted to it.
  ///
  /// - Parameters:
  ///   - stream: the stream's name.
  ///   - hottest: the number of its shard that most records were sent to.
  ///   - index: the place of an open shard by its number; nil when it is closed.
  package mutating func aim(
    at stream: String, at time: ServiceTime, hottest: () -> Int, index: (Int) -> Int?
  ) {
    for (rule, fault) in settings.faults.enumerated() where fault.shard == .hottest {
      guard case .during(let start, _) = fault.occasion, let elapsed = elapsed(at: time), elapsed >= start else {
        aims[rule] = nil
        continue
      }
      let number = found[rule]?[stream] ?? hottest()
      found[rule, default: [:]][stream] = number
      aims[rule] = index(number)
    }
  }

  /// The place of the only shard a rule strikes; nil for all, -1 for none.
  private func only(_ index: Int, _ rule: FaultRule) -> Int? {
    switch rule.shard {
    case nil: nil
    case .index(let shard)?: shard
    case .hottest?: aims[index] ?? -1
    }
  }

  /// The rule that strikes this request, if any: the first in the order given. Every rule that applies counts it.
  ///
  /// - Parameter touches: whether the request has a record for the shard of that index.
  package mutating func requestFault(at time: ServiceTime, touches: (Int) -> Bool) -> FaultRule? {
    var found: FaultRule?
    for (index, rule) in settings.faults.enumerated() where !rule.kind.strikesRecords {
      if let shard = only(index, rule), !touches(shard) { continue }
      if strikes(index, rule, at: time, print: 0), found == nil { found = rule }
    }
    return found
  }

  /// What happens to a record of a shard, if anything.
  ///
  /// - Parameter print: the record's ``ContentPrint``, where ``judgesContent`` asks for it.
  package mutating func recordFault(shard: Int, at time: ServiceTime, print: UInt64 = 0) -> FaultRule.Kind? {
    var found: FaultRule.Kind?
    for (index, rule) in settings.faults.enumerated() where rule.kind.strikesRecords {
      if let only = only(index, rule), only != shard { continue }
      // A record that another rule refuses anyway has not had its try by content yet.
      if found != nil, case .share = rule.occasion { continue }
      if strikes(index, rule, at: time, print: print), found == nil { found = rule.kind }
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
  private mutating func strikes(_ index: Int, _ rule: FaultRule, at time: ServiceTime, print: UInt64) -> Bool {
    let count = strikes[index]
    strikes[index] += 1
    switch rule.occasion {
    case .probability(let probability):
      return CounterRandom(seed: seed, domain: Self.faultDomain, UInt64(index)).unit(count) < probability
    case .every(let interval):
      return interval > 0 && (count + 1).isMultiple(of: UInt64(clamping: interval))
    case .during(let start, let length):
      guard let elapsed = elapsed(at: time) else { return false }
      return elapsed >= start && elapsed.subtractingSaturated(start) < length
    case .share(let share, let limit):
      let random = CounterRandom(seed: seed, domain: Self.contentDomain, UInt64(index))
      let (drawn, name) = random.bits(print)
      return CounterRandom.unit(drawn) < share && tries.take(name, below: limit)
    }
  }

  /// Nanoseconds on the time line; nil before its origin is known.
  private func elapsed(at time: ServiceTime) -> Int64? {
    origin.map { time.nanoseconds.subtractingSaturated($0) }
  }
}

/// The settings that may be changed while an endpoint serves, handed from any thread to the one that serves.
package final class BehaviourControl: Sendable {
  private let current: Mutex<EndpointSettings>
  /// Lets the serving thread see a change without taking the lock for each request.
  private let changes = Atomic<Int>(0)
  private let resets = Atomic<Int>(0)

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

  /// Begins the endpoint anew, with settings, before the next request that arrives.
  package func reset(to settings: EndpointSettings) {
    current.withLock { current in
      current = settings
      resets.add(1, ordering: .releasing)
      changes.add(1, ordering: .releasing)
    }
  }

  /// How often the endpoint was to begin anew.
  var resetCount: Int { resets.load(ordering: .acquiring) }

  /// Changes settings: in force for every request that arrives after the call. Limits, retention and changes of
  /// shards belong to streams that exist and stay as they are.
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
      changed.reshards = settings.reshards
      settings = changed
      changes.add(1, ordering: .releasing)
      return changed
    }
  }
}
