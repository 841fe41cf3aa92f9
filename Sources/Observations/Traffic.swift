import Measurement

/// Counts that are known together or not at all.
package protocol CountGroup: Sendable {
  /// Nothing.
  init()
}

/// What any side of the wire sees of some time and phase: requests by their answers, tries of records by their outcomes.
///
/// attempted = accepted + throttled + fault + unknown once every try has its outcome.
package struct Traffic: Counted, CountGroup, Hashable {
  /// Records tried for the first time; where no plan tells, seen for the first time.
  package var firstTries = 0
  package var attempted = 0
  package var accepted = 0
  package var throttled = 0
  package var fault = 0
  /// Tries that got no usable answer; the side that answers has none.
  package var unknown = 0
  /// Data and partition keys, of tries and of the accepted ones among them.
  package var attemptedBytes = 0
  package var acceptedBytes = 0
  /// Throttled tries of which no shard is known.
  package var throttledUnplaced = 0
  package var requests = 0
  package var requestsOnReusedConnections = 0
  package var requestsPartial = 0
  package var requestsRefused = 0
  package var transportErrors = 0
  package var bytesOnWire = 0

  /// Nothing.
  package init() {}

  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .firstTries: firstTries
    case .retries: attempted - firstTries
    case .attempted: attempted
    case .accepted: accepted
    case .throttled: throttled
    case .fault: fault
    case .unknown: unknown
    case .attemptedBytes: attemptedBytes
    case .acceptedBytes: acceptedBytes
    case .requests: requests
    case .requestsOnReusedConnections: requestsOnReusedConnections
    case .planned, .lost, .found, .duplicated, .orderJudged, .reordered, .requestsNeeded: nil
    }
  }

  /// Requests answered by 200 of which every record was accepted.
  package var requestsAllAccepted: Int { requests - requestsPartial - requestsRefused - transportErrors }

  /// Tries that were neither accepted nor throttled: refused otherwise, or without an answer. Set, all are taken for
  /// faults: where no more is known than how many failed.
  package var failed: Int {
    get { fault + unknown }
    set { (fault, unknown) = (newValue, 0) }
  }

  /// Adds another time, phase or lane.
  package mutating func add(_ other: Traffic) {
    firstTries += other.firstTries
    attempted += other.attempted
    accepted += other.accepted
    throttled += other.throttled
    fault += other.fault
    unknown += other.unknown
    attemptedBytes += other.attemptedBytes
    acceptedBytes += other.acceptedBytes
    throttledUnplaced += other.throttledUnplaced
    requests += other.requests
    requestsOnReusedConnections += other.requestsOnReusedConnections
    requestsPartial += other.requestsPartial
    requestsRefused += other.requestsRefused
    transportErrors += other.transportErrors
    bytesOnWire += other.bytesOnWire
  }

  /// Tries that had their outcome here. Of some time, others than those attempted in it: an answer takes its time.
  package var ended: Int { accepted + throttled + fault + unknown }

  /// No try began here or had its outcome.
  package var isEmpty: Bool { attempted == 0 && ended == 0 }

  /// Counts so many tries that began here.
  mutating func countAttempts(_ tries: Int, firstTries first: Int, bytes: Int) {
    attempted += tries
    firstTries += first
    attemptedBytes += bytes
  }

  /// Counts a request by what its answer amounts to.
  package mutating func count(_ request: RequestObservation) {
    requests += 1
    if request.isOnReusedConnection { requestsOnReusedConnections += 1 }
    switch request.outcome {
    case .allAccepted: break
    case .partial: requestsPartial += 1
    case .allThrottled, .refused: requestsRefused += 1
    case .transport: transportErrors += 1
    }
  }
}

extension Traffic {
  /// The tries of one shard.
  package init(_ shard: ShardTraffic) {
    (firstTries, attempted, accepted) = (shard.firstTries, shard.attempted, shard.accepted)
    (throttled, fault, unknown) = (shard.throttled, shard.fault, shard.unknown)
    (attemptedBytes, acceptedBytes) = (shard.attemptedBytes, shard.acceptedBytes)
  }
}

/// What one shard got in some time. Sums cannot overflow in the life of a machine.
package struct ShardTraffic: Counted, Sendable, Hashable {
  package var firstTries = 0
  package var attempted = 0
  package var accepted = 0
  package var throttled = 0
  package var fault = 0
  package var unknown = 0
  package var attemptedBytes = 0
  package var acceptedBytes = 0
  package var placedByPrediction = 0

  /// Nothing.
  package init() {}

  /// Tries of which no more is asked than how many were throttled.
  package init(attempted: Int, throttled: Int) {
    self.attempted = attempted
    self.throttled = throttled
  }

  /// Tries that were neither accepted nor throttled: refused otherwise, or without an answer.
  package var failed: Int { fault + unknown }

  package subscript(counter: Counter) -> Int? {
    switch counter {
    case .firstTries: firstTries
    case .retries: attempted - firstTries
    case .attempted: attempted
    case .accepted: accepted
    case .throttled: throttled
    case .fault: fault
    case .unknown: unknown
    case .attemptedBytes: attemptedBytes
    case .acceptedBytes: acceptedBytes
    case .planned, .requests, .requestsOnReusedConnections, .requestsNeeded, .lost, .found, .duplicated, .orderJudged,
      .reordered:
      nil
    }
  }

  /// Tries that had their outcome here.
  package var ended: Int { accepted + throttled + fault + unknown }

  /// No try began here or had its outcome.
  package var isEmpty: Bool { attempted == 0 && ended == 0 }

  /// Counts the first try of a record of so many bytes.
  @inline(__always)
  mutating func countFirstTry(bytes: Int) {
    attempted &+= 1
    firstTries &+= 1
    attemptedBytes &+= bytes
  }

  /// Counts that a record of so many bytes was accepted.
  @inline(__always)
  mutating func countAcceptance(bytes: Int) {
    accepted &+= 1
    acceptedBytes &+= bytes
  }

  /// Adds another time or another lane.
  package mutating func add(_ other: ShardTraffic) {
    firstTries += other.firstTries
    attempted += other.attempted
    accepted += other.accepted
    throttled += other.throttled
    fault += other.fault
    unknown += other.unknown
    attemptedBytes += other.attemptedBytes
    acceptedBytes += other.acceptedBytes
    placedByPrediction += other.placedByPrediction
  }
}

/// From a request's first byte to its answer's last, nanoseconds, by what the answer amounts to.
package struct ServiceTimes: Sendable {
  /// All records accepted, some, none.
  package var accepted = LatencySet.empty
  package var partial = LatencySet.empty
  package var refused = LatencySet.empty

  /// Nothing recorded.
  package init() {}

  /// Of all answered requests.
  package var all: Histogram { LatencySet.sum(LatencySet.sum(accepted, partial), refused) }

  /// Adds another time, phase or lane.
  package mutating func add(_ other: ServiceTimes) {
    accepted.add(other.accepted)
    partial.add(other.partial)
    refused.add(other.refused)
  }
}

/// The distributions over some time and phase, in nanoseconds, kept so that none holds a sample of another: the reported
/// ones are sums of them.
package struct LatencySet: Sendable {
  /// What any side sees.
  package var serviceTimes = ServiceTimes()
  /// What only a generator knows.
  package var deliveryTimes = DeliveryTimes()

  /// Nothing recorded.
  package init() {}

  /// Values are kept to three significant digits, from 64 ns upwards.
  package static var empty: Histogram { Histogram(significantDigits: 3, lowestDiscernible: 64) }

  /// The headline: accepted first tries, and lost ones at their age.
  package var response: Histogram { Self.sum(deliveryTimes.accepted, deliveryTimes.lost) }
  /// From due to acceptance, retries included.
  package var delivery: Histogram { Self.sum(deliveryTimes.accepted, deliveryTimes.acceptedLater) }

  /// The distribution a metric is about.
  package func histogram(of kind: LatencyKind) -> Histogram {
    switch kind {
    case .response: response
    case .queue: deliveryTimes.queue
    case .service: serviceTimes.all
    case .delivery: delivery
    case .lateness: deliveryTimes.lateness
    }
  }

  /// Adds another time, phase or lane.
  package mutating func add(_ other: LatencySet) {
    serviceTimes.add(other.serviceTimes)
    deliveryTimes.add(other.deliveryTimes)
  }

  static func sum(_ left: Histogram, _ right: Histogram) -> Histogram {
    var sum = left
    if !right.isEmpty { sum.add(right) }
    return sum
  }
}

/// The connections of a whole run, those made before its start and in warm-ups included: connections outlive phases.
package struct ConnectionSet: Sendable {
  /// How many were made.
  package private(set) var opened = 0
  /// How many of them took up an earlier one's TLS session.
  package private(set) var resumed = 0
  /// From each attempt's start until a request could be sent, nanoseconds.
  package private(set) var connect = LatencySet.empty
  /// Full handshakes, nanoseconds.
  package private(set) var handshake = LatencySet.empty
  /// Handshakes of resumed sessions, nanoseconds.
  package private(set) var resumedHandshake = LatencySet.empty

  /// Nothing made.
  package init() {}

  /// What was read back.
  init(opened: Int, resumed: Int, connect: Histogram, handshake: Histogram, resumedHandshake: Histogram) {
    self.opened = opened
    self.resumed = resumed
    self.connect = connect
    self.handshake = handshake
    self.resumedHandshake = resumedHandshake
  }

  mutating func add(_ connection: ConnectionObservation) {
    opened += 1
    connect.record(connection.connect)
    if connection.isResumed { resumed += 1 }
    guard let time = connection.handshake else { return }
    if connection.isResumed { resumedHandshake.record(time) } else { handshake.record(time) }
  }

  /// Adds another lane's.
  package mutating func add(_ other: ConnectionSet) {
    opened += other.opened
    resumed += other.resumed
    connect.add(other.connect)
    handshake.add(other.handshake)
    resumedHandshake.add(other.resumedHandshake)
  }
}
